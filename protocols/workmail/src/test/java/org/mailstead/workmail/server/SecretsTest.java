package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.Operation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Every member that a model calls sensitive gets a value that is found again wherever it does not
/// belong; new operations are included as soon as a model has them.
final class SecretsTest {
  private static final String MARK = "Zq7-planted-";

  private final ModelInputs inputs = new ModelInputs();
  private ApiFixture api;
  private Planted planted;

  /// Operation and member.
  private final Set<String> tried = new TreeSet<>();

  /// What answers told in sensitive members.
  private final Set<String> told = new HashSet<>();

  private final List<String> errors = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    api = new ApiFixture();
    planted = new Planted(api, inputs, "tour");
  }

  @AfterEach
  void stop() {
    planted.close();
    api.close();
  }

  @Test
  @DisplayName("JRN-2: no sensitive value of any operation is in an audit record or an error text")
  void nothingSensitiveIsRecorded() throws Exception {
    for (Operation operation : Operation.values()) {
      String name = operation.wireName();
      if (name.startsWith("Delete") || name.equals("CreateOrganization")) continue;
      Map<String, String> values = new HashMap<>(planted.values(0));
      if (name.startsWith("Create")) values.put("Name", "fresh-" + tried.size());
      for (boolean optional : new boolean[] {true, false}) {
        call(name, inputs.valid(name, values, 1, optional), MARK + tried.size() + "-a1B");
      }
      call(name, inputs.valid(name, values, 1, true), MARK.repeat(1_000));
    }
    assertThat(tried).hasSizeGreaterThan(20);
    assertThat(told).isNotEmpty();
    List<JsonNode> records = new ArrayList<>(api.audit(planted.organization));
    records.addAll(api.audit(planted.account.value()));
    // Fewer than one reading holds: none is left out.
    assertThat(records.size()).isBetween(100, 999);
    for (JsonNode record : records) {
      assertThat(record.toString()).doesNotContain(MARK);
      for (String secret : told) assertThat(record.toString()).doesNotContain(secret);
    }
    assertThat(errors).isNotEmpty().noneMatch(text -> text.contains(MARK));
  }

  private void call(String operation, ObjectNode input, String secret) throws Exception {
    List<String> members = new ArrayList<>();
    inputs.sensitive(
        operation,
        false,
        input,
        (object, member) -> {
          members.add(operation + "." + member);
          if (object.path(member).isString()) object.put(member, secret);
          else object.putArray(member).add(secret);
        });
    boolean answers = tells(operation);
    if (members.isEmpty() && !answers) return;
    tried.addAll(members);
    try {
      ObjectNode answer = planted.client.call(operation, input);
      inputs.sensitive(
          operation,
          true,
          answer,
          (object, member) -> {
            String value = object.path(member).asString();
            if (value.length() > 15 && !value.contains(MARK)) told.add(value);
          });
    } catch (ApiException e) {
      errors.add(operation + ": " + e.text());
    }
  }

  /// Whether it answers with something sensitive.
  private boolean tells(String operation) {
    List<String> found = new ArrayList<>();
    inputs.sensitive(operation, true, inputs.answer(operation), (_, member) -> found.add(member));
    return !found.isEmpty();
  }
}
