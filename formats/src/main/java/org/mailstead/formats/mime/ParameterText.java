package org.mailstead.formats.mime;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.mailstead.formats.mime.MimePart.Parameter;

/// Unicode text of parameters: RFC 2231 charsets and percent-encoding, and the encoded words (RFC
/// 2047) and raw 8-bit octets that clients write there.
///
/// @spec https://www.rfc-editor.org/rfc/rfc2231 RFC 2231
public final class ParameterText {
  private ParameterText() {}

  /// @param name lower-case; its `name*` form goes first, as it says more
  public static Optional<String> find(List<Parameter> parameters, String name) {
    for (Parameter parameter : parameters) {
      String found = parameter.name();
      if (found.length() == name.length() + 1 && found.endsWith("*") && found.startsWith(name)) {
        return Optional.of(decodeExtended(parameter.value()));
      }
    }
    for (Parameter parameter : parameters) {
      if (parameter.name().equals(name)) return Optional.of(HeaderText.decode(parameter.value()));
    }
    return Optional.empty();
  }

  /// The file name by Content-Disposition, else the name by Content-Type. It is what the sender
  /// wrote: path separators and all.
  public static Optional<String> filename(MimePart part) {
    return part.disposition()
        .flatMap(disposition -> find(disposition.parameters(), "filename"))
        .or(() -> find(part.parameters(), "name"))
        .filter(name -> !name.isBlank());
  }

  /// `charset'language'percent-encoded` (RFC 2231 §4).
  private static String decodeExtended(String value) {
    int first = value.indexOf('\'');
    int second = first < 0 ? -1 : value.indexOf('\'', first + 1);
    String charset = second < 0 ? "" : value.substring(0, first);
    String text = second < 0 ? value : value.substring(second + 1);
    byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
    byte[] out = new byte[octets.length];
    int count = 0;
    for (int i = 0; i < octets.length; i++) {
      if (octets[i] == '%' && i + 2 < octets.length) {
        int high = Character.digit(octets[i + 1], 16);
        int low = Character.digit(octets[i + 2], 16);
        if (high >= 0 && low >= 0) {
          out[count++] = (byte) (high << 4 | low);
          i += 2;
          continue;
        }
      }
      out[count++] = octets[i];
    }
    return Charsets.decode(Arrays.copyOf(out, count), charset);
  }
}
