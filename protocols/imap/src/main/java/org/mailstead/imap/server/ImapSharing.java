package org.mailstead.imap.server;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EntityId;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.core.access.Access.OtherMailbox;
import org.mailstead.core.access.Principal;
import org.mailstead.core.access.Right;

/// What IMAP asks about other people's mailboxes (PRM-1, PRM-2). The server module joins it with
/// [org.mailstead.core.access.Access] and the directory.
public interface ImapSharing {
  /// The rights of a user on a folder of somebody else; all of them with Full Access.
  Set<Right> folderRights(Principal asker, MailboxId mailbox, FolderId folder);

  /// Mailboxes of others that this user may see something of.
  List<OtherMailbox> otherMailboxes(Principal asker);

  /// The user or group of the asker's organization that an ACL identifier (an address) names.
  Optional<EntityId> findGrantee(Principal asker, String identifier);

  /// Sets what a user, a group or [org.mailstead.core.mailbox.Mailbox#ANYONE] may do with a folder;
  /// an empty set takes everything back.
  ///
  /// @throws org.mailstead.base.RefusedException FORBIDDEN without the right to administer it
  void setFolderPermission(
      Principal asker, MailboxId mailbox, FolderId folder, EntityId grantee, Set<Right> rights);

  /// The ACL identifier of a user or group: its primary address; empty if it is gone.
  Optional<String> findIdentifier(Principal asker, EntityId grantee);
}
