package org.mailstead.core.queue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.mailstead.base.Invariant;

/// Reads what [RowWriter] wrote.
///
/// A value that ends early or has another format is damaged data: an invariant is broken.
final class RowReader {
  private final ByteBuffer bytes;

  RowReader(byte[] value, int format) {
    bytes = ByteBuffer.wrap(value);
    Invariant.check(octet() == format, "a queue row has an unknown format");
  }

  int octet() {
    need(1);
    return bytes.get() & 0xFF;
  }

  int int32() {
    need(4);
    return bytes.getInt();
  }

  long int64() {
    need(8);
    return bytes.getLong();
  }

  Instant time() {
    return Instant.ofEpochMilli(int64());
  }

  QueueId id() {
    return new QueueId(int64(), int64());
  }

  String text() {
    return new String(block(), StandardCharsets.UTF_8);
  }

  byte[] block() {
    need(2);
    byte[] value = new byte[bytes.getShort() & 0xFFFF];
    need(value.length);
    bytes.get(value);
    return value;
  }

  Optional<String> optionalText() {
    return octet() == 0 ? Optional.empty() : Optional.of(text());
  }

  void end() {
    Invariant.check(!bytes.hasRemaining(), "a queue row has octets after its end");
  }

  private void need(int count) {
    Invariant.check(bytes.remaining() >= count, "a queue row ends early");
  }
}
