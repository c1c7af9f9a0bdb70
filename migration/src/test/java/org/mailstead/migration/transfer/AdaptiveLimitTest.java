package org.mailstead.migration.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/// Against simulated servers in simulated time: what each bears is found, and no more is asked for.
final class AdaptiveLimitTest {
  private static final AdaptiveLimit.Settings SETTINGS =
      new AdaptiveLimit.Settings(2, 16, Duration.ofSeconds(2), 8);
  private static final long TICK = 100_000_000;

  /// A server that moves so much a second with so many lanes, and its complaints.
  private static final class Host {
    final AdaptiveLimit limit = new AdaptiveLimit(SETTINGS);
    final IntToDoubleFunction ratePerSecond;
    final Random random;
    long now;
    int highest;

    Host(IntToDoubleFunction ratePerSecond, long seed) {
      this.ratePerSecond = ratePerSecond;
      this.random = new Random(seed);
    }

    /// @param noise share by which each tick is more or less
    void run(Duration duration, double noise) {
      for (long end = now + duration.toNanos(); now < end; ) {
        now += TICK;
        double share = 1 + noise * (2 * random.nextDouble() - 1);
        double moved = ratePerSecond.applyAsDouble(limit.limit()) * share * TICK / 1e9;
        limit.moved(moved, limit.limit(), now);
        highest = Math.max(highest, limit.limit());
      }
    }
  }

  @Test
  void growsAsLongAsThatMovesMore() {
    Host host = new Host(lanes -> 100.0 * lanes, 1);
    assertThat(host.limit.limit()).isEqualTo(2);
    host.run(Duration.ofMinutes(2), 0.02);
    assertThat(host.limit.limit()).isEqualTo(SETTINGS.max());
  }

  @Test
  void settlesWhereMoreLanesMoveNoMore() {
    Host host = new Host(lanes -> 100.0 * Math.min(lanes, 5), 2);
    host.run(Duration.ofMinutes(2), 0.02);
    assertThat(host.limit.limit()).isBetween(5, 6);
    // It looks again now and then, by one lane at a time.
    host.highest = 0;
    host.run(Duration.ofMinutes(10), 0.02);
    assertThat(host.highest).isBetween(5, 7);
  }

  @Test
  void doesNotStayWhereMoreLanesMoveLess() {
    Host host = new Host(lanes -> lanes <= 3 ? 100.0 * lanes : 300.0 / (lanes - 2), 3);
    host.run(Duration.ofMinutes(5), 0.02);
    assertThat(host.limit.limit()).isBetween(3, 4);
  }

  @Test
  void halvesWhenTheServerComplainsAndComesBack() {
    Host host = new Host(lanes -> 100.0 * lanes, 4);
    host.run(Duration.ofMinutes(2), 0.02);
    assertThat(host.limit.struck(host.now)).isTrue();
    assertThat(host.limit.limit()).isEqualTo(8);
    // All lanes hear the same refusal: it counts once.
    for (int i = 0; i < 15; i++) host.limit.struck(host.now + i);
    assertThat(host.limit.limit()).isEqualTo(8);
    // Held for a while, then it grows again.
    host.run(Duration.ofSeconds(10), 0.02);
    assertThat(host.limit.limit()).isEqualTo(8);
    host.run(Duration.ofMinutes(2), 0.02);
    assertThat(host.limit.limit()).isEqualTo(SETTINGS.max());
  }

  @Test
  void aServerThatThrottlesAboveSoManyIsMostlyLeftInPeace() {
    Host host = new Host(lanes -> 50.0 * lanes, 5);
    int complaints = 0;
    for (int i = 0; i < 600; i++) {
      host.run(Duration.ofSeconds(1), 0.05);
      if (host.limit.limit() > 6) {
        complaints++;
        host.limit.struck(host.now);
      }
    }
    // Ten minutes: a complaint every half minute at most, and most of what is allowed is used.
    assertThat(complaints).isBetween(1, 25);
    assertThat(host.limit.limit()).isBetween(3, 6);
  }

  @Test
  void complaintsWithoutEndLeaveOneLane() {
    AdaptiveLimit limit = new AdaptiveLimit(SETTINGS);
    for (int i = 0; i < 100; i++) limit.struck(i * 5_000_000_000L);
    assertThat(limit.limit()).isEqualTo(1);
  }

  @Test
  void aMailboxThatDoesNotUseItsLanesSaysNothingAboutItsServer() {
    AdaptiveLimit limit = new AdaptiveLimit(SETTINGS);
    for (int i = 1; i < 1_000; i++) limit.moved(10, 1, i * TICK);
    assertThat(limit.limit()).isEqualTo(2);
  }
}
