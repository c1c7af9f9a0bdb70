package org.mailstead.core.access;

import java.util.List;
import java.util.Set;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;

/// Decides what a user may do with mailboxes and addresses: owner, mailbox permissions (Full
/// Access, Send As, Send On Behalf, PRM-1), folder permissions (PRM-2), each for users and for
/// groups with nested members.
public final class Access {
  /// A mailbox of somebody else that this user may see something of.
  ///
  /// @param name the owner's primary address: the name under the "other users" namespace
  public record OtherMailbox(MailboxId mailbox, String name, boolean fullAccess) {}

  /// The rights of a user on a folder; all of them for the owner and with Full Access.
  public Set<Right> folderRights(Principal asker, MailboxId mailbox, FolderId folder) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Mailboxes of others in the asker's organization with Full Access or with a right on some
  /// folder, by name.
  public List<OtherMailbox> otherMailboxes(Principal asker) {
    throw new UnsupportedOperationException("skeleton");
  }

  public SendRight sendRight(Principal asker, EmailAddress from) {
    throw new UnsupportedOperationException("skeleton");
  }
}
