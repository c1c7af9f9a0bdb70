package org.mailstead.server;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.MalformedException;
import org.mailstead.core.access.Access;
import org.mailstead.core.access.Access.OtherMailbox;
import org.mailstead.core.access.Principal;
import org.mailstead.core.access.Right;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Entity;
import org.mailstead.imap.server.ImapSharing;

/// Joins IMAP's questions about other people's mailboxes with access decisions and the directory.
record SharedFolders(Access access, Directory directory) implements ImapSharing {
  @Override
  public Set<Right> folderRights(Principal asker, MailboxId mailbox, FolderId folder) {
    return access.folderRights(asker, mailbox, folder);
  }

  @Override
  public List<OtherMailbox> otherMailboxes(Principal asker) {
    return access.otherMailboxes(asker);
  }

  @Override
  public Optional<EntityId> findGrantee(Principal asker, String identifier) {
    try {
      return directory
          .lookups()
          .enabledReceiver(asker.organization(), EmailAddress.parse(identifier))
          .map(Entity::id);
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  @Override
  public void setFolderPermission(
      Principal asker, MailboxId mailbox, FolderId folder, EntityId grantee, Set<Right> rights) {
    access.setFolderPermission(asker, mailbox, folder, grantee, rights);
  }

  @Override
  public Optional<String> findIdentifier(Principal asker, EntityId grantee) {
    return directory
        .registrations()
        .find(asker.organization(), grantee.value())
        .flatMap(Entity::email)
        .map(EmailAddress::toString);
  }
}
