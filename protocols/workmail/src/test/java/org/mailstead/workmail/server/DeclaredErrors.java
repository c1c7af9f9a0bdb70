package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.workmail.server.ApiFixture.text;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.mailstead.workmail.wire.shapes.ErrorCode;
import org.mailstead.workmail.wire.shapes.Operation;
import tools.jackson.databind.JsonNode;

/// Reaches declared errors by a table of operation, error, input: `{o}` is the organization, `{x}`
/// what [#name] calls x. An input without OrganizationId gets `{o}` unless it begins with `!`.
final class DeclaredErrors {
  /// Errors about directories that are elsewhere, and about SES, which is not there. Operations
  /// whose input has no way to be wrong beyond what the model checks (ValidationException) do not
  /// reach InvalidParameter.
  private static final Set<ErrorCode> ELSEWHERE =
      EnumSet.of(
          ErrorCode.DIRECTORY_SERVICE_AUTHENTICATION_FAILED,
          ErrorCode.DIRECTORY_UNAVAILABLE,
          ErrorCode.UNSUPPORTED_OPERATION,
          ErrorCode.INVALID_PARAMETER,
          ErrorCode.INVALID_CUSTOM_SES_CONFIGURATION);

  private static final String NO_ORGANIZATION = "m-" + "0".repeat(32);

  private final ApiFixture api;
  private final String organization;
  private final Map<String, String> names = new HashMap<>();
  private final Set<String> reached = new HashSet<>();

  /// A valid input of each operation.
  private final Map<String, String> inputs = new TreeMap<>();

  DeclaredErrors(ApiFixture api, String organization) {
    this.api = api;
    this.organization = organization;
    name("o", organization);
    name("arn", "arn:aws:workmail:eu-west-1:" + api.account() + ":organization/" + organization);
  }

  void name(String name, String value) {
    names.put(name, value);
  }

  String filled(String json) {
    String text = json;
    for (Map.Entry<String, String> name : names.entrySet()) {
      text = text.replace("{" + name.getKey() + "}", name.getValue());
    }
    return text;
  }

  JsonNode call(String operation, String rest) throws Exception {
    return api.call(operation, input(organization, rest));
  }

  /// The member of the answer gets a name.
  void call(String operation, String rest, String member, String name) throws Exception {
    name(name, text(call(operation, rest), member));
  }

  private String input(String organization, String rest) {
    if (rest.startsWith("!")) return filled("{" + rest.substring(1) + "}");
    return filled("{'OrganizationId':'" + organization + "'" + (rest.isEmpty() ? "" : ",") + rest)
        + "}";
  }

  /// For an operation without a line in the table: an input that the model lets through.
  void also(String operation, String input) {
    inputs.put(operation, input);
  }

  /// Tells of all lines that do not hold.
  void reachAll(String table) throws Exception {
    List<String> wrong = new ArrayList<>();
    for (String line : table.lines().toList()) {
      String[] parts = line.split("\\|", 3);
      try {
        reach(parts[0], parts[1] + "Exception", parts[2]);
      } catch (AssertionError e) {
        wrong.add(line + "\n    " + e.getMessage());
      }
      // A page token that is wrong is refused first.
      inputs.put(parts[0], parts[2].replaceAll(",?'NextToken':'x'", ""));
    }
    assertThat(wrong).isEmpty();
  }

  void reach(String operation, String code, String input) throws Exception {
    api.refused(operation, input(organization, input), code);
    reached.add(operation + " " + code);
  }

  /// OrganizationNotFound, and after its removal OrganizationState, by every operation that
  /// declares them.
  void reachOrganizationErrors() throws Exception {
    for (Map.Entry<String, String> entry : inputs.entrySet()) {
      if (entry.getValue().startsWith("!")) continue;
      String code = "OrganizationNotFoundException";
      api.refused(entry.getKey(), input(NO_ORGANIZATION, entry.getValue()), code);
      reached.add(entry.getKey() + " " + code);
    }
    call("DeleteOrganization", "'DeleteDirectory':true,'ForceDelete':true");
    api.settle();
    for (Map.Entry<String, String> entry : inputs.entrySet()) {
      Operation operation = Operation.find(entry.getKey()).orElseThrow();
      String code = "OrganizationStateException";
      boolean declared = operation.errors().contains(ErrorCode.ORGANIZATION_STATE);
      if (!declared || reached.contains(entry.getKey() + " " + code)) continue;
      reach(entry.getKey(), code, entry.getValue());
    }
  }

  /// Whether other tests than those of a table reach it.
  static boolean isElsewhere(ErrorCode error) {
    return ELSEWHERE.contains(error);
  }

  /// Operation and error as it is called, of those that are declared and were not reached.
  Set<String> missing(Set<String> excused) {
    Set<String> missing = new TreeSet<>();
    for (String name : inputs.keySet()) {
      for (ErrorCode error : Operation.find(name).orElseThrow().errors()) {
        String pair = name + " " + error.shapeName();
        if (!reached.contains(pair) && !excused.contains(pair) && !isElsewhere(error)) {
          missing.add(pair);
        }
      }
    }
    return missing;
  }
}
