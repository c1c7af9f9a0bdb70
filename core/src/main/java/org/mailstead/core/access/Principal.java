package org.mailstead.core.access;

import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;

/// A user who has logged in.
///
/// @param user as whom the session acts
/// @param actor who logged in, when that is not the user: a migration administrator
public record Principal(
    OrganizationId organization,
    EntityId user,
    MailboxId mailbox,
    EmailAddress primaryAddress,
    Optional<EntityId> actor) {

  /// A user who acts as himself.
  public Principal(
      OrganizationId organization, EntityId user, MailboxId mailbox, EmailAddress primaryAddress) {
    this(organization, user, mailbox, primaryAddress, Optional.empty());
  }

  /// The user whose credential it was.
  public EntityId authenticated() {
    return actor.orElse(user);
  }
}
