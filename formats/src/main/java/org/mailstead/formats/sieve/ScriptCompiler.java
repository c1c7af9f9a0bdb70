package org.mailstead.formats.sieve;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.formats.sieve.Syntax.Command;

/// Commands by their grammar to checked steps.
final class ScriptCompiler {
  private final Capabilities capabilities = new Capabilities();
  private final TestCompiler tests = new TestCompiler(capabilities);

  /// @param uses what it requires
  record Compiled(List<Step> steps, Capabilities uses) {}

  static Compiled compile(List<Command> commands) {
    var compiler = new ScriptCompiler();
    int at = 0;
    // RFC 5228 §3.2: require comes before everything else.
    while (at < commands.size() && commands.get(at).name().equals("require")) {
      compiler.require(commands.get(at++));
    }
    List<Step> steps = compiler.block(commands.subList(at, commands.size()));
    return new Compiled(steps, compiler.capabilities);
  }

  private void require(Command command) {
    var arguments = arguments(command);
    Place place = arguments.here();
    for (String word : arguments.texts("extensions")) capabilities.require(word, place);
    simple(command, arguments);
  }

  private List<Step> block(List<Command> commands) {
    var steps = new ArrayList<Step>();
    for (int at = 0; at < commands.size(); at++) {
      Command command = commands.get(at);
      if (!command.name().equals("if")) {
        steps.add(step(command));
        continue;
      }
      var branches = new ArrayList<Step.Branch>();
      branches.add(branch(command));
      while (at + 1 < commands.size() && commands.get(at + 1).name().equals("elsif")) {
        branches.add(branch(commands.get(++at)));
      }
      List<Step> otherwise = List.of();
      if (at + 1 < commands.size() && commands.get(at + 1).name().equals("else")) {
        Command last = commands.get(++at);
        arguments(last).end();
        if (!last.tests().isEmpty()) throw last.place().malformed("\"else\" takes no test");
        otherwise = block(inside(last));
      }
      steps.add(new Step.If(List.copyOf(branches), otherwise, command.place()));
    }
    return List.copyOf(steps);
  }

  private Step.Branch branch(Command command) {
    arguments(command).end();
    if (command.tests().size() != 1) {
      throw command.place().malformed("\"" + command.name() + "\" takes one test");
    }
    return new Step.Branch(tests.compile(command.tests().getFirst()), block(inside(command)));
  }

  private static List<Command> inside(Command command) {
    return command
        .block()
        .orElseThrow(
            () -> command.place().malformed("\"" + command.name() + "\" is followed by a block"));
  }

  private Arguments arguments(Command command) {
    return new Arguments(command.name(), command.place(), command.arguments(), capabilities);
  }

  /// A command that ends with a semicolon.
  private static void simple(Command command, Arguments arguments) {
    arguments.end();
    if (!command.tests().isEmpty()) {
      throw command.place().malformed("\"" + command.name() + "\" takes no test");
    }
    if (command.block().isPresent()) {
      throw command.place().malformed("\"" + command.name() + "\" takes no block");
    }
  }

  private Step step(Command command) {
    var arguments = arguments(command);
    Step step =
        switch (command.name()) {
          case "stop" -> new Step.Stop(command.place());
          case "discard" -> new Step.Discard(command.place());
          case "keep" -> keep(arguments);
          case "fileinto" -> fileInto(arguments);
          case "redirect" -> redirect(arguments);
          case "forward" -> {
            need(Capability.RULES, arguments, "forward");
            Place place = arguments.here();
            String address = arguments.text("an address");
            checkAddress(address, place);
            yield new Step.Forward(address, command.place());
          }
          case "reject" -> {
            need(Capability.REJECT, arguments, "reject");
            yield new Step.Reject(arguments.text("a reason"), false, command.place());
          }
          case "ereject" -> {
            need(Capability.EREJECT, arguments, "ereject");
            yield new Step.Reject(arguments.text("a reason"), true, command.place());
          }
          case "vacation" -> vacation(arguments);
          case "setflag" -> flags(arguments, Step.ChangeFlags.Change.SET);
          case "addflag" -> flags(arguments, Step.ChangeFlags.Change.ADD);
          case "removeflag" -> flags(arguments, Step.ChangeFlags.Change.REMOVE);
          case "set" -> assign(arguments);
          case "require" ->
              throw command.place().malformed("\"require\" comes before all other commands");
          case "elsif", "else" ->
              throw command.place().malformed("\"" + command.name() + "\" without \"if\"");
          default -> throw command.place().malformed("unknown command \"" + command.name() + "\"");
        };
    simple(command, arguments);
    return step;
  }

  private void need(Capability capability, Arguments arguments, String what) {
    capabilities.need(capability, "\"" + what + "\"", arguments.place());
  }

  private Step keep(Arguments arguments) {
    Optional<List<String>> flags = Optional.empty();
    for (var tag = arguments.tag(); tag.isPresent(); tag = arguments.tag()) {
      if (!tag.get().name().equals("flags")) throw arguments.unknown(tag.get());
      capabilities.need(Capability.IMAP4FLAGS, ":flags", tag.get().place());
      arguments.once("flags", tag.get());
      flags = Optional.of(arguments.texts("flags"));
    }
    return new Step.Keep(flags, arguments.place());
  }

  private Step fileInto(Arguments arguments) {
    need(Capability.FILEINTO, arguments, "fileinto");
    Optional<List<String>> flags = Optional.empty();
    Optional<String> specialUse = Optional.empty();
    boolean create = false;
    boolean copy = false;
    for (var tag = arguments.tag(); tag.isPresent(); tag = arguments.tag()) {
      Place place = tag.get().place();
      arguments.once(tag.get().name(), tag.get());
      switch (tag.get().name()) {
        case "flags" -> {
          capabilities.need(Capability.IMAP4FLAGS, ":flags", place);
          flags = Optional.of(arguments.texts("flags"));
        }
        case "copy" -> {
          capabilities.need(Capability.COPY, ":copy", place);
          copy = true;
        }
        case "create" -> {
          capabilities.need(Capability.MAILBOX, ":create", place);
          create = true;
        }
        case "specialuse" -> {
          capabilities.need(Capability.SPECIAL_USE, ":specialuse", place);
          specialUse = Optional.of(arguments.text("a special use"));
        }
        default -> throw arguments.unknown(tag.get());
      }
    }
    Place place = arguments.here();
    String mailbox = arguments.text("a mailbox");
    if (mailbox.isEmpty()) throw place.malformed("the name of a mailbox is empty");
    return new Step.FileInto(mailbox, specialUse, create, copy, flags, arguments.place());
  }

  private Step redirect(Arguments arguments) {
    boolean copy = false;
    for (var tag = arguments.tag(); tag.isPresent(); tag = arguments.tag()) {
      if (!tag.get().name().equals("copy")) throw arguments.unknown(tag.get());
      capabilities.need(Capability.COPY, ":copy", tag.get().place());
      arguments.once("copy", tag.get());
      copy = true;
    }
    Place place = arguments.here();
    String address = arguments.text("an address");
    checkAddress(address, place);
    return new Step.Redirect(address, copy, arguments.place());
  }

  /// Whatever has no variables in it can be checked now.
  private void checkAddress(String address, Place place) {
    if (capabilities.has(Capability.VARIABLES) && address.contains("${")) return;
    try {
      EmailAddress.parse(address);
    } catch (MalformedException e) {
      throw place.malformed("\"" + address + "\" is no address: " + e.getMessage());
    }
  }

  private Step vacation(Arguments arguments) {
    need(Capability.VACATION, arguments, "vacation");
    Optional<String> subject = Optional.empty();
    Optional<String> from = Optional.empty();
    Optional<String> handle = Optional.empty();
    List<String> addresses = List.of();
    boolean mime = false;
    long seconds = SieveLimits.VACATION_PERIOD_DEFAULT.toSeconds();
    for (var tag = arguments.tag(); tag.isPresent(); tag = arguments.tag()) {
      Place place = tag.get().place();
      String name = tag.get().name();
      arguments.once(name.equals("seconds") ? "days" : name, tag.get());
      switch (name) {
        case "days" -> seconds = Math.max(1, arguments.number("days")) * 86_400;
        case "seconds" -> {
          capabilities.need(Capability.VACATION_SECONDS, ":seconds", place);
          seconds = arguments.number("seconds");
        }
        case "subject" -> subject = Optional.of(arguments.text("a subject"));
        case "from" -> {
          Place at = arguments.here();
          String address = arguments.text("an address");
          // It may have a name before it; the deliverer reads it.
          if (!address.contains("<")) checkAddress(address, at);
          from = Optional.of(address);
        }
        case "addresses" -> addresses = arguments.texts("addresses");
        case "handle" -> handle = Optional.of(arguments.text("a handle"));
        case "mime" -> mime = true;
        default -> throw arguments.unknown(tag.get());
      }
    }
    String reason = arguments.text("a reason");
    // RFC 5230 §4.1: out of bounds is brought into them.
    long period =
        Math.clamp(
            seconds,
            SieveLimits.VACATION_PERIOD_MIN.toSeconds(),
            SieveLimits.VACATION_PERIOD_MAX.toSeconds());
    return new Step.Vacation(
        reason, subject, from, addresses, mime, handle, period, arguments.place());
  }

  private Step flags(Arguments arguments, Step.ChangeFlags.Change change) {
    need(Capability.IMAP4FLAGS, arguments, change.name().toLowerCase(Locale.ROOT) + "flag");
    Optional<String> variable = Optional.empty();
    if (arguments.hasLeft(2)) {
      need(Capability.VARIABLES, arguments, "a flag variable");
      Place place = arguments.here();
      variable = Optional.of(variableName(arguments.text("a variable"), place));
    }
    return new Step.ChangeFlags(change, variable, arguments.texts("flags"), arguments.place());
  }

  private Step assign(Arguments arguments) {
    need(Capability.VARIABLES, arguments, "set");
    var modifiers = new ArrayList<Step.Modifier>();
    for (var tag = arguments.tag(); tag.isPresent(); tag = arguments.tag()) {
      String name = tag.get().name();
      Step.Modifier found =
          List.of(Step.Modifier.values()).stream()
              .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(name))
              .findFirst()
              .orElse(null);
      if (found == null) throw arguments.unknown(tag.get());
      // RFC 5229 §4.1: two of the same precedence are an error.
      arguments.once("precedence " + found.precedence, tag.get());
      modifiers.add(found);
    }
    modifiers.sort(Comparator.comparingInt(each -> -each.precedence));
    Place place = arguments.here();
    String name = variableName(arguments.text("a name"), place);
    return new Step.Assign(
        name, List.copyOf(modifiers), arguments.text("a value"), arguments.place());
  }

  private static String variableName(String name, Place place) {
    if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")
        || name.length() > SieveLimits.VARIABLE_NAME_CHARS_MAX) {
      throw place.malformed("\"" + name + "\" is no name for a variable");
    }
    return name.toLowerCase(Locale.ROOT);
  }
}
