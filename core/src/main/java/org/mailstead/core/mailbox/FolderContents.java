package org.mailstead.core.mailbox;

import java.util.Arrays;
import java.util.List;
import org.mailstead.base.EmailId;
import org.mailstead.base.FolderId;
import org.mailstead.base.ItemId;

/// A view of one folder: its state and its segments.
final class FolderContents implements FolderView {
  private final FolderState state;
  private final Folder folder;
  private final SegmentTable table;

  FolderContents(FolderState state) {
    this.state = state;
    this.folder = state.toFolder();
    this.table = state.loaded();
  }

  @Override
  public Folder folder() {
    return folder;
  }

  @Override
  public int count() {
    return table.count();
  }

  @Override
  public int firstUnseen() {
    for (int i = 0; i < table.segmentCount(); i++) {
      Segment segment = table.segment(i);
      if (segment.unseenCount() == 0) continue;
      byte[] flags = segment.columns().flags;
      for (int index = 0; index < flags.length; index++) {
        if ((flags[index] & Flags.SEEN) == 0) return table.start(i) + index + 1;
      }
    }
    return 0;
  }

  @Override
  public long uid(int sequence) {
    int at = table.locate(sequence - 1);
    return table.segment(at).uid(sequence - 1 - table.start(at));
  }

  @Override
  public int sequenceOf(long uid) {
    if (uid < 1 || uid >= folder.uidNext()) return 0;
    int at = table.indexAtLeast(uid / Segment.UIDS);
    if (at == table.segmentCount()) return 0;
    Segment segment = table.segment(at);
    return segment.contains(uid) ? table.start(at) + segment.indexAtLeast(uid) + 1 : 0;
  }

  @Override
  public int sequenceAtLeast(long uid) {
    if (uid >= folder.uidNext()) return count() + 1;
    long from = Math.max(0, uid);
    int at = table.indexAtLeast(from / Segment.UIDS);
    if (at == table.segmentCount()) return count() + 1;
    Segment segment = table.segment(at);
    return table.start(at) + (segment.firstUid() >= from ? 0 : segment.indexAtLeast(from)) + 1;
  }

  @Override
  public ItemId item(int sequence) {
    int at = table.locate(sequence - 1);
    return new ItemId(table.segment(at).columns().items[sequence - 1 - table.start(at)]);
  }

  @Override
  public EmailId email(int sequence) {
    int at = table.locate(sequence - 1);
    return new EmailId(table.segment(at).columns().emails[sequence - 1 - table.start(at)]);
  }

  @Override
  public int flags(int sequence) {
    int at = table.locate(sequence - 1);
    return table.segment(at).columns().flags[sequence - 1 - table.start(at)];
  }

  @Override
  public long keywords(int sequence) {
    int at = table.locate(sequence - 1);
    return table.segment(at).columns().keywords[sequence - 1 - table.start(at)];
  }

  @Override
  public long receivedSeconds(int sequence) {
    int at = table.locate(sequence - 1);
    return table.segment(at).columns().received[sequence - 1 - table.start(at)];
  }

  @Override
  public long savedSeconds(int sequence) {
    int at = table.locate(sequence - 1);
    return table.segment(at).columns().saved[sequence - 1 - table.start(at)];
  }

  @Override
  public long modSeq(int sequence) {
    int at = table.locate(sequence - 1);
    return table.segment(at).columns().modSeqs[sequence - 1 - table.start(at)];
  }

  @Override
  public long size(int sequence) {
    int at = table.locate(sequence - 1);
    return table.segment(at).columns().sizes[sequence - 1 - table.start(at)];
  }

  @Override
  public List<String> keywordNames() {
    return state.keywords();
  }

  @Override
  public Difference differenceTo(FolderView later) {
    if (!(later instanceof FolderContents other)) {
      throw new IllegalArgumentException("a view of another kind");
    }
    FolderId id = folder.id();
    if (!id.equals(other.folder.id())) throw new IllegalArgumentException("another folder's view");
    if (table == other.table) return new Difference(new long[0], new long[0], 0);
    UidList vanished = new UidList();
    UidList changed = new UidList();
    int added = 0;
    int mine = 0;
    int theirs = 0;
    while (mine < table.segmentCount() || theirs < other.table.segmentCount()) {
      int myNumber = mine < table.segmentCount() ? table.segment(mine).number() : Integer.MAX_VALUE;
      int theirNumber =
          theirs < other.table.segmentCount()
              ? other.table.segment(theirs).number()
              : Integer.MAX_VALUE;
      if (myNumber < theirNumber) {
        Segment gone = table.segment(mine++);
        for (int i = 0; i < gone.count(); i++) vanished.add(gone.uid(i));
      } else if (theirNumber < myNumber) {
        added += other.table.segment(theirs++).count();
      } else {
        added += compare(table.segment(mine++), other.table.segment(theirs++), vanished, changed);
      }
    }
    return new Difference(vanished.toArray(), changed.toArray(), added);
  }

  /// @return how many messages the later segment has that the earlier one has not
  private static int compare(Segment before, Segment after, UidList vanished, UidList changed) {
    if (before.isSame(after)) return 0;
    long gone = before.present() & ~after.present();
    for (long bits = gone; bits != 0; bits &= bits - 1) {
      vanished.add(before.firstUid() + Long.numberOfTrailingZeros(bits));
    }
    long both = before.present() & after.present();
    long[] old = before.columns().modSeqs;
    long[] fresh = after.columns().modSeqs;
    for (long bits = both; bits != 0; bits &= bits - 1) {
      long uid = before.firstUid() + Long.numberOfTrailingZeros(bits);
      if (old[before.indexAtLeast(uid)] != fresh[after.indexAtLeast(uid)]) changed.add(uid);
    }
    return Long.bitCount(after.present() & ~before.present());
  }

  /// A growing array.
  static final class UidList {
    private long[] uids = new long[16];
    private int count;

    void add(long uid) {
      if (count == uids.length) uids = Arrays.copyOf(uids, count * 2);
      uids[count++] = uid;
    }

    int count() {
      return count;
    }

    long get(int index) {
      return uids[index];
    }

    long[] toArray() {
      return Arrays.copyOf(uids, count);
    }
  }
}
