package org.mailstead.formats.sieve;

import java.util.List;
import java.util.Optional;

/// A script by its grammar alone (RFC 5228 §8.2): what the names mean is checked later.
final class Syntax {
  private Syntax() {}

  sealed interface Argument {
    Place place();

    /// @param isList whether it stood in brackets
    record Strings(List<String> values, boolean isList, Place place) implements Argument {}

    record Numeral(long value, Place place) implements Argument {}

    record Tag(String name, Place place) implements Argument {}
  }

  /// @param tests the one after the arguments, or those in parentheses
  record Test(String name, List<Argument> arguments, List<Test> tests, Place place) {}

  /// @param block empty if it ended with a semicolon
  record Command(
      String name,
      List<Argument> arguments,
      List<Test> tests,
      Optional<List<Command>> block,
      Place place) {}
}
