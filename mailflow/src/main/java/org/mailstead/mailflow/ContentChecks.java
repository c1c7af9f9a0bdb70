package org.mailstead.mailflow;

import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.access.Principal;
import org.mailstead.core.logs.EmailEvent;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.formats.mime.AddressParser;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.formats.mime.MimeAddress;
import org.mailstead.mailflow.dkim.DkimVerdict;
import org.mailstead.mailflow.dmarc.DmarcVerdict;
import org.mailstead.mailflow.filter.FilterVerdict;
import org.mailstead.mailflow.filter.FilteredMessage;
import org.mailstead.mailflow.filter.MessageFilters;
import org.mailstead.mailflow.filter.SenderFacts;
import org.mailstead.smtp.server.Reception.Outcome;
import org.mailstead.smtp.server.SessionFacts;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.smtp.wire.MailFrom;

/// Where mail flow meets the filters: shows them what arrives, keeps their words in the message,
/// and does what they ask for when it is put into mailboxes, now or from the queue.
final class ContentChecks {
  private final MessageFilters filters;
  private final AuthenticationSettings authentication;
  private final Predicate<OrganizationId> wanted;
  private final TraceFields trace;

  /// @param wanted whether an organization wants spam in its junk folders
  ContentChecks(
      MessageFilters filters,
      AuthenticationSettings authentication,
      Predicate<OrganizationId> wanted,
      String hostname) {
    this.filters = filters;
    this.wanted = wanted;
    this.authentication = authentication;
    this.trace = new TraceFields(hostname);
  }

  /// A message at the end of its data.
  record Arriving(
      QueueId id,
      SessionFacts session,
      Optional<Principal> submitter,
      MailFrom from,
      EnvelopeRecipients recipients,
      SenderFacts facts) {}

  sealed interface Checked {
    /// @param added header lines to put before the message
    record Passed(FilterVerdict verdict, String added, List<HeaderFields.Field> removed)
        implements Checked {
      EmailEvent.Verdicts in(EmailEvent.Verdicts others) {
        return new EmailEvent.Verdicts(
            verdict.eventWord(), others.dkim(), others.dmarc(), others.dmarcPolicy(), others.spf());
      }

      /// All fields to leave out, in their order.
      List<HeaderFields.Field> removedWith(List<HeaderFields.Field> others) {
        List<HeaderFields.Field> all = new ArrayList<>(others);
        for (HeaderFields.Field field : removed) {
          if (!all.contains(field)) all.add(field);
        }
        all.sort(Comparator.comparingLong(HeaderFields.Field::start));
        return all;
      }
    }

    record Refused(Verdict verdict) implements Checked {}

    record Discarded() implements Checked {}
  }

  Checked check(Arriving arriving, Content content, MessageHeader header, Instant now) {
    SessionFacts session = arriving.session;
    Set<OrganizationId> organizations = arriving.recipients.organizations();
    MessageFilters.Source source = source(session, organizations);
    List<QueueRecipient> recipients = recipients(arriving);
    String id = arriving.id.toString();
    var message =
        new FilteredMessage(
            id,
            content,
            TraceFields.returnPath(arriving.from.reversePath())
                + trace.received(session, id, Optional.empty(), now),
            session.peer(),
            session.peerPort(),
            session.helloName(),
            arriving.from.reversePath(),
            recipients.stream().map(QueueRecipient::address).distinct().toList(),
            arriving.submitter.map(each -> each.primaryAddress().toString()));
    MessageFilters.Outcome outcome =
        filters.check(
            message,
            header.fields(),
            header.end(),
            source,
            arriving.facts,
            organizations.size() == 1
                ? Optional.of(organizations.iterator().next())
                : Optional.empty(),
            onlyMailbox(recipients));
    return switch (outcome) {
      case MessageFilters.Outcome.Refused(Verdict verdict) -> new Checked.Refused(verdict);
      case MessageFilters.Outcome.Discarded() -> new Checked.Discarded();
      case MessageFilters.Outcome.Passed(var verdict, var edits) -> {
        List<HeaderFields.Field> removed = new ArrayList<>(edits.removed());
        boolean trusted = source(session) != MessageFilters.Source.OUTSIDE;
        for (HeaderFields.Field field : header.fields()) {
          if (FilterVerdict.isForged(field.name(), trusted)) removed.add(field);
        }
        yield new Checked.Passed(verdict, verdict.fields() + edits.added(), removed);
      }
    };
  }

  /// Where nobody wants to know what is spam nobody is asked.
  private MessageFilters.Source source(SessionFacts session, Set<OrganizationId> organizations) {
    MessageFilters.Source source = source(session);
    boolean asked =
        source != MessageFilters.Source.OUTSIDE
            || (filters.looksForSpam() && organizations.stream().anyMatch(this::wants));
    return asked ? source : MessageFilters.Source.TRUSTED;
  }

  private boolean wants(OrganizationId organization) {
    try {
      return wanted.test(organization);
    } catch (RefusedException e) {
      // It is being removed: its mailboxes will say so.
      return false;
    }
  }

  private MessageFilters.Source source(SessionFacts session) {
    return switch (session.kind()) {
      case SUBMISSION -> MessageFilters.Source.USER;
      case LMTP -> MessageFilters.Source.TRUSTED;
      case INBOUND ->
          authentication.isTrusted(session.peer())
              ? MessageFilters.Source.TRUSTED
              : MessageFilters.Source.OUTSIDE;
    };
  }

  private static List<QueueRecipient> recipients(Arriving arriving) {
    return arriving.recipients.accepted().stream()
        .flatMap(each -> each.targets().stream())
        .map(EnvelopeRecipients.Target::recipient)
        .toList();
  }

  private static Optional<MailboxId> onlyMailbox(List<QueueRecipient> recipients) {
    Set<MailboxId> mailboxes = mailboxes(recipients);
    return mailboxes.size() == 1 ? Optional.of(mailboxes.iterator().next()) : Optional.empty();
  }

  private static Set<MailboxId> mailboxes(Collection<QueueRecipient> recipients) {
    Set<MailboxId> all = new java.util.LinkedHashSet<>();
    for (QueueRecipient recipient : recipients) {
      if (recipient.target() instanceof QueueRecipient.Target.Local(var mailbox, var _)) {
        all.add(mailbox);
      }
    }
    return all;
  }

  /// Remembers whom users write to, and what came from where.
  void accepted(Arriving arriving, FilterVerdict verdict, Outcome outcome) {
    boolean accepted =
        switch (outcome) {
          case Outcome.All(Verdict all) -> all instanceof Verdict.Accepted;
          case Outcome.Each(List<Verdict> each) ->
              each.stream().anyMatch(one -> one instanceof Verdict.Accepted);
        };
    if (!accepted) return;
    if (arriving.submitter.isPresent()) {
      // One who writes to many at once does not know them.
      List<EmailAddress> elsewhere =
          recipients(arriving).stream()
              .filter(each -> !each.isLocal())
              .map(QueueRecipient::address)
              .limit(CORRESPONDENTS_MAX + 1)
              .toList();
      if (elsewhere.size() <= CORRESPONDENTS_MAX) {
        filters.wrote(arriving.submitter.get().organization(), elsewhere);
      }
      return;
    }
    for (OrganizationId organization : arriving.recipients.organizations()) {
      filters.came(organization, arriving.facts, verdict);
    }
  }

  private static final int CORRESPONDENTS_MAX = 20;

  /// What the built-in filter goes by.
  static SenderFacts facts(Authenticated checked, MessageHeader header) {
    boolean passed = checked.dkim().stream().anyMatch(e -> e.verdict() == DkimVerdict.PASS);
    boolean failed = checked.dkim().stream().anyMatch(e -> e.verdict() == DkimVerdict.FAIL);
    return new SenderFacts(
        true,
        checked.spf().verdict().word(),
        passed ? "pass" : failed ? "fail" : "none",
        checked.dmarc().verdict().word(),
        checked.isExcused(),
        author(checked, header));
  }

  /// The domain is surely the author's with DMARC's own rules; without a policy, with a signature
  /// of exactly that domain.
  private static Optional<SenderFacts.Author> author(Authenticated checked, MessageHeader header) {
    List<MimeAddress> addresses =
        header.findAll("From").stream()
            .flatMap(field -> AddressParser.parse(field).stream())
            .toList();
    if (addresses.size() != 1) return Optional.empty();
    MimeAddress address = addresses.getFirst();
    if (address.local().isEmpty() || address.host().isEmpty()) return Optional.empty();
    String domain;
    try {
      domain =
          IDN.toASCII(unicode(address.host().get()), IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    boolean signed =
        checked.dkim().stream()
            .anyMatch(e -> e.verdict() == DkimVerdict.PASS && e.domain().equalsIgnoreCase(domain));
    boolean sure = checked.dmarc().verdict() == DmarcVerdict.PASS || signed;
    String text = unicode(address.local().get()) + "@" + unicode(address.host().get());
    return Optional.of(new SenderFacts.Author(text, domain, sure));
  }

  private static String unicode(String octets) {
    return new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /// Where a message goes that has just come.
  ///
  /// @param rules where a rule of the organization puts what would go there
  LocalDelivery.Place place(
      OrganizationId organization,
      FilterVerdict verdict,
      LocalDelivery.Place otherwise,
      UnaryOperator<LocalDelivery.Place> rules) {
    if (verdict.isFinal()) return LocalDelivery.Place.JUNK;
    boolean junk = verdict.isJunk() && wants(organization);
    return rules.apply(junk ? LocalDelivery.Place.JUNK : otherwise);
  }

  /// Where a message from the queue goes, for each of its mailboxes.
  record Places(Set<MailboxId> junk, LocalDelivery.Place inJunk, LocalDelivery.Place others) {
    LocalDelivery.Place of(MailboxId mailbox) {
      return junk.contains(mailbox) ? inJunk : others;
    }
  }

  /// The same for one that has been in the queue, by its fields.
  Places places(
      QueueEnvelope envelope,
      Collection<QueueRecipient> recipients,
      Content content,
      LocalDelivery.Place otherwise,
      UnaryOperator<LocalDelivery.Place> rules) {
    LocalDelivery.Place usual = rules.apply(otherwise);
    Places plain = new Places(Set.of(), usual, usual);
    return switch (envelope.origin()) {
      case REPORT, JOURNAL, SUBMISSION -> plain;
      case INBOUND -> {
        FilterVerdict.Read read = filters.read(MessageHeader.of(content).fields());
        Set<MailboxId> mailboxes = mailboxes(recipients);
        if (read.isFinal()) {
          yield new Places(mailboxes, LocalDelivery.Place.JUNK, LocalDelivery.Place.JUNK);
        }
        boolean quiet = !read.isJunk() && read.rest().isEmpty();
        if (quiet || !wants(envelope.organization())) yield plain;
        Set<MailboxId> junk = filters.junk(read, envelope.organization(), mailboxes, content);
        if (junk.isEmpty()) yield plain;
        yield new Places(junk, rules.apply(LocalDelivery.Place.JUNK), usual);
      }
    };
  }
}
