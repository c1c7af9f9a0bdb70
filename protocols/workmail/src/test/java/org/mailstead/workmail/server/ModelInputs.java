package org.mailstead.workmail.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Inputs of operations made from the models, WorkMail's and ours, for tests that hold for every
/// operation: new ones are included as soon as a model has them.
final class ModelInputs {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final List<String> MODELS = List.of("workmail-model.json", "mailstead-model.json");

  /// Values where a pattern cannot be met by a plain word. `#` is a number that differs.
  private static final Map<String, String> SAMPLES =
      Map.ofEntries(
          Map.entry("OrganizationId", "m-0000000000000000000000000000000#"),
          Map.entry("ResourceId", "r-0000000000000000000000000000000#"),
          Map.entry("QueueId", "0000000000000000000000000000000#"),
          Map.entry("WorkMailIdentifier", "00000000-0000-4000-8000-00000000000#"),
          Map.entry("AmazonResourceName", "arn:aws:workmail:eu-west-1:000000000000:organization/#"),
          Map.entry(
              "ApplicationArn",
              "arn:aws:sso::123456789012:application/ssoins-000000000000000#/apl-0000000000000000"),
          Map.entry("InstanceArn", "arn:aws:sso:::instance/ssoins-000000000000000#"),
          Map.entry("KmsKeyArn", "arn:aws:kms:eu-west-1:123456789012:key/planted#"),
          Map.entry("LambdaArn", "arn:aws:lambda:eu-west-1:123456789012:function:planted#"),
          Map.entry("LogGroupArn", "arn:aws:logs:eu-west-1:123456789012:log-group:planted#:*"),
          Map.entry("RoleArn", "arn:aws:iam::123456789012:role/planted#"),
          Map.entry("AccessControlRuleAction", "IMAP"),
          Map.entry("IpAddress", "10.1.2.#"),
          Map.entry("IpRange", "10.#.0.0/16"),
          Map.entry("Url", "https://planted#.example/EWS/Exchange.asmx"),
          Map.entry("DirectoryId", "d-000000000#"),
          Map.entry("DomainName", "planted#.example"),
          Map.entry("WorkMailDomainName", "planted#.example"),
          Map.entry("HostName", "planted#.example"),
          Map.entry("MailFlowPattern", "planted#.example"),
          Map.entry("EmailAddress", "planted#@planted.example"),
          Map.entry("Password", "Correct-horse-#"),
          Map.entry("IdentityProviderUserId", "00000000-0000-4000-8000-00000000000#"),
          Map.entry("IdentityProviderUserIdForUpdate", "00000000-0000-4000-8000-00000000000#"),
          Map.entry("IdentityProviderUserIdPrefix", "0#"),
          Map.entry("IdentityProviderIdentityStoreId", "d-000000000#"),
          Map.entry("AccessKeyId", "AKIA000000000000000#"),
          Map.entry("ProtocolVersion", "16.#"),
          Map.entry(
              "AccessPolicyDocument",
              "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"workmail:List*\",\"Resource\":\"*\"}]}"));

  private final Map<String, JsonNode> shapes = new TreeMap<>();
  private final Map<String, JsonNode> operations = new TreeMap<>();

  /// A constraint broken in an otherwise valid input.
  ///
  /// @param what for messages
  record Broken(String what, ObjectNode input) {}

  ModelInputs() {
    for (String model : MODELS) {
      try (InputStream in =
          ModelInputs.class.getResourceAsStream("/org/mailstead/workmail/" + model)) {
        JsonNode tree = ApiFixture.JSON.readTree(in);
        tree.path("operations").properties().forEach(o -> operations.put(o.getKey(), o.getValue()));
        tree.path("shapes").properties().forEach(s -> shapes.put(s.getKey(), s.getValue()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  Map<String, JsonNode> operations() {
    return operations;
  }

  JsonNode shape(String name) {
    return shapes.get(name);
  }

  /// What an operation may answer, as an example.
  ObjectNode answer(String operation) {
    JsonNode output = operations.get(operation).path("output").path("shape");
    return structure(shapes.get(output.asString()), Map.of(), 1, true);
  }

  /// Names of members of an input.
  List<String> members(String operation) {
    return List.copyOf(input(operation).path("members").propertyNames());
  }

  /// The shape of a member of an input or, with `output`, of the output.
  Optional<String> shapeOf(String operation, String member, boolean output) {
    JsonNode shape =
        shapes.get(
            operations.get(operation).path(output ? "output" : "input").path("shape").asString());
    return shape.path("members").path(member).path("shape").asStringOpt();
  }

  private JsonNode input(String operation) {
    return shapes.get(operations.get(operation).path("input").path("shape").asString());
  }

  /// A valid input.
  ///
  /// @param known values by name of member, at any depth; they need not be valid
  /// @param number makes values differ, 0 to 9
  /// @param optional with optional members too
  ObjectNode valid(String operation, Map<String, String> known, int number, boolean optional) {
    return structure(input(operation), known, number, optional);
  }

  private ObjectNode structure(
      JsonNode shape, Map<String, String> known, int number, boolean optional) {
    ObjectNode node = NODES.objectNode();
    List<String> required = required(shape);
    for (String member : shape.path("members").propertyNames()) {
      if (!optional && !required.contains(member)) continue;
      if (member.equals("NextToken")) continue;
      String target = shape.path("members").path(member).path("shape").asString();
      node.set(member, value(member, target, known, number, optional));
    }
    return node;
  }

  private static List<String> required(JsonNode shape) {
    List<String> required = new ArrayList<>();
    shape.path("required").forEach(r -> required.add(r.asString()));
    return required;
  }

  private JsonNode value(
      String member, String name, Map<String, String> known, int number, boolean optional) {
    JsonNode shape = shapes.get(name);
    return switch (shape.path("type").asString()) {
      case "structure" -> structure(shape, known, number, optional);
      case "list" -> {
        var list = NODES.arrayNode();
        String element = shape.path("member").path("shape").asString();
        list.add(value(member, element, known, number, optional));
        yield list;
      }
      case "boolean" -> NODES.booleanNode(number % 2 == 0);
      case "integer", "long" -> NODES.numberNode(Math.max(1, shape.path("min").asInt(1)));
      case "double", "timestamp" -> NODES.numberNode(1_700_000_000);
      default ->
          NODES.stringNode(
              known.containsKey(member) && !shape.has("enum")
                  ? known.get(member)
                  : text(name, number));
    };
  }

  /// A text that the shape allows.
  String text(String name, int number) {
    JsonNode shape = shapes.get(name);
    if (shape.has("enum")) return shape.path("enum").get(0).asString();
    String sample = SAMPLES.getOrDefault(name, "planted#").replace("#", "" + number);
    int length = sample.length();
    int min = shape.path("min").asInt(0);
    if (length < min) sample = sample + "x".repeat(min - length);
    if (!allows(shape, sample)) {
      throw new AssertionError("ModelInputs.SAMPLES needs a value for " + name + ": " + sample);
    }
    return sample;
  }

  /// The name of an operation's output shape.
  String output(String operation) {
    return operations.get(operation).path("output").path("shape").asString();
  }

  /// Whether a text or choice is one that a shape allows.
  boolean allows(String name, JsonNode value) {
    JsonNode shape = shapes.get(name);
    if (!shape.has("enum")) return allows(shape, value.asString());
    for (JsonNode choice : shape.path("enum")) if (choice.equals(value)) return true;
    return false;
  }

  private static boolean allows(JsonNode shape, String text) {
    int length = text.codePointCount(0, text.length());
    return length >= shape.path("min").asInt(0)
        && length <= shape.path("max").asInt(Integer.MAX_VALUE)
        && (!shape.has("pattern") || text.matches(shape.path("pattern").asString()));
  }

  // ---- sensitive ones

  /// The objects of an operation's input or, with `output`, of its answer that hold a sensitive
  /// member, each with that member's name; at any depth.
  void sensitive(
      String operation, boolean output, ObjectNode node, BiConsumer<ObjectNode, String> visitor) {
    String side = output ? "output" : "input";
    JsonNode shape = shapes.get(operations.get(operation).path(side).path("shape").asString());
    sensitive(shape, node, visitor);
  }

  private void sensitive(JsonNode shape, JsonNode node, BiConsumer<ObjectNode, String> visitor) {
    for (JsonNode element : node.isArray() ? node : NODES.arrayNode().add(node)) {
      if (!(element instanceof ObjectNode object)) continue;
      for (String member : List.copyOf(object.propertyNames())) {
        JsonNode target = shapes.get(shape.path("members").path(member).path("shape").asString());
        if (target == null) continue;
        boolean list = target.path("type").asString().equals("list");
        JsonNode inner = list ? shapes.get(target.path("member").path("shape").asString()) : target;
        if (inner.has("sensitive")) visitor.accept(object, member);
        else sensitive(inner, object.path(member), visitor);
      }
    }
  }

  // ---- broken ones

  /// Every constraint of an operation's input, broken once each.
  List<Broken> broken(String operation, Map<String, String> known) {
    List<Broken> broken = new ArrayList<>();
    ObjectNode valid = valid(operation, known, 1, true);
    breakStructure(input(operation), valid, valid, "", broken);
    return broken;
  }

  private void breakStructure(
      JsonNode shape, ObjectNode whole, ObjectNode part, String path, List<Broken> broken) {
    part.put("PlantedMember", "x");
    broken.add(new Broken(path + "PlantedMember unknown", whole.deepCopy()));
    part.remove("PlantedMember");
    for (String member : required(shape)) {
      JsonNode was = part.remove(member);
      broken.add(new Broken(path + member + " missing", whole.deepCopy()));
      part.set(member, was);
    }
    for (String member : List.copyOf(shape.path("members").propertyNames())) {
      String target = shape.path("members").path(member).path("shape").asString();
      JsonNode was = part.path(member);
      for (Wrong wrong : wrong(target, was)) {
        part.set(member, wrong.value());
        broken.add(new Broken(path + member + " " + wrong.what(), whole.deepCopy()));
      }
      if (was.isMissingNode()) part.remove(member);
      else part.set(member, was);
      JsonNode inner = shapes.get(target);
      if (was instanceof ObjectNode nested) {
        breakStructure(inner, whole, nested, path + member + ".", broken);
      } else if (was.isArray() && was.get(0) instanceof ObjectNode nested) {
        String element = inner.path("member").path("shape").asString();
        breakStructure(shapes.get(element), whole, nested, path + member + ".", broken);
      }
    }
  }

  private record Wrong(String what, JsonNode value) {}

  private List<Wrong> wrong(String name, JsonNode was) {
    JsonNode shape = shapes.get(name);
    List<Wrong> wrong = new ArrayList<>();
    switch (shape.path("type").asString()) {
      case "string" -> texts(shape, wrong);
      case "integer" -> {
        if (shape.has("min")) {
          wrong.add(new Wrong("too small", NODES.numberNode(shape.path("min").asInt() - 1)));
        }
        if (shape.has("max") && shape.path("max").asInt() < Integer.MAX_VALUE) {
          wrong.add(new Wrong("too large", NODES.numberNode(shape.path("max").asInt() + 1)));
        }
      }
      case "list" -> lists(shape, was, wrong);
      default -> {}
    }
    return wrong;
  }

  private static void texts(JsonNode shape, List<Wrong> wrong) {
    if (shape.has("enum")) wrong.add(new Wrong("no choice", NODES.stringNode("PLANTED")));
    int max = shape.path("max").asInt(Integer.MAX_VALUE);
    if (max < 100_000) wrong.add(new Wrong("too long", NODES.stringNode("x".repeat(max + 1))));
    int min = shape.path("min").asInt(0);
    if (min > 0) wrong.add(new Wrong("too short", NODES.stringNode("x".repeat(min - 1))));
    if (shape.has("pattern")) {
      for (String text : List.of("\u0007", "ü{}<>", "\u4e2d", " ")) {
        String padded = text + "x".repeat(Math.max(0, min - text.length()));
        if (!padded.matches(shape.path("pattern").asString()) && padded.length() <= max) {
          wrong.add(new Wrong("against its pattern", NODES.stringNode(padded)));
          return;
        }
      }
    }
  }

  private void lists(JsonNode shape, JsonNode was, List<Wrong> wrong) {
    if (!was.isArray()) return;
    if (shape.path("min").asInt(0) > 0) {
      wrong.add(new Wrong("with too few", NODES.arrayNode()));
    }
    int max = shape.path("max").asInt(Integer.MAX_VALUE);
    if (max < 10_000) {
      var list = NODES.arrayNode();
      for (int i = 0; i <= max; i++) list.add(was.get(0).deepCopy());
      wrong.add(new Wrong("with too many", list));
    }
    for (Wrong element : wrong(shape.path("member").path("shape").asString(), was.get(0))) {
      var list = NODES.arrayNode();
      list.add(element.value());
      wrong.add(new Wrong("element " + element.what(), list));
    }
  }
}
