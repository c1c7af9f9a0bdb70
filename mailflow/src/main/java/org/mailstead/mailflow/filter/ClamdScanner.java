package org.mailstead.mailflow.filter;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/// Asks ClamAV's daemon about a message by INSTREAM: chunks with their length before them, an empty
/// one at the end, one line for an answer.
///
/// Source: https://docs.clamav.net/manpages/clamd.html clamd(8)
final class ClamdScanner {
  private static final int CHUNK_BYTES = 64 << 10;
  private static final String PREFIX = "stream: ";

  private final FilterAddress address;
  private final Duration timeout;

  ClamdScanner(FilterAddress address, Duration timeout) {
    this.address = address;
    this.timeout = timeout;
  }

  /// The name of the virus in it.
  ///
  /// @throws IOException clamd is down or slow, or refuses to look
  Optional<String> scan(FilteredMessage message) throws IOException {
    try (FilterConnection connection = FilterConnection.open(address, timeout)) {
      IOException unsent = null;
      try {
        send(connection, message.content().buffer());
      } catch (IOException e) {
        // It may have answered before it stopped reading, as for a stream that is too long.
        unsent = e;
      }
      String answer;
      try {
        answer =
            new String(
                connection.readUntil(0, FilterLimits.VIRUS_ANSWER_BYTES_MAX),
                StandardCharsets.ISO_8859_1);
      } catch (IOException e) {
        throw unsent == null ? e : unsent;
      }
      if (answer.isEmpty() && unsent != null) throw unsent;
      return verdict(answer.strip());
    }
  }

  private static void send(FilterConnection connection, ByteBuffer message) throws IOException {
    connection.write("zINSTREAM\0");
    ByteBuffer length = ByteBuffer.allocate(4);
    while (message.hasRemaining()) {
      int count = Math.min(CHUNK_BYTES, message.remaining());
      connection.write(length.clear().putInt(count).flip());
      connection.write(message.slice(message.position(), count));
      message.position(message.position() + count);
    }
    connection.write(length.clear().putInt(0).flip());
  }

  private static Optional<String> verdict(String answer) throws IOException {
    if (answer.equals(PREFIX + "OK")) return Optional.empty();
    if (answer.startsWith(PREFIX) && answer.endsWith(" FOUND")) {
      String name = answer.substring(PREFIX.length(), answer.length() - " FOUND".length());
      return Optional.of(SpamScore.clean(name));
    }
    throw new IOException("clamd answers: " + SpamScore.clean(answer));
  }
}
