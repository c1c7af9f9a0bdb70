package org.mailstead.smtp.wire;

import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.mailstead.base.MalformedException;

/// Reads a server's replies, which are bounded and taken with mistrust: their text ends in reports.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1 RFC 5321 §4.2.1
public final class ReplyReader {
  /// RFC 5321 §4.5.3.1.5 says 512; servers exceed it.
  public static final int LINE_BYTES_MAX = 4096;

  public static final int LINES_MAX = 128;

  private static final Pattern ENHANCED = Pattern.compile("[245]\\.\\d{1,3}\\.\\d{1,3}(?= |$)");

  private ReplyReader() {}

  /// @param time for each line
  /// @throws EOFException the peer closed
  /// @throws IOException nothing came in time, or it was no reply
  public static SmtpReply read(SmtpConnection connection, Duration time) throws IOException {
    List<String> lines = new ArrayList<>();
    while (true) {
      switch (connection.readLine(LINE_BYTES_MAX, LINE_BYTES_MAX, time, time)) {
        // Deviates: RFC 5321 §2.3.8 — deviations.md#reply-bare-lf
        // Client: some servers end their replies with a bare LF; nothing can be misread here.
        case COMPLETE, BARE_LF -> lines.add(connection.line());
        case TOO_LONG, ENDLESS -> throw new IOException("the peer's reply is too long");
        case CLOSED -> throw new EOFException("the peer closed the connection");
      }
      if (lines.size() > LINES_MAX) throw new IOException("the peer's reply is too long");
      String last = lines.getLast();
      if (last.length() < 4 || last.charAt(3) != '-') break;
    }
    try {
      return parse(lines);
    } catch (MalformedException e) {
      throw new IOException("the peer's reply makes no sense", e);
    }
  }

  /// @throws MalformedException not a reply
  static SmtpReply parse(List<String> lines) {
    int code = code(lines.getFirst());
    Optional<String> enhanced = Optional.empty();
    List<String> texts = new ArrayList<>();
    for (String line : lines) {
      if (code(line) != code) throw new MalformedException("codes differ within a reply");
      String text = line.length() > 4 ? line.substring(4) : "";
      var matcher = ENHANCED.matcher(text);
      // RFC 2034 §4: its class is that of the code.
      if (matcher.lookingAt() && text.charAt(0) == line.charAt(0)) {
        if (enhanced.isEmpty()) enhanced = Optional.of(matcher.group());
        text = text.substring(matcher.end()).stripLeading();
      }
      texts.add(printable(text));
    }
    return new SmtpReply(code, enhanced, texts);
  }

  private static int code(String line) {
    if (line.length() < 3) throw new MalformedException("not a reply");
    int code = 0;
    for (int i = 0; i < 3; i++) {
      char c = line.charAt(i);
      if (c < '0' || c > '9') throw new MalformedException("not a reply");
      code = code * 10 + (c - '0');
    }
    if (code < 200 || code > 599) throw new MalformedException("not a reply code");
    if (line.length() > 3 && line.charAt(3) != ' ' && line.charAt(3) != '-') {
      throw new MalformedException("not a reply");
    }
    return code;
  }

  private static String printable(String text) {
    var out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(c >= ' ' && c < 0x7F ? c : '?');
    }
    return out.toString();
  }
}
