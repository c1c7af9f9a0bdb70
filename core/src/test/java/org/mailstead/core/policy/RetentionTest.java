package org.mailstead.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.FolderId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.MailboxCheck;
import org.mailstead.core.mailbox.NewMessage;
import org.mailstead.core.mailbox.SpecialUse;
import org.mailstead.core.policy.RetentionPolicy.Action;
import org.mailstead.core.policy.RetentionPolicy.Rule;
import org.mailstead.store.StoreCheck;

final class RetentionTest {
  private CoreFixture core;
  private RetentionPolicies policies;
  private RetentionJob job;
  private Mailbox mailbox;

  @BeforeEach
  void start() {
    core = new CoreFixture();
    policies = new RetentionPolicies(core.directory(), new Random(9));
    job = new RetentionJob(core.directory(), policies, core.mailboxes(), core.clock());
    mailbox = core.mailbox(core.anna());
  }

  @AfterEach
  void stop() {
    assertThat(new StoreCheck(core.store(), List.of(new MailboxCheck(core.keys()))).run().errors())
        .isEmpty();
    core.close();
  }

  private void put(Map<RetentionPolicy.Folder, Rule> rules) {
    policies.put(
        core.change("PutRetentionPolicy"),
        core.organization(),
        policies.find(core.organization()).map(RetentionPolicy::id),
        "policy",
        Optional.empty(),
        rules);
  }

  private static Rule rule(Action action, int days) {
    return new Rule(action, Optional.of(days));
  }

  private long append(FolderId folder, Instant received) {
    byte[] text = ("Subject: x\r\n\r\n" + "body ".repeat(2000)).getBytes(StandardCharsets.US_ASCII);
    return mailbox.append(folder, List.of(new NewMessage(Content.of(text), 0, Set.of(), received)))
        .targetUids()[0];
  }

  private FolderId folder(SpecialUse use) {
    return mailbox.folders().stream()
        .filter(f -> f.specialUse().filter(u -> u == use).isPresent())
        .findFirst()
        .orElseThrow()
        .id();
  }

  private int count(FolderId folder) {
    return mailbox.view(folder).count();
  }

  @Test
  void eachFolderFollowsItsRuleAndNothingElseIsTouched() {
    List<FolderId> folders =
        List.of(
            mailbox.inbox(),
            folder(SpecialUse.TRASH),
            folder(SpecialUse.SENT),
            folder(SpecialUse.DRAFTS),
            folder(SpecialUse.JUNK),
            folder(SpecialUse.ARCHIVE),
            mailbox.createFolder(List.of("INBOX", "below"), Optional.empty()).id());
    for (FolderId each : folders) append(each, core.clock().instant());
    put(
        Map.of(
            RetentionPolicy.Folder.INBOX, rule(Action.DELETE, 30),
            RetentionPolicy.Folder.DELETED_ITEMS, rule(Action.PERMANENTLY_DELETE, 10),
            RetentionPolicy.Folder.SENT_ITEMS, new Rule(Action.NONE, Optional.of(1)),
            RetentionPolicy.Folder.JUNK_EMAIL, rule(Action.DELETE, 20)));
    assertThat(job.runOnce()).isZero();
    core.clock().advance(Duration.ofDays(10).plusSeconds(1));
    assertThat(job.runOnce()).isEqualTo(1);
    assertThat(mailbox.recoverableView().count()).isZero();
    core.clock().advance(Duration.ofDays(10));
    assertThat(job.runOnce()).isEqualTo(1);
    core.clock().advance(Duration.ofDays(10));
    assertThat(job.runOnce()).isEqualTo(1);
    assertThat(folders).extracting(this::count).containsExactly(0, 0, 1, 1, 0, 1, 1);
    assertThat(mailbox.recoverableView().count()).isEqualTo(2);
    core.clock().advance(Duration.ofDays(1000));
    assertThat(job.runOnce()).isZero();
  }

  @Test
  @DisplayName("old mail that was moved or copied in yesterday is young; flags do not renew it")
  void movingStartsTheTimeAnew() {
    put(Map.of(RetentionPolicy.Folder.INBOX, rule(Action.DELETE, 30)));
    Instant old = core.clock().instant().minus(Duration.ofDays(3000));
    append(mailbox.inbox(), old);
    long moved = append(folder(SpecialUse.ARCHIVE), old);
    assertThat(job.runOnce()).isZero();
    core.clock().advance(Duration.ofDays(29));
    mailbox.move(folder(SpecialUse.ARCHIVE), new long[] {moved}, mailbox.inbox());
    core.clock().advance(Duration.ofDays(2));
    assertThat(job.runOnce()).isEqualTo(1);
    assertThat(count(mailbox.inbox())).isEqualTo(1);
    core.clock().advance(Duration.ofDays(29));
    assertThat(job.runOnce()).isEqualTo(1);
    // Recovered mail starts anew as well.
    mailbox.recover(uids(mailbox.recoverableView()), mailbox.inbox());
    assertThat(job.runOnce()).isZero();
  }

  @Test
  @DisplayName("thousands go in bounded steps; the blobs of what is removed for good are released")
  void largeFolders() {
    put(Map.of(RetentionPolicy.Folder.JUNK_EMAIL, rule(Action.PERMANENTLY_DELETE, 1)));
    FolderId junk = folder(SpecialUse.JUNK);
    List<NewMessage> messages = new ArrayList<>();
    for (int i = 0; i < 1700; i++) {
      byte[] text = ("Subject: " + i + "\r\n\r\nx\r\n").getBytes(StandardCharsets.US_ASCII);
      messages.add(new NewMessage(Content.of(text), 0, Set.of(), core.clock().instant()));
    }
    mailbox.append(junk, messages);
    long uid = append(junk, core.clock().instant());
    mailbox.copy(junk, new long[] {uid}, mailbox.inbox());
    long version = mailbox.version();
    core.clock().advance(Duration.ofDays(2));
    assertThat(job.runOnce()).isEqualTo(1701);
    assertThat(count(junk)).isZero();
    assertThat(mailbox.version() - version).isBetween(4L, 5L);
    assertThat(mailbox.recoverableBytes()).isZero();
    // The copy in another folder keeps its content.
    assertThat(count(mailbox.inbox())).isEqualTo(1);
    core.mailboxes().purge();
    assertThat(mailbox.content(mailbox.view(mailbox.inbox()).email(1)).length()).isPositive();
    assertThat(mailbox.usedBytes()).isEqualTo(mailbox.view(mailbox.inbox()).size(1));
  }

  @Test
  void aPolicyOfAnotherOrganizationAndADeletedOneCountNothing() {
    append(mailbox.inbox(), core.clock().instant());
    var other =
        core.directory()
            .organizations()
            .create(
                core.change("CreateOrganization"),
                core.account(),
                new org.mailstead.core.directory.NewOrganization(
                    "other",
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    Optional.empty(),
                    false))
            .id();
    policies.put(
        core.change("PutRetentionPolicy"),
        other,
        Optional.empty(),
        "theirs",
        Optional.empty(),
        Map.of(RetentionPolicy.Folder.INBOX, rule(Action.DELETE, 1)));
    core.clock().advance(Duration.ofDays(10));
    assertThat(job.runOnce()).isZero();
    put(Map.of(RetentionPolicy.Folder.INBOX, rule(Action.DELETE, 1)));
    policies.delete(
        core.change("DeleteRetentionPolicy"),
        core.organization(),
        policies.load(core.organization()).id());
    assertThat(job.runOnce()).isZero();
    core.runJobs();
  }

  @Test
  void thereIsOnePolicyAndItsRulesNeedPeriods() {
    refused(
        DirectoryRefusal.INVALID_PARAMETER,
        () -> put(Map.of(RetentionPolicy.Folder.INBOX, new Rule(Action.DELETE, Optional.empty()))));
    refused(
        DirectoryRefusal.INVALID_PARAMETER,
        () -> put(Map.of(RetentionPolicy.Folder.INBOX, rule(Action.DELETE, 731))));
    refused(DirectoryRefusal.ENTITY_NOT_FOUND, () -> policies.load(core.organization()));
    put(Map.of());
    put(Map.of(RetentionPolicy.Folder.INBOX, rule(Action.DELETE, 730)));
    refused(
        DirectoryRefusal.LIMIT_EXCEEDED,
        () ->
            policies.put(
                core.change("P"),
                core.organization(),
                Optional.empty(),
                "second",
                Optional.empty(),
                Map.of()));
    refused(
        DirectoryRefusal.INVALID_PARAMETER,
        () ->
            policies.put(
                core.change("P"),
                core.organization(),
                Optional.of("unknown"),
                "second",
                Optional.empty(),
                Map.of()));
  }

  /// What is known of one message: when the clock said it came in, and was put here.
  private record Known(Instant received, Instant put) {}

  @RepeatedTest(20)
  @DisplayName(
      "whatever the ages and however the clock jumps: what goes is exactly what is too old, never what is younger")
  void neverWhatIsYounger(RepetitionInfo repetition) {
    long seed = System.nanoTime() ^ repetition.getCurrentRepetition();
    Random random = new Random(seed);
    int days = 1 + random.nextInt(100);
    put(
        Map.of(
            RetentionPolicy.Folder.INBOX,
            rule(random.nextBoolean() ? Action.DELETE : Action.PERMANENTLY_DELETE, days)));
    Map<Long, Known> inbox = new java.util.TreeMap<>();
    FolderId archive = folder(SpecialUse.ARCHIVE);
    Set<Long> gone = new HashSet<>();
    for (int step = 0; step < 60; step++) {
      Instant now = core.clock().instant();
      switch (random.nextInt(5)) {
        case 0 -> {
          Instant received = now.minus(Duration.ofHours(random.nextInt(10_000) - 500));
          inbox.put(append(mailbox.inbox(), received), new Known(received, now));
        }
        case 1 -> {
          Instant received = now.minus(Duration.ofHours(random.nextInt(10_000)));
          long uid = append(archive, received);
          long[] moved = mailbox.move(archive, new long[] {uid}, mailbox.inbox()).targetUids();
          inbox.put(moved[0], new Known(received, now));
        }
        case 2 -> core.clock().advance(Duration.ofHours(random.nextInt(24 * days)));
        case 3 -> core.clock().advance(Duration.ofHours(-random.nextInt(24 * days)));
        default -> {
          job.runOnce();
          Set<Long> left = new HashSet<>();
          for (long uid : uids(mailbox.view(mailbox.inbox()))) left.add(uid);
          Instant cutoff = now.minus(Duration.ofDays(days));
          Instant put = Instant.MIN;
          for (var each : inbox.entrySet()) {
            if (gone.contains(each.getKey())) continue;
            Known known = each.getValue();
            put = known.put.isAfter(put) ? known.put : put;
            boolean old = known.received.isBefore(cutoff) && put.isBefore(cutoff);
            boolean isGone = !left.contains(each.getKey());
            assertThat(isGone)
                .as("seed %s, uid %s of %s", seed, each.getKey(), inbox)
                .isEqualTo(old);
            if (isGone) gone.add(each.getKey());
          }
        }
      }
    }
  }

  private static long[] uids(FolderView view) {
    long[] uids = new long[view.count()];
    for (int i = 0; i < uids.length; i++) uids[i] = view.uid(i + 1);
    return uids;
  }

  private static void refused(DirectoryRefusal reason, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            DirectoryRefusedException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
