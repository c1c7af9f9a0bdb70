package org.mailstead.imap.server;

import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.access.Right;
import org.mailstead.core.mailbox.FlagChange;
import org.mailstead.core.mailbox.Flags;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.imap.wire.ImapCommand;

/// STORE and UID STORE, with UNCHANGEDSINCE (RFC 7162 §3.1.3).
final class StoreHandler {
  private final SessionModes modes;

  StoreHandler(SessionModes modes) {
    this.modes = modes;
  }

  Answer store(SelectedFolder selected, ImapCommand.Store command) throws IOException {
    if (command.unchangedSince().isPresent()) modes.enableCondstore();
    int[] ranges = selected.resolve(command.messages(), command.byUid());
    FlagChange change = change(selected, command);
    if (ranges.length == 0) return Answer.ok("nothing to change");
    long[] uids = selected.uids(ranges);
    FolderView before = selected.known();
    Mailbox.Stored stored =
        selected.mailbox().store(selected.folder(), uids, change, command.unchangedSince());
    Echo echo = new Echo(before, uids, stored.modified(), change, command.silent());
    selected.report(CommandRules.Reports.NO_EXPUNGES, echo);
    if (!command.silent()) writeAll(selected, uids, stored.modified());
    if (stored.modified().length > 0) {
      StringBuilder code = new StringBuilder("MODIFIED ");
      // RFC 7162 §3.1.3: sequence numbers for STORE, UIDs for UID STORE.
      UidText.append(
          code, command.byUid() ? stored.modified() : sequences(selected, stored.modified()));
      return Answer.ok(code.toString(), "some messages had been changed");
    }
    return Answer.ok("stored");
  }

  /// The new flags of each message of the command (RFC 9051 §6.4.6).
  private static void writeAll(SelectedFolder selected, long[] uids, long[] except)
      throws IOException {
    for (long uid : uids) {
      if (except.length > 0 && Arrays.binarySearch(except, uid) >= 0) continue;
      int sequence = selected.known().sequenceOf(uid);
      if (sequence > 0) selected.writeFlags(sequence, true);
    }
  }

  private static long[] sequences(SelectedFolder selected, long[] uids) {
    long[] sequences = new long[uids.length];
    for (int i = 0; i < uids.length; i++) sequences[i] = selected.known().sequenceOf(uids[i]);
    return sequences;
  }

  /// RFC 4314 §4: `s` for \Seen, `t` for \Deleted, `w` for the rest. What is not allowed is left
  /// out; if nothing remains, the command is refused.
  private static FlagChange change(SelectedFolder selected, ImapCommand.Store command) {
    if (selected.isReadOnly()) {
      throw new RefusedException(Refusal.FORBIDDEN, "the mailbox is open read-only");
    }
    Account.Target target = selected.current();
    FlagChange.Mode mode =
        switch (command.mode()) {
          case ADD -> FlagChange.Mode.ADD;
          case REMOVE -> FlagChange.Mode.REMOVE;
          case REPLACE -> FlagChange.Mode.REPLACE;
        };
    int flags = AppendHandler.allowedFlags(target, command.flags().flags());
    boolean write = target.rights().contains(Right.WRITE_FLAGS);
    Set<String> keywords = write ? command.flags().keywords() : Set.of();
    boolean all = write && target.mayAny(Right.KEEP_SEEN) && target.mayAny(Right.DELETE_MESSAGES);
    if (mode == FlagChange.Mode.REPLACE && !all) {
      throw new RefusedException(Refusal.FORBIDDEN, "you may not replace all flags here");
    }
    boolean nothingLeft =
        flags == 0
            && keywords.isEmpty()
            && !(command.flags().flags() == 0 && command.flags().keywords().isEmpty());
    if (nothingLeft) {
      throw new RefusedException(Refusal.FORBIDDEN, "you have no right to do this here");
    }
    return new FlagChange(mode, flags, keywords);
  }

  /// Which of the changed messages the command's report shows: those of others always; its own not,
  /// unless somebody else changed them in the same moment.
  private final class Echo implements SelectedFolder.Choice {
    private static final int ALL =
        Flags.SEEN | Flags.ANSWERED | Flags.FLAGGED | Flags.DELETED | Flags.DRAFT;

    private final FolderView before;
    private final long[] uids;
    private final long[] modified;
    private final FlagChange change;
    private final boolean silent;

    Echo(FolderView before, long[] uids, long[] modified, FlagChange change, boolean silent) {
      this.before = before;
      this.uids = uids;
      this.modified = modified;
      this.change = change;
      this.silent = silent;
    }

    @Override
    public SelectedFolder.Show of(FolderView view, int sequence) {
      long uid = view.uid(sequence);
      boolean own = Arrays.binarySearch(uids, uid) >= 0 && Arrays.binarySearch(modified, uid) < 0;
      if (!own) return SelectedFolder.Show.FLAGS;
      // Shown with all others of the command after this report.
      if (!silent) return SelectedFolder.Show.NOTHING;
      if (!isExpected(view, sequence)) return SelectedFolder.Show.FLAGS;
      // RFC 7162 §3.1.3: .SILENT silences flags, not the mod-sequence.
      return modes.isCondstore() ? SelectedFolder.Show.MODSEQ : SelectedFolder.Show.NOTHING;
    }

    private boolean isExpected(FolderView view, int sequence) {
      int old = before.sequenceOf(view.uid(sequence));
      int expected =
          switch (change.mode()) {
            case ADD -> before.flags(old) | change.flags();
            case REMOVE -> before.flags(old) & ~change.flags();
            case REPLACE -> change.flags();
          };
      if (expected != (view.flags(sequence) & ALL)) return false;
      long touched = touched(view);
      long oldKeywords = before.keywords(old);
      long expectedKeywords =
          switch (change.mode()) {
            case ADD -> oldKeywords | touched;
            case REMOVE -> oldKeywords & ~touched;
            case REPLACE -> touched;
          };
      return expectedKeywords == view.keywords(sequence);
    }

    private long touched(FolderView view) {
      if (change.keywords().isEmpty()) return 0;
      long bits = 0;
      for (int bit = 0; bit < view.keywordNames().size(); bit++) {
        String name = view.keywordNames().get(bit);
        for (String keyword : change.keywords()) {
          if (keyword.equalsIgnoreCase(name)) bits |= 1L << bit;
        }
      }
      return bits;
    }
  }
}
