package org.mailstead.mailflow;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.logs.EmailEvent;
import org.mailstead.core.logs.LogRecord;
import org.mailstead.core.queue.EntryHook;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.core.queue.RecipientState;
import org.mailstead.mailflow.dmarc.DmarcPolicy;

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
  }

  /// A message is in a mailbox.
  void delivered(OrganizationId organization, QueueRecipient recipient, String id, Instant now) {
    delivered(organization, recipient, "INBOX", id, now);
  }

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
  }

  /// A Run Lambda rule's function was called, or could not be.
  void hooked(
      QueueEnvelope envelope, EntryHook.Call call, String outcome, QueueId id, Instant now) {
    // WorkMail has no event for this.
  }

  /// A journal report is queued.
  void journaled(OrganizationId organization, EmailAddress to, String id, Instant now) {
    tell(organization, id, now, new EmailEvent.JournalingInitiated(to.toString()));
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
        // It goes on.
      }
      case DELIVERED -> {
        if (recipient.isLocal()) {
          delivered(organization, recipient, id, now);
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
  }

  private void tell(OrganizationId organization, String id, Instant now, EmailEvent event) {
    listener.happened(new LogRecord.Email(now, organization, id, event));
  }

  private static List<String> addresses(Stream<QueueRecipient> recipients) {
    return recipients.map(r -> r.address().toString()).limit(RECIPIENTS_MAX).toList();
  }

  private static String sender(Optional<EmailAddress> reversePath) {
    return reversePath.map(EmailAddress::toString).orElse("<>");
  }

  private static String cut(String text) {
    return text.length() <= TEXT_CHARS_MAX ? text : text.substring(0, TEXT_CHARS_MAX);
  }
}
