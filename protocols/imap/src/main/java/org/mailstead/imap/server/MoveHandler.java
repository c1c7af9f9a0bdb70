package org.mailstead.imap.server;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;
import org.mailstead.base.Content;
import org.mailstead.base.EmailId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.access.Right;
import org.mailstead.core.mailbox.FlagChange;
import org.mailstead.core.mailbox.Flags;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.NewMessage;
import org.mailstead.imap.wire.ImapCommand;
import org.mailstead.imap.wire.MessageSet;
import org.mailstead.imap.wire.ResponseWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// COPY, MOVE, EXPUNGE and their UID forms.
final class MoveHandler {
  /// Messages that are read and stored in one step when the target is another user's mailbox.
  private static final int BATCH_COUNT = 100;

  /// Octets of such a step, one message at least.
  private static final long BATCH_BYTES = 16L << 20;

  private static final Logger LOG = LoggerFactory.getLogger(MoveHandler.class);
  private static final FlagChange ADD_DELETED =
      new FlagChange(FlagChange.Mode.ADD, Flags.DELETED, Set.of());
  private static final Answer NO_TARGET = Answer.no("TRYCREATE", "there is no such mailbox");

  private final ResponseWriter writer;
  private final SessionModes modes;

  MoveHandler(ResponseWriter writer, SessionModes modes) {
    this.writer = writer;
    this.modes = modes;
  }

  Answer copy(Account account, SelectedFolder selected, ImapCommand.Copy command) {
    int[] ranges = selected.resolve(command.messages(), command.byUid());
    Optional<Account.Target> target = findTarget(account, command.target());
    if (target.isEmpty()) return NO_TARGET;
    target.get().require(Right.INSERT);
    if (ranges.length == 0) return Answer.ok("nothing to copy");
    long[] uids = selected.uids(ranges);
    Mailbox.Placed placed =
        isSameMailbox(selected, target.get())
            ? selected.mailbox().copy(selected.folder(), uids, target.get().folder().id())
            : copyAcross(selected, uids, target.get());
    return copied(placed).map(code -> Answer.ok(code, "copied")).orElse(Answer.ok("copied"));
  }

  /// @spec https://www.rfc-editor.org/rfc/rfc6851 RFC 6851
  Answer move(Account account, SelectedFolder selected, ImapCommand.Move command)
      throws IOException {
    int[] ranges = selected.resolve(command.messages(), command.byUid());
    Optional<Account.Target> target = findTarget(account, command.target());
    if (target.isEmpty()) return NO_TARGET;
    target.get().require(Right.INSERT);
    selected.requireWritable(Right.DELETE_MESSAGES);
    selected.requireWritable(Right.EXPUNGE);
    if (ranges.length == 0) return Answer.ok("nothing to move");
    long[] uids = selected.uids(ranges);
    Mailbox.Placed placed;
    if (isSameMailbox(selected, target.get())) {
      placed = selected.mailbox().move(selected.folder(), uids, target.get().folder().id());
    } else {
      placed = copyAcross(selected, uids, target.get());
      removeMoved(selected, placed, target.get());
    }
    // RFC 6851 §4.3: COPYUID before the first EXPUNGE.
    Optional<String> code = copied(placed);
    if (code.isPresent()) writer.text("* OK [").text(code.get()).text("] moved\r\n");
    return expunged(selected, "moved");
  }

  Answer expunge(SelectedFolder selected, ImapCommand.Expunge command) throws IOException {
    selected.requireWritable(Right.EXPUNGE);
    long[] uids = deleted(selected, command.uids());
    if (uids.length > 0) selected.mailbox().expunge(selected.folder(), uids);
    return expunged(selected, "expunged");
  }

  /// RFC 9051 §6.4.1: removes what is marked, and says nothing of it.
  Answer expungeAtClose(SelectedFolder selected) {
    if (selected.isReadOnly() || !selected.current().mayAny(Right.EXPUNGE)) {
      return Answer.ok("closed");
    }
    long[] uids = deleted(selected, Optional.empty());
    if (uids.length == 0) return Answer.ok("closed");
    selected.mailbox().expunge(selected.folder(), uids);
    if (!modes.isQresync()) return Answer.ok("closed");
    return selected
        .mailbox()
        .findFolder(selected.folder())
        .map(folder -> Answer.ok("HIGHESTMODSEQ " + folder.highestModSeq(), "closed"))
        .orElse(Answer.ok("closed"));
  }

  private Answer expunged(SelectedFolder selected, String text) throws IOException {
    selected.report(CommandRules.Reports.EVERYTHING);
    // RFC 7162 §3.2.7: so that the client need not ask.
    if (!modes.isQresync()) return Answer.ok(text);
    return Answer.ok("HIGHESTMODSEQ " + selected.known().folder().highestModSeq(), text);
  }

  private static long[] deleted(SelectedFolder selected, Optional<MessageSet> within) {
    FolderView view = selected.known();
    int[] ranges =
        within
            .map(set -> selected.resolve(set, true))
            .orElse(view.count() == 0 ? new int[0] : new int[] {1, view.count()});
    long[] uids = new long[SelectedFolder.count(ranges)];
    int count = 0;
    for (int i = 0; i < ranges.length; i += 2) {
      for (int sequence = ranges[i]; sequence <= ranges[i + 1]; sequence++) {
        if ((view.flags(sequence) & Flags.DELETED) != 0) uids[count++] = view.uid(sequence);
      }
    }
    return Arrays.copyOf(uids, count);
  }

  private static Optional<Account.Target> findTarget(Account account, String name) {
    return account.find(name).filter(target -> target.folder().selectable());
  }

  private static boolean isSameMailbox(SelectedFolder selected, Account.Target target) {
    return target.mailbox().id().equals(selected.mailbox().id());
  }

  private static Optional<String> copied(Mailbox.Placed placed) {
    if (placed.sourceUids().length == 0) return Optional.empty();
    StringBuilder code = new StringBuilder("COPYUID ").append(placed.uidValidity()).append(' ');
    UidText.append(code, placed.sourceUids());
    code.append(' ');
    UidText.append(code, placed.targetUids());
    return Optional.of(code.toString());
  }

  /// Copies into another user's mailbox: other keys, other quota, so the bytes are read and stored
  /// again. What was copied is taken back if a later part fails (RFC 9051 §6.4.7).
  // Deviates: RFC 6851 §3.3 — deviations.md#move-across
  private static Mailbox.Placed copyAcross(
      SelectedFolder selected, long[] uids, Account.Target target) {
    FolderView view = selected.known();
    List<long[]> sources = new ArrayList<>();
    List<long[]> targets = new ArrayList<>();
    long version = 0;
    boolean complete = false;
    try {
      for (int from = 0, to; from < uids.length; from = to) {
        to = batchEnd(view, uids, from);
        long[] batch = Arrays.copyOfRange(uids, from, to);
        List<NewMessage> messages = new ArrayList<>();
        try {
          for (long uid : batch) messages.add(message(selected, view, uid, target));
          Mailbox.Placed placed = target.mailbox().append(target.folder().id(), messages);
          sources.add(batch);
          targets.add(placed.targetUids());
          version = placed.version();
        } finally {
          for (NewMessage message : messages) message.content().close();
        }
      }
      complete = true;
    } finally {
      if (!complete) takeBack(target, join(targets));
    }
    return new Mailbox.Placed(version, target.folder().uidValidity(), join(sources), join(targets));
  }

  private static int batchEnd(FolderView view, long[] uids, int from) {
    long bytes = 0;
    int to = from;
    while (to < uids.length && to - from < BATCH_COUNT && (to == from || bytes < BATCH_BYTES)) {
      bytes += view.size(view.sequenceOf(uids[to++]));
    }
    return to;
  }

  private static NewMessage message(
      SelectedFolder selected, FolderView view, long uid, Account.Target target) {
    int sequence = view.sequenceOf(uid);
    Content content = read(selected, view.email(sequence));
    Set<String> keywords = new HashSet<>();
    if (target.rights().contains(Right.WRITE_FLAGS)) {
      for (int bit = 0; bit < view.keywordNames().size(); bit++) {
        if ((view.keywords(sequence) & 1L << bit) != 0) keywords.add(view.keywordNames().get(bit));
      }
    }
    return new NewMessage(
        content,
        AppendHandler.allowedFlags(target, view.flags(sequence)),
        keywords,
        java.time.Instant.ofEpochSecond(view.receivedSeconds(sequence)));
  }

  /// Opened and decrypted, so that what is damaged shows before anything is stored.
  private static Content read(SelectedFolder selected, EmailId email) {
    Content content = selected.mailbox().content(email);
    try {
      if (content.buffer().remaining() == content.length()) return content;
      throw new IllegalStateException("message is too short");
    } catch (RefusedException | UnavailableException e) {
      content.close();
      throw e;
    } catch (RuntimeException e) {
      content.close();
      throw new DamagedMessageException(email, e);
    }
  }

  /// Removes from the source what has arrived at the target. If that fails, what is still in the
  /// source is taken back from the target: a message is moved or it is not (RFC 6851 §3.3).
  private static void removeMoved(
      SelectedFolder selected, Mailbox.Placed placed, Account.Target target) {
    Mailbox source = selected.mailbox();
    boolean complete = false;
    try {
      source.store(selected.folder(), placed.sourceUids(), ADD_DELETED, OptionalLong.empty());
      source.expunge(selected.folder(), placed.sourceUids());
      complete = true;
    } finally {
      if (!complete) undoMove(selected, placed, target);
    }
  }

  private static void undoMove(
      SelectedFolder selected, Mailbox.Placed placed, Account.Target target) {
    FolderView now = selected.mailbox().view(selected.folder());
    FolderView before = selected.known();
    LongStream.Builder copies = LongStream.builder();
    LongStream.Builder marked = LongStream.builder();
    for (int i = 0; i < placed.sourceUids().length; i++) {
      long uid = placed.sourceUids()[i];
      int sequence = now.sequenceOf(uid);
      if (sequence == 0) continue;
      copies.add(placed.targetUids()[i]);
      int old = before.flags(before.sequenceOf(uid));
      if ((now.flags(sequence) & ~old & Flags.DELETED) != 0) marked.add(uid);
    }
    takeBack(target, copies.build().toArray());
    try {
      FlagChange unmark = new FlagChange(FlagChange.Mode.REMOVE, Flags.DELETED, Set.of());
      long[] uids = marked.build().toArray();
      selected.mailbox().store(selected.folder(), uids, unmark, OptionalLong.empty());
    } catch (RefusedException | UnavailableException e) {
      LOG.warn("messages that were not moved stay marked as deleted: {}", e.getMessage());
    }
  }

  /// As far as possible: what made the command fail may still be there. Then copies stay behind,
  /// and nothing is lost.
  private static void takeBack(Account.Target target, long[] uids) {
    if (uids.length == 0) return;
    try {
      target.mailbox().store(target.folder().id(), uids, ADD_DELETED, OptionalLong.empty());
      target.mailbox().expunge(target.folder().id(), uids);
    } catch (RefusedException | UnavailableException e) {
      LOG.warn("copies of a command that failed stay: {}", e.getMessage());
    }
  }

  private static long[] join(List<long[]> parts) {
    return parts.stream().flatMapToLong(Arrays::stream).toArray();
  }
}
