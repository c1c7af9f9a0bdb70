package org.mailstead.formats.mime;

import java.nio.charset.Charset;

/// Unicode text of raw header octets (RFC 2047, RFC 6532, raw 8-bit guessed).
@SuppressWarnings("DoNotCallSuggester")
public final class HeaderText {
  private HeaderText() {}

  /// @param raw octets, one char each, unfolded or not
  public static String decode(String raw) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// @param eightBit what raw octets over 127 are if they are not UTF-8
  public static String decode(String raw, Charset eightBit) {
    throw new UnsupportedOperationException("skeleton");
  }
}
