package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.workmail.server.ApiFixture.text;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mailstead.store.FaultPlan;
import org.mailstead.store.FaultPlan.Call;
import org.mailstead.store.FaultPlan.Fault;
import org.mailstead.workmail.wire.ApiException;

@DisplayName("When the store fails, the API says so and the same call works later")
final class FaultTest {
  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"UNAVAILABLE_BEFORE", "UNKNOWN_BEFORE", "UNKNOWN_AFTER"})
  void everyCommitOfCreateUserMayFail(Fault fault) throws Exception {
    FaultPlan plan = new FaultPlan();
    int refusals = 0;
    try (ApiFixture api = ApiFixture.failing(plan)) {
      String o = api.organization("tour");
      for (int n = 1; n <= 5; n++) {
        String input =
            ("{'OrganizationId':'%s','Name':'user%d','DisplayName':'x',"
                    + "'Password':'Correct-horse-9'}")
                .formatted(o, n);
        plan.failNth(n, fault, Call.COMMIT);
        try {
          api.call("CreateUser", input);
        } catch (ApiException e) {
          refusals++;
          assertThat(e.code()).isEqualTo("ServiceUnavailableException");
          assertThat(e.status()).isEqualTo(503);
          plan.heal();
          again(api, input);
        }
        plan.heal();
        api.settle();
        assertThat(
                text(
                    api.call(
                        "DescribeUser",
                        "{'OrganizationId':'%s','UserId':'user%d'}".formatted(o, n)),
                    "State"))
            .isEqualTo("DISABLED");
      }
    }
    if (fault == Fault.UNAVAILABLE_BEFORE) assertThat(refusals).isPositive();
  }

  /// What was refused may have happened nevertheless, or not at all.
  private static void again(ApiFixture api, String input) throws Exception {
    try {
      api.call("CreateUser", input);
    } catch (ApiException e) {
      assertThat(e.code()).isEqualTo("NameAvailabilityException");
    }
  }

  @Test
  @DisplayName("JRN-2: a read that cannot be recorded is not answered")
  void aReadThatCannotBeRecordedIsNotAnswered() throws Exception {
    FaultPlan plan = new FaultPlan();
    try (ApiFixture api = ApiFixture.failing(plan)) {
      String o = api.organization("tour");
      api.call("ListUsers", "{'OrganizationId':'" + o + "'}");
      plan.fail(1, 100, Fault.UNAVAILABLE_BEFORE, Call.COMMIT);
      api.refused("ListUsers", "{'OrganizationId':'" + o + "'}", "ServiceUnavailableException");
      plan.heal();
      api.call("ListUsers", "{'OrganizationId':'" + o + "'}");
    }
  }

  @Test
  @DisplayName(
      "JRN-2: a call that the store could not carry out is recorded when the log still can be")
  void anUnavailableCallIsRecorded() throws Exception {
    FaultPlan plan = new FaultPlan();
    try (ApiFixture api = ApiFixture.failing(plan)) {
      String o = api.organization("tour");
      plan.fail(1, 1, Fault.UNAVAILABLE_BEFORE, Call.COMMIT);
      api.refused(
          "CreateGroup",
          "{'OrganizationId':'" + o + "','Name':'g'}",
          "ServiceUnavailableException");
      plan.heal();
      assertThat(
              api.audit(o).stream()
                  .filter(r -> text(r, "eventName").equals("CreateGroup"))
                  .map(r -> text(r, "errorCode")))
          .containsExactly("ServiceUnavailableException");
    }
  }
}
