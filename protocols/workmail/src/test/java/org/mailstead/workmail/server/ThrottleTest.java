package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.store.TestClock;
import org.mailstead.workmail.client.WorkMailClient;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.Operation;

@DisplayName("Throttling by key and group of operations")
final class ThrottleTest {
  private static int allowed(Throttle throttle, String key, OperationGroup group) {
    for (int count = 0; count < 10_000; count++) {
      try {
        throttle.take(key, group);
      } catch (ApiException e) {
        assertThat(e.code()).isEqualTo("ThrottlingException");
        assertThat(e.status()).isEqualTo(400);
        return count;
      }
    }
    throw new AssertionError("never throttled");
  }

  @Test
  void aBurstOfTwoSecondsThenTheRate() {
    var clock = new TestClock();
    var throttle = new Throttle(new RequestRates(10, 5, 1), clock);
    assertThat(allowed(throttle, "a", OperationGroup.READ)).isEqualTo(20);
    assertThat(allowed(throttle, "a", OperationGroup.WRITE)).isEqualTo(10);
    assertThat(allowed(throttle, "a", OperationGroup.HEAVY)).isEqualTo(2);
    assertThat(allowed(throttle, "b", OperationGroup.READ)).isEqualTo(20);
    clock.advance(Duration.ofMillis(300));
    assertThat(allowed(throttle, "a", OperationGroup.READ)).isEqualTo(3);
    clock.advance(Duration.ofDays(1));
    assertThat(allowed(throttle, "a", OperationGroup.READ)).isEqualTo(20);
  }

  @Test
  void groups() {
    assertThat(OperationGroup.of(Operation.LIST_USERS)).isEqualTo(OperationGroup.READ);
    assertThat(OperationGroup.of(Operation.CREATE_USER)).isEqualTo(OperationGroup.WRITE);
    assertThat(OperationGroup.of(Operation.CREATE_ORGANIZATION)).isEqualTo(OperationGroup.HEAVY);
  }

  @Test
  void overHttpOneKeyIsThrottledAndAnotherIsNot() throws Exception {
    try (ApiFixture api = ApiFixture.inRealTime(new RequestRates(1, 1_000, 1_000));
        WorkMailClient other = api.client(api.key(api.account()))) {
      List<String> codes = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        try {
          api.call("ListOrganizations", "{}");
        } catch (ApiException e) {
          codes.add(e.code());
        }
      }
      assertThat(codes).isNotEmpty().containsOnly("ThrottlingException");
      api.call(other, "ListOrganizations", "{}");
      api.organization("tour"); // Another group of operations.
    }
  }

  @Test
  void oneKeyHoldsAtMostHalfOfTheTurns() {
    var turns = new Turns(4, 2, Duration.ofMillis(1));
    var held = new ArrayList<Turns.Turn>();
    held.add(turns.take("a"));
    held.add(turns.take("a"));
    assertThatThrownBy(() -> turns.take("a")).hasMessage("Rate exceeded");
    held.add(turns.take("b"));
    held.add(turns.take("b"));
    assertThatThrownBy(() -> turns.take("c")).hasMessage("Rate exceeded");
    held.forEach(Turns.Turn::close);
    assertThat(turns.keys()).isZero();
    try (Turns.Turn turn = turns.take("a")) {
      assertThat(turn).isNotNull();
    }
  }
}
