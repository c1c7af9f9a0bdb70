package org.mailstead.smtp.wire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.mailstead.base.MalformedException;

/// The encoding of DSN parameters.
///
/// @spec https://www.rfc-editor.org/rfc/rfc3461#section-4 RFC 3461 §4
public final class XText {
  private XText() {}

  /// @throws MalformedException a stray `=`, a control character, or `+` without two upper-case
  ///   hexadecimal digits
  public static String decode(String text) {
    var out = new ByteArrayOutputStream(text.length());
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      byte b = bytes[i];
      if (b == '+') {
        if (i + 2 >= bytes.length) throw new MalformedException("incomplete xtext");
        out.write(hex(bytes[i + 1]) << 4 | hex(bytes[i + 2]));
        i += 2;
      } else if (b == '=' || (b >= 0 && b <= ' ') || b == 0x7F) {
        throw new MalformedException("character not allowed in xtext");
      } else {
        out.write(b);
      }
    }
    String decoded = strictUtf8(out.toByteArray());
    for (int i = 0; i < decoded.length(); i++) {
      // It ends up in reports: a line end here would be a header injection.
      if (decoded.charAt(i) < ' ' || decoded.charAt(i) == 0x7F) {
        throw new MalformedException("control character in xtext");
      }
    }
    return decoded;
  }

  public static String encode(String text) {
    var out = new StringBuilder(text.length() + 8);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b > ' ' && b < 0x7F && b != '+' && b != '=') {
        out.append((char) b);
      } else {
        out.append('+').append("%02X".formatted(b & 0xFF));
      }
    }
    return out.toString();
  }

  static String strictUtf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException("not UTF-8");
    }
  }

  private static int hex(byte b) {
    if (b >= '0' && b <= '9') return b - '0';
    if (b >= 'A' && b <= 'F') return b - 'A' + 10;
    throw new MalformedException("xtext needs upper-case hexadecimal digits");
  }
}
