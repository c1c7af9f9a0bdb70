package org.mailstead.formats.mime;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/// Unicode text of raw header octets: encoded words (RFC 2047), raw UTF-8 (RFC 6532), other 8-bit
/// octets guessed.
///
/// Lenient where writers are: words split in the middle of a character are joined, white space
/// inside of a word and missing white space around it are accepted, an unknown charset is guessed,
/// and what is no encoded word after all stays as it is.
///
/// @spec https://www.rfc-editor.org/rfc/rfc2047 RFC 2047
public final class HeaderText {
  private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

  private HeaderText() {}

  /// @param raw octets, one char each, unfolded or not
  public static String decode(String raw) {
    return decode(raw, WINDOWS_1252);
  }

  /// @param eightBit what raw octets over 127 are if they are not UTF-8
  public static String decode(String raw, Charset eightBit) {
    boolean plain = true;
    for (int i = 0; i < raw.length() && plain; i++) {
      char c = raw.charAt(i);
      plain = c < 128 && c != '\n' && c != '\r' && (c != '=' || !raw.startsWith("=?", i));
    }
    return plain ? raw : new Decoder(raw, eightBit).run();
  }

  private static final class Decoder {
    private final String raw;
    private final Charset eightBit;
    private final StringBuilder out;

    /// Octets of adjacent words of one charset, not yet decoded.
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();

    private String pendingCharset = "";

    /// Where the last `?=` is: no word that begins behind it has an end.
    private final int lastEnd;

    Decoder(String raw, Charset eightBit) {
      this.raw = raw;
      this.eightBit = eightBit;
      this.out = new StringBuilder(raw.length());
      this.lastEnd = raw.lastIndexOf("?=");
    }

    String run() {
      int at = 0;
      boolean afterWord = false;
      while (at < raw.length()) {
        int start = raw.indexOf("=?", at);
        int end = start < 0 ? raw.length() : start;
        int wordEnd = start < 0 ? -1 : wordEnd(start);
        while (start >= 0 && wordEnd < 0) {
          start = raw.indexOf("=?", start + 2);
          end = start < 0 ? raw.length() : start;
          wordEnd = start < 0 ? -1 : wordEnd(start);
        }
        // RFC 2047 §6.2: white space between two encoded words is not shown.
        if (!(afterWord && start >= 0 && isBlank(at, end))) {
          flush();
          plain(at, end);
        }
        if (start < 0) break;
        word(start, wordEnd);
        afterWord = true;
        at = wordEnd;
      }
      flush();
      return out.toString();
    }

    private boolean isBlank(int from, int end) {
      for (int i = from; i < end; i++) if (raw.charAt(i) > ' ') return false;
      return true;
    }

    private void plain(int from, int end) {
      if (from == end) return;
      boolean ascii = true;
      boolean octets = true;
      for (int i = from; i < end; i++) {
        char c = raw.charAt(i);
        ascii &= c < 128;
        octets &= c < 256;
      }
      String text = raw.substring(from, end);
      if (!ascii && octets) {
        text = Charsets.guess(text.getBytes(StandardCharsets.ISO_8859_1), eightBit);
      }
      if (text.indexOf('\n') < 0 && text.indexOf('\r') < 0) {
        out.append(text);
        return;
      }
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c != '\r' && c != '\n') out.append(c);
      }
    }

    /// The index behind the encoded word that begins at `start`; -1 if there is none.
    private int wordEnd(int start) {
      int charset = raw.indexOf('?', start + 2);
      if (charset <= start + 2 || charset - start > 64 || charset + 2 >= raw.length()) return -1;
      char encoding = raw.charAt(charset + 1);
      if ("bBqQ".indexOf(encoding) < 0 || raw.charAt(charset + 2) != '?') return -1;
      if (charset + 3 > lastEnd) return -1;
      int end = raw.indexOf("?=", charset + 3);
      for (int i = start + 2; i < charset; i++) {
        if (raw.charAt(i) <= ' ' || raw.charAt(i) > 126) return -1;
      }
      return end + 2;
    }

    private void word(int start, int end) {
      int charset = raw.indexOf('?', start + 2);
      String label = raw.substring(start + 2, charset);
      char encoding = raw.charAt(charset + 1);
      if (!label.equalsIgnoreCase(pendingCharset)) flush();
      pendingCharset = label;
      if (encoding == 'q' || encoding == 'Q') fromQ(charset + 3, end - 2);
      else fromBase64(charset + 3, end - 2);
    }

    private void fromQ(int from, int end) {
      for (int i = from; i < end; i++) {
        char c = raw.charAt(i);
        if (c == '_') {
          pending.write(' ');
        } else if (c == '=' && hex(i + 1, end) >= 0) {
          pending.write(hex(i + 1, end));
          i += 2;
        } else if (c != '\r' && c != '\n') {
          pending.write(c);
        }
      }
    }

    private int hex(int at, int end) {
      if (at + 2 > end) return -1;
      int high = Character.digit(raw.charAt(at), 16);
      int low = Character.digit(raw.charAt(at + 1), 16);
      return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private void fromBase64(int from, int end) {
      int bits = 0;
      int count = 0;
      for (int i = from; i < end; i++) {
        char c = raw.charAt(i);
        int value = c < 128 ? Base64Stream.value(c) : -1;
        if (value < 0) {
          if (c == '=') count = 0;
          continue;
        }
        bits = bits << 6 | value;
        count += 6;
        if (count >= 8) {
          count -= 8;
          pending.write(bits >>> count);
        }
      }
    }

    private void flush() {
      if (pending.size() == 0) return;
      out.append(clean(Charsets.decode(pending.toByteArray(), pendingCharset, WINDOWS_1252)));
      pending.reset();
      pendingCharset = "";
    }

    /// Line breaks inside of an encoded word would make two lines of one field.
    private static String clean(String text) {
      if (text.indexOf('\n') < 0 && text.indexOf('\r') < 0) return text;
      return text.replace("\r\n", " ").replace('\n', ' ').replace('\r', ' ');
    }
  }
}
