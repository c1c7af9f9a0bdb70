package org.mailstead.server;

import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.MailboxProvider;
import org.mailstead.core.mailbox.Mailboxes;

/// Joins the directory with the mailboxes that it makes and removes.
record DirectoryMailboxes(Mailboxes mailboxes) implements MailboxProvider {
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
}
