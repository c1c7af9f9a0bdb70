package org.mailstead.mailflow;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.queue.Claim;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.NewEntry;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.mailflow.journaling.Journaling;
import org.mailstead.mailflow.limits.SendingLimits;

/// Something that a user's rules send: decided, but not queued yet. It is queued by the commit that
/// records that the message was delivered to the user: so a crash before that commit has it decided
/// anew with the delivery, and after it the queue has it.
///
/// @param name of the entry's id: the delivery and its number, so that it is the same every time
/// @param organization whose entry it is
/// @param before what stands before the message that the rules act on, and `after` behind it; the
///   message itself is left out if it is not `whole`
/// @param reservation of the room that it takes of the owner's limits
/// @param journaled reports about it
record RuleMail(
    String name,
    OrganizationId organization,
    EntityId owner,
    Optional<EmailAddress> reversePath,
    QueueEnvelope.Origin origin,
    List<QueueRecipient> recipients,
    String before,
    boolean whole,
    String after,
    Optional<SendingLimits.Reservation> reservation,
    List<Journaling.Report> journaled) {

  /// The entry, its content staged.
  ///
  /// @param original the message as it goes to other servers
  NewEntry stage(
      MailQueue queue,
      MessageAssembly assembly,
      MailflowSettings settings,
      Claim claim,
      Content original,
      Instant now) {
    QueueId id = QueueId.derived(name, claim.id().shard());
    boolean local = recipients.stream().anyMatch(QueueRecipient::isLocal);
    String returnPath = local ? TraceFields.returnPath(reversePath) : "";
    Content inner = whole ? original : Content.of(new byte[0]);
    boolean smtpUtf8 =
        (whole && claim.envelope().smtpUtf8())
            || !AddressText.isAscii(reversePath.map(EmailAddress::toString).orElse(""))
            || recipients.stream().anyMatch(r -> !AddressText.isAscii(r.address().toString()));
    try (Content content = assembly.assemble(returnPath + before, inner, List.of(), after)) {
      return new NewEntry(
          id,
          new QueueEnvelope(
              organization,
              reversePath,
              Optional.of(owner),
              origin,
              QueueEnvelope.Priority.NORMAL,
              Optional.empty(),
              Optional.empty(),
              smtpUtf8,
              returnPath.getBytes(StandardCharsets.UTF_8).length,
              now,
              now.plus(settings.expiry()),
              // RFC 8689 §6: what goes on keeps the demand.
              whole && claim.envelope().requireTls()),
          recipients,
          queue.stage(id, organization, content),
          reservation.map(SendingLimits.Reservation::counted));
    }
  }

  /// The commit is done.
  void keep() {
    reservation.ifPresent(SendingLimits.Reservation::keep);
  }

  /// Gives room back that was not kept.
  void close() {
    reservation.ifPresent(SendingLimits.Reservation::close);
  }
}
