package org.mailstead.formats.sieve;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.MalformedException;
import org.mailstead.formats.sieve.Syntax.Argument;

/// The arguments of one command or test, taken from left to right: tags first (RFC 5228 §2.6.2).
final class Arguments {
  private final String name;
  private final Place place;
  private final List<Argument> arguments;
  private final Capabilities capabilities;
  private final Set<String> groups = new HashSet<>();
  private int at;

  Arguments(String name, Place place, List<Argument> arguments, Capabilities capabilities) {
    this.name = name;
    this.place = place;
    this.arguments = arguments;
    this.capabilities = capabilities;
  }

  /// The next tag, if the next argument is one.
  Optional<Argument.Tag> tag() {
    if (at < arguments.size() && arguments.get(at) instanceof Argument.Tag tag) {
      at++;
      return Optional.of(tag);
    }
    return Optional.empty();
  }

  /// Refuses a second tag of a group of which only one may stand.
  void once(String group, Argument.Tag tag) {
    if (!groups.add(group)) {
      throw tag.place().malformed(":" + tag.name() + " comes too often in \"" + name + "\"");
    }
  }

  MalformedException unknown(Argument.Tag tag) {
    return tag.place().malformed("\"" + name + "\" has no tag :" + tag.name());
  }

  /// Text as the script means it: encoded characters are characters.
  String text(String what) {
    Argument.Strings strings = expectStrings(what);
    if (strings.isList() || strings.values().size() != 1) {
      throw strings.place().malformed("one string was expected: " + what);
    }
    return capabilities.decode(strings.values().getFirst(), strings.place());
  }

  List<String> texts(String what) {
    Argument.Strings strings = expectStrings(what);
    return strings.values().stream()
        .map(each -> capabilities.decode(each, strings.place()))
        .toList();
  }

  long number(String what) {
    if (at < arguments.size() && arguments.get(at) instanceof Argument.Numeral(long value, var _)) {
      at++;
      return value;
    }
    throw here().malformed("\"" + name + "\" expects a number: " + what);
  }

  /// Whether there are so many arguments left.
  boolean hasLeft(int count) {
    return arguments.size() - at == count;
  }

  /// Where the next argument stands, or the command.
  Place here() {
    return at < arguments.size() ? arguments.get(at).place() : place;
  }

  Place place() {
    return place;
  }

  void end() {
    if (at < arguments.size()) {
      throw here().malformed("\"" + name + "\" has an argument too many");
    }
  }

  private Argument.Strings expectStrings(String what) {
    if (at < arguments.size() && arguments.get(at) instanceof Argument.Strings strings) {
      at++;
      return strings;
    }
    throw here().malformed("\"" + name + "\" expects a string: " + what);
  }
}
