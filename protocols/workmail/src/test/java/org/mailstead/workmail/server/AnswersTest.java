package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.Operation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Answers are what the models say: known members of the right types, within the constraints.
final class AnswersTest {
  private final ModelInputs inputs = new ModelInputs();

  @Test
  @DisplayName("API-1: the answer of every operation that is built has the shape of the model")
  void everyAnswerHasItsShape() throws Exception {
    List<String> wrong = new ArrayList<>();
    Set<String> answered = new TreeSet<>();
    try (ApiFixture api = new ApiFixture();
        Planted planted = new Planted(api, inputs, "tour")) {
      for (Operation operation : inOrder()) {
        String name = operation.wireName();
        for (boolean optional : new boolean[] {false, true}) {
          ObjectNode input = inputs.valid(name, planted.values(0), 0, optional);
          if (inputs.members(name).contains("OrganizationId")) {
            input.put("OrganizationId", planted.organization);
          }
          try {
            ObjectNode answer = planted.client.call(name, input);
            answered.add(name);
            check(name, inputs.output(name), answer, wrong);
          } catch (ApiException e) {
            assertThat(e.code()).as(name).isNotEqualTo("InternalFailure");
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(answered)
        .contains("DescribeUser", "ListUsers", "GetMailDomain", "GetMobilePolicyDetails")
        .hasSizeGreaterThan(25);
  }

  /// Those that take things away come last.
  private static List<Operation> inOrder() {
    return Stream.of(Operation.values())
        .filter(o -> o != Operation.DELETE_ORGANIZATION)
        .sorted(Comparator.comparing(o -> isTaking(o.wireName())))
        .toList();
  }

  private static boolean isTaking(String name) {
    return Stream.of("Delete", "Deregister", "Disassociate", "Remove", "Detach", "Update")
        .anyMatch(name::startsWith);
  }

  private void check(String path, String shapeName, JsonNode value, List<String> wrong) {
    JsonNode shape = inputs.shape(shapeName);
    boolean typed =
        switch (shape.path("type").asString()) {
          case "structure" -> {
            for (Map.Entry<String, JsonNode> member : value.properties()) {
              JsonNode target = shape.path("members").path(member.getKey()).path("shape");
              String place = path + "." + member.getKey();
              if (target.isMissingNode()) {
                wrong.add(place + " is not in the model");
              } else {
                check(place, target.asString(), member.getValue(), wrong);
              }
            }
            for (JsonNode required : shape.path("required")) {
              if (!value.has(required.asString())) wrong.add(path + " lacks " + required);
            }
            yield value.isObject();
          }
          case "list" -> {
            String element = shape.path("member").path("shape").asString();
            value.forEach(item -> check(path + "[]", element, item, wrong));
            yield value.isArray();
          }
          case "boolean" -> value.isBoolean();
          case "integer", "long" -> value.isIntegralNumber();
          case "double", "timestamp" -> value.isNumber();
          // A DKIM key published as TXT is longer than the CNAME that WorkMail shows.
          default ->
              value.isString()
                  && (path.equals("GetMailDomain.Records[].Value")
                      || inputs.allows(shapeName, value));
        };
    if (!typed) wrong.add(path + " is not " + shapeName + ": " + value);
  }
}
