package org.mailstead.formats.mime;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// The raw fields of one header in order. Cheap: nothing is copied before it is asked for.
@SuppressWarnings("DoNotCallSuggester")
public final class HeaderFields implements Iterable<HeaderFields.Field> {
  private HeaderFields() {}

  /// One field, offsets into the message: name at `start`, raw value between `valueStart` and
  /// `end`, the line break after it included.
  public record Field(String name, long start, long valueStart, long end) {}

  /// The header of a message or part.
  public static HeaderFields of(ByteBuffer message, MimePart part) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The header between two offsets into the message.
  public static HeaderFields of(ByteBuffer message, long start, long end) {
    throw new UnsupportedOperationException("skeleton");
  }

  @Override
  public Iterator<Field> iterator() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The unfolded raw octets of the first field of this name, any case.
  public Optional<String> find(String name) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The unfolded raw octets of all fields of this name, in order.
  public List<String> findAll(String name) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The unfolded raw octets of a field's value, without the white space around it.
  public String value(Field field) {
    throw new UnsupportedOperationException("skeleton");
  }
}
