package org.mailstead.formats.sieve;

/// A token of a script (RFC 5228 §8.1).
sealed interface Token {
  Place place();

  record Identifier(String name, Place place) implements Token {}

  /// @param name without the colon, in lower case
  record Tag(String name, Place place) implements Token {}

  record Numeral(long value, Place place) implements Token {}

  record Text(String value, Place place) implements Token {}

  /// One of `( ) [ ] { } , ;`.
  record Mark(char value, Place place) implements Token {}

  record End(Place place) implements Token {}
}
