package org.mailstead.mailflow.dkim;

import java.io.ByteArrayOutputStream;
import java.util.Locale;
import java.util.Optional;

/// How much a message may change on the way without breaking a signature.
///
/// @spec https://www.rfc-editor.org/rfc/rfc6376#section-3.4 RFC 6376 §3.4
public enum Canonicalization {
  SIMPLE,
  RELAXED;

  public static Optional<Canonicalization> find(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "simple" -> Optional.of(SIMPLE);
      case "relaxed" -> Optional.of(RELAXED);
      default -> Optional.empty();
    };
  }

  /// A field in its canonical form, CRLF at its end.
  ///
  /// @param raw as it stands, with or without the line break at its end
  public byte[] field(byte[] raw) {
    int end = raw.length;
    if (end > 0 && raw[end - 1] == '\n') end--;
    if (end > 0 && raw[end - 1] == '\r') end--;
    var out = new ByteArrayOutputStream(end + 2);
    switch (this) {
      case SIMPLE -> out.write(raw, 0, end);
      case RELAXED -> relax(raw, end, out);
    }
    out.write('\r');
    out.write('\n');
    return out.toByteArray();
  }

  private static void relax(byte[] raw, int end, ByteArrayOutputStream out) {
    int colon = 0;
    while (colon < end && raw[colon] != ':') colon++;
    int nameEnd = colon;
    while (nameEnd > 0 && (raw[nameEnd - 1] == ' ' || raw[nameEnd - 1] == '\t')) nameEnd--;
    for (int i = 0; i < nameEnd; i++) {
      out.write(raw[i] >= 'A' && raw[i] <= 'Z' ? raw[i] + 32 : raw[i]);
    }
    out.write(':');
    boolean space = false;
    boolean any = false;
    for (int i = colon + 1; i < end; i++) {
      byte octet = raw[i];
      if (octet == '\n' || (octet == '\r' && i + 1 < end && raw[i + 1] == '\n')) continue;
      if (octet == ' ' || octet == '\t') {
        space = true;
        continue;
      }
      if (space && any) out.write(' ');
      space = false;
      any = true;
      out.write(octet);
    }
  }
}
