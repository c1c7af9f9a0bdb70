package org.mailstead.core.spam;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// SipHash-2-4: a short keyed hash that says nothing of its input to who does not have the key.
///
/// Source: https://www.aumasson.jp/siphash/siphash.pdf SipHash: a fast short-input PRF
final class SipHash {
  static final int KEY_BYTES = 16;

  private final long k0;
  private final long k1;

  SipHash(byte[] key) {
    if (key.length != KEY_BYTES) throw new IllegalArgumentException("key of " + key.length);
    ByteBuffer in = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN);
    this.k0 = in.getLong();
    this.k1 = in.getLong();
  }

  long hash(byte[] input) {
    ByteBuffer in = ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN);
    long[] v = {
      k0 ^ 0x736f6d6570736575L,
      k1 ^ 0x646f72616e646f6dL,
      k0 ^ 0x6c7967656e657261L,
      k1 ^ 0x7465646279746573L
    };
    while (in.remaining() >= 8) absorb(v, in.getLong());
    long last = (long) input.length << 56;
    for (int i = 0; in.hasRemaining(); i++) last |= (in.get() & 0xffL) << (8 * i);
    absorb(v, last);
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++) round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
  }

  private static void absorb(long[] v, long word) {
    v[3] ^= word;
    round(v);
    round(v);
    v[0] ^= word;
  }

  private static void round(long[] v) {
    v[0] += v[1];
    v[1] = Long.rotateLeft(v[1], 13) ^ v[0];
    v[0] = Long.rotateLeft(v[0], 32);
    v[2] += v[3];
    v[3] = Long.rotateLeft(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = Long.rotateLeft(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = Long.rotateLeft(v[1], 17) ^ v[2];
    v[2] = Long.rotateLeft(v[2], 32);
  }
}
