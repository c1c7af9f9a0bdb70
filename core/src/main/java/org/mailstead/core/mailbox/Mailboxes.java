package org.mailstead.core.mailbox;

import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;

/// Opens mailboxes. A mailbox in use is held once in memory; every connection shares it.
public final class Mailboxes {
  /// @throws org.mailstead.base.RefusedException NOT_FOUND
  public Mailbox open(MailboxId mailbox) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Makes an empty mailbox with INBOX, Drafts, Sent Items, Deleted Items, Junk E-mail and Archive;
  /// harmless when it exists already.
  public Mailbox create(OrganizationId organization, MailboxId mailbox, long quotaBytes) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Destroys the mailbox's key, then its rows and blob holders.
  public void delete(MailboxId mailbox) {
    throw new UnsupportedOperationException("skeleton");
  }
}
