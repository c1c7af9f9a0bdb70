package org.mailstead.core.queue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/// A queue entry: 128 bits, of which the first six name the shard and the last 40 the part of the
/// message; the rest is random.
public record QueueId(long high, long low) implements Comparable<QueueId> {
  public static final int BYTES = 16;

  private static final int SHARD_BITS = 6;

  /// The last bits of an id, which tell the entries of one message from another.
  private static final long PART_MASK = (1L << 40) - 1;

  public static QueueId random(RandomGenerator random) {
    return new QueueId(random.nextLong(), random.nextLong() & ~PART_MASK);
  }

  /// An id in a given shard, for entries that must be committed together.
  public static QueueId random(RandomGenerator random, int shard) {
    long rest = random.nextLong() >>> SHARD_BITS;
    return new QueueId(
        ((long) shard << (Long.SIZE - SHARD_BITS)) | rest, random.nextLong() & ~PART_MASK);
  }

  /// The id of another entry of the same message, of the same shard.
  ///
  /// @param part not used before for this message; not 0
  public QueueId part(long part) {
    if (part <= 0 || part > PART_MASK) throw new IllegalArgumentException("part of a message");
    return new QueueId(high, (low & ~PART_MASK) | part);
  }

  /// A part that [#part] was hardly called with before: for entries that follow later.
  public static long laterPart(RandomGenerator random) {
    return (1L << 39) | (random.nextLong() & (PART_MASK >>> 1) & ~0xFFFFL);
  }

  /// The id of the message's first entry, by which a message is known however many entries it has.
  public QueueId message() {
    return new QueueId(high, low & ~PART_MASK);
  }

  /// An id in a given shard that a name stands for, the same whenever it is asked.
  public static QueueId derived(String name, int shard) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      ByteBuffer in = ByteBuffer.wrap(hash);
      long rest = in.getLong() >>> SHARD_BITS;
      return new QueueId(((long) shard << (Long.SIZE - SHARD_BITS)) | rest, in.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  /// @throws IllegalArgumentException not 32 hexadecimal digits
  public static QueueId parse(String text) {
    if (text.length() != 2 * BYTES) throw new IllegalArgumentException("not a queue id");
    return new QueueId(
        HexFormat.fromHexDigitsToLong(text, 0, BYTES),
        HexFormat.fromHexDigitsToLong(text, BYTES, 2 * BYTES));
  }

  public int shard() {
    return (int) (high >>> (Long.SIZE - SHARD_BITS));
  }

  @Override
  public int compareTo(QueueId other) {
    int first = Long.compareUnsigned(high, other.high);
    return first != 0 ? first : Long.compareUnsigned(low, other.low);
  }

  /// 32 hexadecimal digits: what Received fields, reports and operators see.
  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
