package org.mailstead.mailflow;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.mailstead.base.Content;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.mailflow.dmarc.DmarcPolicy;
import org.mailstead.smtp.server.Verdict;

/// Does what a sender's DMARC policy asks for, where the recipient's organization wants that
/// (WorkMail guide, Enforcing DMARC policies): `reject` is refused before it is taken in,
/// `quarantine` goes to the junk folder.
///
/// A message to several organizations has one answer only. If one of them does not enforce, it is
/// taken in, and what the others would have refused goes to their junk folders: nothing is lost.
/// What is delivered later, from the queue, is read from our own Authentication-Results field, of
/// which reception lets none but ours through.
final class DmarcEnforcement {
  private final MessageAuthentication authentication;
  private final Predicate<OrganizationId> enforces;

  DmarcEnforcement(MessageAuthentication authentication, Predicate<OrganizationId> enforces) {
    this.authentication = authentication;
    this.enforces = enforces;
  }

  /// The answer to the end of data, if it is not yes.
  Optional<Verdict> refusal(Authenticated checked, Set<OrganizationId> organizations) {
    if (checked.isUndecided() && organizations.stream().anyMatch(enforces)) {
      return Optional.of(
          Verdict.deferred(
              451, "4.7.1", "The message cannot be authenticated now, try again later"));
    }
    boolean refused =
        checked.wanted().equals(Optional.of(DmarcPolicy.REJECT))
            && organizations.stream().allMatch(enforces);
    if (!refused) return Optional.empty();
    // RFC 7372 §3.3.
    return Optional.of(
        Verdict.rejected(
            550,
            "5.7.1",
            "The message is refused by the DMARC policy of "
                + AttemptResult.clean(checked.dmarc().author())));
  }

  /// Where a message goes in the mailboxes of an organization.
  LocalDelivery.Place place(Optional<DmarcPolicy> wanted, OrganizationId organization) {
    return wanted.isPresent() && enforces.test(organization)
        ? LocalDelivery.Place.JUNK
        : LocalDelivery.Place.INBOX;
  }

  /// The same for one that has been in the queue.
  LocalDelivery.Place place(QueueEnvelope envelope, Content content) {
    return switch (envelope.origin()) {
      case INBOUND ->
          place(authentication.wanted(MessageHeader.of(content)), envelope.organization());
      case SUBMISSION, REPORT, JOURNAL -> LocalDelivery.Place.INBOX;
    };
  }

  /// Fields of a message from outside that claim to be our words.
  List<HeaderFields.Field> forged(MessageHeader header) {
    return authentication.forged(header);
  }
}
