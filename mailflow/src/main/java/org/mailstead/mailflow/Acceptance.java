package org.mailstead.mailflow;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.mailstead.base.Content;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.access.Principal;
import org.mailstead.core.content.StagedContent;
import org.mailstead.core.logs.EmailEvent;
import org.mailstead.core.queue.Claim;
import org.mailstead.core.queue.CountedRecipients;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.NewEntry;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.mailflow.EnvelopeRecipients.Accepted;
import org.mailstead.mailflow.EnvelopeRecipients.Target;
import org.mailstead.mailflow.dmarc.DmarcPolicy;
import org.mailstead.mailflow.filter.FilterVerdict;
import org.mailstead.mailflow.journaling.Journaling;
import org.mailstead.mailflow.limits.SendingCount;
import org.mailstead.mailflow.limits.SendingLimits;
import org.mailstead.smtp.server.Reception.Outcome;
import org.mailstead.smtp.server.SessionFacts;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.SmtpReply;
import org.mailstead.store.UnknownOutcomeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stores a message that every check has let through, before the peer hears yes.
///
/// For one mailbox and no other duty the commit into the mailbox is the acceptance. Otherwise the
/// content is staged once per organization and one commit in a queue shard names everybody whom it
/// goes to; after the 250 the queue's runner delivers (design §5). LMTP waits for the mailboxes and
/// answers for each recipient.
final class Acceptance {
  private static final Logger LOG = LoggerFactory.getLogger(Acceptance.class);
  private static final int BULK_RECIPIENTS_MIN = 100;

  /// A message as it is accepted.
  ///
  /// @param wanted what its sender's DMARC policy asks for
  /// @param filtered what the filters said
  /// @param reservation of recipients that count (LIM-3)
  record Message(
      QueueId id,
      SessionFacts session,
      Optional<Principal> submitter,
      MailFrom from,
      MessageHeader header,
      Optional<DmarcPolicy> wanted,
      FilterVerdict filtered,
      EmailEvent.Verdicts verdicts,
      Optional<SendingLimits.Reservation> reservation,
      Instant now) {
    Optional<SendingLimits.Reservation> counting() {
      return reservation.filter(SendingCount::counts);
    }
  }

  /// What is stored.
  ///
  /// @param original the message as it came
  /// @param whole with our fields before it
  /// @param relayOffset where it begins for other servers
  record Contents(
      Content original, Content whole, int relayOffset, List<Journaling.Report> journaled) {}

  private final MailflowSettings settings;
  private final MailQueue queue;
  private final RuleDelivery rules;
  private final QueueRunner runner;
  private final DmarcEnforcement enforcement;
  private final ContentChecks checks;
  private final FlowEnforcement flow;
  private final JournalEntries journals;
  private final MailEvents events;

  Acceptance(
      MailflowSettings settings,
      MailQueue queue,
      RuleDelivery rules,
      QueueRunner runner,
      DmarcEnforcement enforcement,
      ContentChecks checks,
      FlowEnforcement flow,
      JournalEntries journals,
      MailEvents events) {
    this.settings = settings;
    this.queue = queue;
    this.rules = rules;
    this.runner = runner;
    this.enforcement = enforcement;
    this.checks = checks;
    this.flow = flow;
    this.journals = journals;
    this.events = events;
  }

  /// @return the answer to the end of data
  Outcome accept(Message message, EnvelopeRecipients recipients, Contents contents) {
    Map<Object, Target> distinct = recipients.distinct();
    if (distinct.size() == 1 && contents.journaled().isEmpty()) {
      Target target = distinct.values().iterator().next();
      if (target.recipient().target() instanceof QueueRecipient.Target.Local here
          && !target.isHooked()
          && !hasOtherDuties(message, target.recipient())) {
        RuleDelivery.Rules found = rules.rules(here.mailbox());
        // A user's program would keep what is refused in its outbox: a user hears by a report.
        boolean refuses = found.mayReject() && message.submitter().isPresent();
        if (!found.maySend() && !refuses) {
          Verdict verdict = deliver(message, target, here, found, contents);
          return answer(message.session(), recipients, verdict);
        }
      }
    }
    return enqueue(message, recipients, distinct, contents);
  }

  /// The same answer for all of them.
  static Outcome answer(SessionFacts session, EnvelopeRecipients recipients, Verdict verdict) {
    if (session.kind() != SessionFacts.Kind.LMTP) return new Outcome.All(verdict);
    return new Outcome.Each(java.util.Collections.nCopies(recipients.accepted().size(), verdict));
  }

  /// Whether more than the delivery into one mailbox hangs on the acceptance: a report of success,
  /// counted recipients. What rules send is such a duty too ([RuleDelivery.Rules#maySend]).
  private static boolean hasOtherDuties(Message message, QueueRecipient recipient) {
    return recipient.wantsSuccess() || message.counting().isPresent();
  }

  private Verdict deliver(
      Message message,
      Target target,
      QueueRecipient.Target.Local here,
      RuleDelivery.Rules found,
      Contents contents) {
    LocalDelivery.Place place =
        checks.place(
            target.organization(),
            message.filtered(),
            enforcement.place(message.wanted(), target.organization()),
            otherwise -> flow.place(target.organization(), message.header(), otherwise));
    String id = message.id().toString();
    AttemptResult result =
        rules.deliver(
            found, message, target, here, contents.whole(), contents.relayOffset(), place);
    if (result.kind() == AttemptResult.Kind.DELIVERED) {
      tellAccepted(message, Map.of(target.organization(), List.of(target.recipient())));
      events.delivered(
          target.organization(),
          target.recipient(),
          result.folder().orElse(place.folder()),
          id,
          message.now());
    }
    return verdict(result, message.id());
  }

  private Outcome enqueue(
      Message message,
      EnvelopeRecipients recipients,
      Map<Object, Target> distinct,
      Contents contents) {
    QueueId id = message.id();
    boolean smtpUtf8 = needsUtf8(message, distinct);
    HookedRecipients grouped = HookedRecipients.of(distinct.values(), recipients.named());
    Map<OrganizationId, List<QueueRecipient>> byOrganization = grouped.delivered();
    List<NewEntry> entries = new ArrayList<>();
    List<Claim> claims;
    try {
      for (var each : byOrganization.entrySet()) {
        // The first entry has the id that Received names; all of them are one commit.
        QueueId entryId = entries.isEmpty() ? id : id.part(entries.size());
        StagedContent staged = queue.stage(entryId, each.getKey(), contents.whole());
        // They count once, with the first entry.
        Optional<CountedRecipients> counted =
            entries.isEmpty()
                ? message.counting().map(SendingLimits.Reservation::counted)
                : Optional.empty();
        QueueEnvelope envelope =
            envelope(
                message, each.getKey(), each.getValue().size(), contents.relayOffset(), smtpUtf8);
        entries.add(new NewEntry(entryId, envelope, each.getValue(), staged, counted));
      }
      for (HookedRecipients.Hooked each : grouped.hooked()) {
        QueueId entryId = entries.isEmpty() ? id : id.part(entries.size());
        StagedContent staged = queue.stage(entryId, each.organization(), contents.whole());
        entries.add(
            new NewEntry(
                entryId,
                envelope(
                    message,
                    each.organization(),
                    each.recipients().size(),
                    contents.relayOffset(),
                    smtpUtf8),
                each.recipients(),
                staged,
                entries.isEmpty()
                    ? message.counting().map(SendingLimits.Reservation::counted)
                    : Optional.empty(),
                Optional.of(each.call()),
                each.named()));
      }
      for (Journaling.Report report : contents.journaled()) {
        entries.add(journals.stage(report, id.shard(), contents.original(), message.now()));
      }
      claims = queue.accept(entries);
      message.reservation().ifPresent(SendingLimits.Reservation::keep);
    } catch (UnknownOutcomeException e) {
      message.reservation().ifPresent(SendingLimits.Reservation::doubt);
      // It may be there after all: its content must stay.
      throw e;
    } catch (RuntimeException e) {
      unstage(entries);
      throw e;
    }
    tellAccepted(message, grouped.all());
    for (Journaling.Report report : contents.journaled()) {
      events.journaled(
          report.organization(), report.journalingAddress(), id.toString(), message.now());
    }
    if (message.session().kind() == SessionFacts.Kind.LMTP) {
      // The peer waits for mailboxes, not for the journal.
      runner.submit(claims.subList(byOrganization.size(), claims.size()));
      return deliverAndAnswer(claims.subList(0, byOrganization.size()), recipients, id);
    }
    runner.submit(claims);
    return answer(message.session(), recipients, new Verdict.Accepted("queued as " + id));
  }

  private void tellAccepted(Message message, Map<OrganizationId, List<QueueRecipient>> recipients) {
    events.accepted(
        message.submitter().map(Principal::organization),
        message.from().reversePath(),
        message.header(),
        recipients,
        message.verdicts(),
        message.id().toString(),
        message.now());
  }

  private void unstage(List<NewEntry> entries) {
    for (NewEntry entry : entries) {
      try {
        queue.unstage(entry.id(), entry.content());
      } catch (RuntimeException e) {
        LOG.warn("staged content of {} stays: {}", entry.id(), e.getMessage());
      }
    }
  }

  private QueueEnvelope envelope(
      Message message,
      OrganizationId organization,
      int recipientCount,
      int relayOffset,
      boolean smtpUtf8) {
    return new QueueEnvelope(
        organization,
        message.from().reversePath(),
        message.submitter().map(Principal::user),
        message.submitter().isPresent()
            ? QueueEnvelope.Origin.SUBMISSION
            : QueueEnvelope.Origin.INBOUND,
        recipientCount >= BULK_RECIPIENTS_MIN
            ? QueueEnvelope.Priority.BULK
            : QueueEnvelope.Priority.NORMAL,
        // RFC 8689 §5: a report does not carry what had to be kept.
        (message.from().requireTls()
                ? Optional.of(MailFrom.DsnReturn.HEADERS)
                : message.from().returned())
            .map(value ->
                switch (value) {
                  case FULL -> QueueEnvelope.ReturnContent.FULL;
                  case HEADERS -> QueueEnvelope.ReturnContent.HEADERS;
                }),
        message.from().envelopeId(),
        smtpUtf8,
        relayOffset,
        message.now(),
        message.now().plus(settings.expiry()),
        message.from().requireTls());
  }

  /// LMTP (RFC 2033 §4.2): the answer for a user is what became of the delivery; the peer tries
  /// again or reports, not we. For a group it is that the queue has it.
  private Outcome deliverAndAnswer(List<Claim> claims, EnvelopeRecipients recipients, QueueId id) {
    Set<Object> answeredKeys = new HashSet<>();
    for (Accepted each : recipients.accepted()) {
      if (!each.isExpanded()) answeredKeys.add(each.key());
    }
    Map<Object, AttemptResult> outcomes = new HashMap<>();
    for (int c = 0; c < claims.size(); c++) {
      Claim claim = claims.get(c);
      Map<Integer, QueueRecipient> all = new TreeMap<>();
      Set<Integer> answered = new LinkedHashSet<>();
      for (int i = 0; i < claim.recipients().size(); i++) {
        QueueRecipient recipient = claim.recipients().get(i);
        all.put(i, recipient);
        if (answeredKeys.contains(EnvelopeRecipients.key(recipient))) answered.add(i);
      }
      try {
        Map<Integer, AttemptResult> results = runner.deliverHere(claim, all);
        results.forEach((index, result) ->
            outcomes.put(EnvelopeRecipients.key(claim.recipients().get(index)), result));
        runner.submit(runner.settle(claim, results, answered, true));
      } catch (RuntimeException e) {
        // They are queued; they come up again when the claims lapse.
        claims.subList(c, claims.size()).forEach(queue::abandon);
        throw e;
      }
    }
    List<Verdict> verdicts = new ArrayList<>();
    for (Accepted each : recipients.accepted()) {
      AttemptResult result = outcomes.get(each.key());
      verdicts.add(
          each.isExpanded() || result == null
              ? new Verdict.Accepted("queued as " + id)
              : verdict(result, id));
    }
    return new Outcome.Each(verdicts);
  }

  /// A client may say SMTPUTF8 for any message; only some need it on the way (RFC 6531 §3.4).
  private static boolean needsUtf8(Message message, Map<Object, Target> distinct) {
    if (!message.from().smtpUtf8()) return false;
    return message.header().hasEightBit()
        || message.from().reversePath().filter(a -> !AddressText.isAscii(a.toString())).isPresent()
        || distinct.values().stream()
            .anyMatch(t -> !AddressText.isAscii(t.recipient().address().toString()));
  }

  private static Verdict verdict(AttemptResult result, QueueId id) {
    SmtpReply reply = result.reply();
    return switch (result.kind()) {
      case DELIVERED, RELAYED, RELAYED_WITHOUT_REPORTS ->
          new Verdict.Accepted("delivered as " + id);
      case RETRY -> new Verdict.Deferred(reply);
      case FAILED -> new Verdict.Rejected(reply);
    };
  }
}
