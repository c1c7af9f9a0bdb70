package org.mailstead.imap.server;

import java.io.IOException;
import java.util.Optional;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.access.Right;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.imap.wire.ImapCommand;
import org.mailstead.imap.wire.MessageSet;
import org.mailstead.imap.wire.ResponseWriter;

/// SELECT and EXAMINE, with the quick resynchronization of RFC 7162.
final class SelectHandler {
  private final ResponseWriter writer;
  private final SessionModes modes;
  private final RecentMarks recent;

  SelectHandler(ResponseWriter writer, SessionModes modes, RecentMarks recent) {
    this.writer = writer;
    this.modes = modes;
    this.recent = recent;
  }

  SelectedFolder select(Account account, ImapCommand.Select command) throws IOException {
    Account.Target target = account.load(command.mailbox());
    if (!target.folder().selectable()) {
      throw new RefusedException(Refusal.NOT_FOUND, "this mailbox holds no messages");
    }
    target.require(Right.READ);
    boolean readOnly =
        command.readOnly()
            || !target.mayAny(
                Right.WRITE_FLAGS, Right.KEEP_SEEN, Right.DELETE_MESSAGES, Right.EXPUNGE);
    String name = Account.name(target.place(), target.place().path());
    SelectedFolder selected =
        new SelectedFolder(account, target, name, readOnly, modes, writer, recent);
    FolderView view = selected.known();
    Folder folder = view.folder();
    selected.writeFlagsDefined();
    writer.text("* ").number(view.count()).text(" EXISTS\r\n");
    if (!modes.isRev2()) {
      selected.writeRecent(true);
      int unseen = view.firstUnseen();
      if (unseen > 0) writer.text("* OK [UNSEEN ").number(unseen).text("] first unseen\r\n");
    }
    writer.text("* OK [UIDVALIDITY ").number(folder.uidValidity()).text("] UIDs are valid\r\n");
    writer.text("* OK [UIDNEXT ").number(folder.uidNext()).text("] predicted next UID\r\n");
    writer.text("* OK [HIGHESTMODSEQ ").number(folder.highestModSeq()).text("] highest\r\n");
    writer
        .text("* OK [MAILBOXID (")
        .text(ObjectIds.of(folder.id(), target.place()))
        .text(")] ids are stable\r\n");
    // RFC 9051 §6.3.2: the name that was selected.
    if (modes.isRev2()) writer.text("* LIST () \"/\" ").mailbox(name).crlf();
    Optional<ImapCommand.QResync> resync = command.qresync();
    if (resync.isPresent() && resync.get().uidValidity() == folder.uidValidity()) {
      resynchronize(selected, resync.get());
    }
    return selected;
  }

  Answer answer(SelectedFolder folder) {
    return Answer.ok(folder.isReadOnly() ? "READ-ONLY" : "READ-WRITE", "selected");
  }

  /// RFC 7162 §3.2.5: what vanished and what changed since the client looked last.
  private void resynchronize(SelectedFolder selected, ImapCommand.QResync resync)
      throws IOException {
    FolderView view = selected.known();
    Optional<long[]> vanished =
        selected.mailbox().vanishedSince(selected.folder(), resync.modSeq());
    MessageSet known =
        resync
            .knownUids()
            .orElseGet(() -> MessageSet.range(1, Math.max(1, view.folder().uidNext() - 1)));
    if (vanished.isPresent()) {
      Vanished.write(writer, vanished.get(), known);
    } else {
      Vanished.writeMissing(writer, view, known, matchedUid(view, resync));
    }
    for (int sequence = 1; sequence <= view.count(); sequence++) {
      if (view.modSeq(sequence) > resync.modSeq() && known(resync, view, view.uid(sequence))) {
        selected.writeFlags(sequence, true);
      }
    }
  }

  private static boolean known(ImapCommand.QResync resync, FolderView view, long uid) {
    return resync.knownUids().isEmpty()
        || resync.knownUids().get().contains(uid, view.folder().uidNext());
  }

  /// The highest UID up to which the client's sequence numbers are still right: nothing vanished
  /// below it (RFC 7162 §3.2.5.2).
  private static long matchedUid(FolderView view, ImapCommand.QResync resync) {
    if (resync.matchSequences().isEmpty() || resync.matchUids().isEmpty()) return 0;
    MessageSet sequences = resync.matchSequences().get();
    MessageSet uids = resync.matchUids().get();
    if (sequences.hasStar() || uids.hasStar()) return 0;
    // The two sets name pairs in order; walk both at once.
    long matched = 0;
    int sequenceRange = 0;
    int uidRange = 0;
    long sequence = sequences.first(0);
    long uid = uids.first(0);
    while (sequence <= view.count() && view.uid((int) sequence) == uid) {
      matched = uid;
      if (++sequence > sequences.last(sequenceRange)) {
        if (++sequenceRange == sequences.rangeCount()) break;
        sequence = sequences.first(sequenceRange);
      }
      if (++uid > uids.last(uidRange)) {
        if (++uidRange == uids.rangeCount()) break;
        uid = uids.first(uidRange);
      }
    }
    return matched;
  }
}
