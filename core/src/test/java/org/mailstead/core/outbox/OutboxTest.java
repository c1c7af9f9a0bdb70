package org.mailstead.core.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mailstead.base.UnavailableException;
import org.mailstead.store.Collection;
import org.mailstead.store.FailingStore;
import org.mailstead.store.FaultPlan;
import org.mailstead.store.FaultPlan.Call;
import org.mailstead.store.FaultPlan.Fault;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;

final class OutboxTest {
  private static final PartitionId PARTITION = new PartitionId("org/x");
  private static final Collection ROWS = new Collection(1, "rows");
  private static final EffectKind AT_ONCE = new EffectKind(1, "at once", false);
  private static final EffectKind LATER = new EffectKind(2, "later", true);

  private final FaultPlan plan = new FaultPlan();
  private final FailingStore store = new FailingStore(new MemoryStore(), plan);
  private final List<String> done = new ArrayList<>();
  private boolean broken;

  private Outbox outbox() {
    var outbox = new Outbox(new Commits(store, new Versions(store), new Random(1)));
    outbox.handle(AT_ONCE, this::note);
    outbox.handle(LATER, this::note);
    return outbox;
  }

  private void note(Effect effect) {
    if (broken) throw new UnavailableException("broken", Duration.ofSeconds(1));
    done.add(new String(effect.payload(), StandardCharsets.UTF_8));
  }

  private static int change(Outbox outbox, EffectKind kind, String payload) {
    return outbox.change(
        PARTITION,
        change -> {
          change.put(ROWS, new byte[] {1}, new byte[] {1});
          change.effect(kind, payload.getBytes(StandardCharsets.UTF_8));
          return 7;
        });
  }

  private boolean isEmpty() {
    return store.range(PARTITION, PartitionChange.OUTBOX, Range.all(), 1).rows().isEmpty()
        && store.range(PARTITION, PartitionChange.PAYLOADS, Range.all(), 1).rows().isEmpty();
  }

  @Test
  void anEffectIsCarriedOutBeforeTheChangeReturnsAndItsRowIsGone() {
    Outbox outbox = outbox();
    assertThat(change(outbox, AT_ONCE, "a")).isEqualTo(7);
    assertThat(done).containsExactly("a");
    assertThat(isEmpty()).isTrue();
  }

  @Test
  void aDeferredEffectWaitsForTheRunnerAndALargePayloadSurvives() {
    Outbox outbox = outbox();
    String large = "x".repeat(20_000);
    change(outbox, LATER, large);
    assertThat(done).isEmpty();
    assertThat(outbox.runOnce()).isEqualTo(1);
    assertThat(done).containsExactly(large);
    assertThat(isEmpty()).isTrue();
    assertThat(outbox.runOnce()).isZero();
  }

  @Test
  void anEffectThatFailsDoesNotFailTheChangeAndIsTriedAgain() {
    Outbox outbox = outbox();
    broken = true;
    assertThat(change(outbox, AT_ONCE, "a")).isEqualTo(7);
    assertThat(outbox.runOnce()).isZero();
    broken = false;
    assertThat(outbox.runOnce()).isEqualTo(1);
    assertThat(done).containsExactly("a");
    assertThat(outbox.isIdle()).isTrue();
  }

  @Test
  void whatACrashLeftIsResumed() {
    broken = true;
    change(outbox(), AT_ONCE, "a");
    change(outbox(), LATER, "b");
    broken = false;
    Outbox restarted = outbox();
    assertThat(restarted.runOnce()).isZero();
    restarted.resume(List.of("org/"));
    assertThat(restarted.runOnce()).isEqualTo(2);
    assertThat(done).containsExactly("a", "b");
  }

  @Test
  void anEffectIsNotForgottenWhenItsRowCannotBeRemoved() {
    Outbox outbox = outbox();
    plan.failNth(2, Fault.UNAVAILABLE_BEFORE, Call.COMMIT);
    change(outbox, AT_ONCE, "a");
    assertThat(outbox.runOnce()).isEqualTo(1);
    assertThat(done).containsExactly("a", "a"); // At least once.
    assertThat(isEmpty()).isTrue();
  }

  @Test
  void aRefusedChangeLeavesNothing() {
    Outbox outbox = outbox();
    assertThatThrownBy(() ->
            outbox.change(
                PARTITION,
                change -> {
                  change.effect(AT_ONCE, new byte[] {1});
                  throw new IllegalArgumentException("no");
                }))
        .hasMessage("no");
    assertThat(store.version(PARTITION)).isZero();
    assertThat(done).isEmpty();
  }

  @Test
  void anUnknownOutcomeIsSettled() {
    Outbox outbox = outbox();
    plan.failNth(1, Fault.UNKNOWN_AFTER, Call.COMMIT);
    assertThat(change(outbox, AT_ONCE, "a")).isEqualTo(7);
    assertThat(done).containsExactly("a");
    plan.failNth(1, Fault.UNKNOWN_BEFORE, Call.COMMIT);
    assertThatThrownBy(() -> change(outbox, AT_ONCE, "b")).isInstanceOf(UnavailableException.class);
    assertThat(done).containsExactly("a");
  }

  @Test
  void cachedValuesFollowOwnAndForeignCommits() {
    var versions = new Versions(store);
    var commits = new Commits(store, versions, new Random(1));
    var cache = new VersionedCache<String, Optional<byte[]>>(versions, 10);
    var elsewhere = new Commits(store, new Versions(store), new Random(2));
    var loads = new int[1];
    for (byte i = 1; i <= 6; i++) {
      byte value = i;
      (i % 2 == 0 ? commits : elsewhere)
          .change(
              PARTITION,
              change -> {
                change.put(ROWS, new byte[] {1}, new byte[] {value});
                return true;
              });
      for (int again = 0; again < 3; again++) {
        byte[] read =
            cache
                .get(
                    PARTITION,
                    "key",
                    () -> {
                      loads[0]++;
                      return store.get(PARTITION, ROWS, new byte[] {1});
                    })
                .orElseThrow();
        assertThat(read).containsExactly(value);
      }
    }
    assertThat(loads[0]).isEqualTo(6);
  }
}
