package org.mailstead.formats.sieve;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.MalformedException;
import org.mailstead.formats.sieve.Syntax.Argument;
import org.mailstead.formats.sieve.Syntax.Command;
import org.mailstead.formats.sieve.Syntax.Test;

/// Tokens to the tree of a script.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5228#section-8.2 RFC 5228 §8.2
final class SyntaxParser {
  private final Lexer lexer;
  private Token token;
  private int nodes;
  private int depth;

  private SyntaxParser(String script) {
    this.lexer = new Lexer(script);
    this.token = lexer.next();
  }

  /// @throws MalformedException with line and column
  static List<Command> parse(String script) {
    var parser = new SyntaxParser(script);
    List<Command> commands = parser.commands();
    if (!(parser.token instanceof Token.End)) {
      throw parser.token.place().malformed("a command was expected");
    }
    return commands;
  }

  private List<Command> commands() {
    var commands = new ArrayList<Command>();
    while (token instanceof Token.Identifier(String name, Place place)) {
      commands.add(command(name, place));
    }
    return List.copyOf(commands);
  }

  private Command command(String name, Place place) {
    count(place);
    advance();
    List<Argument> arguments = arguments();
    List<Test> tests = tests();
    if (is(';')) {
      advance();
      return new Command(name, arguments, tests, Optional.empty(), place);
    }
    if (!is('{')) {
      throw token.place().malformed("after \"" + name + "\" a semicolon or a block was expected");
    }
    enter(token.place());
    Place begin = token.place();
    advance();
    List<Command> block = commands();
    if (!is('}')) {
      if (token instanceof Token.End) throw begin.malformed("a block without an end");
      throw token.place().malformed("a command or } was expected");
    }
    depth--;
    advance();
    return new Command(name, arguments, tests, Optional.of(block), place);
  }

  private List<Argument> arguments() {
    var arguments = new ArrayList<Argument>();
    while (true) {
      switch (token) {
        case Token.Text(String value, Place place) -> {
          arguments.add(new Argument.Strings(List.of(value), false, place));
          advance();
        }
        case Token.Numeral(long value, Place place) -> {
          arguments.add(new Argument.Numeral(value, place));
          advance();
        }
        case Token.Tag(String name, Place place) -> {
          arguments.add(new Argument.Tag(name, place));
          advance();
        }
        case Token.Mark(char value, Place place) when value == '[' ->
            arguments.add(new Argument.Strings(strings(), true, place));
        case Token.Mark _, Token.Identifier _, Token.End _ -> {
          return List.copyOf(arguments);
        }
      }
      if (arguments.size() > SieveLimits.LIST_MAX) {
        throw token.place().malformed("too many arguments");
      }
    }
  }

  private List<String> strings() {
    advance();
    var values = new ArrayList<String>();
    while (true) {
      if (!(token instanceof Token.Text(String value, Place place))) {
        throw token.place().malformed("a string was expected");
      }
      if (values.size() == SieveLimits.LIST_MAX) {
        throw place.malformed("a list has more than " + SieveLimits.LIST_MAX + " strings");
      }
      values.add(value);
      advance();
      if (is(']')) {
        advance();
        return List.copyOf(values);
      }
      if (!is(',')) throw token.place().malformed("a comma or ] was expected");
      advance();
    }
  }

  private List<Test> tests() {
    if (token instanceof Token.Identifier(String name, Place place)) {
      return List.of(test(name, place));
    }
    if (!is('(')) return List.of();
    enter(token.place());
    var tests = new ArrayList<Test>();
    do {
      advance();
      if (!(token instanceof Token.Identifier(String name, Place place))) {
        throw token.place().malformed("a test was expected");
      }
      tests.add(test(name, place));
    } while (is(','));
    if (!is(')')) throw token.place().malformed("a comma or ) was expected");
    depth--;
    advance();
    return List.copyOf(tests);
  }

  private Test test(String name, Place place) {
    count(place);
    enter(place);
    advance();
    List<Argument> arguments = arguments();
    List<Test> tests = tests();
    depth--;
    return new Test(name, arguments, tests, place);
  }

  private void count(Place place) {
    if (++nodes > SieveLimits.NODES_MAX) {
      throw place.malformed(
          "the script has more than " + SieveLimits.NODES_MAX + " commands and tests");
    }
  }

  private void enter(Place place) {
    if (++depth > SieveLimits.NESTING_MAX) {
      throw place.malformed("more than " + SieveLimits.NESTING_MAX + " levels inside each other");
    }
  }

  private boolean is(char mark) {
    return token instanceof Token.Mark(char value, Place _) && value == mark;
  }

  private void advance() {
    token = lexer.next();
  }
}
