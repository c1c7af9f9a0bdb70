package org.mailstead.core.access;

import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;

/// A user who has logged in.
public record Principal(
    OrganizationId organization, EntityId user, MailboxId mailbox, EmailAddress primaryAddress) {}
