package org.mailstead.migration.transfer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.mailstead.base.Content;
import org.mailstead.formats.mime.Charsets;

/// The ladder of changes for a message that a target refuses, least first. Each step builds on the
/// one before; the original is what verification compares with.
public enum Repair {
  NONE(""),
  /// Bare CR and bare LF become CRLF (RFC 5322 §2.3).
  LINE_ENDINGS("line endings made CRLF"),
  /// NUL octets go, and 8-bit octets in header fields become encoded words (RFC 2047).
  HEADER("NUL octets removed, 8-bit header fields encoded");

  /// A message larger than this is not changed in memory: it goes to quarantine.
  public static final long CHANGED_BYTES_MAX = 64L << 20;

  private final String text;

  Repair(String text) {
    this.text = text;
  }

  /// For ledger and report; empty for none.
  public String text() {
    return text;
  }

  /// The next step; the last one if there is none.
  Repair next() {
    return switch (this) {
      case NONE -> LINE_ENDINGS;
      case LINE_ENDINGS, HEADER -> HEADER;
    };
  }

  boolean isLast() {
    return this == HEADER;
  }

  /// The changed message; the same object if the step changes nothing.
  Content apply(Content content) throws IOException {
    if (this == NONE || content.length() > CHANGED_BYTES_MAX) return content;
    byte[] original;
    try (InputStream in = content.open()) {
      original = in.readAllBytes();
    }
    byte[] changed = lineEndings(original);
    if (this == HEADER) changed = header(changed);
    return java.util.Arrays.equals(original, changed) ? content : Content.of(changed);
  }

  private static byte[] lineEndings(byte[] octets) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(octets.length + 64);
    for (int i = 0; i < octets.length; i++) {
      byte b = octets[i];
      if (b == '\r') {
        out.write('\r');
        out.write('\n');
        if (i + 1 < octets.length && octets[i + 1] == '\n') i++;
      } else if (b == '\n') {
        out.write('\r');
        out.write('\n');
      } else {
        out.write(b);
      }
    }
    return out.toByteArray();
  }

  private static byte[] header(byte[] octets) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(octets.length + 64);
    int at = 0;
    boolean inHeader = true;
    while (at < octets.length) {
      int end = at;
      while (end < octets.length && octets[end] != '\n') end++;
      end = Math.min(end + 1, octets.length);
      byte[] line = withoutNul(octets, at, end);
      if (inHeader && isEightBit(line)) line = encoded(line);
      out.writeBytes(line);
      if (end - at <= 2) inHeader = false;
      at = end;
    }
    return out.toByteArray();
  }

  private static byte[] withoutNul(byte[] octets, int start, int end) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(end - start);
    for (int i = start; i < end; i++) if (octets[i] != 0) out.write(octets[i]);
    return out.toByteArray();
  }

  private static boolean isEightBit(byte[] line) {
    for (byte b : line) if (b < 0) return true;
    return false;
  }

  /// A header line with its words of 8-bit octets as encoded words of UTF-8.
  private static byte[] encoded(byte[] line) {
    String text = Charsets.decode(line, "");
    StringBuilder out = new StringBuilder();
    for (String word : text.split("(?<=[ \\t\\r\\n:<>,;\"])|(?=[ \\t\\r\\n:<>,;\"])", -1)) {
      if (word.chars().allMatch(c -> c < 128)) {
        out.append(word);
      } else {
        out.append(encodedWords(word));
      }
    }
    return out.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /// RFC 2047 §2: at most 75 characters each, never within a character.
  private static String encodedWords(String word) {
    StringBuilder out = new StringBuilder();
    StringBuilder piece = new StringBuilder();
    int[] points = word.codePoints().toArray();
    for (int i = 0; i < points.length; i++) {
      piece.appendCodePoint(points[i]);
      int bytes = piece.toString().getBytes(StandardCharsets.UTF_8).length;
      if (bytes > 40 || i == points.length - 1) {
        if (!out.isEmpty()) out.append("\r\n ");
        String base64 =
            Base64.getEncoder().encodeToString(piece.toString().getBytes(StandardCharsets.UTF_8));
        out.append("=?utf-8?B?").append(base64).append("?=");
        piece.setLength(0);
      }
    }
    return out.toString();
  }
}
