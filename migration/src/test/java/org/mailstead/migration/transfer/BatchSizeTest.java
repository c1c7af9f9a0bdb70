package org.mailstead.migration.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/// MIG-4: ten items, and more only while that costs a fraction of a second.
final class BatchSizeTest {
  @Test
  void beginsWithTenAndDoublesWhileAnswersAreQuick() {
    BatchSize size = new BatchSize(100);
    assertThat(size.items()).isEqualTo(10);
    for (int i = 0; i < 6; i++) size.answered(size.items(), Duration.ofMillis(20));
    assertThat(size.items()).isEqualTo(100);
  }

  @Test
  void staysAtTenWhereTheTargetIsSlow() {
    BatchSize size = new BatchSize(100);
    for (int i = 0; i < 6; i++) size.answered(10, Duration.ofMillis(200));
    assertThat(size.items()).isEqualTo(10);
  }

  @Test
  void halvesWhenABatchTakesLong() {
    BatchSize size = new BatchSize(100);
    for (int i = 0; i < 6; i++) size.answered(size.items(), Duration.ofMillis(20));
    size.answered(100, Duration.ofSeconds(1));
    assertThat(size.items()).isEqualTo(50);
    for (int i = 0; i < 6; i++) size.answered(size.items(), Duration.ofSeconds(1));
    assertThat(size.items()).isEqualTo(10);
  }

  @Test
  void aSmallBatchProvesNothing() {
    BatchSize size = new BatchSize(100);
    for (int i = 0; i < 6; i++) size.answered(3, Duration.ofMillis(1));
    assertThat(size.items()).isEqualTo(10);
  }

  @Test
  void aFailureBeginsAnew() {
    BatchSize size = new BatchSize(100);
    for (int i = 0; i < 6; i++) size.answered(size.items(), Duration.ofMillis(20));
    size.failed();
    assertThat(size.items()).isEqualTo(10);
  }

  @Test
  void neverMoreThanTheTargetTakes() {
    BatchSize size = new BatchSize(10);
    for (int i = 0; i < 6; i++) size.answered(size.items(), Duration.ZERO);
    assertThat(size.items()).isEqualTo(10);
  }
}
