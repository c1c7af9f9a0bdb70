package org.mailstead.mailflow;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.content.StagedContent;
import org.mailstead.core.directory.Recipients;
import org.mailstead.core.queue.Claim;
import org.mailstead.core.queue.CountedRecipients;
import org.mailstead.core.queue.EntryHook;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.NewEntry;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.core.queue.QueueRecipient.Target.Blocked;
import org.mailstead.mailflow.hooks.FunctionAnswer;
import org.mailstead.mailflow.hooks.FunctionAnswer.Action;
import org.mailstead.mailflow.journaling.JournaledMessage;
import org.mailstead.mailflow.journaling.Journaling;
import org.mailstead.mailflow.limits.SendingCount;
import org.mailstead.mailflow.limits.SendingLimits;
import org.mailstead.store.UnknownOutcomeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does what the function of a Run Lambda rule, or the rule's fallback, says: other entries take
/// the place of the one that waited, in one commit. One entry for each organization and each thing
/// to be done.
///
/// An outbound function says what leaves its organization; recipients in another organization here
/// then meet that one's inbound rules, as any mail from outside does.
final class HookVerdict {
  private static final Logger LOG = LoggerFactory.getLogger(HookVerdict.class);

  private final MailQueue queue;
  private final FlowEnforcement flow;
  private final Recipients directory;
  private final MessageAssembly assembly;
  private final Optional<SendingLimits> limits;
  private final JournalEntries journals;
  private final MailEvents events;
  private final InstantSource clock;
  private final RandomGenerator random;

  HookVerdict(
      MailQueue queue,
      FlowEnforcement flow,
      Recipients directory,
      MessageAssembly assembly,
      Optional<SendingLimits> limits,
      JournalEntries journals,
      MailEvents events,
      InstantSource clock,
      RandomGenerator random) {
    this.queue = queue;
    this.flow = flow;
    this.directory = directory;
    this.assembly = assembly;
    this.limits = limits;
    this.journals = journals;
    this.events = events;
    this.clock = clock;
    this.random = random;
  }

  /// What tells one new entry from another.
  private record Group(OrganizationId organization, Optional<EntryHook> hook) {}

  /// @param named as the peer named them
  private record Members(List<QueueRecipient> recipients, List<EmailAddress> named) {
    Members() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    void add(QueueRecipient recipient, EmailAddress name) {
      recipients.add(recipient);
      named.add(name);
    }
  }

  /// @param replaced what is to go on in place of the message
  /// @return claims on the new entries
  List<Claim> carryOut(
      Claim claim, EntryHook.Call call, FunctionAnswer answer, Optional<Content> replaced) {
    try (Content whole = queue.open(claim);
        Work work = new Work(claim, call, whole, replaced)) {
      return work.carryOut(answer);
    }
  }

  private final class Work implements AutoCloseable {
    private final Claim claim;
    private final EntryHook.Call call;
    private final QueueEnvelope envelope;
    private final Content content;
    private final Optional<Content> assembled;
    private final int relayOffset;
    private final FlowEnforcement.Message rules;
    private final Map<Group, Members> groups = new LinkedHashMap<>();
    private final Map<String, List<QueueRecipient>> told = new LinkedHashMap<>();
    private final Map<Object, QueueRecipient> seen = new LinkedHashMap<>();

    /// Whom no report names yet: they were added after the acceptance.
    private final List<JournaledMessage.To> unjournaled = new ArrayList<>();

    private Optional<SendingLimits.Reservation> reservation = Optional.empty();

    Work(Claim claim, EntryHook.Call call, Content whole, Optional<Content> replaced) {
      this.claim = claim;
      this.call = call;
      this.envelope = claim.envelope();
      if (replaced.isPresent() && envelope.relayOffset() > 0) {
        // Return-Path stands first, so that it can be left out for other servers.
        String path = TraceFields.returnPath(envelope.reversePath());
        MessageHeader header = MessageHeader.of(replaced.get());
        this.assembled =
            Optional.of(assembly.assemble(path, replaced.get(), header.findFields("Return-Path")));
        this.relayOffset = path.getBytes(StandardCharsets.UTF_8).length;
      } else {
        this.assembled = Optional.empty();
        this.relayOffset = replaced.isPresent() ? 0 : envelope.relayOffset();
      }
      this.content = assembled.or(() -> replaced).orElse(whole);
      this.rules =
          flow.message(
              Optional.empty(),
              MessageHeader.of(content),
              claim.id().message().toString(),
              clock.instant());
    }

    @Override
    public void close() {
      assembled.ifPresent(Content::close);
      reservation.ifPresent(SendingLimits.Reservation::close);
    }

    List<Claim> carryOut(FunctionAnswer answer) {
      Action fallback = FunctionAnswer.fallback(call);
      Action others = answer.others().orElse(fallback);
      Map<EmailAddress, Optional<Action>> left = new LinkedHashMap<>(answer.named());
      for (int i = 0; i < claim.recipients().size(); i++) {
        QueueRecipient recipient = claim.recipients().get(i);
        EmailAddress name = claim.named().get(i);
        Action action = others;
        // A group is named as a whole, or a member of it alone.
        for (EmailAddress each : List.of(name, recipient.address())) {
          if (answer.named().containsKey(each)) {
            action = answer.named().getOrDefault(each, Optional.empty()).orElse(fallback);
          }
          left.remove(each);
        }
        put(recipient, name, action);
      }
      addOthers(left);
      return commit();
    }

    private void put(QueueRecipient recipient, EmailAddress name, Action action) {
      if (seen.putIfAbsent(EnvelopeRecipients.key(recipient), recipient) != null) return;
      told.computeIfAbsent(action.type(), _ -> new ArrayList<>()).add(recipient);
      switch (action) {
        case Action.Drop() -> {
          // Gone.
        }
        case Action.Bounce(Optional<String> message) ->
            add(
                envelope.organization(),
                Optional.of(decided(Optional.empty(), message)),
                recipient.to(
                    new Blocked(
                        switch (call.direction()) {
                          case INBOUND -> Blocked.By.RECIPIENT;
                          case OUTBOUND -> Blocked.By.SENDER;
                        })),
                name);
        case Action.MoveToJunk() -> place(recipient, name, EntryHook.Place.JUNK);
        case Action.BypassSpamCheck() -> place(recipient, name, EntryHook.Place.INBOX);
        case Action.Gateway(String id) ->
            add(
                envelope.organization(),
                Optional.empty(),
                recipient.to(new QueueRecipient.Target.Gateway(id)),
                name);
        case Action.Default() -> {
          switch (call.direction()) {
            case INBOUND -> add(envelope.organization(), Optional.empty(), recipient, name);
            case OUTBOUND -> send(recipient, name);
          }
        }
      }
    }

    private void place(QueueRecipient recipient, EmailAddress name, EntryHook.Place place) {
      add(
          envelope.organization(),
          Optional.of(decided(Optional.of(place), Optional.empty())),
          recipient,
          name);
    }

    private EntryHook decided(Optional<EntryHook.Place> place, Optional<String> message) {
      return new EntryHook.Decided(call.rule(), place, message);
    }

    private void add(
        OrganizationId organization,
        Optional<EntryHook> hook,
        QueueRecipient recipient,
        EmailAddress name) {
      groups
          .computeIfAbsent(new Group(organization, hook), _ -> new Members())
          .add(recipient, name);
    }

    /// Out of the organization: to another server, or under another organization's rules.
    private void send(QueueRecipient recipient, EmailAddress name) {
      if (!recipient.isLocal()) {
        add(envelope.organization(), Optional.empty(), recipient, name);
        return;
      }
      Optional<OrganizationId> theirs = organizationOf(recipient);
      if (theirs.isEmpty()) {
        add(
            envelope.organization(),
            Optional.of(
                decided(Optional.empty(), Optional.of("There is no such address any more"))),
            recipient.to(new Blocked(Blocked.By.RECIPIENT)),
            name);
        return;
      }
      Optional<FlowEnforcement.Decided> received = rules.decide(theirs.get(), recipient);
      if (received.isEmpty()) return;
      FlowEnforcement.Decided next = received.get();
      add(next.organization(), next.awaited().map(EntryHook.class::cast), next.recipient(), name);
      for (FlowEnforcement.Told told : next.told()) {
        add(told.organization(), Optional.of(told.call()), next.recipient(), name);
      }
    }

    private Optional<OrganizationId> organizationOf(QueueRecipient recipient) {
      if (directory.resolve(recipient.address())
          instanceof Recipients.Resolution.Local(var organization, var entity, var members)) {
        return members.stream()
            .filter(member -> EnvelopeRecipients.key(recipient).equals(member.mailbox()))
            .map(Recipients.Recipient::organization)
            .findFirst();
      }
      return Optional.empty();
    }

    /// Recipients whom the function adds: as Bcc, and nothing is reported about them.
    private void addOthers(Map<EmailAddress, Optional<Action>> added) {
      Optional<SendingCount> count =
          envelope
              .submitter()
              .flatMap(user -> limits.map(each -> each.count(envelope.organization(), user)));
      EmailAddress sender =
          envelope.reversePath().orElse(new EmailAddress("postmaster", "localhost"));
      boolean anyCounted = false;
      for (var each : added.entrySet()) {
        EmailAddress address = each.getKey();
        if (each.getValue().isEmpty()) continue;
        List<QueueRecipient> targets = targets(address);
        if (targets.isEmpty()) {
          LOG.info(
              "queue entry {}: {} added a recipient who cannot be added",
              claim.id(),
              call.functionArn());
          continue;
        }
        boolean counts = call.direction() == EntryHook.Direction.OUTBOUND && count.isPresent();
        if (counts && count.get().add(address, sender).isPresent()) {
          LOG.warn(
              "queue entry {}: {} added a recipient beyond the sending limits",
              claim.id(),
              call.functionArn());
          continue;
        }
        anyCounted |= counts;
        for (QueueRecipient target : targets) {
          if (isKept(each.getValue().get())) noteForJournal(target, address);
          put(target, address, each.getValue().get());
        }
      }
      if (anyCounted
          && count.get().reserve(sender, List.of())
              instanceof SendingLimits.Answer.Reserved(var reserved)) {
        reservation = Optional.of(reserved);
      }
    }

    private static boolean isKept(Action action) {
      return switch (action) {
        case Action.Drop _, Action.Bounce _ -> false;
        case Action.MoveToJunk _, Action.BypassSpamCheck _, Action.Gateway _, Action.Default _ ->
            true;
      };
    }

    private void noteForJournal(QueueRecipient target, EmailAddress named) {
      if (seen.containsKey(EnvelopeRecipients.key(target))) return;
      OrganizationId organization = organizationOf(target).orElse(envelope.organization());
      unjournaled.add(
          new JournaledMessage.To(
              organization,
              target.address(),
              Optional.of(named).filter(name -> !name.equals(target.address()))));
    }

    /// For those whom the function added; what the others got was journaled at the acceptance.
    private List<Journaling.Report> journaled(Content relayed, Instant now) {
      if (unjournaled.isEmpty()) return List.of();
      return journals.reports(
          new JournaledMessage(
              call.direction() == EntryHook.Direction.OUTBOUND
                  ? Optional.of(envelope.organization())
                  : Optional.empty(),
              envelope.reversePath(),
              List.copyOf(unjournaled),
              JournalEntries.header(MessageHeader.of(relayed)),
              ""),
          now);
    }

    private List<QueueRecipient> targets(EmailAddress address) {
      return switch (directory.resolve(address)) {
        case Recipients.Resolution.Local(var organization, var entity, var members) ->
            // WorkMail guide: inbound, only recipients of the organization can be added.
            call.direction() == EntryHook.Direction.INBOUND
                    && !organization.equals(envelope.organization())
                ? List.of()
                : members.stream()
                    .map(member ->
                        added(
                            member.address(),
                            new QueueRecipient.Target.Local(member.mailbox(), member.entity())))
                    .toList();
        case Recipients.Resolution.Foreign() ->
            call.direction() == EntryHook.Direction.INBOUND
                ? List.of()
                : List.of(added(address, new QueueRecipient.Target.Remote()));
        case Recipients.Resolution.Unknown(), Recipients.Resolution.Disabled() -> List.of();
      };
    }

    private static QueueRecipient added(EmailAddress address, QueueRecipient.Target target) {
      return new QueueRecipient(
          address, Optional.empty(), Set.of(QueueRecipient.Notify.NEVER), target);
    }

    private List<Claim> commit() {
      Instant now = clock.instant();
      List<NewEntry> entries = new ArrayList<>();
      long part = QueueId.laterPart(random);
      List<Claim> claims;
      Content relayed = TailContent.of(content, relayOffset);
      List<Journaling.Report> journaled = journaled(relayed, now);
      try {
        for (Journaling.Report report : journaled) {
          entries.add(journals.stage(report, claim.id().shard(), relayed, now));
        }
        int journalCount = entries.size();
        for (var each : groups.entrySet()) {
          Optional<CountedRecipients> counted =
              entries.size() == journalCount
                  ? reservation.filter(SendingCount::counts).map(SendingLimits.Reservation::counted)
                  : Optional.empty();
          entries.add(entry(claim.id().part(part++), each.getKey(), each.getValue(), counted));
        }
        claims = queue.replace(claim, entries);
        reservation.ifPresent(SendingLimits.Reservation::keep);
      } catch (UnknownOutcomeException e) {
        reservation.ifPresent(SendingLimits.Reservation::doubt);
        throw e;
      } catch (RuntimeException e) {
        unstage(entries);
        throw e;
      }
      for (Journaling.Report report : journaled) {
        String id = claim.id().message().toString();
        events.journaled(report.organization(), report.journalingAddress(), id, now);
      }
      told.forEach((action, recipients) -> {
        LOG.info(
            "queue entry {}: {} says {} for {} recipients",
            claim.id(),
            call.functionArn(),
            action,
            recipients.size());
        events.functionDecided(envelope, call, action, recipients, claim.id(), now);
      });
      rules.finish();
      return claims;
    }

    private NewEntry entry(
        QueueId id, Group group, Members members, Optional<CountedRecipients> counted) {
      StagedContent staged = queue.stage(id, group.organization(), content);
      boolean isCall = group.hook().isPresent() && group.hook().get() instanceof EntryHook.Call;
      return new NewEntry(
          id,
          new QueueEnvelope(
              group.organization(),
              envelope.reversePath(),
              envelope.submitter(),
              envelope.origin(),
              envelope.priority(),
              envelope.returnContent(),
              envelope.envelopeId(),
              envelope.smtpUtf8() || needsUtf8(members),
              relayOffset,
              envelope.received(),
              envelope.expires(),
              envelope.requireTls()),
          members.recipients(),
          staged,
          counted,
          group.hook(),
          isCall ? members.named() : List.of());
    }

    private static boolean needsUtf8(Members members) {
      return members.recipients().stream()
          .anyMatch(each -> !AddressText.isAscii(each.address().toString()));
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
  }
}
