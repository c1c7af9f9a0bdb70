package org.mailstead.mailflow;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.access.Principal;
import org.mailstead.core.directory.Recipients;
import org.mailstead.core.logs.EmailEvent;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.QueueId;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.mailflow.dmarc.DmarcPolicy;
import org.mailstead.mailflow.filter.FilterVerdict;
import org.mailstead.mailflow.filter.SenderFacts;
import org.mailstead.mailflow.journaling.JournaledMessage;
import org.mailstead.mailflow.journaling.Journaling;
import org.mailstead.mailflow.limits.SendingCount;
import org.mailstead.mailflow.limits.SendingLimits;
import org.mailstead.mailflow.reports.MailReports;
import org.mailstead.mailflow.srs.SenderRewriting;
import org.mailstead.smtp.server.Reception;
import org.mailstead.smtp.server.SessionFacts;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes mail in: checks sender and content, applies the mail flow rules, puts the trace lines on,
/// and has the message stored ([Acceptance]) before it says yes.
final class MailReception implements Reception {
  private static final Logger LOG = LoggerFactory.getLogger(MailReception.class);

  private final MailflowSettings settings;
  private final Recipients directory;
  private final MailQueue queue;
  private final LocalDelivery local;
  private final SenderRewriting srs;
  private final SubmissionRules rules;
  private final MessageAssembly assembly;
  private final MessageAuthentication authentication;
  private final DmarcEnforcement enforcement;
  private final ContentChecks checks;
  private final FlowEnforcement flow;
  private final TraceFields trace;
  private final MailEvents events;
  private final Optional<SendingLimits> limits;
  private final JournalEntries journals;
  private final Acceptance acceptance;
  private final Optional<MailReports> reports;
  private final InstantSource clock;

  MailReception(
      MailflowSettings settings,
      Recipients directory,
      MailQueue queue,
      LocalDelivery local,
      RuleDelivery ruleDelivery,
      SenderRewriting srs,
      QueueRunner runner,
      SubmissionRules rules,
      MessageAssembly assembly,
      MessageAuthentication authentication,
      DmarcEnforcement enforcement,
      ContentChecks checks,
      FlowEnforcement flow,
      AcceptanceDuties duties,
      MailEvents events,
      InstantSource clock) {
    this.settings = settings;
    this.directory = directory;
    this.queue = queue;
    this.local = local;
    this.srs = srs;
    this.rules = rules;
    this.assembly = assembly;
    this.authentication = authentication;
    this.enforcement = enforcement;
    this.checks = checks;
    this.flow = flow;
    this.trace = new TraceFields(settings.hostname());
    this.events = events;
    this.limits = duties.limits();
    this.reports = duties.reports();
    this.journals = new JournalEntries(duties.journaling(), queue, assembly, settings);
    this.acceptance =
        new Acceptance(
            settings, queue, ruleDelivery, runner, enforcement, checks, flow, journals, events);
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

  /// What a check of the content leaves of the message.
  private sealed interface Checked {
    /// @param added header lines to put before it
    /// @param removed fields to leave out
    record Allowed(String added, List<HeaderFields.Field> removed) implements Checked {}

    record Refused(Verdict verdict) implements Checked {}
  }

  /// One message on its way in.
  private final class Arriving implements Transaction {
    private final QueueId id = queue.newId();
    private final SessionFacts session;
    private final Optional<Principal> submitter;
    private final MailFrom from;
    private final EnvelopeRecipients recipients;
    private final Optional<SendingCount> count;
    private Optional<DmarcPolicy> wanted = Optional.empty();
    private EmailEvent.Verdicts verdicts = EmailEvent.Verdicts.none();
    private SenderFacts facts = SenderFacts.unchecked();

    Arriving(SessionFacts session, Optional<Principal> submitter, MailFrom from) {
      this.session = session;
      this.submitter = submitter;
      this.from = from;
      this.recipients = new EnvelopeRecipients(directory, local, srs, settings, submitter, from);
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
      Verdict verdict = recipients.add(to);
      if (!(verdict instanceof Verdict.Accepted)) count.ifPresent(c -> c.remove(to.address()));
      return verdict;
    }

    @Override
    public Outcome data(Content content, DataFacts facts) {
      Instant now = clock.instant();
      MessageHeader header = MessageHeader.of(content);
      events.arrived(
          id, session, submitter, from.reversePath(), header, recipients.byOrganization(), now);
      Checked checked =
          submitter.isPresent()
              ? checkSubmission(submitter.get(), header, now)
              : checkIncoming(content, header, now);
      return switch (checked) {
        case Checked.Refused(Verdict verdict) -> refused(verdict, now);
        case Checked.Allowed allowed -> filterAndStore(content, header, allowed, now);
      };
    }

    private Outcome filterAndStore(
        Content content, MessageHeader header, Checked.Allowed checked, Instant now) {
      var arriving = new ContentChecks.Arriving(id, session, submitter, from, recipients, facts);
      ContentChecks.Checked found;
      try {
        found = checks.check(arriving, content, header, now);
      } catch (UnavailableException e) {
        return unavailable(e, now);
      }
      return switch (found) {
        case ContentChecks.Checked.Refused(Verdict verdict) -> refused(verdict, now);
        case ContentChecks.Checked.Discarded() -> answer(new Verdict.Accepted("queued as " + id));
        case ContentChecks.Checked.Passed passed -> {
          verdicts = passed.in(verdicts);
          var whole =
              new Checked.Allowed(
                  passed.added() + checked.added(), passed.removedWith(checked.removed()));
          Outcome outcome = reserveAndStore(content, header, whole, passed.verdict(), now);
          checks.accepted(arriving, passed.verdict(), outcome);
          yield outcome;
        }
      };
    }

    private Checked checkSubmission(Principal principal, MessageHeader header, Instant now) {
      return switch (rules.check(principal, from.reversePath(), header, now)) {
        case SubmissionRules.Checked.Refused(Verdict verdict) -> new Checked.Refused(verdict);
        case SubmissionRules.Checked.Allowed(String lines, List<HeaderFields.Field> fields) ->
            new Checked.Allowed(lines, fields);
      };
    }

    private Checked checkIncoming(Content content, MessageHeader header, Instant now) {
      List<HeaderFields.Field> removed = enforcement.forged(header);
      if (session.kind() != SessionFacts.Kind.INBOUND
          || !authentication.isChecked(session.peer())) {
        readReports(content);
        return new Checked.Allowed("", removed);
      }
      Authenticated checked =
          authentication.check(session.peer(), session.helloName(), from.reversePath(), content);
      Optional<Verdict> refused = enforcement.refusal(checked, recipients.organizations());
      if (checked.hasFailedDmarc()) tellPolicy(checked, header, refused.isPresent(), now);
      reports.ifPresent(each -> report(each, checked, refused.isPresent()));
      if (refused.isPresent()) return new Checked.Refused(refused.get());
      // A report that is itself forged says nothing.
      if (!checked.hasFailedDmarc()) readReports(content);
      wanted = checked.wanted();
      verdicts = checked.verdicts();
      facts = ContentChecks.facts(checked, header);
      return new Checked.Allowed(checked.fields(), removed);
    }

    /// For the report to the author's domain: what was done to the message, by the strictest of the
    /// organizations that get it.
    private void report(MailReports counting, Authenticated checked, boolean refused) {
      DmarcPolicy applied = DmarcPolicy.NONE;
      for (OrganizationId organization : recipients.organizations()) {
        if (enforcement.place(checked.wanted(), organization) == LocalDelivery.Place.JUNK) {
          applied = DmarcPolicy.QUARANTINE;
        }
      }
      counting.dmarc(
          session.peer(),
          from.reversePath(),
          checked.spf(),
          checked.dkim(),
          checked.dmarc(),
          refused ? DmarcPolicy.REJECT : applied,
          checked.isExcused());
    }

    private void readReports(Content content) {
      reports.ifPresent(each ->
          each.received()
              .read(
                  recipients.organizations(),
                  recipients.accepted().stream().map(EnvelopeRecipients.Accepted::named).toList(),
                  content));
    }

    private void tellPolicy(
        Authenticated checked, MessageHeader header, boolean refused, Instant now) {
      for (OrganizationId organization : recipients.organizations()) {
        DmarcPolicy applied =
            refused
                ? DmarcPolicy.REJECT
                : switch (enforcement.place(checked.wanted(), organization)) {
                  case INBOX -> DmarcPolicy.NONE;
                  case JUNK -> DmarcPolicy.QUARANTINE;
                };
        events.policyApplied(
            organization,
            header.find("From"),
            recipients.of(organization),
            applied,
            id.toString(),
            now);
      }
    }

    private Outcome refused(Verdict verdict, Instant now) {
      Set<OrganizationId> organizations = new LinkedHashSet<>(recipients.organizations());
      submitter.map(Principal::organization).ifPresent(organizations::add);
      switch (verdict) {
        case Verdict.Accepted _ -> {}
        case Verdict.Deferred(var reply) ->
            events.refused(organizations, reply.toString(), id, now);
        case Verdict.Rejected(var reply) ->
            events.refused(organizations, reply.toString(), id, now);
      }
      return answer(verdict);
    }

    private Outcome reserveAndStore(
        Content content,
        MessageHeader header,
        Checked.Allowed checked,
        FilterVerdict filtered,
        Instant now) {
      Optional<SendingLimits.Reservation> reservation = Optional.empty();
      if (count.isPresent()) {
        switch (count.get().reserve(envelopeSender(), header.findAll("From"))) {
          case SendingLimits.Answer.Full full -> {
            return refused(SendingCount.refusal(full), now);
          }
          case SendingLimits.Answer.Reserved(var reserved) -> reservation = Optional.of(reserved);
        }
      }
      try {
        var message =
            new Acceptance.Message(
                id, session, submitter, from, header, wanted, filtered, verdicts, reservation, now);
        return store(message, content, checked);
      } catch (UnavailableException e) {
        return unavailable(e, now);
      } finally {
        reservation.ifPresent(SendingLimits.Reservation::close);
      }
    }

    private Outcome unavailable(UnavailableException e, Instant now) {
      LOG.warn("a message cannot be stored: {}", e.getMessage());
      return refused(
          Verdict.deferred(452, "4.3.1", "The message cannot be stored now, try again later"), now);
    }

    private Outcome answer(Verdict verdict) {
      return Acceptance.answer(session, recipients, verdict);
    }

    private Outcome store(Acceptance.Message message, Content content, Checked.Allowed checked) {
      Optional<Verdict> refused = applyFlowRules(message.header(), id, message.now());
      if (refused.isPresent()) return refused(refused.get(), message.now());
      boolean anyLocal = false;
      boolean any = false;
      for (EnvelopeRecipients.Target each : recipients.distinct().values()) {
        any = true;
        anyLocal |= each.recipient().isLocal();
      }
      // Nobody gets it, and nobody is told.
      if (!any) return answer(new Verdict.Accepted("queued as " + id));
      String returnPath = anyLocal ? TraceFields.returnPath(from.reversePath()) : "";
      String received = trace.received(session, id.toString(), recipients.only(), message.now());
      List<Journaling.Report> journaled =
          journals.reports(
              new JournaledMessage(
                  submitter.map(Principal::organization),
                  from.reversePath(),
                  recipients.journaled(),
                  JournalEntries.header(message.header()),
                  checked.added()),
              message.now());
      String prefix = returnPath + received + checked.added();
      try (Content whole = assembly.assemble(prefix, content, checked.removed())) {
        int relayOffset = returnPath.getBytes(StandardCharsets.UTF_8).length;
        return acceptance.accept(
            message, recipients, new Acceptance.Contents(content, whole, relayOffset, journaled));
      }
    }

    /// Who is left, and where to, after the mail flow rules; or the answer, if that is nobody.
    private Optional<Verdict> applyFlowRules(MessageHeader header, QueueId id, Instant now) {
      FlowEnforcement.Message message =
          flow.message(submitter.map(Principal::organization), header, id.toString(), now);
      recipients.apply(message);
      Optional<Verdict> refusal = message.finish();
      return session.kind() == SessionFacts.Kind.INBOUND ? refusal : Optional.empty();
    }

    @Override
    public void close() {}
  }
}
