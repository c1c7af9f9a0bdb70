package org.mailstead.core.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.content.Contents;
import org.mailstead.core.keys.KeyService;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.store.FailingStore;
import org.mailstead.store.FaultPlan;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.Store;
import org.mailstead.store.StoreCheck;
import org.mailstead.store.TestClock;

/// A queue on a memory store that can fail, with a clock that stands still.
final class QueueFixture {
  static final OrganizationId ORGANIZATION = new OrganizationId("m-0123456789abcdef");

  final TestClock clock = new TestClock();
  final MemoryStore memory = new MemoryStore(clock);
  final FaultPlan faults = new FaultPlan();
  final Store store = new FailingStore(memory, faults);
  final SecureRandom random = new SecureRandom();
  final OrganizationKeys keys = new OrganizationKeys(memory, new Unwrapped(), random);
  MailQueue queue = open("node");

  /// A run of the program: what the one before had claimed is its own only by name.
  MailQueue open(String node) {
    return new MailQueue(store, new Contents(store, random), keys, clock, random, node);
  }

  void restart() {
    queue = open("node");
  }

  NewEntry entry(int recipientCount, String text) {
    return entry(queue.newId(), recipientCount, text);
  }

  NewEntry entry(QueueId id, int recipientCount, String text) {
    List<QueueRecipient> recipients = new ArrayList<>();
    for (int i = 0; i < recipientCount; i++) {
      recipients.add(
          i % 2 == 0
              ? new QueueRecipient(
                  EmailAddress.parse("user" + i + "@example.org"),
                  Optional.of("rfc822;User" + i + "@example.org"),
                  Set.of(QueueRecipient.Notify.SUCCESS, QueueRecipient.Notify.DELAY),
                  new QueueRecipient.Target.Local(
                      new MailboxId("box" + i), new EntityId("user" + i)))
              : new QueueRecipient(
                  EmailAddress.parse("user" + i + "@elsewhere.example"),
                  Optional.empty(),
                  Set.of(),
                  new QueueRecipient.Target.Remote()));
    }
    return new NewEntry(id, envelope(), recipients, queue.stage(id, ORGANIZATION, content(text)));
  }

  QueueEnvelope envelope() {
    Instant now = clock.instant();
    return new QueueEnvelope(
        ORGANIZATION,
        Optional.of(EmailAddress.parse("\"o'dd one\"@example.org")),
        Optional.of(new EntityId("submitter")),
        QueueEnvelope.Origin.SUBMISSION,
        QueueEnvelope.Priority.BULK,
        Optional.of(QueueEnvelope.ReturnContent.HEADERS),
        Optional.of("envelope id"),
        true,
        27,
        now,
        now.plus(Duration.ofDays(4)));
  }

  static Content content(String text) {
    return Content.of(text.getBytes(StandardCharsets.UTF_8));
  }

  String text(Claim claim) {
    try (Content content = queue.open(claim)) {
      return StandardCharsets.UTF_8.decode(content.buffer()).toString();
    }
  }

  List<Claim> claimDue() {
    List<Claim> claims = new ArrayList<>();
    for (int shard = 0; shard < QueueLimits.SHARD_COUNT; shard++) {
      claims.addAll(queue.claimDue(shard, 100));
    }
    return claims;
  }

  /// The store is whole, and the queue empty if it should be.
  StoreCheck.Result check() {
    faults.heal();
    StoreCheck.Result result = new StoreCheck(memory, List.of(new QueueCheck())).run();
    assertThat(result.errors()).isEmpty();
    return result;
  }

  void checkEmpty() {
    check();
    assertThat(new QueueStatus(memory, clock).counts().entries()).isZero();
  }

  /// Keys in the clear: what wraps them is tested elsewhere.
  private static final class Unwrapped implements KeyService {
    @Override
    public byte[] wrap(OrganizationId organization, byte[] dataKey) {
      return dataKey.clone();
    }

    @Override
    public byte[] unwrap(OrganizationId organization, byte[] wrapped) {
      return wrapped.clone();
    }

    @Override
    public boolean isCurrent(byte[] wrapped) {
      return true;
    }
  }
}
