package org.mailstead.formats.mime;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;

/// UTF-7 (RFC 2152) for reading; the JDK has none. Nothing is written in it.
final class Utf7 extends Charset {
  static final Utf7 CHARSET = new Utf7();

  private Utf7() {
    super("X-Mailstead-UTF-7", new String[0]);
  }

  @Override
  public boolean contains(Charset other) {
    return false;
  }

  @Override
  public boolean canEncode() {
    return false;
  }

  @Override
  public CharsetEncoder newEncoder() {
    throw new UnsupportedOperationException("UTF-7 is only read");
  }

  @Override
  public CharsetDecoder newDecoder() {
    return new Decoder(this);
  }

  private static final class Decoder extends CharsetDecoder {
    private boolean shifted;
    private boolean justShifted;
    private int bits;
    private int bitCount;

    Decoder(Charset charset) {
      super(charset, 1f, 1f);
    }

    @Override
    protected void implReset() {
      shifted = false;
      justShifted = false;
      bits = 0;
      bitCount = 0;
    }

    @Override
    protected CoderResult decodeLoop(ByteBuffer in, CharBuffer out) {
      while (in.hasRemaining()) {
        if (!out.hasRemaining()) return CoderResult.OVERFLOW;
        int octet = in.get(in.position()) & 0xff;
        if (octet > 127) return CoderResult.malformedForLength(1);
        in.get();
        if (!shifted) {
          if (octet == '+') {
            implReset();
            shifted = true;
            justShifted = true;
          } else {
            out.put((char) octet);
          }
          continue;
        }
        int value = Base64Stream.value(octet);
        if (value >= 0) {
          justShifted = false;
          bits = (bits << 6 | value) & 0x3fffff;
          bitCount += 6;
          if (bitCount >= 16) {
            bitCount -= 16;
            out.put((char) (bits >>> bitCount));
          }
          continue;
        }
        // RFC 2152 rule 2: "+-" is a plus; a minus that ends a run disappears; others stay.
        if (justShifted && octet == '-') out.put('+');
        else if (octet != '-') out.put((char) octet);
        shifted = false;
      }
      return CoderResult.UNDERFLOW;
    }
  }
}
