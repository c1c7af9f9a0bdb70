package org.mailstead.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class ConflictBackoffTest {
  @Test
  void theFirstAttemptsFollowAtOnceAndTheLastEndWithinSeconds() {
    assertThat(ConflictBackoff.longest(1)).isZero();
    assertThat(ConflictBackoff.longest(4)).isZero();
    assertThat(ConflictBackoff.longest(5)).isEqualTo(Duration.ofMillis(2));
    Duration all = Duration.ZERO;
    for (int i = 1; i < ConflictBackoff.ATTEMPTS_MAX; i++) {
      assertThat(ConflictBackoff.longest(i)).isGreaterThanOrEqualTo(ConflictBackoff.longest(i - 1));
      all = all.plus(ConflictBackoff.longest(i));
    }
    assertThat(all).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(15));
  }
}
