package org.mailstead.imap.wire;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.mailstead.base.MalformedException;

/// Mailbox names as IMAP4rev1 writes them.
///
/// @spec https://www.rfc-editor.org/rfc/rfc3501 RFC 3501 §5.1.3
public final class ModifiedUtf7 {
  private ModifiedUtf7() {}

  public static String encode(String name) {
    StringBuilder out = new StringBuilder(name.length() + 8);
    int index = 0;
    while (index < name.length()) {
      char c = name.charAt(index);
      if (c == '&') {
        out.append("&-");
        index++;
      } else if (isDirect(c)) {
        out.append(c);
        index++;
      } else {
        int end = index;
        while (end < name.length() && !isDirect(name.charAt(end))) end++;
        byte[] utf16 = name.substring(index, end).getBytes(StandardCharsets.UTF_16BE);
        String base64 = Base64.getEncoder().withoutPadding().encodeToString(utf16);
        out.append('&').append(base64.replace('/', ',')).append('-');
        index = end;
      }
    }
    return out.toString();
  }

  /// @throws MalformedException not modified UTF-7, or not in its one canonical form
  public static String decode(String text) {
    if (text.indexOf('&') < 0) {
      for (int i = 0; i < text.length(); i++) requireDirect(text.charAt(i));
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    int index = 0;
    while (index < text.length()) {
      char c = text.charAt(index);
      if (c != '&') {
        requireDirect(c);
        out.append(c);
        index++;
        continue;
      }
      int end = text.indexOf('-', index);
      if (end < 0) throw invalid();
      if (end == index + 1) {
        out.append('&');
      } else {
        decodeRun(text.substring(index + 1, end), out);
      }
      index = end + 1;
    }
    String name = out.toString();
    // RFC 3501 §5.1.3: one name has one encoding; another would make two names of one folder.
    if (!encode(name).equals(text)) throw invalid();
    return name;
  }

  private static void decodeRun(String run, StringBuilder out) {
    byte[] bytes;
    try {
      if (run.indexOf('/') >= 0 || run.indexOf('=') >= 0) throw invalid();
      bytes = Base64.getDecoder().decode(run.replace(',', '/'));
    } catch (IllegalArgumentException e) {
      throw invalid();
    }
    if (bytes.length == 0 || bytes.length % 2 != 0) throw invalid();
    String decoded = new String(bytes, StandardCharsets.UTF_16BE);
    for (int i = 0; i < decoded.length(); i++) {
      char c = decoded.charAt(i);
      boolean paired =
          Character.isHighSurrogate(c)
              ? i + 1 < decoded.length() && Character.isLowSurrogate(decoded.charAt(i + 1))
              : !Character.isLowSurrogate(c)
                  || (i > 0 && Character.isHighSurrogate(decoded.charAt(i - 1)));
      if (!paired) throw invalid();
    }
    out.append(decoded);
  }

  private static boolean isDirect(char c) {
    return c >= 0x20 && c <= 0x7E;
  }

  private static void requireDirect(char c) {
    if (!isDirect(c)) throw invalid();
  }

  private static MalformedException invalid() {
    return new MalformedException("mailbox name is not valid modified UTF-7");
  }
}
