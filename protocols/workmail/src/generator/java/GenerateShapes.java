import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Writes the Java shapes of the API from its models, WorkMail's public one and ours: a record for
/// each structure, an enum for each enumeration, the operations with their declared errors. Run by
/// the build, on the toolchain's JDK, into target/generated-sources
/// (docs/decisions/0010-api-records.md, 0031-own-operations.md).
///
/// Arguments: the models, the folder to write to. A later model may use the shapes of an earlier
/// one, but not define them again. A file that would not change is not touched, so that the
/// compiler has nothing to do. One file, because the build starts it from its source, before
/// anything is compiled.
public final class GenerateShapes {
  private static final String PACKAGE = "org.mailstead.workmail.wire.shapes";

  /// Secrets that the model does not mark as sensitive.
  // Deviates: WorkMail API — deviations.md#impersonation-token
  private static final Set<String> SENSITIVE_TOO = Set.of("ImpersonationToken");

  private final JsonNode shapes;
  private final JsonNode operations;
  private final Path folder;
  private final Set<String> inputs = new TreeSet<>();
  private final Set<String> outputs = new TreeSet<>();
  private final Set<Path> written = new LinkedHashSet<>();

  private GenerateShapes(JsonNode shapes, JsonNode operations, Path folder) {
    this.shapes = shapes;
    this.operations = operations;
    this.folder = folder;
  }

  public static void main(String[] args) throws IOException {
    JsonMapper mapper = JsonMapper.builder().build();
    ObjectNode shapes = mapper.createObjectNode();
    ObjectNode operations = mapper.createObjectNode();
    for (String file : List.of(args).subList(0, args.length - 1)) {
      JsonNode model = mapper.readTree(Path.of(file).toFile());
      join(shapes, model.get("shapes"));
      join(operations, model.get("operations"));
    }
    Path folder = Path.of(args[args.length - 1]).resolve(PACKAGE.replace('.', '/'));
    Files.createDirectories(folder);
    new GenerateShapes(shapes, operations, folder).run();
  }

  private static void join(ObjectNode all, JsonNode more) {
    for (Map.Entry<String, JsonNode> entry : more.properties()) {
      if (all.has(entry.getKey())) throw new IllegalStateException("twice: " + entry.getKey());
      all.set(entry.getKey(), entry.getValue());
    }
  }

  private void run() throws IOException {
    for (JsonNode operation : operations) {
      inputs.add(operation.get("input").get("shape").asString());
      outputs.add(operation.get("output").get("shape").asString());
    }
    writePackageInfo();
    for (String name : shapes.propertyNames()) {
      JsonNode shape = shapes.get(name);
      if (shape.has("enum")) writeEnum(name, shape);
      if (type(shape).equals("structure") && !shape.has("exception")) writeRecord(name, shape);
    }
    writeRules();
    writeErrorCode();
    writeOperation();
    writeRequest();
    writeResponse();
    try (var files = Files.list(folder)) {
      for (Path stale : files.filter(f -> !written.contains(f)).toList()) Files.delete(stale);
    }
  }

  private void writePackageInfo() throws IOException {
    write(
        "package-info",
        """
        /// The shapes of the API, generated from WorkMail's public model and ours. Start at `Operation`.
        @NullMarked
        package %s;

        import org.jspecify.annotations.NullMarked;
        """
            .formatted(PACKAGE));
  }

  private void writeEnum(String name, JsonNode shape) throws IOException {
    List<String> values = new ArrayList<>();
    shape.get("enum").forEach(v -> values.add(v.asString()));
    write(
        name,
        """
        package %s;

        /// The values of `%s`.
        public enum %s {
          %s
        }
        """
            .formatted(PACKAGE, name, name, String.join(",\n  ", values)));
  }

  // ---- structures

  private void writeRecord(String name, JsonNode shape) throws IOException {
    Set<String> required = new LinkedHashSet<>();
    if (shape.has("required")) shape.get("required").forEach(r -> required.add(r.asString()));
    List<Member> members = new ArrayList<>();
    for (String memberName : ordered(shape, required)) {
      String target = shape.get("members").get(memberName).get("shape").asString();
      members.add(new Member(memberName, target, required.contains(memberName)));
    }
    boolean output = outputs.contains(name);
    StringBuilder out = new StringBuilder("package " + PACKAGE + ";\n\n");
    imports(members, output || !inputs.contains(name))
        .forEach(i -> out.append("import ").append(i).append(";\n"));
    String role = inputs.contains(name) ? "Request" : output ? "Response" : "Shape";
    out.append("\n/// `")
        .append(name)
        .append("` of the WorkMail API.\npublic record ")
        .append(name)
        .append("(");
    out.append(
        members.stream()
            .map(m -> m.javaType() + " " + m.field())
            .collect(Collectors.joining(", ")));
    out.append(")\n    implements ").append(role).append(" {\n");
    boolean lists = members.stream().anyMatch(m -> m.kind().equals("list"));
    if (lists) {
      out.append("  public ").append(name).append(" {\n");
      members.stream()
          .filter(m -> m.kind().equals("list"))
          .forEach(m -> out.append("    %s = List.copyOf(%s);\n".formatted(m.field(), m.field())));
      out.append("  }\n\n");
    }
    if (!output) {
      out.append("  public static ")
          .append(name)
          .append(" read(ShapeReader in) {\n    return new ")
          .append(name);
      out.append(
          members.stream()
              .map(Member::read)
              .collect(Collectors.joining(",\n        ", "(\n        ", ");\n")));
      out.append("  }\n\n");
    }
    if (inputs.contains(name)) {
      out.append("  @Override\n  public Operation operation() {\n    return Operation.")
          .append(constant(name.replaceAll("Request$", "")))
          .append(";\n  }\n\n");
    }
    out.append("  @Override\n  public void write(ShapeWriter out) {\n");
    members.forEach(m -> out.append("    ").append(m.write(output)).append("\n"));
    out.append("  }\n");
    if (members.stream().anyMatch(Member::sensitive)) {
      out.append(
              "\n  /// Without its secrets.\n  @Override\n  public String toString() {\n    return \"")
          .append(name)
          .append("[…]\";\n  }\n");
    }
    if (!inputs.contains(name) && !members.isEmpty()) builder(out, name, members);
    out.append("}\n");
    write(name, out.toString());
  }

  /// Required members first, in the model's order; the rest by name.
  private static List<String> ordered(JsonNode shape, Set<String> required) {
    List<String> all = new ArrayList<>(required);
    new TreeSet<>(shape.get("members").propertyNames())
        .stream().filter(m -> !required.contains(m)).forEach(all::add);
    return all;
  }

  private static Set<String> imports(List<Member> members, boolean builds) {
    Set<String> imports = new TreeSet<>();
    for (Member member : members) {
      if (member.kind().equals("list")) imports.add("java.util.List");
      if (member.kind().equals("timestamp")) imports.add("java.time.Instant");
      if (!member.required() && !member.kind().equals("list")) imports.add("java.util.Optional");
      if (member.required() && builds && !member.kind().equals("list"))
        imports.add("java.util.Objects");
      if (member.required() && builds && !member.kind().equals("list"))
        imports.add("org.jspecify.annotations.Nullable");
    }
    imports.add("org.mailstead.workmail.wire.ShapeReader");
    imports.add("org.mailstead.workmail.wire.ShapeWriter");
    imports.add("org.mailstead.workmail.wire.Shape");
    if (!builds) imports.remove("org.mailstead.workmail.wire.Shape");
    return imports;
  }

  private static void builder(StringBuilder out, String name, List<Member> members) {
    out.append("\n  public static Builder builder() {\n    return new Builder();\n  }\n");
    out.append(
        "\n  /// Collects the members; those not given are absent.\n  public static final class Builder {\n");
    for (Member m : members) out.append("    ").append(m.builderField()).append("\n");
    out.append("\n    private Builder() {}\n");
    for (Member m : members) {
      String value = m.required() || m.kind().equals("list") ? "value" : "Optional.of(value)";
      out.append(
          "\n    public Builder %s(%s value) {\n      this.%s = %s;\n      return this;\n    }\n"
              .formatted(m.field(), m.plainType(), m.field(), value));
      if (!m.required() && !m.kind().equals("list")) {
        out.append(
            "\n    public Builder %s(%s value) {\n      this.%s = value;\n      return this;\n    }\n"
                .formatted(m.field(), m.javaType(), m.field()));
      }
    }
    out.append("\n    public %s build() {\n      return new %s(".formatted(name, name));
    out.append(
        members.stream()
            .map(m ->
                m.required() && !m.kind().equals("list")
                    ? "Objects.requireNonNull(" + m.field() + ", \"" + m.name() + "\")"
                    : m.field())
            .collect(Collectors.joining(", ")));
    out.append(");\n    }\n  }\n");
  }

  /// One member of a structure, in Java.
  private final class Member {
    private final String name;
    private final String target;
    private final boolean required;

    Member(String name, String target, boolean required) {
      this.name = name;
      this.target = target;
      this.required = required;
    }

    String name() {
      return name;
    }

    boolean required() {
      return required;
    }

    String field() {
      return GenerateShapes.field(name);
    }

    String kind() {
      return GenerateShapes.kind(shapes.get(target));
    }

    boolean sensitive() {
      return GenerateShapes.this.sensitive(target)
          || kind().equals("list") && GenerateShapes.this.sensitive(element());
    }

    String element() {
      return shapes.get(target).get("member").get("shape").asString();
    }

    String plainType() {
      return kind().equals("list") ? "List<" + plain(element()) + ">" : plain(target);
    }

    String javaType() {
      if (kind().equals("list") || required) return plainType();
      return "Optional<" + plainType() + ">";
    }

    private String plain(String shapeName) {
      return switch (GenerateShapes.kind(shapes.get(shapeName))) {
        case "string" -> "String";
        case "boolean" -> "Boolean";
        case "integer" -> "Integer";
        case "long" -> "Long";
        case "double" -> "Double";
        case "timestamp" -> "Instant";
        case "enum", "structure" -> shapeName;
        default -> throw new IllegalStateException("no Java type for " + shapeName);
      };
    }

    String read() {
      String optional = required ? "" : "optional";
      return switch (kind()) {
        case "string" ->
            "in.%s(\"%s\", Rules.%s)".formatted(word(optional, "Text"), name, constant(target));
        case "boolean" -> "in.%s(\"%s\")".formatted(word(optional, "Flag"), name);
        case "integer" ->
            "in.%s(\"%s\", Rules.%s)".formatted(word(optional, "Number"), name, constant(target));
        case "long" -> "in.%s(\"%s\")".formatted(word(optional, "Long"), name);
        case "double" -> "in.%s(\"%s\")".formatted(word(optional, "Double"), name);
        case "timestamp" -> "in.%s(\"%s\")".formatted(word(optional, "Time"), name);
        case "enum" -> "in.%s(\"%s\", %s.class)".formatted(word(optional, "Choice"), name, target);
        case "structure" ->
            "in.%s(\"%s\", %s::read)".formatted(word(optional, "Structure"), name, target);
        case "list" ->
            switch (GenerateShapes.kind(shapes.get(element()))) {
              case "string" ->
                  "in.texts(\"%s\", %s, Rules.%s, Rules.%s)"
                      .formatted(name, required, constant(target), constant(element()));
              case "enum" ->
                  "in.choices(\"%s\", %s, Rules.%s, %s.class)"
                      .formatted(name, required, constant(target), element());
              case "structure" ->
                  "in.structures(\"%s\", %s, Rules.%s, %s::read)"
                      .formatted(name, required, constant(target), element());
              default -> throw new IllegalStateException("list of " + element());
            };
        default -> throw new IllegalStateException(name);
      };
    }

    private String word(String optional, String noun) {
      return optional.isEmpty() ? noun.toLowerCase(Locale.ROOT) : optional + noun;
    }

    String write(boolean top) {
      String secret = sensitive() ? "true" : "false";
      return switch (kind()) {
        case "string" -> "out.text(\"%s\", %s, %s);".formatted(name, field(), secret);
        case "boolean" -> "out.flag(\"%s\", %s);".formatted(name, field());
        case "integer", "long", "double" -> "out.number(\"%s\", %s);".formatted(name, field());
        case "timestamp" -> "out.time(\"%s\", %s);".formatted(name, field());
        case "enum" -> "out.choice(\"%s\", %s);".formatted(name, field());
        case "structure" -> "out.structure(\"%s\", %s);".formatted(name, field());
        case "list" ->
            switch (GenerateShapes.kind(shapes.get(element()))) {
              case "string" ->
                  "out.texts(\"%s\", %s, %s, %s);".formatted(name, field(), secret, top);
              case "enum" -> "out.choices(\"%s\", %s, %s);".formatted(name, field(), top);
              case "structure" -> "out.structures(\"%s\", %s, %s);".formatted(name, field(), top);
              default -> throw new IllegalStateException("list of " + element());
            };
        default -> throw new IllegalStateException(name);
      };
    }

    String builderField() {
      if (kind().equals("list")) return "private " + javaType() + " " + field() + " = List.of();";
      if (required) return "private @Nullable " + javaType() + " " + field() + ";";
      return "private " + javaType() + " " + field() + " = Optional.empty();";
    }
  }

  // ---- rules, errors, operations

  private void writeRules() throws IOException {
    StringBuilder out = new StringBuilder("package " + PACKAGE + ";\n\n");
    out.append(
        "import org.mailstead.workmail.wire.ListRule;\nimport org.mailstead.workmail.wire.NumberRule;\n");
    out.append("import org.mailstead.workmail.wire.TextRule;\n\n");
    out.append("/// What the model demands of texts, numbers and lists.\nfinal class Rules {\n");
    for (String name : shapes.propertyNames()) {
      JsonNode shape = shapes.get(name);
      String rule =
          switch (kind(shape)) {
            case "string" ->
                "TextRule %s = new TextRule(%s, %s, %s, %s)"
                    .formatted(
                        constant(name),
                        number(shape, "min", 0),
                        number(shape, "max", Integer.MAX_VALUE),
                        shape.has("pattern") ? literal(shape.get("pattern").asString()) : "\"\"",
                        sensitive(name));
            case "integer" ->
                "NumberRule %s = new NumberRule(%s, %s)"
                    .formatted(
                        constant(name),
                        number(shape, "min", Integer.MIN_VALUE),
                        number(shape, "max", Integer.MAX_VALUE));
            case "list" ->
                "ListRule %s = new ListRule(%s, %s)"
                    .formatted(
                        constant(name),
                        number(shape, "min", 0),
                        number(shape, "max", Integer.MAX_VALUE));
            default -> "";
          };
      if (!rule.isEmpty()) out.append("  static final ").append(rule).append(";\n");
    }
    out.append("\n  private Rules() {}\n}\n");
    write("Rules", out.toString());
  }

  private void writeErrorCode() throws IOException {
    List<String> names = new ArrayList<>();
    for (String name : sorted(shapes).keySet()) {
      if (shapes.get(name).has("exception")) names.add(name);
    }
    write(
        "ErrorCode",
        """
        package %s;

        /// The errors that the model declares.
        public enum ErrorCode {
          %s;

          private final String shapeName;

          ErrorCode(String shapeName) {
            this.shapeName = shapeName;
          }

          /// The name on the wire.
          public String shapeName() {
            return shapeName;
          }
        }
        """
            .formatted(
                PACKAGE,
                names.stream()
                    .map(n -> "%s(\"%s\")".formatted(errorConstant(n), n))
                    .collect(Collectors.joining(",\n  "))));
  }

  private void writeOperation() throws IOException {
    List<String> constants = new ArrayList<>();
    List<String> cases = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : sorted(operations).entrySet()) {
      String name = entry.getKey();
      Set<String> errors = new LinkedHashSet<>(); // The model repeats some.
      if (entry.getValue().has("errors")) {
        entry
            .getValue()
            .get("errors")
            .forEach(e -> errors.add("ErrorCode." + errorConstant(e.get("shape").asString())));
      }
      String input = entry.getValue().get("input").get("shape").asString();
      String resultKey = resultKey(input, entry.getValue().get("output").get("shape").asString());
      constants.add(
          "%s(\"%s\", \"%s\"%s)"
              .formatted(
                  constant(name),
                  name,
                  resultKey,
                  errors.isEmpty() ? "" : ", " + String.join(", ", errors)));
      cases.add("case %s -> %s.read(in);".formatted(constant(name), input));
    }
    write(
        "Operation",
        """
        package %s;

        import java.util.HashMap;
        import java.util.Map;
        import java.util.Optional;
        import java.util.Set;
        import org.mailstead.workmail.wire.ShapeReader;

        /// The operations of the API: WorkMail's and ours.
        public enum Operation {
          %s;

          private static final Map<String, Operation> BY_WIRE_NAME = new HashMap<>();

          static {
            for (Operation operation : values()) BY_WIRE_NAME.put(operation.wireName, operation);
          }

          private final String wireName;
          private final String resultKey;
          @SuppressWarnings("ImmutableEnumChecker") // Set.of
          private final Set<ErrorCode> errors;

          Operation(String wireName, String resultKey, ErrorCode... errors) {
            this.wireName = wireName;
            this.resultKey = resultKey;
            this.errors = Set.of(errors);
          }

          public static Optional<Operation> find(String wireName) {
            return Optional.ofNullable(BY_WIRE_NAME.get(wireName));
          }

          /// The name in X-Amz-Target.
          public String wireName() {
            return wireName;
          }

          /// The list that pages carry, if the answer comes in pages.
          public Optional<String> resultKey() {
            return resultKey.isEmpty() ? Optional.empty() : Optional.of(resultKey);
          }

          /// The errors that the model declares for it.
          public Set<ErrorCode> errors() {
            return errors;
          }

          /// The input, as far as the reader finds it; its problems are in the reader.
          public Request read(ShapeReader in) {
            return switch (this) {
              %s
            };
          }
        }
        """
            .formatted(PACKAGE, String.join(",\n  ", constants), String.join("\n      ", cases)));
  }

  /// The one list of an answer that comes in pages. Botocore's paginators name ten of these fifteen
  /// operations only, so the shapes decide.
  private String resultKey(String input, String output) {
    if (!shapes.get(input).get("members").has("NextToken")) return "";
    JsonNode members = shapes.get(output).get("members");
    List<String> lists = new ArrayList<>();
    for (String member : members.propertyNames()) {
      if (kind(shapes.get(members.get(member).get("shape").asString())).equals("list"))
        lists.add(member);
    }
    if (lists.size() != 1) throw new IllegalStateException("no single list in " + output);
    return lists.get(0);
  }

  private void writeRequest() throws IOException {
    write(
        "Request",
        """
        package %s;

        import org.mailstead.workmail.wire.Shape;

        /// The input of an operation, checked against the model.
        public sealed interface Request extends Shape
            permits %s {
          Operation operation();
        }
        """
            .formatted(PACKAGE, String.join(",\n        ", inputs)));
  }

  private void writeResponse() throws IOException {
    write(
        "Response",
        """
        package %s;

        import org.mailstead.workmail.wire.Shape;

        /// The output of an operation.
        public sealed interface Response extends Shape
            permits %s {}
        """
            .formatted(PACKAGE, String.join(",\n        ", outputs)));
  }

  // ---- words

  private static Map<String, JsonNode> sorted(JsonNode node) {
    Map<String, JsonNode> sorted = new TreeMap<>();
    node.properties().forEach(p -> sorted.put(p.getKey(), p.getValue()));
    return sorted;
  }

  private boolean sensitive(String shapeName) {
    return shapes.get(shapeName).has("sensitive") || SENSITIVE_TOO.contains(shapeName);
  }

  private static String type(JsonNode shape) {
    return shape.get("type").asString();
  }

  private static String kind(JsonNode shape) {
    return shape.has("enum") ? "enum" : type(shape);
  }

  private static String number(JsonNode shape, String key, int otherwise) {
    int value = shape.has(key) ? shape.get(key).asInt() : otherwise;
    return value == Integer.MAX_VALUE
        ? "Integer.MAX_VALUE"
        : value == Integer.MIN_VALUE ? "Integer.MIN_VALUE" : "" + value;
  }

  private static String literal(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  /// CreateUser → CREATE_USER, S3BucketName → S3_BUCKET_NAME.
  private static String constant(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
  }

  private static String errorConstant(String name) {
    return constant(name.replaceAll("Exception$", ""));
  }

  /// OrganizationId → organizationId, ARN → arn, ResourceARN → resourceArn.
  private static String field(String name) {
    String word = name.replaceAll("ARN$", "Arn");
    return Character.toLowerCase(word.charAt(0)) + word.substring(1);
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name + ".java");
    written.add(file);
    if (Files.exists(file) && Files.readString(file).equals(text)) return;
    Files.writeString(file, text);
  }
}
