package org.mailstead.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Header fields in the order in which they came; names compare without case (RFC 9110 §5.1).
public record HttpHeaders(List<Field> fields) {
  public static final HttpHeaders EMPTY = new HttpHeaders(List.of());

  /// One field line. No control characters: a value can never end its line (response splitting).
  public record Field(String name, String value) {
    public Field {
      if (name.isEmpty() || holdsControl(name) || holdsControl(value)) {
        throw new IllegalArgumentException("header field with a control character or no name");
      }
    }

    private static boolean holdsControl(String text) {
      return text.chars().anyMatch(c -> (c < 0x20 && c != '\t') || c == 0x7f);
    }
  }

  public HttpHeaders {
    fields = List.copyOf(fields);
  }

  /// Headers from name, value, name, value …
  public static HttpHeaders of(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) throw new IllegalArgumentException("a name has no value");
    List<Field> fields = new ArrayList<>(namesAndValues.length / 2);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.add(new Field(namesAndValues[i], namesAndValues[i + 1]));
    }
    return new HttpHeaders(fields);
  }

  public Optional<String> first(String name) {
    for (Field field : fields) {
      if (field.name().equalsIgnoreCase(name)) return Optional.of(field.value());
    }
    return Optional.empty();
  }

  public List<String> all(String name) {
    return fields.stream().filter(f -> f.name().equalsIgnoreCase(name)).map(Field::value).toList();
  }

  /// These fields and one more.
  public HttpHeaders with(String name, String value) {
    List<Field> more = new ArrayList<>(fields);
    more.add(new Field(name, value));
    return new HttpHeaders(more);
  }
}
