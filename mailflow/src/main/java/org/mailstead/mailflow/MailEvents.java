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
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.core.queue.RecipientState;

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
  void accepted(
      Optional<OrganizationId> submitter,
      Optional<EmailAddress> reversePath,
      MessageHeader header,
      Map<OrganizationId, List<QueueRecipient>> recipients,
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
      List<String> local = addresses(all.stream().filter(QueueRecipient::isLocal));
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
              EmailEvent.Verdicts.none(),
              now));
    });
  }

  /// A message is in a mailbox.
  void delivered(OrganizationId organization, QueueRecipient recipient, String id, Instant now) {
    tell(
        organization,
        id,
        now,
        new EmailEvent.MailboxEmailDelivered(recipient.address().toString(), "INBOX"));
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
        recipient.isLocal()
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
