package org.mailstead.core.outbox;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.mailstead.base.Invariant;

/// Reads what [ValueWriter] wrote.
public final class ValueReader {
  private final ByteBuffer in;
  private final int format;

  /// @throws IllegalStateException the format is newer than this program knows, or the value is
  ///   empty
  public ValueReader(byte[] value, int formatMax) {
    Invariant.check(value.length > 0, "a stored value is empty");
    in = ByteBuffer.wrap(value);
    format = in.get();
    Invariant.check(format >= 1 && format <= formatMax, "a stored value has format " + format);
  }

  public int format() {
    return format;
  }

  public long number() {
    return in.getLong();
  }

  public boolean flag() {
    return in.get() != 0;
  }

  public byte[] octets() {
    int length = (in.get() & 0xFF) << 16 | (in.get() & 0xFF) << 8 | (in.get() & 0xFF);
    byte[] value = new byte[length];
    in.get(value);
    return value;
  }

  public String text() {
    return new String(octets(), StandardCharsets.UTF_8);
  }

  public Optional<String> optionalText() {
    return flag() ? Optional.of(text()) : Optional.empty();
  }

  public Instant time() {
    return Instant.ofEpochMilli(number());
  }

  public Optional<Instant> optionalTime() {
    return flag() ? Optional.of(time()) : Optional.empty();
  }
}
