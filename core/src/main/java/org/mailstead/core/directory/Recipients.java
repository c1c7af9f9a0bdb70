package org.mailstead.core.directory;

import java.util.List;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;

/// Where mail for an address goes: aliases, subaddresses (`user+tag@`, an exact address wins),
/// groups (nested, each member once, GRP-1).
public final class Recipients {
  /// A mailbox that receives.
  public record Recipient(
      OrganizationId organization, EntityId entity, MailboxId mailbox, EmailAddress address) {}

  /// The answer for one address.
  public sealed interface Resolution {
    /// Mailboxes that get it: one for a user, the enabled members for a group (perhaps none).
    /// `group` holds the group's id for a group.
    record Local(OrganizationId organization, EntityId entity, List<Recipient> recipients)
        implements Resolution {}

    /// The domain is ours, the address is not: 550 5.1.1.
    record Unknown() implements Resolution {}

    /// The entity exists but is disabled: refused.
    record Disabled() implements Resolution {}

    /// Not a domain of any organization here, or one that is not verified.
    record Foreign() implements Resolution {}
  }

  public Resolution resolve(EmailAddress address) {
    throw new UnsupportedOperationException("skeleton");
  }
}
