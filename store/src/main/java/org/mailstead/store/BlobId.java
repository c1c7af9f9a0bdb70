package org.mailstead.store;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/// A blob of the whole store: 128 random bits.
public record BlobId(long high, long low) {
  public static final int BYTES = 16;

  public static BlobId random(RandomGenerator random) {
    return new BlobId(random.nextLong(), random.nextLong());
  }

  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
