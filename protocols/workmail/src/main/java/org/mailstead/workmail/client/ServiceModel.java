package org.mailstead.workmail.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The API's models, WorkMail's and ours, as the command line needs them: operations, their members
/// and types. Read from the resources when made, about a tenth of a second on a cold JVM; the
/// server does without them.
final class ServiceModel {
  private static final List<String> RESOURCES =
      List.of(
          "/org/mailstead/workmail/workmail-model.json",
          "/org/mailstead/workmail/mailstead-model.json");

  private final ObjectNode operations = JsonNodeFactory.instance.objectNode();
  private final ObjectNode shapes = JsonNodeFactory.instance.objectNode();

  /// A member of a structure.
  ///
  /// @param flag as the AWS CLI spells it, without dashes
  /// @param documentation a sentence, or empty
  record Member(
      String name,
      String flag,
      Type type,
      boolean required,
      boolean idempotencyToken,
      String documentation) {}

  /// The type of a value.
  sealed interface Type {
    record Text(List<String> choices) implements Type {}

    record Flag() implements Type {}

    record Numeric() implements Type {}

    record Items(Type element) implements Type {}

    record Structure(String shape) implements Type {}
  }

  ServiceModel() {
    JsonMapper mapper = JsonMapper.builder().build();
    for (String resource : RESOURCES) {
      try (InputStream in = ServiceModel.class.getResourceAsStream(resource)) {
        if (in == null) throw new IllegalStateException("the API's model is not in the program");
        JsonNode model = mapper.readTree(in);
        model
            .path("operations")
            .properties()
            .forEach(o -> operations.set(o.getKey(), o.getValue()));
        model.path("shapes").properties().forEach(s -> shapes.set(s.getKey(), s.getValue()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /// All operations as the API names them, in order.
  List<String> operations() {
    return operations.propertyNames().stream().sorted().toList();
  }

  /// create-user → CreateUser.
  Optional<String> find(String word) {
    return operations().stream().filter(name -> kebab(name).equals(word)).findFirst();
  }

  /// What it does; empty for WorkMail's own, whose model does not say.
  String documentation(String operation) {
    return operations.path(operation).path("documentation").asString("");
  }

  List<Member> input(String operation) {
    return members(operations.path(operation).path("input").path("shape").asString());
  }

  /// Required ones first.
  List<Member> members(String shape) {
    JsonNode node = shapes.path(shape);
    List<String> required = new ArrayList<>();
    node.path("required").forEach(r -> required.add(r.asString()));
    List<Member> members = new ArrayList<>();
    for (String name : node.path("members").propertyNames()) {
      JsonNode member = node.path("members").path(name);
      members.add(
          new Member(
              name,
              kebab(name),
              type(member.path("shape").asString()),
              required.contains(name),
              member.path("idempotencyToken").asBoolean(false),
              member.path("documentation").asString("")));
    }
    members.sort((a, b) -> Boolean.compare(b.required(), a.required()));
    return members;
  }

  private Type type(String shape) {
    JsonNode node = shapes.path(shape);
    List<String> choices = new ArrayList<>();
    node.path("enum").forEach(c -> choices.add(c.asString()));
    return switch (node.path("type").asString()) {
      case "structure" -> new Type.Structure(shape);
      case "list" -> new Type.Items(type(node.path("member").path("shape").asString()));
      case "boolean" -> new Type.Flag();
      case "integer", "long", "double", "timestamp" -> new Type.Numeric();
      default -> new Type.Text(choices);
    };
  }

  /// As botocore does it: RegisterToWorkMail → register-to-work-mail, S3BucketName →
  /// s3-bucket-name, ResourceARN → resource-arn.
  static String kebab(String name) {
    return name.replaceAll("(.)([A-Z][a-z]+)", "$1-$2")
        .replaceAll("([a-z0-9])([A-Z])", "$1-$2")
        .toLowerCase(Locale.ROOT);
  }
}
