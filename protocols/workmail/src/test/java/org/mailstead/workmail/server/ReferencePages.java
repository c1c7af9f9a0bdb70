package org.mailstead.workmail.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Writes docs/reference from the models, WorkMail's and ours: a page for each family of
/// operations, a page of errors, an index. [ReferenceTest] fails when the folder is not what this
/// writes; `main` writes it.
final class ReferencePages {
  private static final String MADE =
      "<!-- Generated from the models by ReferencePages; change those, not this. -->\n\n";
  private static final JsonMapper PRETTY =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /// Families of WorkMail's own operations, whose model names none; the first match counts.
  private static final Map<String, String> FAMILIES = families();

  /// What each error means.
  private static final Map<String, String> ERRORS =
      Map.ofEntries(
          Map.entry("DirectoryInUse", "Another organization uses the directory."),
          Map.entry(
              "DirectoryServiceAuthenticationFailed",
              "The external directory refused the service's own login."),
          Map.entry(
              "DirectoryUnavailable", "The directory cannot be reached, or is not the account's."),
          Map.entry("EmailAddressInUse", "Somebody has the address, or it is reserved."),
          Map.entry("EntityAlreadyRegistered", "The user, group or resource is enabled already."),
          Map.entry(
              "EntityNotFound",
              "No such user, group, resource or other thing in the organization."),
          Map.entry("EntityState", "The entity is not in a state in which this can be done."),
          Map.entry("InvalidConfiguration", "A resource must accept by itself or have a delegate."),
          Map.entry("InvalidCustomSesConfiguration", "Never answered: there is no SES here."),
          Map.entry(
              "InvalidParameter", "A value is well-formed but not possible; the text says why."),
          Map.entry("InvalidPassword", "The password breaks a rule; the text says which."),
          Map.entry("LimitExceeded", "A limit is reached (docs/operations/limits.md)."),
          Map.entry("MailDomainInUse", "The domain is registered, or still used by addresses."),
          Map.entry("MailDomainNotFound", "The domain is not registered in the organization."),
          Map.entry("MailDomainState", "The domain is not verified."),
          Map.entry("NameAvailability", "The name is taken."),
          Map.entry("OrganizationNotFound", "No such organization in the account of the key."),
          Map.entry(
              "OrganizationState", "The organization is not in a state in which this can be done."),
          Map.entry("ReservedName", "The system keeps the name for itself."),
          Map.entry("ResourceNotFound", "No such thing."),
          Map.entry("TooManyTags", "An organization has at most 50 tags."),
          Map.entry("UnsupportedOperation", "Not possible on this kind of directory or entity."));

  private final ModelInputs inputs;
  private final Map<String, List<String>> byFamily = new TreeMap<>();

  private ReferencePages(ModelInputs inputs) {
    this.inputs = inputs;
    for (String operation : inputs.operations().keySet()) {
      byFamily.computeIfAbsent(family(operation), _ -> new ArrayList<>()).add(operation);
    }
  }

  /// Every file of the folder by its name.
  static Map<String, String> pages() {
    var pages = new ReferencePages(new ModelInputs());
    Map<String, String> files = new TreeMap<>();
    files.put("README.md", pages.index());
    files.put("errors.md", pages.errors());
    pages.byFamily.forEach(
        (family, names) -> files.put(slug(family) + ".md", pages.page(family, names)));
    return files;
  }

  /// @param args the folder docs/reference
  public static void main(String[] args) throws IOException {
    write(Path.of(args[0]));
  }

  static void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Map<String, String> pages = pages();
    try (var old = Files.list(folder)) {
      for (Path file : old.toList()) {
        if (!pages.containsKey(file.getFileName().toString())) Files.delete(file);
      }
    }
    for (Map.Entry<String, String> page : pages.entrySet()) {
      Files.writeString(folder.resolve(page.getKey()), page.getValue());
    }
  }

  private static Map<String, String> families() {
    Map<String, String> families = new LinkedHashMap<>();
    families.put("MobileDeviceAccess", "Mobile device access");
    families.put("AccessControl", "Access control rules");
    families.put("Impersonation", "Impersonation roles");
    families.put("AvailabilityConfiguration", "Availability");
    families.put("Retention", "Retention");
    families.put("ExportJob", "Mailbox exports");
    families.put("EmailMonitoring", "E-mail monitoring");
    families.put("PersonalAccessToken", "Personal access tokens");
    families.put("Identity", "Identity provider");
    families.put("Dmarc|MailDomain", "Domains");
    families.put("TagResource|TagsForResource", "Tags");
    families.put("MailboxPermissions", "Mailbox permissions");
    families.put("Resource", "Resources");
    families.put("MemberToGroup|MemberFromGroup|Group", "Groups");
    families.put("Organization", "Organizations");
    families.put(
        "RegisterTo|DeregisterFrom|Alias|PrimaryEmail|DescribeEntity",
        "Addresses and registration");
    families.put("User|Password|Mailbox", "Users");
    return families;
  }

  private String family(String operation) {
    String own = inputs.operations().get(operation).path("family").asString("");
    if (!own.isEmpty()) return own;
    return FAMILIES.entrySet().stream()
        .filter(f -> java.util.regex.Pattern.compile(f.getKey()).matcher(operation).find())
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow(
            () -> new AssertionError("ReferencePages.FAMILIES needs one for " + operation));
  }

  private static String slug(String family) {
    return family.toLowerCase(Locale.ROOT).replace("-", "").replaceAll("[^a-z]+", "-");
  }

  private String index() {
    var out = new StringBuilder(MADE);
    out.append("# The API\n\n");
    out.append(
        """
        One endpoint serves all operations: `POST /` with `X-Amz-Target: WorkMailService.<Operation>`, `Content-Type: application/x-amz-json-1.1` and a signature (SigV4, service `workmail`). The AWS CLI and SDKs call
        WorkMail's own with nothing but another endpoint; `mailstead workmail <operation>` calls all. Operations marked with ◆ are ours: what WorkMail's console, IAM and CloudTrail did without an operation of WorkMail.
        Which are built: [status](../status.md). Errors: [errors.md](errors.md).

        | family | operations |
        |---|---|
        """);
    byFamily.forEach((family, names) -> {
      String links =
          names.stream()
              .map(n ->
                  "[%s](%s.md#%s)%s"
                      .formatted(
                          n, slug(family), n.toLowerCase(Locale.ROOT), isOurs(n) ? " ◆" : ""))
              .collect(Collectors.joining(", "));
      out.append("| [%s](%s.md) | %s |\n".formatted(family, slug(family), links));
    });
    return out.toString();
  }

  private boolean isOurs(String operation) {
    return inputs.operations().get(operation).has("family");
  }

  private String page(String family, List<String> names) {
    var out = new StringBuilder(MADE).append("# ").append(family).append("\n");
    Set<String> structures = new LinkedHashSet<>();
    for (String name : names) operation(out, name, structures);
    if (!structures.isEmpty()) out.append("\n## Structures\n");
    Deque<String> open = new ArrayDeque<>(structures);
    Set<String> done = new TreeSet<>();
    Map<String, String> texts = new TreeMap<>();
    while (!open.isEmpty()) {
      String shape = open.poll();
      if (!done.add(shape)) continue;
      Set<String> more = new LinkedHashSet<>();
      texts.put(shape, table(inputs.shape(shape), more));
      open.addAll(more);
    }
    texts.forEach((shape, text) -> out.append("\n### ").append(shape).append("\n\n").append(text));
    return out.toString();
  }

  private void operation(StringBuilder out, String name, Set<String> structures) {
    JsonNode operation = inputs.operations().get(name);
    JsonNode input = inputs.shape(operation.path("input").path("shape").asString());
    JsonNode output = inputs.shape(operation.path("output").path("shape").asString());
    out.append("\n## ").append(name).append("\n\n");
    String documentation = operation.path("documentation").asString("");
    if (!documentation.isEmpty()) out.append(documentation).append("\n\n");
    if (isOurs(name)) out.append("Ours, not WorkMail's. ");
    out.append("Policy action `workmail:%s`.\n\n".formatted(name));
    out.append("**Input**\n\n").append(table(input, structures));
    out.append("\n**Output**\n\n").append(table(output, structures));
    Set<String> errors = new TreeSet<>();
    operation.path("errors").forEach(e -> errors.add(e.path("shape").asString()));
    out.append("\n**Errors** ")
        .append(
            errors.stream()
                .map(e -> "[%s](errors.md#%s)".formatted(e, e.toLowerCase(Locale.ROOT)))
                .collect(Collectors.joining(", ")))
        .append(errors.isEmpty() ? "only those of every operation.\n" : ".\n");
    out.append("\n**Example**\n\n```\nmailstead workmail ").append(kebab(name));
    JsonNode example = named(inputs.valid(name, Map.of(), 1, false));
    example
        .properties()
        .forEach(m -> out.append(" --").append(kebab(m.getKey())).append(argument(m.getValue())));
    out.append("\n```\n\n```json\n").append(pretty(example)).append("\n```\n");
    JsonNode answer = named(inputs.answer(name));
    if (!answer.isEmpty()) out.append("\n```json\n").append(pretty(answer)).append("\n```\n");
  }

  /// What tests plant is an example here.
  private static JsonNode named(JsonNode values) {
    return PRETTY.readTree(values.toString().replace("planted", "example"));
  }

  private static String pretty(JsonNode node) {
    return PRETTY.writeValueAsString(node).replace("\r\n", "\n");
  }

  private static String argument(JsonNode value) {
    if (value.isBoolean()) return value.booleanValue() ? "" : " false";
    String text = value.isString() ? value.stringValue() : value.toString();
    return " " + (text.matches("[A-Za-z0-9@._:/+-]+") ? text : "'" + text + "'");
  }

  private static String kebab(String name) {
    return name.replaceAll("(.)([A-Z][a-z]+)", "$1-$2")
        .replaceAll("([a-z0-9])([A-Z])", "$1-$2")
        .toLowerCase(Locale.ROOT);
  }

  private String table(JsonNode structure, Set<String> structures) {
    JsonNode members = structure.path("members");
    if (members.isEmpty()) return "No members.\n";
    Set<String> required = new TreeSet<>();
    structure.path("required").forEach(r -> required.add(r.asString()));
    var out = new StringBuilder("| member | type | |\n|---|---|---|\n");
    List<String> names = new ArrayList<>(members.propertyNames());
    names.sort((a, b) -> Boolean.compare(required.contains(b), required.contains(a)));
    for (String name : names) {
      JsonNode member = members.path(name);
      String type = type(member.path("shape").asString(), structures);
      String text = member.path("documentation").asString("");
      if (member.has("idempotencyToken")) text = "Repeating it repeats the answer.";
      String need = required.contains(name) ? "**required** " : "";
      out.append("| `%s` | %s | %s |\n".formatted(name, type, (need + text).strip()));
    }
    return out.toString();
  }

  private String type(String name, Set<String> structures) {
    JsonNode shape = inputs.shape(name);
    String secret = shape.has("sensitive") ? ", secret" : "";
    return switch (shape.path("type").asString()) {
      case "structure" -> {
        structures.add(name);
        yield "[%s](#%s)".formatted(name, name.toLowerCase(Locale.ROOT));
      }
      case "list" -> {
        String element = type(shape.path("member").path("shape").asString(), structures);
        yield "list" + range(shape, " of ", "") + ": " + element;
      }
      case "boolean" -> "true or false";
      case "integer", "long", "double" -> "number" + range(shape, " ", "");
      case "timestamp" -> "time, seconds since 1970";
      default -> {
        if (shape.has("enum")) {
          List<String> choices = new ArrayList<>();
          shape.path("enum").forEach(c -> choices.add("`" + c.asString() + "`"));
          yield String.join(" or ", choices);
        }
        String pattern =
            shape.has("pattern")
                ? ", `" + shape.path("pattern").asString().replace("|", "\\|") + "`"
                : "";
        yield "text" + range(shape, ", ", " characters") + pattern + secret;
      }
    };
  }

  private static String range(JsonNode shape, String before, String after) {
    boolean min = shape.has("min");
    boolean max = shape.has("max");
    if (!min && !max) return "";
    String low = min ? shape.path("min").asString() : "0";
    if (!max) return before + "at least " + low + after;
    String high = shape.path("max").asString();
    return before + (low.equals(high) ? low : low + "–" + high) + after;
  }

  private String errors() {
    var out = new StringBuilder(MADE);
    out.append("# Errors\n\n");
    out.append(
        """
        An error is JSON with `__type` and `Message`. An operation answers the errors that it declares and those of every operation.

        ## Of every operation

        | code | HTTP | when |
        |---|---|---|
        | `ValidationException` | 400 | A member is missing, unknown, or breaks a constraint of the model; the text names each. |
        | `SerializationException` | 400 | The body is not JSON, or a member has another type. |
        | `UnknownOperationException` | 400 | No such operation; 405: not POST. |
        | `MissingAuthenticationTokenException`, `IncompleteSignatureException`, `InvalidSignatureException`, `UnrecognizedClientException` | 400 or 403 | No valid signature. |
        | `AccessDeniedException` | 400 | A policy does not allow it; the text names action and resource. |
        | `ThrottlingException` | 400 | Too many requests; SDKs slow down and repeat. |
        | `ServiceUnavailableException` | 503 | Something below is away; SDKs repeat. |
        | `InternalFailure` | 500 | A bug; it is in the log under the request's id. |

        ## Declared by operations
        """);
    Map<String, Set<String>> declaring = new TreeMap<>();
    inputs
        .operations()
        .forEach((name, operation) ->
            operation
                .path("errors")
                .forEach(e ->
                    declaring
                        .computeIfAbsent(e.path("shape").asString(), _ -> new TreeSet<>())
                        .add(name)));
    declaring.forEach((error, names) -> {
      String meaning = ERRORS.get(error.replaceAll("Exception$", ""));
      if (meaning == null) throw new AssertionError("ReferencePages.ERRORS needs " + error);
      out.append("\n### %s\n\n%s HTTP %s.\n\n".formatted(error, meaning, 400));
      out.append(names.size() > 40 ? "Most operations.\n" : String.join(", ", names) + ".\n");
    });
    return out.toString();
  }
}
