package org.mailstead.core.directory;

import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.mailbox.Mailboxes;

/// What the directory asks of mailboxes. The server module joins it to the mailbox package.
public interface MailboxProvider {
  /// Makes an empty mailbox; harmless when it exists already.
  void create(OrganizationId organization, MailboxId mailbox, long quotaBytes);

  /// Removes a mailbox for good; harmless when there is none, and possible when the organization's
  /// key is destroyed.
  void delete(MailboxId mailbox);

  long usedBytes(MailboxId mailbox);

  void updateQuota(MailboxId mailbox, long quotaBytes);

  /// Over the real mailboxes.
  static MailboxProvider of(Mailboxes mailboxes) {
    return new MailboxProvider() {
      @Override
      public void create(OrganizationId organization, MailboxId mailbox, long quotaBytes) {
        mailboxes.create(organization, mailbox, quotaBytes);
      }

      @Override
      public void delete(MailboxId mailbox) {
        mailboxes.delete(mailbox);
      }

      @Override
      public long usedBytes(MailboxId mailbox) {
        return mailboxes.open(mailbox).usedBytes();
      }

      @Override
      public void updateQuota(MailboxId mailbox, long quotaBytes) {
        mailboxes.open(mailbox).changeQuota(quotaBytes);
      }
    };
  }
}
