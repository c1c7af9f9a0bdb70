package org.mailstead.core.outbox;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/// Writes a stored value: a format octet, then fields in a fixed order. Not self-describing: the
/// format says which fields follow.
public final class ValueWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(64);

  public ValueWriter(int format) {
    out.write(format);
  }

  public ValueWriter number(long value) {
    for (int shift = 56; shift >= 0; shift -= 8) out.write((int) (value >>> shift));
    return this;
  }

  public ValueWriter flag(boolean value) {
    out.write(value ? 1 : 0);
    return this;
  }

  public ValueWriter octets(byte[] value) {
    if (value.length > 0xFF_FFFF) throw new IllegalArgumentException("field too long");
    out.write(value.length >>> 16);
    out.write(value.length >>> 8);
    out.write(value.length);
    out.writeBytes(value);
    return this;
  }

  public ValueWriter text(String value) {
    return octets(value.getBytes(StandardCharsets.UTF_8));
  }

  public ValueWriter optionalText(Optional<String> value) {
    flag(value.isPresent());
    value.ifPresent(this::text);
    return this;
  }

  /// To the millisecond.
  public ValueWriter time(Instant value) {
    return number(value.toEpochMilli());
  }

  public ValueWriter optionalTime(Optional<Instant> value) {
    flag(value.isPresent());
    value.ifPresent(this::time);
    return this;
  }

  public byte[] value() {
    return out.toByteArray();
  }
}
