package org.mailstead.mailflow.filter;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Asks SpamAssassin's daemon about a message: SYMBOLS of the SPAMC protocol, which answers with
/// the score and the names of the rules that met the message.
///
/// Source: https://svn.apache.org/repos/asf/spamassassin/trunk/spamd/PROTOCOL SPAMC/1.5
final class SpamdScanner implements SpamScanner {
  private static final Pattern STATUS = Pattern.compile("SPAMD/[0-9.]+ ([0-9]+) (.*)");
  private static final Pattern SPAM =
      Pattern.compile("(?i)Spam: *(True|False|Yes|No) *; *(-?[0-9.]+) */ *(-?[0-9.]+)");
  private static final int LINES_MAX = 50;
  private static final int LINE_BYTES_MAX = 1_000;

  private final FilterAddress address;
  private final Duration timeout;

  SpamdScanner(FilterAddress address, Duration timeout) {
    this.address = address;
    this.timeout = timeout;
  }

  @Override
  public SpamScore scan(FilteredMessage message) throws IOException {
    // SpamAssassin learns from Received who handed the message in.
    byte[] trace = message.trace().getBytes(StandardCharsets.UTF_8);
    ByteBuffer content = message.content().buffer();
    long length = trace.length + (long) content.remaining();
    try (FilterConnection connection = FilterConnection.open(address, timeout)) {
      connection.write("SYMBOLS SPAMC/1.5\r\nContent-length: " + length + "\r\n\r\n");
      connection.write(trace);
      connection.write(content);
      connection.finish();
      return answer(connection);
    }
  }

  private static SpamScore answer(FilterConnection connection) throws IOException {
    String first = connection.readLine(LINE_BYTES_MAX);
    Matcher status = STATUS.matcher(first);
    if (!status.matches()) throw new IOException("not an answer of spamd");
    if (!status.group(1).equals("0")) {
      throw new IOException("spamd answers: " + SpamScore.clean(status.group(2)));
    }
    Matcher found = null;
    String line = connection.readLine(LINE_BYTES_MAX);
    for (int i = 0; !line.isEmpty(); i++) {
      if (i == LINES_MAX) throw new IOException("the answer of spamd is too long");
      Matcher spam = SPAM.matcher(line);
      if (spam.lookingAt()) found = spam;
      line = connection.readLine(LINE_BYTES_MAX);
    }
    if (found == null) throw new IOException("an answer of spamd without a score");
    String symbols =
        new String(
            connection.readUntil(-1, FilterLimits.SPAM_ANSWER_BYTES_MAX),
            StandardCharsets.ISO_8859_1);
    try {
      String word = found.group(1);
      return new SpamScore(
          word.equalsIgnoreCase("true") || word.equalsIgnoreCase("yes"),
          Double.parseDouble(found.group(2)),
          Double.parseDouble(found.group(3)),
          List.of(symbols.strip().split("[,\\s]+", FilterLimits.REASONS_MAX + 1)));
    } catch (NumberFormatException e) {
      throw new IOException("an answer of spamd without a score", e);
    }
  }
}
