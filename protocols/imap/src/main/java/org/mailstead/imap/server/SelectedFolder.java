package org.mailstead.imap.server;

import java.io.IOException;
import java.util.Arrays;
import org.mailstead.base.FolderId;
import org.mailstead.base.MalformedException;
import org.mailstead.core.access.Right;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.imap.wire.MessageSet;
import org.mailstead.imap.wire.ResponseWriter;

/// The selected folder of one session, and above all **what its client knows of it**.
///
/// Sequence numbers mean nothing but places in [#known]. Each command begins by taking over what
/// changed without expunges, works on `known` alone, and ends by taking over the rest as far as its
/// rules allow. Whatever `known` takes over is reported at the same moment, so the two cannot drift
/// apart. Messages that are gone but may not be reported yet stay in `known` with their last state
/// ([LaggingView]). Only the session's thread uses this, or the IDLE pusher in its place.
final class SelectedFolder {
  /// How a changed message of the reported difference is to be shown.
  enum Show {
    NOTHING,
    MODSEQ,
    FLAGS
  }

  @FunctionalInterface
  interface Choice {
    /// @param sequence in the view after the change
    Show of(FolderView view, int sequence);
  }

  private static final Choice ALL = (_, _) -> Show.FLAGS;
  private static final byte[] STAR = ResponseWriter.ascii("* ");

  private final Account account;
  private final Account.Target target;
  private final String name;
  private final boolean readOnly;
  private final SessionModes modes;
  private final ResponseWriter writer;
  private final FlagText flagText = new FlagText();
  private final RecentMessages recent;
  private FolderView known;
  private int recentCountTold;
  private long[] savedUids = new long[0];

  SelectedFolder(
      Account account,
      Account.Target target,
      String name,
      boolean readOnly,
      SessionModes modes,
      ResponseWriter writer,
      RecentMarks marks) {
    this.account = account;
    this.target = target;
    this.name = name;
    this.readOnly = readOnly;
    this.modes = modes;
    this.writer = writer;
    this.known = target.mailbox().view(target.folder().id());
    this.recent = new RecentMessages(marks, target.mailbox().id(), !readOnly);
    recent.update(known);
  }

  String name() {
    return name;
  }

  Account.Target target() {
    return target;
  }

  Mailbox mailbox() {
    return target.mailbox();
  }

  FolderId folder() {
    return target.folder().id();
  }

  boolean isReadOnly() {
    return readOnly;
  }

  /// The flags of a message as they are written.
  byte[] flags(int sequence) {
    return flagText.of(known, sequence, isRecent(sequence));
  }

  /// RFC 9051 appendix E.2: with IMAP4rev2 nothing is recent.
  boolean isRecent(int sequence) {
    return !modes.isRev2() && recent.contains(known.uid(sequence));
  }

  /// What the client knows.
  FolderView known() {
    return known;
  }

  /// The asker's rights now: somebody may have changed them since SELECT.
  Account.Target current() {
    if (target.isOwn()) return target;
    return new Account.Target(
        target.place(), target.folder(), account.rights(target.place(), target.folder()));
  }

  /// @throws org.mailstead.base.RefusedException opened with EXAMINE, or no right
  void requireWritable(Right right) {
    if (readOnly) {
      throw new org.mailstead.base.RefusedException(
          org.mailstead.base.Refusal.FORBIDDEN, "the mailbox is open read-only");
    }
    current().require(right);
  }

  /// The newest state.
  ///
  /// @throws FolderGoneException the folder was deleted
  private FolderView now() {
    try {
      return mailbox().view(folder());
    } catch (org.mailstead.base.RefusedException e) {
      throw new FolderGoneException();
    }
  }

  /// The selected folder does not exist any more: the session ends.
  static final class FolderGoneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FolderGoneException() {
      super("the selected mailbox was deleted", null, false, false);
    }
  }

  /// Takes over and reports what changed.
  void report(CommandRules.Reports reports) throws IOException {
    report(reports, ALL);
  }

  /// The same with a say in which changed messages are shown.
  // Views are immutable: the same object is the same state, and that is all the quick way asks.
  @SuppressWarnings("ReferenceEquality")
  void report(CommandRules.Reports reports, Choice choice) throws IOException {
    if (reports == CommandRules.Reports.NOTHING) return;
    boolean expunges = reports == CommandRules.Reports.EVERYTHING;
    FolderView now = now();
    FolderView before = known;
    if (now == before) return;
    if (!expunges && before instanceof LaggingView lagging && lagging.now() == now) return;
    FolderView.Difference difference = before.differenceTo(now);
    FolderView after =
        difference.vanished().length == 0 || expunges ? now : new LaggingView(before, now);
    known = after;
    recent.update(now);
    if (difference.isEmpty()) return;
    if (now.keywordNames().size() > before.keywordNames().size()) writeFlagsDefined();
    if (expunges && difference.vanished().length > 0) {
      writeVanished(before, difference.vanished());
    }
    if (difference.added() > 0) {
      writer.bytes(STAR).number(after.count()).text(" EXISTS\r\n");
    }
    // RFC 3501 §7.3.2: a rev1 client hears RECENT with EXISTS.
    if (!modes.isRev2()) writeRecent(difference.added() > 0);
    for (long uid : difference.changed()) {
      int sequence = after.sequenceOf(uid);
      switch (choice.of(after, sequence)) {
        case NOTHING -> {}
        case MODSEQ -> writeFlags(sequence, false);
        case FLAGS -> writeFlags(sequence, true);
      }
    }
  }

  /// `* n FETCH (UID u FLAGS (…) MODSEQ (m))`; the UID is there for QRESYNC (RFC 7162 §3.2.4) and
  /// harmless otherwise.
  void writeFlags(int sequence, boolean flags) throws IOException {
    writer.bytes(STAR).number(sequence).text(" FETCH (UID ").number(known.uid(sequence));
    if (flags) writer.text(" FLAGS ").bytes(flags(sequence));
    if (modes.isCondstore()) {
      writer.text(" MODSEQ (").number(known.modSeq(sequence)).octet(')');
    }
    writer.text(")\r\n");
  }

  /// @param always also if the number is still the same
  void writeRecent(boolean always) throws IOException {
    int count = recent.count(known);
    if (!always && count == recentCountTold) return;
    recentCountTold = count;
    writer.bytes(STAR).number(count).text(" RECENT\r\n");
  }

  void writeFlagsDefined() throws IOException {
    writer.text("* FLAGS ").text(FlagText.defined(known.keywordNames())).crlf();
    writer.text("* OK [PERMANENTFLAGS ").text(permanentFlags()).text("] flags kept\r\n");
  }

  private String permanentFlags() {
    if (readOnly) return "()";
    Account.Target now = current();
    return FlagText.permanent(
        known.keywordNames(),
        now.mayAny(Right.KEEP_SEEN),
        now.mayAny(Right.DELETE_MESSAGES),
        now.mayAny(Right.WRITE_FLAGS));
  }

  private void writeVanished(FolderView before, long[] uids) throws IOException {
    if (modes.isQresync()) {
      writer.text("* VANISHED ").set(uids).crlf();
      return;
    }
    // From the highest down, no number is moved by an earlier line.
    for (int i = uids.length - 1; i >= 0; i--) {
      writer.bytes(STAR).number(before.sequenceOf(uids[i])).text(" EXPUNGE\r\n");
    }
  }

  void save(long[] uids) {
    savedUids = uids;
  }

  /// The messages of a set as pairs of first and last sequence number, ascending.
  ///
  /// @throws MalformedException a sequence number beyond the last message (RFC 9051 §9 seq-number)
  int[] resolve(MessageSet set, boolean byUid) {
    if (!byUid && !set.isSaved() && set.exceeds(known.count())) {
      throw new MalformedException("the message set has numbers that are not in the mailbox");
    }
    return resolvePresent(set, byUid);
  }

  /// The same, numbers beyond the last message passed over: for SEARCH, where they match nothing.
  int[] resolvePresent(MessageSet set, boolean byUid) {
    if (set.isSaved()) return resolveUids(savedUids);
    int count = known.count();
    if (count == 0) return new int[0];
    long star = byUid ? known.uid(count) : count;
    int[] ranges = new int[set.rangeCount() * 2];
    int used = 0;
    for (int range = 0; range < set.rangeCount(); range++) {
      long a = set.first(range) == MessageSet.STAR ? star : set.first(range);
      long b = set.last(range) == MessageSet.STAR ? star : set.last(range);
      long low = Math.min(a, b);
      long high = Math.max(a, b);
      int first = byUid ? known.sequenceAtLeast(low) : (int) Math.min(low, count + 1L);
      int last = byUid ? known.sequenceAtLeast(high + 1) - 1 : (int) Math.min(high, count);
      if (first > last) continue;
      // `*` can make the last ranges overlap: 5,7:* with five messages.
      if (used > 0 && first <= ranges[used - 1]) {
        ranges[used - 1] = Math.max(ranges[used - 1], last);
        ranges[used - 2] = Math.min(ranges[used - 2], first);
        continue;
      }
      ranges[used++] = first;
      ranges[used++] = last;
    }
    return Arrays.copyOf(ranges, used);
  }

  private int[] resolveUids(long[] uids) {
    int[] ranges = new int[uids.length * 2];
    int used = 0;
    for (long uid : uids) {
      int sequence = known.sequenceOf(uid);
      if (sequence == 0) continue;
      if (used > 0 && ranges[used - 1] == sequence - 1) {
        ranges[used - 1] = sequence;
      } else {
        ranges[used++] = sequence;
        ranges[used++] = sequence;
      }
    }
    return Arrays.copyOf(ranges, used);
  }

  /// The UIDs of resolved ranges.
  long[] uids(int[] ranges) {
    long[] uids = new long[count(ranges)];
    int at = 0;
    for (int i = 0; i < ranges.length; i += 2) {
      for (int sequence = ranges[i]; sequence <= ranges[i + 1]; sequence++) {
        uids[at++] = known.uid(sequence);
      }
    }
    return uids;
  }

  static int count(int[] ranges) {
    int count = 0;
    for (int i = 0; i < ranges.length; i += 2) count += ranges[i + 1] - ranges[i] + 1;
    return count;
  }
}
