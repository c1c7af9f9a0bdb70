package org.mailstead.formats.mime;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/// The raw fields of one header in order. Lines that are no field (without a colon, such as the
/// `From ` line of an mbox file) and what comes after [MimeLimits#HEADER_BYTES_MAX] octets are
/// passed over. The header is copied once; strings are made when they are asked for.
public final class HeaderFields implements Iterable<HeaderFields.Field> {
  private final byte[] octets;
  private final long start;

  private HeaderFields(byte[] octets, long start) {
    this.octets = octets;
    this.start = start;
  }

  /// One field, offsets into the message: name at `start`, raw value between `valueStart` and
  /// `end`, the line break after it included.
  public record Field(String name, long start, long valueStart, long end) {}

  /// The header of a message or part.
  public static HeaderFields of(ByteBuffer message, MimePart part) {
    return of(message, part.headerOffset(), part.bodyOffset());
  }

  /// The header between two offsets into the message.
  public static HeaderFields of(ByteBuffer message, long start, long end) {
    int count = (int) Math.min(end - start, MimeLimits.HEADER_BYTES_MAX);
    byte[] octets = new byte[count];
    message.get(message.position() + (int) start, octets);
    return new HeaderFields(octets, start);
  }

  @Override
  public Iterator<Field> iterator() {
    return new Iterator<>() {
      private int at = fieldFrom(0);

      @Override
      public boolean hasNext() {
        return at < octets.length;
      }

      @Override
      public Field next() {
        if (!hasNext()) throw new NoSuchElementException();
        int from = at;
        int end = fieldEnd(from);
        at = fieldFrom(end);
        int colon = colon(from);
        String name =
            new String(octets, from, nameEnd(from, colon) - from, StandardCharsets.ISO_8859_1);
        return new Field(name, start + from, start + colon + 1, start + end);
      }
    };
  }

  /// The unfolded raw octets of the first field of this name, any case.
  public Optional<String> find(String name) {
    for (int at = fieldFrom(0); at < octets.length; ) {
      int end = fieldEnd(at);
      if (isNamed(at, name)) return Optional.of(HeaderReader.unfold(octets, colon(at) + 1, end));
      at = fieldFrom(end);
    }
    return Optional.empty();
  }

  /// The unfolded raw octets of all fields of this name, in order.
  public List<String> findAll(String name) {
    var values = new ArrayList<String>(2);
    for (int at = fieldFrom(0); at < octets.length; ) {
      int end = fieldEnd(at);
      if (isNamed(at, name)) values.add(HeaderReader.unfold(octets, colon(at) + 1, end));
      at = fieldFrom(end);
    }
    return List.copyOf(values);
  }

  /// The unfolded raw octets of a field's value, without the white space around it.
  public String value(Field field) {
    return HeaderReader.unfold(
        octets, (int) (field.valueStart() - start), (int) (field.end() - start));
  }

  /// A field as it stands, name and line breaks included.
  public byte[] raw(Field field) {
    return Arrays.copyOfRange(octets, (int) (field.start() - start), (int) (field.end() - start));
  }

  /// The first line from here on that is a field; the length if there is none.
  private int fieldFrom(int from) {
    int at = from;
    while (at < octets.length) {
      byte first = octets[at];
      if (first != ' ' && first != '\t' && colon(at) >= 0) return at;
      at = lineEnd(at);
    }
    return octets.length;
  }

  private int lineEnd(int from) {
    int at = from;
    while (at < octets.length && octets[at] != '\n') at++;
    return Math.min(at + 1, octets.length);
  }

  private int fieldEnd(int from) {
    int end = lineEnd(from);
    while (end < octets.length && (octets[end] == ' ' || octets[end] == '\t')) end = lineEnd(end);
    return end;
  }

  /// The colon of the field that begins here; -1 if the line has none or no name before it.
  private int colon(int from) {
    for (int at = from; at < octets.length && octets[at] != '\n'; at++) {
      if (octets[at] == ':') return nameEnd(from, at) > from ? at : -1;
    }
    return -1;
  }

  private int nameEnd(int from, int colon) {
    int end = colon;
    while (end > from && (octets[end - 1] == ' ' || octets[end - 1] == '\t')) end--;
    return end;
  }

  private boolean isNamed(int from, String name) {
    int length = name.length();
    if (nameEnd(from, colon(from)) - from != length) return false;
    for (int i = 0; i < length; i++) {
      if (lower(octets[from + i] & 0xff) != lower(name.charAt(i))) return false;
    }
    return true;
  }

  private static int lower(int c) {
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
  }
}
