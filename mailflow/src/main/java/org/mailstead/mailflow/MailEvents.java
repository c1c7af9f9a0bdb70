package org.mailstead.mailflow;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.access.Principal;
import org.mailstead.core.flow.FlowAddresses;
import org.mailstead.core.logs.EmailEvent;
import org.mailstead.core.logs.EmailEvent.RuleApplied.RuleAction;
import org.mailstead.core.logs.LogRecord;
import org.mailstead.core.queue.EntryHook;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.core.queue.RecipientState;
import org.mailstead.core.rules.InboxRule;
import org.mailstead.core.trace.TraceEntry;
import org.mailstead.core.trace.TraceEvent;
import org.mailstead.core.trace.TraceSummary;
import org.mailstead.formats.mime.HeaderText;
import org.mailstead.mailflow.dmarc.DmarcPolicy;
import org.mailstead.smtp.server.SessionFacts;

/// Tells the e-mail event log what becomes of mail: received, submitted, delivered, sent, bounced.
/// The trace id of a message is its queue id. What is told is told once the effect is there or is
/// about to be committed; after a crash between the two it is told again.
final class MailEvents {
  private static final int TEXT_CHARS_MAX = 256;
  private static final int RECIPIENTS_MAX = 500;

  private final MailEventListener listener;

  MailEvents(MailEventListener listener) {
    this.listener = listener;
  }

  /// A message has arrived, and nothing is decided: for the trace alone.
  ///
  /// @param recipients by organization; remote ones stand under the submitter's
  void arrived(
      QueueId id,
      SessionFacts session,
      Optional<Principal> submitter,
      Optional<EmailAddress> reversePath,
      MessageHeader header,
      Map<OrganizationId, List<QueueRecipient>> recipients,
      Instant now) {
    if (!listener.isTracing()) return;
    Optional<OrganizationId> owner = submitter.map(Principal::organization);
    Set<OrganizationId> organizations = new LinkedHashSet<>(recipients.keySet());
    owner.ifPresent(organizations::add);
    if (organizations.isEmpty()) return;
    FlowAddresses addresses = FlowEnforcement.addresses(header);
    for (OrganizationId organization : organizations) {
      boolean isOwner = owner.equals(Optional.of(organization));
      List<String> inside = new ArrayList<>();
      List<String> outside = new ArrayList<>();
      recipients.forEach((each, all) -> {
        for (QueueRecipient recipient : all) {
          String address = recipient.address().toString();
          if (each.equals(organization) && recipient.isLocal()) inside.add(address);
          else if (isOwner) outside.add(address);
        }
      });
      listener.traced(
          new TraceEntry.Arrived(
              organization,
              new TraceSummary(
                  id.message().toString(),
                  now,
                  submitter.filter(_ -> isOwner).map(principal -> principal.user().value()),
                  session.peer().getHostAddress(),
                  reversePath.map(EmailAddress::toString),
                  texts(addresses.sender()),
                  texts(addresses.from()),
                  header.find("Subject").map(HeaderText::decode).map(MailEvents::cut),
                  header.find("Message-ID").map(String::strip).map(MailEvents::cut),
                  inside,
                  outside,
                  inside.size() + outside.size())));
    }
  }

  /// The peer was told that the message is not taken, or not now: for the trace alone.
  void refused(Iterable<OrganizationId> organizations, String reply, QueueId id, Instant now) {
    for (OrganizationId organization : organizations) {
      trace(
          organization,
          id.toString(),
          TraceEvent.of(now, TraceEvent.Kind.REFUSED, List.of()).withDetail(reply));
    }
  }

  /// A message was accepted.
  ///
  /// @param submitter the organization of the user who sent it, if one did
  /// @param recipients by organization; remote ones stand under the submitter's
  /// @param verdicts of the checks that were made
  void accepted(
      Optional<OrganizationId> submitter,
      Optional<EmailAddress> reversePath,
      MessageHeader header,
      Map<OrganizationId, List<QueueRecipient>> recipients,
      EmailEvent.Verdicts verdicts,
      String id,
      Instant now) {
    String sender = sender(reversePath);
    Optional<String> from = header.find("From").map(MailEvents::cut);
    Optional<String> subject = header.find("Subject").map(MailEvents::cut);
    submitter.ifPresent(organization ->
        tell(
            organization,
            id,
            now,
            new EmailEvent.OutgoingEmailSubmitted(
                addresses(recipients.values().stream().flatMap(List::stream)),
                sender,
                from,
                subject)));
    recipients.forEach((organization, all) ->
        trace(
            organization,
            id,
            TraceEvent.of(now, TraceEvent.Kind.ACCEPTED, addresses(all.stream()))));
    tellVerdicts(recipients.keySet(), verdicts, id, now);
    recipients.forEach((organization, all) -> {
      List<String> local = addresses(all.stream().filter(QueueRecipient::isInbound));
      if (local.isEmpty()) return;
      tell(
          organization,
          id,
          now,
          new EmailEvent.OrganizationEmailReceived(
              local,
              sender,
              from,
              subject,
              header.find("Message-ID").map(MailEvents::cut).orElse(id),
              verdicts,
              now));
    });
  }

  private void tellVerdicts(
      Set<OrganizationId> organizations, EmailEvent.Verdicts verdicts, String id, Instant now) {
    List<String> said = new ArrayList<>();
    verdicts.spf().ifPresent(verdict -> said.add("spf=" + verdict));
    verdicts.dkim().ifPresent(verdict -> said.add("dkim=" + verdict));
    verdicts.dmarc().ifPresent(verdict -> said.add("dmarc=" + verdict));
    verdicts.dmarcPolicy().ifPresent(policy -> said.add("policy=" + policy));
    verdicts.spam().ifPresent(verdict -> said.add("spam=" + verdict));
    if (said.isEmpty()) return;
    for (OrganizationId organization : organizations) {
      trace(
          organization,
          id,
          TraceEvent.of(now, TraceEvent.Kind.CHECKED, List.of())
              .withDetail(String.join(" ", said)));
    }
  }

  /// A message failed DMARC.
  ///
  /// @param policy what was done, NONE where the organization does not enforce
  void policyApplied(
      OrganizationId organization,
      Optional<String> from,
      List<QueueRecipient> recipients,
      DmarcPolicy policy,
      String id,
      Instant now) {
    tell(
        organization,
        id,
        now,
        new EmailEvent.DmarcPolicyApplied(
            from.map(MailEvents::cut).orElse(""), addresses(recipients.stream()), policy.name()));
    trace(
        organization,
        id,
        TraceEvent.of(now, TraceEvent.Kind.DMARC_POLICY, addresses(recipients.stream()))
            .withAction(policy.name()));
  }

  /// A message is in a mailbox.
  ///
  /// @param folder its usual name
  void delivered(
      OrganizationId organization,
      QueueRecipient recipient,
      String folder,
      String id,
      Instant now) {
    tell(
        organization,
        id,
        now,
        new EmailEvent.MailboxEmailDelivered(recipient.address().toString(), folder));
    trace(
        organization,
        id,
        TraceEvent.of(now, TraceEvent.Kind.DELIVERED, List.of(recipient.address().toString()))
            .withAction(folder));
  }

  /// A mail flow rule decided about recipients.
  ///
  /// @param type INBOUND_RULE, OUTBOUND_RULE
  void ruleApplied(
      OrganizationId organization,
      String rule,
      String type,
      String action,
      List<QueueRecipient> recipients,
      String id,
      Instant now) {
    var decided = new EmailEvent.RuleApplied.RuleAction(action, addresses(recipients.stream()));
    tell(
        organization,
        id,
        now,
        new EmailEvent.RuleApplied(
            rule, type, List.of(decided), Optional.empty(), Optional.empty()));
    trace(
        organization,
        id,
        TraceEvent.of(now, TraceEvent.Kind.valueOf(type), addresses(recipients.stream()))
            .withRule(rule, action));
  }

  /// An inbox rule of a recipient applied.
  ///
  /// @param id of the message
  void ruleApplied(
      OrganizationId organization, InboxRule rule, EmailAddress recipient, String id, Instant now) {
    List<EmailEvent.RuleApplied.RuleAction> actions = actions(rule.actions());
    tell(
        organization,
        id,
        now,
        new EmailEvent.RuleApplied(
            rule.name(),
            "MAILBOX_RULE",
            actions,
            rule.actions().moveTo(),
            Optional.of(recipient.toString())));
    trace(
        organization,
        id,
        TraceEvent.of(now, TraceEvent.Kind.MAILBOX_RULE, List.of(recipient.toString()))
            .withRule(
                rule.name(),
                actions.stream().map(RuleAction::action).collect(Collectors.joining(", "))));
  }

  private static List<RuleAction> actions(InboxRule.Actions actions) {
    List<RuleAction> all = new ArrayList<>();
    if (actions.markAsRead()) all.add(new RuleAction("MARK_AS_READ", List.of()));
    if (actions.markAsImportant()) all.add(new RuleAction("MARK_AS_IMPORTANT", List.of()));
    if (actions.flag()) all.add(new RuleAction("FLAG", List.of()));
    if (!actions.copyTo().isEmpty()) all.add(new RuleAction("COPY_TO_FOLDER", List.of()));
    if (!actions.forwardTo().isEmpty()) {
      all.add(new RuleAction("FORWARD", texts(actions.forwardTo())));
    }
    if (!actions.redirectTo().isEmpty()) {
      all.add(new RuleAction("REDIRECT", texts(actions.redirectTo())));
    }
    if (actions.moveTo().isPresent()) all.add(new RuleAction("MOVE_TO_FOLDER", List.of()));
    if (actions.delete()) all.add(new RuleAction("DELETE", List.of()));
    if (actions.permanentlyDelete()) all.add(new RuleAction("PERMANENTLY_DELETE", List.of()));
    if (actions.stop()) all.add(new RuleAction("STOP_PROCESSING_RULES", List.of()));
    return all;
  }

  /// A function has decided about recipients, or the fallback in its place.
  void functionDecided(
      QueueEnvelope envelope,
      EntryHook.Call call,
      String action,
      List<QueueRecipient> recipients,
      QueueId id,
      Instant now) {
    List<String> addresses = addresses(recipients.stream());
    tell(
        envelope.organization(),
        id.message().toString(),
        now,
        new EmailEvent.RuleApplied(
            call.rule(),
            call.direction() + "_RULE",
            List.of(new EmailEvent.RuleApplied.RuleAction(action, addresses)),
            Optional.empty(),
            Optional.empty()));
    trace(
        envelope.organization(),
        id.message().toString(),
        TraceEvent.of(now, TraceEvent.Kind.FUNCTION_DECIDED, addresses)
            .withRule(call.rule(), action));
  }

  /// A Run Lambda rule's function was called, or could not be.
  void hooked(
      QueueEnvelope envelope, EntryHook.Call call, String outcome, QueueId id, Instant now) {
    // WorkMail has no event for this.
    trace(
        envelope.organization(),
        id.message().toString(),
        TraceEvent.of(now, TraceEvent.Kind.FUNCTION_CALLED, List.of())
            .withRule(call.rule(), call.functionArn())
            .withDetail(outcome));
  }

  /// A journal report is queued.
  void journaled(OrganizationId organization, EmailAddress to, String id, Instant now) {
    tell(organization, id, now, new EmailEvent.JournalingInitiated(to.toString()));
    trace(organization, id, TraceEvent.of(now, TraceEvent.Kind.JOURNALED, List.of(to.toString())));
  }

  /// An attempt of the queue ended.
  void attempted(
      QueueEnvelope envelope,
      QueueRecipient recipient,
      RecipientState after,
      AttemptResult result,
      String id,
      Instant now) {
    OrganizationId organization = envelope.organization();
    switch (after.status()) {
      case PENDING -> {
        // It goes on; WorkMail has no event for this.
        traceAttempt(TraceEvent.Kind.DELAYED, organization, recipient, result, id, now);
      }
      case DELIVERED -> {
        if (recipient.isLocal()) {
          delivered(organization, recipient, result.folder().orElse("INBOX"), id, now);
        } else {
          tell(
              organization,
              id,
              now,
              new EmailEvent.OutgoingEmailSent(
                  recipient.address().toString(),
                  sender(envelope.reversePath()),
                  Optional.empty(),
                  id));
          traceAttempt(TraceEvent.Kind.SENT, organization, recipient, result, id, now);
        }
      }
      case FAILED -> bounced(organization, recipient, result, id, now);
    }
  }

  /// A recipient gets the message never.
  void bounced(
      OrganizationId organization,
      QueueRecipient recipient,
      AttemptResult result,
      String id,
      Instant now) {
    var about =
        new EmailEvent.Bounced(
            recipient.address().toString(),
            cut(AttemptResult.clean(String.join(" ", result.reply().lines()))),
            result.reply().enhancedCode().orElse("5.0.0"));
    tell(
        organization,
        id,
        now,
        recipient.isInbound()
            ? new EmailEvent.IncomingEmailBounced(about)
            : new EmailEvent.OutgoingEmailBounced(about));
    traceAttempt(TraceEvent.Kind.BOUNCED, organization, recipient, result, id, now);
  }

  private void traceAttempt(
      TraceEvent.Kind kind,
      OrganizationId organization,
      QueueRecipient recipient,
      AttemptResult result,
      String id,
      Instant now) {
    trace(
        organization,
        id,
        TraceEvent.of(now, kind, List.of(recipient.address().toString()))
            .withDetail(AttemptResult.clean(result.reply().toString()))
            .withServer(result.remoteMta()));
  }

  private void trace(OrganizationId organization, String id, TraceEvent event) {
    listener.traced(new TraceEntry.Happened(organization, id, event));
  }

  private void tell(OrganizationId organization, String id, Instant now, EmailEvent event) {
    listener.happened(new LogRecord.Email(now, organization, id, event));
  }

  private static List<String> addresses(Stream<QueueRecipient> recipients) {
    return recipients.map(r -> r.address().toString()).limit(RECIPIENTS_MAX).toList();
  }

  private static List<String> texts(List<EmailAddress> addresses) {
    return addresses.stream().map(EmailAddress::toString).toList();
  }

  private static String sender(Optional<EmailAddress> reversePath) {
    return reversePath.map(EmailAddress::toString).orElse("<>");
  }

  private static String cut(String text) {
    return text.length() <= TEXT_CHARS_MAX ? text : text.substring(0, TEXT_CHARS_MAX);
  }
}
