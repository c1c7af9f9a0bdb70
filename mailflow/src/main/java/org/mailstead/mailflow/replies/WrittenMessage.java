package org.mailstead.mailflow.replies;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// A message while it is written: lines ended by CRLF.
final class WrittenMessage {
  /// Octets of one encoded word before encoding: 45 make 60 characters.
  private static final int WORD_OCTETS = 45;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream(1024);

  void line(String line) {
    out.writeBytes(line.getBytes(StandardCharsets.UTF_8));
    out.write('\r');
    out.write('\n');
  }

  /// Text of people as a base 64 body.
  void encoded(String text) {
    String lines = text.replace("\r\n", "\n").replace('\r', '\n').replace("\n", "\r\n");
    byte[] octets = lines.getBytes(StandardCharsets.UTF_8);
    line(Base64.getMimeEncoder().encodeToString(octets));
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  /// On one line, as encoded words where it is not plain (RFC 2047).
  static String unstructured(String text) {
    String clean = text.replaceAll("\\p{Cntrl}+", " ").strip();
    String cut = clean.length() > 400 ? clean.substring(0, 400) : clean;
    boolean plain = cut.chars().allMatch(c -> c >= ' ' && c < 0x7f) && !cut.contains("=?");
    if (plain && cut.length() <= 200) return cut;
    var out = new StringBuilder();
    var word = new ByteArrayOutputStream();
    cut.codePoints()
        .forEach(point -> {
          byte[] octets = Character.toString(point).getBytes(StandardCharsets.UTF_8);
          if (word.size() + octets.length > WORD_OCTETS) flush(word, out);
          word.writeBytes(octets);
        });
    flush(word, out);
    return out.toString();
  }

  private static void flush(ByteArrayOutputStream word, StringBuilder out) {
    if (!out.isEmpty()) out.append("\r\n ");
    out.append("=?utf-8?B?")
        .append(Base64.getEncoder().encodeToString(word.toByteArray()))
        .append("?=");
    word.reset();
  }
}
