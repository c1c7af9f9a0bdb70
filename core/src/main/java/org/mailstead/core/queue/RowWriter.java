package org.mailstead.core.queue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/// Writes one stored value: a format octet, then fields. Texts are UTF-8 with a 16-bit length.
final class RowWriter {
  private ByteBuffer bytes = ByteBuffer.allocate(256);

  RowWriter(int format) {
    octet(format);
  }

  RowWriter octet(int value) {
    room(1).put((byte) value);
    return this;
  }

  RowWriter int32(int value) {
    room(4).putInt(value);
    return this;
  }

  RowWriter int64(long value) {
    room(8).putLong(value);
    return this;
  }

  RowWriter time(Instant value) {
    return int64(value.toEpochMilli());
  }

  RowWriter id(QueueId value) {
    return int64(value.high()).int64(value.low());
  }

  RowWriter text(String value) {
    return block(value.getBytes(StandardCharsets.UTF_8));
  }

  RowWriter block(byte[] value) {
    if (value.length > 0xFFFF) throw new IllegalArgumentException("field too long");
    room(2 + value.length).putShort((short) value.length).put(value);
    return this;
  }

  /// An absent text is an octet 0; a present one an octet 1 and the text.
  RowWriter text(Optional<String> value) {
    octet(value.isPresent() ? 1 : 0);
    value.ifPresent(this::text);
    return this;
  }

  byte[] finish() {
    byte[] result = new byte[bytes.position()];
    bytes.flip().get(result);
    return result;
  }

  private ByteBuffer room(int count) {
    if (bytes.remaining() < count) {
      ByteBuffer larger =
          ByteBuffer.allocate(Math.max(bytes.position() + count, 2 * bytes.capacity()));
      larger.put(bytes.flip());
      bytes = larger;
    }
    return bytes;
  }
}
