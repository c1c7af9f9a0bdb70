package org.mailstead.store;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/// A blob of the whole store: 128 random bits, ordered as an unsigned number.
public record BlobId(long high, long low) implements Comparable<BlobId> {
  public static final int BYTES = 16;

  public static BlobId random(RandomGenerator random) {
    return new BlobId(random.nextLong(), random.nextLong());
  }

  /// The inverse of [#toString].
  ///
  /// @throws IllegalArgumentException not 32 hexadecimal digits
  public static BlobId parse(String text) {
    if (text.length() != 2 * BYTES) {
      throw new IllegalArgumentException("not a blob id: " + text.length() + " characters");
    }
    return new BlobId(
        HexFormat.fromHexDigitsToLong(text, 0, BYTES),
        HexFormat.fromHexDigitsToLong(text, BYTES, 2 * BYTES));
  }

  @Override
  public int compareTo(BlobId other) {
    int order = Long.compareUnsigned(high, other.high);
    return order != 0 ? order : Long.compareUnsigned(low, other.low);
  }

  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
