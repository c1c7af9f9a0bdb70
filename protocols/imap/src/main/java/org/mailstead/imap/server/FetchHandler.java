package org.mailstead.imap.server;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.EmailId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.access.Right;
import org.mailstead.core.mailbox.FlagChange;
import org.mailstead.core.mailbox.Flags;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.MessageSummary;
import org.mailstead.formats.mime.StructureWriter;
import org.mailstead.imap.wire.FetchItem;
import org.mailstead.imap.wire.ImapCommand;
import org.mailstead.imap.wire.ResponseWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// FETCH and UID FETCH.
///
/// What the arrays of the view hold is written straight from them; envelopes and structures are
/// copied from the summaries, read a page at a time; bodies are read in pieces while they are
/// written.
final class FetchHandler {
  private static final Logger LOG = LoggerFactory.getLogger(FetchHandler.class);
  private static final int PAGE_COUNT = 400;
  private static final byte[] STAR = ResponseWriter.ascii("* ");
  private static final byte[] FETCH = ResponseWriter.ascii(" FETCH (");
  private static final byte[] END = ResponseWriter.ascii(")\r\n");

  private final ResponseWriter writer;
  private final SessionModes modes;
  private int damagedCount;
  private int goneCount;

  FetchHandler(ResponseWriter writer, SessionModes modes) {
    this.writer = writer;
    this.modes = modes;
  }

  Answer fetch(SelectedFolder selected, ImapCommand.Fetch command) throws IOException {
    if (command.vanished() && !modes.isQresync()) {
      return Answer.bad("VANISHED needs ENABLE QRESYNC");
    }
    boolean asksModSeq = command.items().stream().anyMatch(FetchItem.ModSeq.class::isInstance);
    // RFC 7162 §3.1: both are requests of a client that knows CONDSTORE.
    if (asksModSeq || command.changedSince().isPresent()) modes.enableCondstore();
    FetchPlan plan = FetchPlan.of(new FetchPlan.ImapFetch(items(command)));
    int[] ranges = selected.resolve(command.messages(), command.byUid());
    if (command.vanished()) writeVanished(selected, command);
    boolean marks =
        plan.setsSeen() && !selected.isReadOnly() && selected.current().mayAny(Right.KEEP_SEEN);
    BodyWriter bodies = new BodyWriter(writer, selected);
    long since = command.changedSince().orElse(-1);
    int[] page = new int[PAGE_COUNT];
    int count = 0;
    for (int i = 0; i < ranges.length; i += 2) {
      for (int sequence = ranges[i]; sequence <= ranges[i + 1]; sequence++) {
        if (selected.known().modSeq(sequence) <= since) continue;
        page[count++] = sequence;
        if (count < PAGE_COUNT) continue;
        writePage(selected, plan, bodies, marks, page, count);
        count = 0;
      }
    }
    writePage(selected, plan, bodies, marks, page, count);
    if (bodies.unknownEncodingCount() > 0) {
      return Answer.no("UNKNOWN-CTE", "a part has an unknown content transfer encoding");
    }
    if (damagedCount > 0) {
      return Answer.no("CORRUPTION", "some messages cannot be read: " + damagedCount);
    }
    // RFC 5530 §3 EXPUNGEISSUED.
    if (goneCount > 0) return Answer.no("EXPUNGEISSUED", "some messages are gone");
    return Answer.ok("fetched");
  }

  /// RFC 9051 §6.4.9: UID FETCH answers carry the UID, asked for or not; RFC 7162 §3.1.4.1:
  /// CHANGEDSINCE brings MODSEQ.
  private static List<FetchItem> items(ImapCommand.Fetch command) {
    Set<FetchItem> items = new LinkedHashSet<>();
    if (command.byUid()) items.add(new FetchItem.Uid());
    items.addAll(command.items());
    if (command.changedSince().isPresent()) items.add(new FetchItem.ModSeq());
    return new ArrayList<>(items);
  }

  private void writeVanished(SelectedFolder selected, ImapCommand.Fetch command)
      throws IOException {
    long since = command.changedSince().getAsLong();
    Optional<long[]> vanished = selected.mailbox().vanishedSince(selected.folder(), since);
    if (vanished.isPresent()) {
      long[] reported = vanished.get();
      // What the client will hear of at the end of this command is not EARLIER yet.
      long[] earlier =
          Arrays.stream(reported).filter(uid -> selected.known().sequenceOf(uid) == 0).toArray();
      Vanished.write(writer, earlier, command.messages());
    } else {
      Vanished.writeMissing(writer, selected.known(), command.messages(), 0);
    }
  }

  private void writePage(
      SelectedFolder selected,
      FetchPlan plan,
      BodyWriter bodies,
      boolean marks,
      int[] page,
      int count)
      throws IOException {
    if (count == 0) return;
    boolean[] marked = marks ? markSeen(selected, page, count) : new boolean[0];
    FolderView view = selected.known();
    Map<EmailId, MessageSummary> summaries = Map.of();
    if (plan.needsSummary()) {
      List<EmailId> emails = new ArrayList<>(count);
      for (int i = 0; i < count; i++) emails.add(view.email(page[i]));
      summaries = selected.mailbox().summaries(emails);
    }
    for (int i = 0; i < count; i++) {
      MessageSummary summary = null;
      if (plan.needsSummary()) {
        summary = summaries.get(view.email(page[i]));
        if (summary == null) {
          goneCount++;
          continue;
        }
      }
      boolean showFlags = marks && marked[i] && !plan.hasFlags();
      try {
        bodies.prepare(view, page[i], summary, plan);
      } catch (RefusedException e) {
        goneCount++;
        continue;
      } catch (UnavailableException e) {
        throw e;
      } catch (RuntimeException e) {
        // One unreadable blob costs its own message only; the store names it in its own log too.
        LOG.error("a message cannot be read: email {}", view.email(page[i]), e);
        damagedCount++;
        continue;
      }
      try {
        writeMessage(selected, plan, bodies, page[i], summary, showFlags);
      } catch (RuntimeException e) {
        // Half a response is out: nothing that would follow could be understood.
        LOG.error("a message cannot be read to its end: email {}", view.email(page[i]), e);
        throw new IOException("a message cannot be read to its end", e);
      }
    }
    bodies.forget();
  }

  /// Sets \Seen for a page in one commit, and takes the new flags over without a report of their
  /// own: the FETCH responses carry them.
  private static boolean[] markSeen(SelectedFolder selected, int[] page, int count)
      throws IOException {
    boolean[] marked = new boolean[count];
    FolderView view = selected.known();
    long[] unseen = new long[count];
    int unseenCount = 0;
    for (int i = 0; i < count; i++) {
      marked[i] = (view.flags(page[i]) & Flags.SEEN) == 0;
      if (marked[i]) unseen[unseenCount++] = view.uid(page[i]);
    }
    if (unseenCount == 0) return marked;
    long[] uids = Arrays.copyOf(unseen, unseenCount);
    FlagChange seen = new FlagChange(FlagChange.Mode.ADD, Flags.SEEN, Set.of());
    selected.mailbox().store(selected.folder(), uids, seen, OptionalLong.empty());
    selected.report(
        CommandRules.Reports.NO_EXPUNGES,
        (after, sequence) ->
            Arrays.binarySearch(uids, after.uid(sequence)) >= 0
                ? SelectedFolder.Show.NOTHING
                : SelectedFolder.Show.FLAGS);
    return marked;
  }

  private void writeMessage(
      SelectedFolder selected,
      FetchPlan plan,
      BodyWriter bodies,
      int sequence,
      @Nullable MessageSummary summary,
      boolean showFlags)
      throws IOException {
    FolderView view = selected.known();
    writer.bytes(STAR).number(sequence).bytes(FETCH);
    for (FetchPlan.Step step : plan.steps()) {
      writer.bytes(step.label());
      switch (step.item()) {
        case FetchItem.Flags _ -> writer.bytes(selected.flags(sequence));
        case FetchItem.Uid _ -> writer.number(view.uid(sequence));
        case FetchItem.InternalDate _ -> writer.dateTime(view.receivedSeconds(sequence));
        case FetchItem.Size _ -> writer.number(view.size(sequence));
        case FetchItem.ModSeq _ -> writer.octet('(').number(view.modSeq(sequence)).octet(')');
        case FetchItem.SaveDate _ -> writer.dateTime(view.savedSeconds(sequence));
        case FetchItem.EmailId _ ->
            writer
                .octet('(')
                .text(ObjectIds.of(view.email(sequence), selected.target().place()))
                .octet(')');
        case FetchItem.ThreadId _ ->
            writer
                .octet('(')
                .text(ObjectIds.of(of(summary).thread(), selected.target().place()))
                .octet(')');
        case FetchItem.Envelope _ -> writer.bytes(of(summary).envelopeText());
        case FetchItem.BodyStructure _ -> writer.bytes(of(summary).bodyStructureText());
        case FetchItem.Body _ -> writer.bytes(StructureWriter.body(of(summary).structure()));
        case FetchItem.Section section -> bodies.section(section);
        case FetchItem.Binary binary -> bodies.binary(binary);
        case FetchItem.BinarySize size -> bodies.binarySize(size);
      }
    }
    if (showFlags) {
      writer.text(" FLAGS ").bytes(selected.flags(sequence));
      if (modes.isCondstore()) {
        writer.text(" MODSEQ (").number(view.modSeq(sequence)).octet(')');
      }
    }
    writer.bytes(END);
  }

  private static MessageSummary of(@Nullable MessageSummary summary) {
    if (summary == null) throw new IllegalStateException("summary was not planned for");
    return summary;
  }
}
