package org.mailstead.workmail.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Turns the words of a command line into an operation's input, in the AWS CLI's style: `--member
/// value`, `--flag` and `--no-flag`, lists as several words or JSON, structures as JSON or
/// `Member=value,…`, `file://` before a file's name, `--cli-input-json`.
final class Arguments {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final ServiceModel model;
  private final Deque<String> words;
  private final ObjectNode input = NODES.objectNode();
  private boolean paginate = true;
  private Optional<Integer> pageSize = Optional.empty();

  /// What the words ask for.
  ///
  /// @param paginate whether to fetch all pages
  record Parsed(ObjectNode input, boolean paginate) {}

  /// A mistake of the user's; the text says which.
  static final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String text) {
      super(text, null, false, false);
    }

    String text() {
      return String.valueOf(getMessage());
    }
  }

  private Arguments(ServiceModel model, List<String> words) {
    this.model = model;
    this.words = new ArrayDeque<>(words);
  }

  static Parsed parse(ServiceModel model, String operation, List<String> words)
      throws UsageException {
    return new Arguments(model, words).parse(model.input(operation));
  }

  private Parsed parse(List<ServiceModel.Member> members) throws UsageException {
    while (!words.isEmpty()) {
      String word = words.remove();
      if (!word.startsWith("--")) throw new UsageException("Unknown options: " + word);
      int equals = word.indexOf('=');
      String flag = word.substring(2, equals < 0 ? word.length() : equals);
      if (equals >= 0) words.push(word.substring(equals + 1));
      option(flag, members);
    }
    for (ServiceModel.Member member : members) {
      if (member.required() && !input.has(member.name())) {
        throw new UsageException("the following arguments are required: --" + member.flag());
      }
    }
    boolean paged = members.stream().anyMatch(m -> m.name().equals("NextToken"));
    if (pageSize.isPresent()) input.put("MaxResults", pageSize.get());
    // As the AWS CLI has it: who asks for one page gets one page.
    boolean onePage =
        input.has("NextToken") || (pageSize.isEmpty() && input.has("MaxResults")) || !paginate;
    return new Parsed(input, paged && !onePage);
  }

  private void option(String flag, List<ServiceModel.Member> members) throws UsageException {
    switch (flag) {
      case "cli-input-json" -> input.setAll(object(value(flag)));
      case "no-paginate" -> paginate = false;
      case "page-size" -> pageSize = Optional.of(number(flag, value(flag)).asInt());
      default -> {
        for (ServiceModel.Member member : members) {
          boolean negated =
              member.type() instanceof ServiceModel.Type.Flag && flag.equals("no-" + member.flag());
          if (negated) {
            input.put(member.name(), false);
            return;
          }
          if (member.flag().equals(flag)) {
            input.set(member.name(), node(flag, member.type()));
            return;
          }
        }
        throw new UsageException("Unknown options: --" + flag);
      }
    }
  }

  private JsonNode node(String flag, ServiceModel.Type type) throws UsageException {
    return switch (type) {
      case ServiceModel.Type.Flag() -> {
        String next = words.isEmpty() ? "" : words.element();
        boolean said = next.equals("true") || next.equals("false");
        yield NODES.booleanNode(!said || words.remove().equals("true"));
      }
      case ServiceModel.Type.Items items -> {
        List<String> values = new ArrayList<>();
        while (!words.isEmpty() && !words.element().startsWith("--")) values.add(value(flag));
        if (values.size() == 1 && values.get(0).startsWith("[")) yield json(values.get(0));
        var list = NODES.arrayNode();
        for (String value : values) list.add(scalarOrShorthand(flag, items.element(), value));
        yield list;
      }
      case ServiceModel.Type.Text _, ServiceModel.Type.Numeric _, ServiceModel.Type.Structure _ ->
          scalarOrShorthand(flag, type, value(flag));
    };
  }

  private JsonNode scalarOrShorthand(String flag, ServiceModel.Type type, String value)
      throws UsageException {
    return switch (type) {
      case ServiceModel.Type.Text _ -> NODES.stringNode(value);
      case ServiceModel.Type.Numeric _ -> number(flag, value);
      case ServiceModel.Type.Flag _ ->
          switch (value) {
            case "true" -> NODES.booleanNode(true);
            case "false" -> NODES.booleanNode(false);
            default -> throw new UsageException("--" + flag + ": true or false expected");
          };
      case ServiceModel.Type.Items items -> {
        if (!value.startsWith("[") || !value.endsWith("]")) {
          throw new UsageException("--" + flag + ": [a,b] expected");
        }
        var list = NODES.arrayNode();
        for (String part : split(value.substring(1, value.length() - 1))) {
          list.add(scalarOrShorthand(flag, items.element(), part));
        }
        yield list;
      }
      case ServiceModel.Type.Structure structure -> {
        if (value.startsWith("{") && value.contains(":")) yield object(value);
        String inside =
            value.startsWith("{") && value.endsWith("}")
                ? value.substring(1, value.length() - 1)
                : value;
        yield shorthand(flag, structure, inside);
      }
    };
  }

  /// `Member=value,Other=[a,b]`.
  private ObjectNode shorthand(String flag, ServiceModel.Type.Structure structure, String text)
      throws UsageException {
    ObjectNode object = NODES.objectNode();
    for (String part : split(text)) {
      int equals = part.indexOf('=');
      if (equals < 1) throw new UsageException("--" + flag + ": Member=value expected");
      String name = part.substring(0, equals);
      ServiceModel.Member member =
          model.members(structure.shape()).stream()
              .filter(m -> m.name().equals(name))
              .findFirst()
              .orElseThrow(() -> new UsageException("--" + flag + ": unknown member " + name));
      object.set(name, scalarOrShorthand(flag, member.type(), part.substring(equals + 1)));
    }
    return object;
  }

  /// Splits at commas that are not inside brackets.
  private static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '[' || c == '{') depth++;
      if (c == ']' || c == '}') depth--;
      if (c == ',' && depth == 0) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    if (start < text.length()) parts.add(text.substring(start));
    return parts;
  }

  private String value(String flag) throws UsageException {
    if (words.isEmpty()) throw new UsageException("argument --" + flag + ": expected one argument");
    String word = words.remove();
    if (!word.startsWith("file://")) return word;
    try {
      return Files.readString(Path.of(word.substring("file://".length()))).stripTrailing();
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageException("--" + flag + ": cannot read " + word);
    }
  }

  private static JsonNode number(String flag, String value) throws UsageException {
    try {
      if (value.matches("-?[0-9]+")) return NODES.numberNode(Long.parseLong(value));
      return NODES.numberNode(Double.parseDouble(value));
    } catch (NumberFormatException e) {
      throw new UsageException("--" + flag + ": a number is expected");
    }
  }

  private static ObjectNode object(String text) throws UsageException {
    if (json(text) instanceof ObjectNode object) return object;
    throw new UsageException("a JSON object is expected");
  }

  private static JsonNode json(String text) throws UsageException {
    try {
      return JSON.readTree(text);
    } catch (JacksonException e) {
      throw new UsageException("not JSON: line " + e.getLocation().getLineNr());
    }
  }
}
