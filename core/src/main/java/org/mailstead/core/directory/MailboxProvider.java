package org.mailstead.core.directory;

import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;

/// What the directory asks of mailboxes. `Wiring` joins it to the mailbox package.
public interface MailboxProvider {
  /// Makes an empty mailbox; harmless when it exists already.
  void create(OrganizationId organization, MailboxId mailbox, long quotaBytes);

  /// Removes a mailbox for good; harmless when there is none, and possible when the organization's key
  /// is destroyed.
  void delete(MailboxId mailbox);

  long usedBytes(MailboxId mailbox);

  void updateQuota(MailboxId mailbox, long quotaBytes);
}
