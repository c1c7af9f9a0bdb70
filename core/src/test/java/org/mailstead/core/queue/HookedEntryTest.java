package org.mailstead.core.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("FLW-6: queue entries for functions of Run Lambda rules")
final class HookedEntryTest {
  private final QueueFixture fixture = new QueueFixture();

  @AfterEach
  void check() {
    fixture.check();
  }

  private EntryHook.Call call() {
    Instant now = fixture.clock.instant();
    return new EntryHook.Call(
        EntryHook.Direction.OUTBOUND,
        "rule",
        "arn",
        true,
        now.plusSeconds(60),
        "BOUNCE",
        Optional.of("gateway"),
        "message",
        "invocation",
        0,
        now,
        "");
  }

  private Claim accept(int recipientCount) {
    NewEntry plain = fixture.entry(recipientCount, "text");
    NewEntry hooked =
        new NewEntry(
            plain.id(),
            plain.envelope(),
            plain.recipients(),
            plain.content(),
            Optional.empty(),
            Optional.of(call()),
            plain.recipients().stream().map(QueueRecipient::address).toList());
    return fixture.queue.accept(List.of(hooked)).getFirst();
  }

  @Test
  void aPostponedCallComesBackWhenItIsDueOverARestart() {
    Claim claim = accept(150);
    EntryHook.Call failed = call().failed("no answer", fixture.clock.instant().plusSeconds(10));
    fixture.queue.postpone(claim, failed);
    fixture.restart();
    fixture.queue.recover();
    assertThat(fixture.claimDue()).isEmpty();
    fixture.clock.advance(Duration.ofSeconds(10));
    Claim again = fixture.claimDue().getFirst();
    assertThat(again.hook()).contains(failed);
    assertThat(again.named())
        .isEqualTo(again.recipients().stream().map(QueueRecipient::address).toList());
    // Given back without a call, it waits for the same time again.
    fixture.queue.release(again);
    assertThat(fixture.claimDue()).hasSize(1);
  }

  @Test
  void otherEntriesTakeItsPlaceWithWhatWasDecided() {
    Claim claim = accept(70);
    NewEntry plain = fixture.entry(claim.id().part(QueueId.laterPart(fixture.random)), 2, "other");
    var decided =
        new EntryHook.Decided(
            "rule", Optional.of(EntryHook.Place.JUNK), Optional.of("ä".repeat(3_000)));
    NewEntry after =
        new NewEntry(
            plain.id(),
            plain.envelope(),
            plain.recipients(),
            plain.content(),
            Optional.empty(),
            Optional.of(decided),
            List.of());
    Claim next = fixture.queue.replace(claim, List.of(after)).getFirst();
    assertThat(next.id().message()).isEqualTo(claim.id().message());
    fixture.queue.release(next);
    Claim read = fixture.claimDue().getFirst();
    assertThat(read.id()).isEqualTo(plain.id());
    assertThat(read.hook()).contains(decided);
    assertThat(decided.bounceMessage().orElseThrow()).hasSize(1_000);
    fixture.queue.replace(read, List.of());
    assertThat(fixture.claimDue()).isEmpty();
  }

  @Test
  void aDeletedEntryLeavesNothing() {
    Claim claim = accept(70);
    fixture.queue.release(claim);
    assertThat(fixture.queue.delete(claim.id())).isEqualTo(MailQueue.Operated.DONE);
    assertThat(fixture.claimDue()).isEmpty();
  }
}
