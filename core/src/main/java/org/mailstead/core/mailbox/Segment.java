package org.mailstead.core.mailbox;

import org.jspecify.annotations.Nullable;
import org.mailstead.base.Invariant;

/// Up to 64 messages with neighbouring UIDs (UID / 64 is the segment's number): immutable, shared
/// by all views in which they did not change. It keeps its stored form, some 15 octets a message,
/// and unpacks the columns when one is first asked for, so that a folder opens at the speed of
/// reading.
final class Segment {
  static final int UIDS = 64;

  /// A row must stay under the store's bound; worst columns come to about 3,300 octets.
  private static final int FORMAT = 1;

  private final int number;
  private final long present;
  private final int unseenCount;
  private final int deletedCount;
  private final long bytes;
  private final long maxModSeq;
  private final long modSeqFloor;
  private final boolean attached;
  private final byte[] encoded;
  private volatile @Nullable Columns columns;

  /// The messages' values by index (not by UID offset): bounds are checked by who builds them.
  static final class Columns {
    final long[] items;
    final long[] emails;
    final byte[] flags;
    final long[] keywords;
    final long[] received;
    final long[] saved;
    final long[] modSeqs;
    final int[] sizes;

    Columns(int count) {
      items = new long[count];
      emails = new long[count];
      flags = new byte[count];
      keywords = new long[count];
      received = new long[count];
      saved = new long[count];
      modSeqs = new long[count];
      sizes = new int[count];
    }

    Columns copy() {
      Columns copy = new Columns(items.length);
      for (int i = 0; i < items.length; i++) copy.set(i, this, i);
      return copy;
    }

    /// Copies one message.
    void set(int index, Columns from, int fromIndex) {
      items[index] = from.items[fromIndex];
      emails[index] = from.emails[fromIndex];
      flags[index] = from.flags[fromIndex];
      keywords[index] = from.keywords[fromIndex];
      received[index] = from.received[fromIndex];
      saved[index] = from.saved[fromIndex];
      modSeqs[index] = from.modSeqs[fromIndex];
      sizes[index] = from.sizes[fromIndex];
    }
  }

  /// @param present bit n: the UID 64 * number + n is there; as many bits as columns have values
  Segment(int number, long present, Columns columns) {
    this.number = number;
    this.present = present;
    this.columns = columns;
    this.modSeqFloor = 0;
    this.attached = false;
    int count = Long.bitCount(present);
    Invariant.check(count == columns.items.length, "segment columns agree with its UIDs");
    int unseen = 0;
    int deleted = 0;
    long sum = 0;
    long highest = 0;
    for (int i = 0; i < count; i++) {
      if ((columns.flags[i] & Flags.SEEN) == 0) unseen++;
      if ((columns.flags[i] & Flags.DELETED) != 0) deleted++;
      sum += columns.sizes[i];
      highest = Math.max(highest, columns.modSeqs[i]);
    }
    this.unseenCount = unseen;
    this.deletedCount = deleted;
    this.bytes = sum;
    this.maxModSeq = highest;
    this.encoded = encode(columns, count);
  }

  /// A stored segment. Mod-sequences count as at least `modSeqFloor`: a restore and an attached
  /// segment raise them without rewriting.
  Segment(int number, byte[] encoded, long modSeqFloor, boolean attached) {
    this.number = number;
    this.attached = attached;
    this.encoded = encoded;
    this.modSeqFloor = modSeqFloor;
    RowReader in = RowReader.of(encoded, FORMAT, "segment");
    this.present = in.fixed64();
    this.unseenCount = in.u8();
    this.deletedCount = in.u8();
    this.bytes = in.varint();
    this.maxModSeq = Math.max(modSeqFloor, in.varint());
    Invariant.check(
        Math.max(unseenCount, deletedCount) <= Long.bitCount(present), "segment counts");
  }

  private byte[] encode(Columns from, int count) {
    RowWriter out = new RowWriter(32 + 16 * count);
    out.u8(FORMAT).fixed64(present).u8(unseenCount).u8(deletedCount).varint(bytes);
    out.varint(maxModSeq).raw(from.flags);
    long anyKeyword = 0;
    for (long bits : from.keywords) anyKeyword |= bits;
    out.u8(anyKeyword == 0 ? 0 : 1);
    if (anyKeyword != 0) for (long bits : from.keywords) out.varint(bits);
    long last = 0;
    for (long item : from.items) {
      out.zigzag(item - last);
      last = item;
    }
    last = 0;
    for (long email : from.emails) {
      out.zigzag(email - last);
      last = email;
    }
    for (int size : from.sizes) out.varint(size);
    last = 0;
    for (long seconds : from.received) {
      out.zigzag(seconds - last);
      last = seconds;
    }
    last = 0;
    for (long seconds : from.saved) {
      out.zigzag(seconds - last);
      last = seconds;
    }
    for (long modSeq : from.modSeqs) out.varint(maxModSeq - modSeq);
    return out.toBytes();
  }

  static Segment empty(int number) {
    return new Segment(number, 0, new Columns(0));
  }

  private Columns decode() {
    int count = count();
    Columns into = new Columns(count);
    RowReader in = RowReader.of(encoded, FORMAT, "segment");
    in.fixed64();
    in.u8();
    in.u8();
    in.varint();
    long storedMaxModSeq = in.varint();
    for (int i = 0; i < count; i++) into.flags[i] = (byte) in.u8();
    if (in.u8() != 0) for (int i = 0; i < count; i++) into.keywords[i] = in.varint();
    long last = 0;
    for (int i = 0; i < count; i++) into.items[i] = last += in.zigzag();
    last = 0;
    for (int i = 0; i < count; i++) into.emails[i] = last += in.zigzag();
    for (int i = 0; i < count; i++) into.sizes[i] = Math.toIntExact(in.varint());
    last = 0;
    for (int i = 0; i < count; i++) into.received[i] = last += in.zigzag();
    last = 0;
    for (int i = 0; i < count; i++) into.saved[i] = last += in.zigzag();
    for (int i = 0; i < count; i++) {
      into.modSeqs[i] = Math.max(modSeqFloor, storedMaxModSeq - in.varint());
    }
    Invariant.check(in.isAtEnd(), "a segment ends where its columns end");
    return into;
  }

  /// Unpacked at the first call; two threads may do it at once, to the same result.
  Columns columns() {
    Columns known = columns;
    if (known == null) {
      known = decode();
      columns = known;
    }
    return known;
  }

  int number() {
    return number;
  }

  long firstUid() {
    return (long) number * UIDS;
  }

  long present() {
    return present;
  }

  int count() {
    return Long.bitCount(present);
  }

  int unseenCount() {
    return unseenCount;
  }

  int deletedCount() {
    return deletedCount;
  }

  long bytes() {
    return bytes;
  }

  long maxModSeq() {
    return maxModSeq;
  }

  /// Whether its row lives under another folder's id ([FolderState.Extent]).
  boolean isAttached() {
    return attached;
  }

  /// The row's value.
  byte[] encoded() {
    return encoded;
  }

  /// The UID of the message at an index.
  long uid(int index) {
    return firstUid() + Long.numberOfTrailingZeros(Long.expand(1L << index, present));
  }

  /// The index of a UID of this segment's range, or of the next one after it.
  int indexAtLeast(long uid) {
    int offset = (int) (uid - firstUid());
    return Long.bitCount(present & ((1L << offset) - 1));
  }

  boolean contains(long uid) {
    long offset = uid - firstUid();
    return offset >= 0 && offset < UIDS && (present >>> offset & 1) != 0;
  }

  boolean isSame(Segment other) {
    return this == other
        || (number == other.number
            && modSeqFloor == other.modSeqFloor
            && java.util.Arrays.equals(encoded, other.encoded));
  }

  /// Without the UIDs whose bits are in `mask`.
  Segment without(long mask) {
    Columns old = columns();
    long left = present & ~mask;
    Columns kept = new Columns(Long.bitCount(left));
    int target = 0;
    int index = 0;
    for (long bits = present; bits != 0; bits &= bits - 1, index++) {
      if ((Long.lowestOneBit(bits) & mask) == 0) kept.set(target++, old, index);
    }
    return new Segment(number, left, kept);
  }
}
