package org.mailstead.mailflow;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.access.Principal;
import org.mailstead.core.content.StagedContent;
import org.mailstead.core.directory.Recipients;
import org.mailstead.core.logs.EmailEvent;
import org.mailstead.core.mailbox.NewMessage;
import org.mailstead.core.queue.Claim;
import org.mailstead.core.queue.CountedRecipients;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.NewEntry;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.queue.QueueLimits;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.mailflow.dmarc.DmarcPolicy;
import org.mailstead.mailflow.journaling.JournaledMessage;
import org.mailstead.mailflow.journaling.Journaling;
import org.mailstead.mailflow.limits.SendingCount;
import org.mailstead.mailflow.limits.SendingLimits;
import org.mailstead.smtp.server.Reception;
import org.mailstead.smtp.server.SessionFacts;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;
import org.mailstead.smtp.wire.SmtpReply;
import org.mailstead.store.UnknownOutcomeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes mail in: decides about senders and recipients, puts the trace lines on, and stores the
/// message before it says yes.
///
/// **Acceptance** (design §5). For one mailbox and no other duty the commit into the mailbox is the
/// acceptance. Otherwise the content is staged once per organization and one commit in a queue
/// shard names everybody whom it goes to; after the 250 the queue's runner delivers. LMTP waits for
/// the mailboxes and answers for each recipient.
final class MailReception implements Reception {
  private static final Logger LOG = LoggerFactory.getLogger(MailReception.class);
  private static final int BULK_RECIPIENTS_MIN = 100;

  private final MailflowSettings settings;
  private final Recipients recipients;
  private final MailQueue queue;
  private final LocalDelivery local;
  private final QueueRunner runner;
  private final SubmissionRules rules;
  private final MessageAssembly assembly;
  private final MessageAuthentication authentication;
  private final DmarcEnforcement enforcement;
  private final FlowEnforcement flow;
  private final TraceFields trace;
  private final MailEvents events;
  private final Optional<SendingLimits> limits;
  private final JournalEntries journals;
  private final InstantSource clock;

  MailReception(
      MailflowSettings settings,
      Recipients recipients,
      MailQueue queue,
      LocalDelivery local,
      QueueRunner runner,
      SubmissionRules rules,
      MessageAssembly assembly,
      MessageAuthentication authentication,
      DmarcEnforcement enforcement,
      FlowEnforcement flow,
      AcceptanceDuties duties,
      MailEvents events,
      InstantSource clock) {
    this.settings = settings;
    this.recipients = recipients;
    this.queue = queue;
    this.local = local;
    this.runner = runner;
    this.rules = rules;
    this.assembly = assembly;
    this.authentication = authentication;
    this.enforcement = enforcement;
    this.flow = flow;
    this.trace = new TraceFields(settings.hostname());
    this.events = events;
    this.limits = duties.limits();
    this.journals = new JournalEntries(duties.journaling(), queue, assembly, settings);
    this.clock = clock;
  }

  @Override
  public Transaction begin(SessionFacts session, MailFrom from) {
    Optional<Principal> submitter =
        session.kind() == SessionFacts.Kind.SUBMISSION ? session.principal() : Optional.empty();
    if (session.kind() == SessionFacts.Kind.SUBMISSION) {
      Principal principal = submitter.orElseThrow();
      if (from.reversePath().isPresent()
          && !rules.maySendFrom(principal, from.reversePath().get())) {
        throw new RefusedException(Refusal.FORBIDDEN, "You may not send from this address");
      }
    }
    return new Arriving(session, submitter, from);
  }

  /// One recipient as accepted: a user's mailbox, a group's members, or somebody elsewhere.
  ///
  /// @param named as the peer named it
  /// @param isExpanded whether a group stands behind it
  private record Accepted(EmailAddress named, List<Target> targets, boolean isExpanded) {}

  private record Target(OrganizationId organization, QueueRecipient recipient) {}

  /// One message on its way in.
  private final class Arriving implements Transaction {
    private final SessionFacts session;
    private final Optional<Principal> submitter;
    private final MailFrom from;
    private final List<Accepted> accepted = new ArrayList<>();
    private final Optional<SendingCount> count;
    private Optional<SendingLimits.Reservation> reservation = Optional.empty();
    private int targetCount;
    private Optional<DmarcPolicy> wanted = Optional.empty();
    private EmailEvent.Verdicts verdicts = EmailEvent.Verdicts.none();

    Arriving(SessionFacts session, Optional<Principal> submitter, MailFrom from) {
      this.session = session;
      this.submitter = submitter;
      this.from = from;
      this.count = submitter.flatMap(p -> limits.map(l -> l.count(p.organization(), p.user())));
    }

    /// Whom the limits on recipients go by (LIM-3).
    private EmailAddress envelopeSender() {
      return from.reversePath().orElseGet(() -> submitter.orElseThrow().primaryAddress());
    }

    @Override
    public Verdict recipient(RcptTo to) {
      Optional<Verdict> full = count.flatMap(c -> c.add(to.address(), envelopeSender()));
      if (full.isPresent()) return full.get();
      Verdict verdict = accept(to);
      if (!(verdict instanceof Verdict.Accepted)) count.ifPresent(c -> c.remove(to.address()));
      return verdict;
    }

    private Verdict accept(RcptTo to) {
      return switch (resolve(to.address())) {
        case Recipients.Resolution.Local(var organization, var entity, var members) ->
            acceptLocal(to, entity, members);
        case Recipients.Resolution.Unknown() ->
            Verdict.rejected(550, "5.1.1", "There is no such address here");
        case Recipients.Resolution.Disabled() ->
            Verdict.rejected(550, "5.2.1", "This mailbox does not accept messages");
        case Recipients.Resolution.Foreign() -> acceptRemote(to);
      };
    }

    private Recipients.Resolution resolve(EmailAddress address) {
      Recipients.Resolution found = recipients.resolve(address);
      // RFC 5321 §4.5.1: postmaster exists wherever mail is taken in.
      boolean postmaster = address.local().toLowerCase(Locale.ROOT).equals("postmaster");
      if (!postmaster || settings.postmaster().isEmpty()) return found;
      return switch (found) {
        case Recipients.Resolution.Local _, Recipients.Resolution.Disabled _ -> found;
        case Recipients.Resolution.Unknown _ -> recipients.resolve(settings.postmaster().get());
        case Recipients.Resolution.Foreign _ ->
            address.domain().equalsIgnoreCase(settings.hostname())
                ? recipients.resolve(settings.postmaster().get())
                : found;
      };
    }

    private Verdict acceptLocal(
        RcptTo to, org.mailstead.base.EntityId entity, List<Recipients.Recipient> members) {
      boolean group = members.size() != 1 || !members.getFirst().entity().equals(entity);
      if (members.isEmpty()) {
        return Verdict.rejected(550, "5.2.4", "This group has no members who receive mail");
      }
      if (targetCount + members.size() > QueueLimits.RECIPIENT_COUNT_MAX) {
        return Verdict.deferred(452, "4.5.3", "Too many recipients for one message");
      }
      // LIM-2: a full mailbox is refused here where the peer can still be told; in a group it costs
      // only that member, with a report.
      if (!group && isOverQuota(members.getFirst().mailbox())) {
        return Verdict.rejected(552, "5.2.2", "The mailbox is full");
      }
      List<Target> targets = new ArrayList<>();
      for (Recipients.Recipient member : members) {
        Optional<String> original = originalRecipient(to);
        if (group && original.isEmpty()) {
          original = Optional.of("rfc822;" + to.address());
        }
        targets.add(
            new Target(
                member.organization(),
                new QueueRecipient(
                    group ? member.address() : to.address(),
                    original,
                    notifications(to),
                    new QueueRecipient.Target.Local(member.mailbox(), member.entity()))));
      }
      targetCount += targets.size();
      accepted.add(new Accepted(to.address(), targets, group));
      return Verdict.accepted();
    }

    private boolean isOverQuota(MailboxId mailbox) {
      return local.isOverQuota(mailbox, from.size().orElse(0));
    }

    private Verdict acceptRemote(RcptTo to) {
      if (submitter.isEmpty()) {
        return Verdict.rejected(550, "5.7.1", "Relaying is not allowed: the domain is not ours");
      }
      QueueRecipient recipient =
          new QueueRecipient(
              to.address(),
              originalRecipient(to),
              notifications(to),
              new QueueRecipient.Target.Remote());
      accepted.add(
          new Accepted(
              to.address(), List.of(new Target(submitter.get().organization(), recipient)), false));
      targetCount++;
      return Verdict.accepted();
    }

    @Override
    public Outcome data(Content content, DataFacts facts) {
      Instant now = clock.instant();
      MessageHeader header = MessageHeader.of(content);
      String added = "";
      List<HeaderFields.Field> removed = List.of();
      if (submitter.isPresent()) {
        switch (rules.check(submitter.get(), from.reversePath(), header, now)) {
          case SubmissionRules.Checked.Refused(Verdict verdict) -> {
            return answer(verdict);
          }
          case SubmissionRules.Checked.Allowed(String lines, List<HeaderFields.Field> fields) -> {
            added = lines;
            removed = fields;
          }
        }
      } else {
        removed = enforcement.forged(header);
        if (session.kind() == SessionFacts.Kind.INBOUND
            && authentication.isChecked(session.peer())) {
          Authenticated checked =
              authentication.check(
                  session.peer(), session.helloName(), from.reversePath(), content);
          Optional<Verdict> refused = enforcement.refusal(checked, organizations());
          if (checked.hasFailedDmarc()) tellPolicy(checked, header, refused.isPresent(), now);
          if (refused.isPresent()) return answer(refused.get());
          added = checked.fields();
          wanted = checked.wanted();
          verdicts = checked.verdicts();
        }
      }
      if (count.isPresent()) {
        switch (count.get().reserve(envelopeSender(), header.findAll("From"))) {
          case SendingLimits.Answer.Full full -> {
            return answer(SendingCount.refusal(full));
          }
          case SendingLimits.Answer.Reserved(var reserved) -> reservation = Optional.of(reserved);
        }
      }
      try {
        return store(content, header, added, removed, now);
      } catch (UnavailableException e) {
        LOG.warn("a message cannot be stored: {}", e.getMessage());
        return answer(
            Verdict.deferred(452, "4.3.1", "The message cannot be stored now, try again later"));
      } finally {
        reservation.ifPresent(SendingLimits.Reservation::close);
      }
    }

    private Outcome answer(Verdict verdict) {
      if (session.kind() != SessionFacts.Kind.LMTP) return new Outcome.All(verdict);
      return new Outcome.Each(java.util.Collections.nCopies(accepted.size(), verdict));
    }

    private Outcome store(
        Content content,
        MessageHeader header,
        String added,
        List<HeaderFields.Field> removed,
        Instant now) {
      QueueId id = queue.newId();
      Optional<Verdict> refused = applyFlowRules(header, id, now);
      if (refused.isPresent()) return answer(refused.get());
      Map<Object, Target> distinct = distinctTargets();
      // Nobody gets it, and nobody is told.
      if (distinct.isEmpty()) return answer(new Verdict.Accepted("queued as " + id));
      Optional<EmailAddress> only =
          accepted.size() == 1 && !accepted.getFirst().isExpanded()
              ? Optional.of(accepted.getFirst().targets().getFirst().recipient().address())
              : Optional.empty();
      boolean anyLocal = distinct.values().stream().anyMatch(t -> t.recipient().isLocal());
      String returnPath = anyLocal ? TraceFields.returnPath(from.reversePath()) : "";
      String prefix = returnPath + trace.received(session, id.toString(), only, now) + added;
      List<Journaling.Report> journaled = journals.reports(journaled(distinct, header, added), now);
      try (Content whole = assembly.assemble(prefix, content, removed)) {
        if (distinct.size() == 1 && journaled.isEmpty() && !hasOtherDuties(distinct)) {
          return deliverDirectly(id, distinct.values().iterator().next(), header, whole, now);
        }
        int relayOffset = returnPath.getBytes(StandardCharsets.UTF_8).length;
        boolean smtpUtf8 = from.smtpUtf8() && needsUtf8(header, distinct);
        var journal = new Journal(journaled, content);
        return enqueue(id, distinct, header, whole, journal, relayOffset, smtpUtf8, now);
      }
    }

    /// Who is left, and where to, after the mail flow rules; or the answer, if that is nobody.
    private Optional<Verdict> applyFlowRules(MessageHeader header, QueueId id, Instant now) {
      FlowEnforcement.Message message =
          flow.message(submitter.map(Principal::organization), header, id.toString(), now);
      accepted.replaceAll(each ->
          new Accepted(
              each.named(),
              each.targets().stream()
                  .flatMap(
                      target -> message.decide(target.organization(), target.recipient()).stream())
                  .map(decided -> new Target(decided.organization(), decided.recipient()))
                  .toList(),
              each.isExpanded()));
      Optional<Verdict> refusal = message.finish();
      return session.kind() == SessionFacts.Kind.INBOUND ? refusal : Optional.empty();
    }

    private void tellPolicy(
        Authenticated checked, MessageHeader header, boolean refused, Instant now) {
      for (OrganizationId organization : organizations()) {
        DmarcPolicy applied =
            refused
                ? DmarcPolicy.REJECT
                : switch (enforcement.place(checked.wanted(), organization)) {
                  case INBOX -> DmarcPolicy.NONE;
                  case JUNK -> DmarcPolicy.QUARANTINE;
                };
        List<QueueRecipient> recipients =
            accepted.stream()
                .flatMap(each -> each.targets().stream())
                .filter(target -> target.organization().equals(organization))
                .map(Target::recipient)
                .toList();
        events.policyApplied(
            organization, header.find("From"), recipients, applied, session.id(), now);
      }
    }

    private Set<OrganizationId> organizations() {
      Set<OrganizationId> all = new LinkedHashSet<>();
      for (Accepted each : accepted) {
        for (Target target : each.targets()) all.add(target.organization());
      }
      return all;
    }

    /// @param original the message as it came
    private record Journal(List<Journaling.Report> reports, Content original) {}

    private JournaledMessage journaled(
        Map<Object, Target> distinct, MessageHeader header, String added) {
      Map<Object, EmailAddress> named = new HashMap<>();
      for (Accepted each : accepted) {
        for (Target target : each.targets()) {
          named.putIfAbsent(key(target.recipient()), each.named());
        }
      }
      List<JournaledMessage.To> to = new ArrayList<>();
      distinct.forEach((key, target) -> {
        EmailAddress address = target.recipient().address();
        to.add(
            new JournaledMessage.To(
                target.organization(),
                address,
                Optional.ofNullable(named.get(key)).filter(name -> !name.equals(address))));
      });
      return new JournaledMessage(
          submitter.map(Principal::organization),
          from.reversePath(),
          to,
          JournalEntries.header(header),
          added);
    }

    /// Every mailbox and every remote address once, in the order of acceptance.
    private Map<Object, Target> distinctTargets() {
      Map<Object, Target> distinct = new LinkedHashMap<>();
      for (Accepted each : accepted) {
        for (Target target : each.targets()) distinct.putIfAbsent(key(target.recipient()), target);
      }
      return distinct;
    }

    /// Whether more than one delivery hangs on the acceptance: remote delivery, a report of
    /// success, counted recipients; synchronous hooks will be asked here too.
    private boolean hasOtherDuties(Map<Object, Target> distinct) {
      QueueRecipient recipient = distinct.values().iterator().next().recipient();
      return !recipient.isLocal()
          || recipient.wantsSuccess()
          || reservation.filter(SendingCount::counts).isPresent();
    }

    private Outcome deliverDirectly(
        QueueId id, Target target, MessageHeader header, Content whole, Instant now) {
      MailboxId mailbox =
          switch (target.recipient().target()) {
            case QueueRecipient.Target.Local(var found, var entity) -> found;
            case QueueRecipient.Target.Remote _,
                QueueRecipient.Target.Gateway _,
                QueueRecipient.Target.Blocked _ ->
                throw new IllegalStateException("not local");
          };
      LocalDelivery.Place place =
          flow.place(
              target.organization(), header, enforcement.place(wanted, target.organization()));
      AttemptResult result =
          local.deliver(mailbox, new NewMessage(whole, 0, Set.of(), now), id.toString(), place);
      if (result.kind() == AttemptResult.Kind.DELIVERED) {
        tellAccepted(Map.of(target.organization(), List.of(target.recipient())), header, id, now);
        events.delivered(
            target.organization(), target.recipient(), place.folder(), id.toString(), now);
      }
      return answer(verdict(result, id));
    }

    private Outcome enqueue(
        QueueId id,
        Map<Object, Target> distinct,
        MessageHeader header,
        Content whole,
        Journal journal,
        int relayOffset,
        boolean smtpUtf8,
        Instant now) {
      Map<OrganizationId, List<QueueRecipient>> byOrganization = new LinkedHashMap<>();
      for (Target target : distinct.values()) {
        byOrganization
            .computeIfAbsent(target.organization(), key -> new ArrayList<>())
            .add(target.recipient());
      }
      List<NewEntry> entries = new ArrayList<>();
      List<Claim> claims;
      try {
        for (var each : byOrganization.entrySet()) {
          // The first entry has the id that Received names; all of them are one commit.
          QueueId entryId = entries.isEmpty() ? id : queue.newId(id.shard());
          StagedContent staged = queue.stage(entryId, each.getKey(), whole);
          QueueEnvelope envelope =
              envelope(each.getKey(), each.getValue(), relayOffset, smtpUtf8, now);
          // They count once, with the first entry.
          Optional<CountedRecipients> counted =
              entries.isEmpty()
                  ? reservation.filter(SendingCount::counts).map(SendingLimits.Reservation::counted)
                  : Optional.empty();
          entries.add(new NewEntry(entryId, envelope, each.getValue(), staged, counted));
        }
        for (Journaling.Report report : journal.reports()) {
          entries.add(journals.stage(report, id.shard(), journal.original(), now));
        }
        claims = queue.accept(entries);
        reservation.ifPresent(SendingLimits.Reservation::keep);
      } catch (UnknownOutcomeException e) {
        reservation.ifPresent(SendingLimits.Reservation::doubt);
        // It may be there after all: its content must stay.
        throw e;
      } catch (RuntimeException e) {
        unstage(entries);
        throw e;
      }
      tellAccepted(byOrganization, header, id, now);
      for (Journaling.Report report : journal.reports()) {
        events.journaled(report.organization(), report.journalingAddress(), id.toString(), now);
      }
      if (session.kind() == SessionFacts.Kind.LMTP) {
        // The peer waits for mailboxes, not for the journal.
        runner.submit(claims.subList(byOrganization.size(), claims.size()));
        return deliverAndAnswer(claims.subList(0, byOrganization.size()), id);
      }
      runner.submit(claims);
      return answer(new Verdict.Accepted("queued as " + id));
    }

    private void tellAccepted(
        Map<OrganizationId, List<QueueRecipient>> recipients,
        MessageHeader header,
        QueueId id,
        Instant now) {
      events.accepted(
          submitter.map(Principal::organization),
          from.reversePath(),
          header,
          recipients,
          verdicts,
          id.toString(),
          now);
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
        OrganizationId organization,
        List<QueueRecipient> to,
        int relayOffset,
        boolean smtpUtf8,
        Instant now) {
      return new QueueEnvelope(
          organization,
          from.reversePath(),
          submitter.map(Principal::user),
          submitter.isPresent() ? QueueEnvelope.Origin.SUBMISSION : QueueEnvelope.Origin.INBOUND,
          to.size() >= BULK_RECIPIENTS_MIN
              ? QueueEnvelope.Priority.BULK
              : QueueEnvelope.Priority.NORMAL,
          from.returned()
              .map(value ->
                  switch (value) {
                    case FULL -> QueueEnvelope.ReturnContent.FULL;
                    case HEADERS -> QueueEnvelope.ReturnContent.HEADERS;
                  }),
          from.envelopeId(),
          smtpUtf8,
          relayOffset,
          now,
          now.plus(settings.expiry()));
    }

    /// LMTP (RFC 2033 §4.2): the answer for a user is what became of the delivery; the peer tries
    /// again or reports, not we. For a group it is that the queue has it.
    private Outcome deliverAndAnswer(List<Claim> claims, QueueId id) {
      Set<Object> answeredKeys = new HashSet<>();
      for (Accepted each : accepted) {
        if (!each.isExpanded()) answeredKeys.add(key(each));
      }
      Map<Object, AttemptResult> outcomes = new HashMap<>();
      for (int c = 0; c < claims.size(); c++) {
        Claim claim = claims.get(c);
        Map<Integer, QueueRecipient> all = new TreeMap<>();
        Set<Integer> answered = new LinkedHashSet<>();
        for (int i = 0; i < claim.recipients().size(); i++) {
          QueueRecipient recipient = claim.recipients().get(i);
          all.put(i, recipient);
          if (answeredKeys.contains(key(recipient))) answered.add(i);
        }
        try {
          Map<Integer, AttemptResult> results = runner.deliverHere(claim, all);
          results.forEach(
              (index, result) -> outcomes.put(key(claim.recipients().get(index)), result));
          runner.submit(runner.settle(claim, results, answered, true));
        } catch (RuntimeException e) {
          // They are queued; they come up again when the claims lapse.
          claims.subList(c, claims.size()).forEach(queue::abandon);
          throw e;
        }
      }
      List<Verdict> verdicts = new ArrayList<>();
      for (Accepted each : accepted) {
        AttemptResult result = outcomes.get(key(each));
        verdicts.add(
            each.isExpanded() || result == null
                ? new Verdict.Accepted("queued as " + id)
                : verdict(result, id));
      }
      return new Outcome.Each(verdicts);
    }

    /// A client may say SMTPUTF8 for any message; only some need it on the way (RFC 6531 §3.4).
    private boolean needsUtf8(MessageHeader header, Map<Object, Target> distinct) {
      return header.hasEightBit()
          || !AddressText.isAscii(from.reversePath().map(EmailAddress::toString).orElse(""))
          || distinct.values().stream()
              .anyMatch(t -> !AddressText.isAscii(t.recipient().address().toString()));
    }

    @Override
    public void close() {}
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

  /// Of the first target; what was dropped has a key that nothing else has.
  private static Object key(Accepted accepted) {
    return accepted.targets().isEmpty() ? accepted : key(accepted.targets().getFirst().recipient());
  }

  private static Object key(QueueRecipient recipient) {
    return switch (recipient.target()) {
      case QueueRecipient.Target.Local(var mailbox, var entity) -> mailbox;
      case QueueRecipient.Target.Remote _,
          QueueRecipient.Target.Gateway _,
          QueueRecipient.Target.Blocked _ ->
          recipient.address();
    };
  }

  private static Optional<String> originalRecipient(RcptTo to) {
    return to.originalRecipient().map(original -> original.type() + ";" + original.address());
  }

  private static Set<QueueRecipient.Notify> notifications(RcptTo to) {
    Set<QueueRecipient.Notify> all = EnumSet.noneOf(QueueRecipient.Notify.class);
    for (RcptTo.Notify each : to.notifications()) {
      all.add(
          switch (each) {
            case NEVER -> QueueRecipient.Notify.NEVER;
            case SUCCESS -> QueueRecipient.Notify.SUCCESS;
            case FAILURE -> QueueRecipient.Notify.FAILURE;
            case DELAY -> QueueRecipient.Notify.DELAY;
          });
    }
    return all;
  }
}
