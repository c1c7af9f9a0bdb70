package org.mailstead.store;

/// A sorted map of byte keys to byte values inside a partition. The number (1 to 250) is what is
/// stored; the name is for people.
public record Collection(int number, String name) {
  public Collection {
    if (number < 1 || number > 250) {
      throw new IllegalArgumentException("collection number out of range: " + number);
    }
  }

  /// A collection of which only the number is known.
  public static Collection numbered(int number) {
    return new Collection(number, "collection " + number);
  }

  @Override
  public String toString() {
    return name;
  }
}
