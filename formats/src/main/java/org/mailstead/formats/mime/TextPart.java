package org.mailstead.formats.mime;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The Unicode text of a text part.
final class TextPart {
  private TextPart() {}

  /// @param bytesMax how many octets are decoded at most
  static String decode(ByteBuffer message, MimePart part, int bytesMax) {
    byte[] octets = Octets.decoded(message, part, bytesMax);
    if (octets.length == bytesMax) octets = withoutCutCharacter(octets);
    String charset = ParameterText.find(part.parameters(), "charset").orElse("");
    if (charset.isEmpty() && part.subtype().equals("html")) charset = htmlCharset(octets);
    return Charsets.decode(octets, charset);
  }

  /// A cut inside of a UTF-8 character would make the whole look like something else.
  private static byte[] withoutCutCharacter(byte[] octets) {
    int end = octets.length;
    int back = 0;
    while (back < 3 && end > 0 && (octets[end - 1] & 0xc0) == 0x80) {
      end--;
      back++;
    }
    if (end == 0 || (octets[end - 1] & 0xc0) != 0xc0) return octets;
    int lead = octets[end - 1] & 0xff;
    int needed = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    return back >= needed ? octets : Arrays.copyOf(octets, end - 1);
  }

  /// `<meta … charset=…>` near the beginning.
  private static String htmlCharset(byte[] octets) {
    int count = Math.min(octets.length, 2048);
    String head = new String(octets, 0, count, StandardCharsets.ISO_8859_1);
    int at = StructuredValue.lower(head).indexOf("charset=");
    if (at < 0) return "";
    at += 8;
    while (at < count && (head.charAt(at) == '"' || head.charAt(at) == '\'')) at++;
    int end = at;
    while (end < count
        && StructuredValue.isTokenOctet(head.charAt(end))
        && head.charAt(end) != '\'') end++;
    return head.substring(at, end);
  }
}
