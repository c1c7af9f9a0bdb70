package org.mailstead.mailflow;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.directory.Recipients;
import org.mailstead.core.queue.Claim;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.NewEntry;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.core.queue.RecipientState;
import org.mailstead.mailflow.journaling.Journaling;
import org.mailstead.store.DamagedBlobException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides what results mean: who is done, who is tried again and when, and of whom the sender
/// hears. The reports are queue entries of the same shard, so that they are written in the same
/// commit as the results.
final class Settlement {
  private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);

  /// What is to be recorded. The reports' contents are staged.
  record Prepared(SortedMap<Integer, RecipientState> states, List<NewEntry> reports) {}

  private final MailflowSettings settings;
  private final MailQueue queue;
  private final Recipients recipients;
  private final DeliveryReports reports;
  private final MailEvents events;
  private final MessageAssembly assembly;
  private final JournalEntries journals;
  private final InstantSource clock;

  Settlement(
      MailflowSettings settings,
      MailQueue queue,
      Recipients recipients,
      DeliveryReports reports,
      MailEvents events,
      MessageAssembly assembly,
      JournalEntries journals,
      InstantSource clock) {
    this.settings = settings;
    this.queue = queue;
    this.recipients = recipients;
    this.reports = reports;
    this.events = events;
    this.assembly = assembly;
    this.journals = journals;
    this.clock = clock;
  }

  /// @param answered recipients whose fate the peer has heard already (LMTP): final, not reported
  Prepared prepare(Claim claim, Map<Integer, AttemptResult> results, Set<Integer> answered) {
    Instant now = clock.instant();
    SortedMap<Integer, RecipientState> states = new TreeMap<>();
    Map<DeliveryReports.Kind, List<DeliveryReports.Reported>> reported =
        new EnumMap<>(DeliveryReports.Kind.class);
    results.forEach((index, result) -> {
      QueueRecipient recipient = claim.recipients().get(index);
      RecipientState before = claim.state(index);
      Decision decision =
          decide(claim.envelope(), recipient, before, result, answered.contains(index), now);
      states.put(index, decision.state());
      decision
          .report()
          .ifPresent(told ->
              reported.computeIfAbsent(told.kind(), kind -> new ArrayList<>()).add(told.about()));
      log(claim, recipient, decision.state(), result);
      events.attempted(
          claim.envelope(),
          recipient,
          decision.state(),
          result,
          claim.id().message().toString(),
          now);
    });
    List<NewEntry> entries = new ArrayList<>();
    try {
      reported.forEach((kind, about) -> report(claim, kind, about, now).ifPresent(entries::add));
      for (AttemptResult result : results.values()) sendOn(claim, result, entries, now);
    } catch (RuntimeException e) {
      forget(entries);
      throw e;
    }
    return new Prepared(states, entries);
  }

  /// What a recipient's rules send, and its journal reports.
  private void sendOn(Claim claim, AttemptResult result, List<NewEntry> entries, Instant now) {
    if (result.outgoing().isEmpty()) return;
    try (Content whole = queue.open(claim)) {
      Content original = TailContent.of(whole, claim.envelope().relayOffset());
      for (RuleMail mail : result.outgoing()) {
        entries.add(mail.stage(queue, assembly, settings, claim, original, now));
        for (Journaling.Report report : mail.journaled()) {
          entries.add(journals.stage(report, claim.id().shard(), original, now));
        }
      }
    }
  }

  /// Gives up reports that were not recorded.
  void forget(List<NewEntry> entries) {
    for (NewEntry entry : entries) {
      try {
        queue.unstage(entry.id(), entry.content());
      } catch (UnavailableException e) {
        LOG.warn("staged content of report {} stays: {}", entry.id(), e.getMessage());
      }
    }
  }

  private record Told(DeliveryReports.Kind kind, DeliveryReports.Reported about) {}

  private record Decision(RecipientState state, Optional<Told> report) {}

  private Decision decide(
      QueueEnvelope envelope,
      QueueRecipient recipient,
      RecipientState before,
      AttemptResult result,
      boolean answered,
      Instant now) {
    String reply = result.reply().toString();
    return switch (result.kind()) {
      case DELIVERED ->
          new Decision(
              before.delivered(reply),
              told(
                  recipient.wantsSuccess(),
                  DeliveryReports.Kind.SUCCESS,
                  "delivered",
                  recipient,
                  result));
      case RELAYED -> new Decision(before.delivered(reply), Optional.empty());
      case RELAYED_WITHOUT_REPORTS ->
          new Decision(
              before.delivered(reply),
              told(
                  recipient.wantsSuccess(),
                  DeliveryReports.Kind.SUCCESS,
                  "relayed",
                  recipient,
                  result));
      case FAILED ->
          new Decision(
              before.failed(reply),
              told(
                  recipient.wantsFailure() && !answered,
                  DeliveryReports.Kind.FAILURE,
                  "failed",
                  recipient,
                  result));
      case RETRY -> {
        if (answered) yield new Decision(before.failed(reply), Optional.empty());
        if (!now.isBefore(envelope.expires())) {
          DeliveryReports.Reported about =
              new DeliveryReports.Reported(
                  recipient, "failed", result.reply(), result.remoteMta(), true, Optional.empty());
          yield new Decision(
              before.failed(reply),
              recipient.wantsFailure()
                  ? Optional.of(new Told(DeliveryReports.Kind.FAILURE, about))
                  : Optional.empty());
        }
        yield retry(envelope, recipient, before, result, now);
      }
    };
  }

  private Decision retry(
      QueueEnvelope envelope,
      QueueRecipient recipient,
      RecipientState before,
      AttemptResult result,
      Instant now) {
    Instant next = now.plus(settings.retryDelay(before.attempts() + 1));
    // The last attempt is made when it expires, so that a report follows it at once.
    if (next.isAfter(envelope.expires())) next = envelope.expires();
    RecipientState state = before.retried(next, result.reply().toString());
    boolean late = !now.isBefore(envelope.received().plus(settings.delayReportAfter()));
    if (!late || state.delayReported()) return new Decision(state, Optional.empty());
    DeliveryReports.Reported about =
        new DeliveryReports.Reported(
            recipient,
            "delayed",
            result.reply(),
            result.remoteMta(),
            false,
            Optional.of(envelope.expires()));
    return new Decision(
        state.withDelayReported(),
        recipient.wantsDelay()
            ? Optional.of(new Told(DeliveryReports.Kind.DELAY, about))
            : Optional.empty());
  }

  private static Optional<Told> told(
      boolean wanted,
      DeliveryReports.Kind kind,
      String action,
      QueueRecipient recipient,
      AttemptResult result) {
    if (!wanted) return Optional.empty();
    return Optional.of(
        new Told(
            kind,
            new DeliveryReports.Reported(
                recipient, action, result.reply(), result.remoteMta(), false, Optional.empty())));
  }

  /// A report as an entry beside the one it reports on; empty where nobody is to hear of it.
  private Optional<NewEntry> report(
      Claim claim, DeliveryReports.Kind kind, List<DeliveryReports.Reported> about, Instant now) {
    // RFC 3461 §4.1, RFC 5321 §6.1: never a report about a report.
    if (claim.envelope().reversePath().isEmpty()) {
      LOG.info("queue entry {}: no report, the sender is <>", claim.id());
      return Optional.empty();
    }
    EmailAddress sender = claim.envelope().reversePath().get();
    return switch (recipients.resolve(sender)) {
      case Recipients.Resolution.Local(var organization, var entity, var members) -> {
        List<QueueRecipient> targets = new ArrayList<>();
        for (Recipients.Recipient member : members) {
          targets.add(
              new QueueRecipient(
                  member.address(),
                  Optional.empty(),
                  // RFC 3461 §5.2.1 (h): a report asks for no reports.
                  Set.of(QueueRecipient.Notify.NEVER),
                  new QueueRecipient.Target.Local(member.mailbox(), member.entity())));
        }
        yield targets.isEmpty()
            ? Optional.empty()
            : Optional.of(entry(claim, kind, about, organization, sender, targets, now));
      }
      case Recipients.Resolution.Foreign() -> {
        QueueRecipient target =
            new QueueRecipient(
                sender,
                Optional.empty(),
                Set.of(QueueRecipient.Notify.NEVER),
                new QueueRecipient.Target.Remote());
        yield Optional.of(
            entry(
                claim, kind, about, claim.envelope().organization(), sender, List.of(target), now));
      }
      case Recipients.Resolution.Unknown(), Recipients.Resolution.Disabled() -> {
        LOG.info("queue entry {}: no report, the sender's address takes no mail", claim.id());
        yield Optional.empty();
      }
    };
  }

  private NewEntry entry(
      Claim claim,
      DeliveryReports.Kind kind,
      List<DeliveryReports.Reported> about,
      OrganizationId organization,
      EmailAddress sender,
      List<QueueRecipient> targets,
      Instant now) {
    QueueId id = queue.newId(claim.id().shard());
    Content report = write(claim, kind, about, sender);
    String returnPath =
        targets.getFirst().isLocal() ? TraceFields.returnPath(Optional.empty()) : "";
    byte[] prefix = returnPath.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    byte[] bytes = new byte[prefix.length + (int) report.length()];
    System.arraycopy(prefix, 0, bytes, 0, prefix.length);
    report.buffer().get(bytes, prefix.length, (int) report.length());
    QueueEnvelope envelope =
        new QueueEnvelope(
            organization,
            Optional.empty(),
            Optional.empty(),
            QueueEnvelope.Origin.REPORT,
            QueueEnvelope.Priority.NORMAL,
            Optional.empty(),
            Optional.empty(),
            !AddressText.isAscii(sender.toString()),
            prefix.length,
            now,
            now.plus(settings.expiry()),
            claim.envelope().requireTls());
    return new NewEntry(id, envelope, targets, queue.stage(id, organization, Content.of(bytes)));
  }

  private Content write(
      Claim claim,
      DeliveryReports.Kind kind,
      List<DeliveryReports.Reported> about,
      EmailAddress sender) {
    Content whole;
    try {
      whole = queue.open(claim);
    } catch (DamagedBlobException e) {
      return reports.write(kind, claim.id(), claim.envelope(), sender, about, Optional.empty());
    }
    try (whole) {
      Content original = TailContent.of(whole, claim.envelope().relayOffset());
      return reports.write(
          kind, claim.id(), claim.envelope(), sender, about, Optional.of(original));
    } catch (DamagedBlobException e) {
      return reports.write(kind, claim.id(), claim.envelope(), sender, about, Optional.empty());
    }
  }

  private static void log(
      Claim claim, QueueRecipient recipient, RecipientState after, AttemptResult result) {
    LOG.info(
        "queue entry {}: {} to {}: {} ({})",
        claim.id(),
        result.kind(),
        recipient.isLocal() ? "mailbox" : recipient.address().domain(),
        after.status(),
        AttemptResult.clean(result.reply().toString()));
  }
}
