package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.Operation;
import tools.jackson.databind.node.ObjectNode;

/// Every constraint of every operation in the models, broken once.
final class ConstraintsTest {
  private final ModelInputs inputs = new ModelInputs();

  @Test
  @DisplayName(
      "API-1: every constraint of every operation answers ValidationException and names the member")
  void everyConstraintIsChecked() throws Exception {
    try (ApiFixture api = new ApiFixture()) {
      String o = api.organization("tour");
      List<String> wrong = new ArrayList<>();
      int tried = 0;
      for (Operation operation : Operation.values()) {
        String name = operation.wireName();
        for (ModelInputs.Broken broken : inputs.broken(name, Map.of("OrganizationId", o))) {
          tried++;
          String member = broken.what().split(" ")[0];
          String last = member.substring(member.lastIndexOf('.') + 1);
          try {
            api.call(name, broken.input());
            wrong.add(name + ": " + broken.what() + ": accepted");
          } catch (ApiException e) {
            boolean named = e.text().toLowerCase().contains(last.toLowerCase());
            if (!e.code().equals("ValidationException") || !named) {
              wrong.add(name + ": " + broken.what() + ": " + e.code() + " " + e.text());
            }
          }
        }
      }
      assertThat(wrong).isEmpty();
      assertThat(tried).isGreaterThan(1_500);
    }
  }

  @Test
  @DisplayName("API-1: a valid input made from the model passes validation for every operation")
  void validInputsPass() throws Exception {
    try (ApiFixture api = new ApiFixture()) {
      List<String> wrong = new ArrayList<>();
      for (Operation operation : Operation.values()) {
        ObjectNode input = inputs.valid(operation.wireName(), Map.of(), 1, true);
        try {
          api.call(operation.wireName(), input);
        } catch (ApiException e) {
          boolean validation = e.text().contains("validation error");
          if (validation) wrong.add(operation.wireName() + ": " + e.text());
          assertThat(e.code()).as("%s %s", operation, input).isNotEqualTo("InternalFailure");
        }
      }
      assertThat(wrong).isEmpty();
    }
  }
}
