package org.mailstead.mailflow;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.flow.FlowAddresses;
import org.mailstead.core.flow.FlowDecision;
import org.mailstead.core.flow.FlowLimits;
import org.mailstead.core.flow.FlowMessages;
import org.mailstead.core.flow.FlowRule;
import org.mailstead.core.flow.FlowRules;
import org.mailstead.core.flow.InboundAction;
import org.mailstead.core.flow.LambdaHook;
import org.mailstead.core.flow.OutboundAction;
import org.mailstead.core.queue.EntryHook;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.core.queue.QueueRecipient.Target.Blocked;
import org.mailstead.formats.mime.AddressParser;
import org.mailstead.formats.mime.MimeAddress;
import org.mailstead.mailflow.hooks.HookLimits;
import org.mailstead.smtp.server.Verdict;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does what the mail flow rules of organizations say (WorkMail guide, Managing Email Flows;
/// docs/decisions/0047-flow-rule-enforcement.md).
///
/// Outbound rules of the sender's organization come first, for recipients outside of it; then the
/// inbound rules of each recipient's organization, whoever sends. Whether a recipient gets the
/// message at all is decided when it is accepted, by the rules of that moment, and stands in the
/// queue entry; which folder, when it is delivered.
final class FlowEnforcement {
  private static final Logger LOG = LoggerFactory.getLogger(FlowEnforcement.class);

  /// Where a recipient stands after the rules.
  ///
  /// @param organization whose queue entry it belongs to
  /// @param awaited the function whose answer it waits for
  /// @param told functions that are told of it and decide nothing
  record Decided(
      OrganizationId organization,
      QueueRecipient recipient,
      Optional<EntryHook.Call> awaited,
      List<Told> told) {
    Decided(OrganizationId organization, QueueRecipient recipient) {
      this(organization, recipient, Optional.empty(), List.of());
    }

    private Decided alsoTold(List<Told> others) {
      if (others.isEmpty()) return this;
      List<Told> all = new ArrayList<>(others);
      all.addAll(told);
      return new Decided(organization, recipient, awaited, all);
    }
  }

  /// @param organization whose rule it is
  record Told(OrganizationId organization, EntryHook.Call call) {}

  /// A rule that decided about some recipients of a message.
  private record Applied(OrganizationId organization, String type, String name, String action) {}

  private final FlowRules<InboundAction> inbound;
  private final FlowRules<OutboundAction> outbound;
  private final MailEvents events;
  private final RandomGenerator random;

  /// @param random makes ids of messages that nobody can guess: it must be fit for secrets
  FlowEnforcement(
      FlowRules<InboundAction> inbound,
      FlowRules<OutboundAction> outbound,
      MailEvents events,
      RandomGenerator random) {
    this.inbound = inbound;
    this.outbound = outbound;
    this.events = events;
    this.random = random;
  }

  /// One message at its acceptance, asked for each recipient.
  final class Message {
    private final Optional<OrganizationId> submitter;
    private final FlowAddresses addresses;
    private final String id;
    private final Instant now;

    /// By organization: an inbound rule knows nothing of the recipient.
    private final Map<OrganizationId, FlowDecision<InboundAction>> decisions = new HashMap<>();

    private final Map<Applied, List<QueueRecipient>> applied = new LinkedHashMap<>();

    /// By rule: one call for all recipients of the conversation.
    private final Map<String, EntryHook.Call> calls = new HashMap<>();

    private int askedCount;
    private int blockedCount;

    private Message(
        Optional<OrganizationId> submitter, FlowAddresses addresses, String id, Instant now) {
      this.submitter = submitter;
      this.addresses = addresses;
      this.id = id;
      this.now = now;
    }

    /// Empty: dropped.
    ///
    /// @param organization of the recipient; of the submitter for one elsewhere
    Optional<Decided> decide(OrganizationId organization, QueueRecipient recipient) {
      askedCount++;
      boolean leaves =
          submitter.isPresent() && (!recipient.isLocal() || !submitter.get().equals(organization));
      if (leaves) {
        Optional<Decided> sent = send(submitter.get(), organization, recipient);
        if (sent.isEmpty() || !sent.get().recipient().isLocal()) return sent;
        if (sent.get().awaited().isPresent()) return sent;
        return receive(organization, recipient)
            .map(received -> received.alsoTold(sent.get().told()));
      }
      if (!recipient.isLocal()) return Optional.of(new Decided(organization, recipient));
      return receive(organization, recipient);
    }

    /// To be called once all recipients are decided: tells the event log.
    ///
    /// @return the answer, if no recipient's organization wants the message: then the server that
    ///   brings it tells its sender, and no report goes to an address that may be forged
    Optional<Verdict> finish() {
      applied.forEach((rule, recipients) -> {
        LOG.info(
            "message {}: {} \"{}\" of {}: {}",
            id,
            rule.type,
            rule.name,
            rule.organization.value(),
            rule.action);
        events.ruleApplied(
            rule.organization, rule.name, rule.type, rule.action, recipients, id, now);
      });
      return askedCount > 0 && blockedCount == askedCount
          ? Optional.of(new Verdict.Rejected(blocked(Blocked.By.RECIPIENT).reply()))
          : Optional.empty();
    }

    private Optional<Decided> send(
        OrganizationId sender, OrganizationId organization, QueueRecipient recipient) {
      var decision = FlowDecision.outbound(outbound.all(sender), addresses, recipient.address());
      if (decision.deciding().isEmpty()) return Optional.of(new Decided(organization, recipient));
      var rule = decision.deciding().get().rule();
      note(sender, "OUTBOUND_RULE", rule.terms().name(), rule.terms().action(), recipient);
      return switch (rule.terms().action()) {
        case DEFAULT -> Optional.of(new Decided(organization, recipient));
        case RUN_LAMBDA ->
            Optional.of(
                hooked(
                    sender,
                    organization,
                    recipient,
                    call(EntryHook.Direction.OUTBOUND, rule.id(), rule.terms())));
        case DROP -> Optional.empty();
        case BOUNCE ->
            Optional.of(new Decided(sender, recipient.to(new Blocked(Blocked.By.SENDER))));
        case ROUTE_TO_SMTP_GATEWAY ->
            Optional.of(
                new Decided(
                    sender,
                    recipient.to(
                        new QueueRecipient.Target.Gateway(rule.terms().gateway().orElseThrow()))));
      };
    }

    private Optional<Decided> receive(OrganizationId organization, QueueRecipient recipient) {
      var decision =
          decisions.computeIfAbsent(
              organization, each -> FlowDecision.inbound(inbound.all(each), addresses));
      if (decision.deciding().isEmpty()) return Optional.of(new Decided(organization, recipient));
      var rule = decision.deciding().get().rule();
      var terms = rule.terms();
      note(organization, "INBOUND_RULE", terms.name(), terms.action(), recipient);
      return switch (terms.action()) {
        case DROP -> Optional.empty();
        case BOUNCE -> {
          blockedCount++;
          yield Optional.of(
              new Decided(organization, recipient.to(new Blocked(Blocked.By.RECIPIENT))));
        }
        case DELIVER_TO_JUNK, DEFAULT, NEVER_DELIVER_TO_JUNK ->
            Optional.of(new Decided(organization, recipient));
        case RUN_LAMBDA ->
            Optional.of(
                hooked(
                    organization,
                    organization,
                    recipient,
                    call(EntryHook.Direction.INBOUND, rule.id(), terms)));
      };
    }

    /// @param owner whose rule it is
    private static Decided hooked(
        OrganizationId owner,
        OrganizationId organization,
        QueueRecipient recipient,
        EntryHook.Call call) {
      // What waits for an answer waits with the rule's organization, and meets the rules of the
      // recipient's after it.
      return call.isSynchronous()
          ? new Decided(owner, recipient, Optional.of(call), List.of())
          : new Decided(organization, recipient, Optional.empty(), List.of(new Told(owner, call)));
    }

    private EntryHook.Call call(
        EntryHook.Direction direction, String ruleId, FlowRule.Terms<?> terms) {
      LambdaHook hook = terms.lambda().orElseThrow();
      return calls.computeIfAbsent(
          direction + " " + ruleId,
          _ ->
              new EntryHook.Call(
                  direction,
                  terms.name(),
                  hook.functionArn(),
                  hook.isSynchronous(),
                  now.plus(
                      hook.isSynchronous() ? hook.timeout() : HookLimits.ASYNCHRONOUS_TIME_MAX),
                  hook.fallback(),
                  terms.gateway(),
                  FlowMessages.newId(random),
                  HexFormat.of().formatHex(octets(16)),
                  0,
                  now,
                  ""));
    }

    private byte[] octets(int count) {
      byte[] octets = new byte[count];
      random.nextBytes(octets);
      return octets;
    }

    private void note(
        OrganizationId organization,
        String type,
        String name,
        Enum<?> action,
        QueueRecipient recipient) {
      applied
          .computeIfAbsent(
              new Applied(organization, type, name, action.name()), _ -> new ArrayList<>())
          .add(recipient);
    }
  }

  /// @param submitter the organization of the user who sent it, if one did
  Message message(
      Optional<OrganizationId> submitter, MessageHeader header, String id, Instant now) {
    return new Message(submitter, addresses(header), id, now);
  }

  /// Where a message goes in the mailboxes of an organization.
  ///
  /// @param otherwise where no rule says where
  LocalDelivery.Place place(
      OrganizationId organization, MessageHeader header, LocalDelivery.Place otherwise) {
    Optional<InboundAction> action;
    try {
      action =
          FlowDecision.inbound(inbound.all(organization), addresses(header))
              .deciding()
              .map(match -> match.rule().terms().action());
    } catch (RefusedException e) {
      // The organization is being removed: its mailboxes will say so.
      LOG.debug("no rules of {}: {}", organization.value(), e.logText());
      return otherwise;
    }
    return action
        .map(found ->
            switch (found) {
              case DELIVER_TO_JUNK -> LocalDelivery.Place.JUNK;
              case NEVER_DELIVER_TO_JUNK -> LocalDelivery.Place.INBOX;
              // Rules that came after the acceptance do not stop what was accepted.
              case DROP, BOUNCE, DEFAULT, RUN_LAMBDA -> otherwise;
            })
        .orElse(otherwise);
  }

  /// The same for one that has been in the queue.
  LocalDelivery.Place place(
      QueueEnvelope envelope, Content content, LocalDelivery.Place otherwise) {
    return switch (envelope.origin()) {
      case INBOUND, SUBMISSION ->
          place(envelope.organization(), MessageHeader.of(content), otherwise);
      case REPORT, JOURNAL -> otherwise;
    };
  }

  /// What a blocked recipient's sender hears.
  static AttemptResult blocked(Blocked.By by) {
    String text =
        switch (by) {
          case SENDER -> "Your administrator has blocked this message to this recipient";
          case RECIPIENT -> "The administrator of the recipient has blocked this message";
        };
    return AttemptResult.local(AttemptResult.Kind.FAILED, 550, "5.7.1", text);
  }

  static FlowAddresses addresses(MessageHeader header) {
    return new FlowAddresses(
        addresses(header.findAll("Sender")), addresses(header.findAll("From")));
  }

  /// Those that can be read.
  private static List<EmailAddress> addresses(List<String> fields) {
    List<EmailAddress> found = new ArrayList<>();
    for (String field : fields) {
      for (MimeAddress address : AddressParser.parse(field)) {
        if (found.size() == FlowLimits.ADDRESSES_MAX) return found;
        if (address.local().isEmpty() || address.host().isEmpty()) continue;
        try {
          found.add(
              new EmailAddress(unicode(address.local().get()), unicode(address.host().get())));
        } catch (MalformedException e) {
          LOG.debug("an address in the header is left out: {}", e.getMessage());
        }
      }
    }
    return found;
  }

  /// Raw octets, one char each, as UTF-8 (RFC 6532).
  private static String unicode(String octets) {
    return new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
