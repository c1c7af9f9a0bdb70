package org.mailstead.workmail.wire;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Reads the members of one structure and collects what the model's rules find wrong, so that one
/// answer names all of it, in AWS's words. A wrong type ends the reading at once. After the last
/// member, [#finish] throws if anything was wrong: until then a missing member is read as a
/// placeholder.
///
/// A member that the model does not know is wrong too: a rule whose condition is misspelt must not
/// become a rule without the condition (docs/decisions/0033-unknown-members.md).
public final class ShapeReader {
  /// Problems named in one answer.
  static final int PROBLEM_COUNT_MAX = 20;

  /// Characters of a value that an answer repeats.
  static final int ECHO_LENGTH_MAX = 256;

  /// Characters of an unknown member's name that an answer repeats.
  static final int NAME_LENGTH_MAX = 64;

  private final ObjectNode node;
  private final String path;
  private final List<String> problems;
  private final Set<String> asked = new HashSet<>();

  public ShapeReader(ObjectNode node) {
    this(node, "", new ArrayList<>());
  }

  private ShapeReader(ObjectNode node, String path, List<String> problems) {
    this.node = node;
    this.path = path;
    this.problems = problems;
  }

  /// @throws ApiException ValidationException, if a rule was broken
  public void finish() {
    checkUnknown();
    if (problems.isEmpty()) return;
    throw new ApiException(
        "ValidationException",
        400,
        "%d validation error%s detected: %s"
            .formatted(
                problems.size(), problems.size() == 1 ? "" : "s", String.join("; ", problems)));
  }

  // ---- texts

  public String text(String member, TextRule rule) {
    return orMissing(member, optionalText(member, rule), "");
  }

  public Optional<String> optionalText(String member, TextRule rule) {
    return value(member)
        .map(v -> {
          String text = textOf(v);
          check(member, rule.sensitive() ? "" : echo(text), rule.failures(text));
          return text;
        });
  }

  public List<String> texts(String member, boolean required, ListRule list, TextRule rule) {
    List<String> texts = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    for (JsonNode element : elements(member, required, list)) {
      String text = textOf(element);
      texts.add(text);
      failures.addAll(rule.failures(text));
    }
    checkElements(member, rule.sensitive() ? "" : echo(texts.toString()), failures);
    return texts;
  }

  // ---- flags, numbers, times

  public Boolean flag(String member) {
    return orMissing(member, optionalFlag(member), false);
  }

  public Optional<Boolean> optionalFlag(String member) {
    return value(member)
        .map(v -> {
          if (!v.isBoolean()) throw mismatch(v, "a Boolean");
          return v.booleanValue();
        });
  }

  public Integer number(String member, NumberRule rule) {
    return orMissing(member, optionalNumber(member, rule), 0);
  }

  public Optional<Integer> optionalNumber(String member, NumberRule rule) {
    return value(member)
        .map(v -> {
          if (!v.isIntegralNumber() || !v.canConvertToInt()) throw mismatch(v, "an Integer");
          int number = v.intValue();
          check(member, echo(Integer.toString(number)), rule.failures(number));
          return number;
        });
  }

  public Optional<Long> optionalLong(String member) {
    return value(member)
        .map(v -> {
          if (!v.isIntegralNumber() || !v.canConvertToLong()) throw mismatch(v, "a Long");
          return v.longValue();
        });
  }

  public Optional<Double> optionalDouble(String member) {
    return value(member)
        .map(v -> {
          if (!v.isNumber()) throw mismatch(v, "a Double");
          return v.doubleValue();
        });
  }

  /// Epoch seconds, perhaps with a fraction.
  public Optional<Instant> optionalTime(String member) {
    return value(member)
        .map(v -> {
          if (!v.isNumber()) throw mismatch(v, "a Timestamp");
          double seconds = v.doubleValue();
          if (!(Math.abs(seconds) < 1e11)) throw mismatch(v, "a Timestamp");
          return Instant.ofEpochMilli(Math.round(seconds * 1000));
        });
  }

  // ---- choices

  public <E extends Enum<E>> E choice(String member, Class<E> choices) {
    return orMissing(member, optionalChoice(member, choices), choices.getEnumConstants()[0]);
  }

  public <E extends Enum<E>> Optional<E> optionalChoice(String member, Class<E> choices) {
    Optional<String> text = value(member).map(ShapeReader::textOf);
    if (text.isEmpty()) return Optional.empty();
    Optional<E> choice = find(text.get(), choices);
    if (choice.isEmpty()) check(member, echo(text.get()), List.of(choiceFailure(choices)));
    return choice;
  }

  public <E extends Enum<E>> List<E> choices(
      String member, boolean required, ListRule list, Class<E> choices) {
    List<E> found = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    boolean failed = false;
    for (JsonNode element : elements(member, required, list)) {
      String text = textOf(element);
      texts.add(text);
      Optional<E> choice = find(text, choices);
      choice.ifPresent(found::add);
      failed |= choice.isEmpty();
    }
    if (failed) checkElements(member, echo(texts.toString()), List.of(choiceFailure(choices)));
    return found;
  }

  // ---- structures

  public <T> T structure(String member, Function<ShapeReader, T> shape) {
    Optional<T> read = optionalStructure(member, shape);
    if (read.isPresent()) return read.get();
    missing(member);
    // A placeholder: its own problems are not the caller's.
    return shape.apply(new ShapeReader(JsonNodeFactory.instance.objectNode()));
  }

  public <T> Optional<T> optionalStructure(String member, Function<ShapeReader, T> shape) {
    return value(member).map(v -> whole(inside(v, pathOf(member)), shape));
  }

  private static <T> T whole(ShapeReader in, Function<ShapeReader, T> shape) {
    T read = shape.apply(in);
    in.checkUnknown();
    return read;
  }

  private void checkUnknown() {
    for (String name : node.propertyNames()) {
      if (!asked.contains(name) && !node.path(name).isNull()) {
        // The name is the caller's text: shown cut, never as a format.
        add(
            "Value at '%s' failed to satisfy constraint: Member is not known",
            name.substring(0, Math.min(name.length(), NAME_LENGTH_MAX)));
      }
    }
  }

  public <T> List<T> structures(
      String member, boolean required, ListRule list, Function<ShapeReader, T> shape) {
    List<T> read = new ArrayList<>();
    for (JsonNode element : elements(member, required, list)) {
      String place = pathOf(member) + "." + (read.size() + 1) + ".member";
      read.add(whole(inside(element, place), shape));
    }
    return read;
  }

  // ---- inside

  private Optional<JsonNode> value(String member) {
    asked.add(member);
    JsonNode value = node.get(member);
    return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
  }

  private ShapeReader inside(JsonNode value, String place) {
    if (!(value instanceof ObjectNode object)) throw mismatch(value, "a Structure");
    return new ShapeReader(object, place, problems);
  }

  private List<JsonNode> elements(String member, boolean required, ListRule rule) {
    Optional<JsonNode> value = value(member);
    if (value.isEmpty()) {
      if (required) missing(member);
      return List.of();
    }
    if (!value.get().isArray()) throw mismatch(value.get(), "a List");
    List<JsonNode> elements = List.copyOf(value.get().values());
    List<String> failures = rule.failures(elements.size());
    check(member, echo("a list of " + elements.size()), failures);
    // A list that is too long is not looked at further.
    return failures.isEmpty() ? elements : List.of();
  }

  private static String textOf(JsonNode value) {
    if (!value.isString()) throw mismatch(value, "a String");
    String text = value.stringValue();
    if (text.codePoints().anyMatch(c -> c >= 0xD800 && c <= 0xDFFF)) {
      throw ApiException.serialization("a string holds half a surrogate pair");
    }
    return text;
  }

  private static <E extends Enum<E>> Optional<E> find(String text, Class<E> choices) {
    return Arrays.stream(choices.getEnumConstants()).filter(e -> e.name().equals(text)).findFirst();
  }

  private static <E extends Enum<E>> String choiceFailure(Class<E> choices) {
    return "Member must satisfy enum value set: " + Arrays.toString(choices.getEnumConstants());
  }

  private <T> T orMissing(String member, Optional<T> value, T placeholder) {
    if (value.isEmpty() && value(member).isEmpty()) missing(member);
    return value.orElse(placeholder);
  }

  private void missing(String member) {
    add("Value null at '%s' failed to satisfy constraint: Member must not be null", member);
  }

  private void check(String member, String shown, List<String> failures) {
    for (String failure : failures) {
      add(
          "Value "
              + shown.replace("%", "%%")
              + (shown.isEmpty() ? "" : " ")
              + "at '%s' failed to"
              + " satisfy constraint: "
              + failure.replace("%", "%%"),
          member);
    }
  }

  private void checkElements(String member, String shown, List<String> failures) {
    if (failures.isEmpty()) return;
    String text = "Member must satisfy constraint: " + failures.stream().distinct().toList();
    check(member, shown, List.of(text));
  }

  private void add(String format, String member) {
    if (problems.size() < PROBLEM_COUNT_MAX) problems.add(format.formatted(pathOf(member)));
  }

  private String pathOf(String member) {
    String name = ShapeWriter.lowerFirst(member);
    return path.isEmpty() ? name : path + "." + name;
  }

  private static String echo(String text) {
    if (text.length() <= ECHO_LENGTH_MAX) return "'" + text + "'";
    return "'" + text.substring(0, text.offsetByCodePoints(0, ECHO_LENGTH_MAX / 2)) + "…'";
  }

  private static ApiException mismatch(JsonNode value, String wanted) {
    String found =
        switch (value.getNodeType()) {
          case STRING -> "STRING_VALUE";
          case NUMBER -> "NUMBER_VALUE";
          case BOOLEAN -> value.booleanValue() ? "TRUE_VALUE" : "FALSE_VALUE";
          case ARRAY -> "Start of list";
          case OBJECT, POJO -> "Start of structure or map";
          case NULL -> "NULL_VALUE";
          case BINARY, MISSING -> "Token";
        };
    return ApiException.serialization(found + " can not be converted to " + wanted);
  }
}
