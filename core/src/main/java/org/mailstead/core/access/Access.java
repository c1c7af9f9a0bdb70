package org.mailstead.core.access;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.directory.Entity;
import org.mailstead.core.directory.Lookups;
import org.mailstead.core.directory.MailboxPermission;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.Mailboxes;

/// Decides what a user may do with mailboxes and addresses: owner, mailbox permissions (Full
/// Access, Send As, Send On Behalf, PRM-1), folder permissions (PRM-2), each for users and for
/// groups with nested members. Nothing is remembered here: a change acts at once (PRM-3).
public final class Access {
  private static final Set<Right> ALL = Collections.unmodifiableSet(EnumSet.allOf(Right.class));

  private final Lookups lookups;
  private final Mailboxes mailboxes;

  /// A mailbox of somebody else that this user may see something of.
  ///
  /// @param name the owner's primary address: the name under the "other users" namespace
  public record OtherMailbox(MailboxId mailbox, String name, boolean fullAccess) {}

  public Access(Lookups lookups, Mailboxes mailboxes) {
    this.lookups = lookups;
    this.mailboxes = mailboxes;
  }

  /// The rights of a user on a folder; all of them for the owner and with Full Access. None in a
  /// mailbox of another organization or of a disabled user, and for a folder that does not exist.
  public Set<Right> folderRights(Principal asker, MailboxId mailbox, FolderId folder) {
    Optional<Entity> owner = lookups.mailboxOwner(asker.organization(), mailbox);
    if (owner.isEmpty()) return Set.of();
    if (owner.get().id().equals(asker.user())) return ALL;
    Set<EntityId> identities = lookups.identities(asker.organization(), asker.user());
    if (hasFullAccess(asker.organization(), owner.get(), identities)) return ALL;
    Mailbox opened = mailboxes.open(mailbox);
    if (opened.findFolder(folder).isEmpty()) return Set.of();
    return rights(opened.folderPermissions(folder), identities);
  }

  private boolean hasFullAccess(
      OrganizationId organization, Entity owner, Set<EntityId> identities) {
    return lookups
        .permissions(organization, owner.id(), identities)
        .contains(MailboxPermission.FULL_ACCESS);
  }

  private static Set<Right> rights(
      Map<EntityId, Set<Right>> permissions, Set<EntityId> identities) {
    Set<Right> rights = EnumSet.noneOf(Right.class);
    permissions.forEach((grantee, granted) -> {
      if (grantee.equals(Mailbox.ANYONE) || identities.contains(grantee)) {
        rights.addAll(granted);
      }
    });
    return rights;
  }

  /// Mailboxes of others in the asker's organization with Full Access or with a right on some
  /// folder, by name.
  public List<OtherMailbox> otherMailboxes(Principal asker) {
    OrganizationId organization = asker.organization();
    Set<EntityId> identities = lookups.identities(organization, asker.user());
    var found = new TreeMap<String, OtherMailbox>();
    for (Entity owner : lookups.grantors(organization, identities)) {
      if (owner.id().equals(asker.user())) continue;
      if (hasFullAccess(organization, owner, identities)) add(found, owner, true);
    }
    Set<EntityId> grantees = new java.util.LinkedHashSet<>(identities);
    grantees.add(Mailbox.ANYONE);
    for (Entity owner : lookups.folderGrantors(organization, grantees)) {
      if (owner.id().equals(asker.user()) || found.containsKey(name(owner))) continue;
      if (hasSomeFolder(owner, identities)) add(found, owner, false);
    }
    List<OtherMailbox> others = new ArrayList<>(found.values());
    others.sort(Comparator.comparing(OtherMailbox::name));
    return others;
  }

  private static void add(Map<String, OtherMailbox> found, Entity owner, boolean fullAccess) {
    owner
        .mailbox()
        .ifPresent(
            mailbox -> found.put(name(owner), new OtherMailbox(mailbox, name(owner), fullAccess)));
  }

  private static String name(Entity owner) {
    return owner.email().map(EmailAddress::toString).orElseGet(owner::name);
  }

  private boolean hasSomeFolder(Entity owner, Set<EntityId> identities) {
    if (owner.mailbox().isEmpty()) return false;
    Mailbox opened = mailboxes.open(owner.mailbox().get());
    for (Folder folder : opened.folders()) {
      if (!rights(opened.folderPermissions(folder.id()), identities).isEmpty()) return true;
    }
    return false;
  }

  /// Sets what a user, a group or [Mailbox#ANYONE] may do with a folder (PRM-2); an empty set takes
  /// everything back. The one way to set folder permissions: it keeps [#otherMailboxes] complete.
  ///
  /// @throws RefusedException FORBIDDEN without the right to administer the folder; NOT_FOUND for
  ///   an unknown grantee, or a mailbox or folder that the asker may not see
  public void setFolderPermission(
      Principal asker, MailboxId mailbox, FolderId folder, EntityId grantee, Set<Right> rights) {
    Set<Right> own = folderRights(asker, mailbox, folder);
    Optional<Entity> owner = lookups.mailboxOwner(asker.organization(), mailbox);
    if (own.isEmpty() || owner.isEmpty()) {
      throw new RefusedException(Refusal.NOT_FOUND, "no such folder");
    }
    if (!own.contains(Right.ADMINISTER)) {
      throw new RefusedException(Refusal.FORBIDDEN, "you may not change these permissions");
    }
    boolean known = grantee.equals(Mailbox.ANYONE) || lookups.exists(asker.organization(), grantee);
    if (!known && !rights.isEmpty()) {
      throw new RefusedException(Refusal.NOT_FOUND, "no such user or group");
    }
    // The hint first: one too many is harmless, one too few would hide the mailbox.
    if (!rights.isEmpty()) {
      lookups.hintFolderGrant(asker.organization(), grantee, owner.get().id());
    }
    mailboxes.open(mailbox).setFolderPermission(folder, grantee, rights);
  }

  /// Whether the asker may put this address into From: an address of its own, or one of an enabled
  /// user or group that granted it (PRM-1, GRP-3). Full Access alone does not.
  public SendRight sendRight(Principal asker, EmailAddress from) {
    Optional<Entity> owner = lookups.enabledReceiver(asker.organization(), from);
    if (owner.isEmpty()) return SendRight.NONE;
    if (owner.get().id().equals(asker.user())) return SendRight.OWN;
    Set<EntityId> identities = lookups.identities(asker.organization(), asker.user());
    Set<MailboxPermission> granted =
        lookups.permissions(asker.organization(), owner.get().id(), identities);
    if (granted.contains(MailboxPermission.SEND_AS)) return SendRight.SEND_AS;
    if (granted.contains(MailboxPermission.SEND_ON_BEHALF)) return SendRight.SEND_ON_BEHALF;
    return SendRight.NONE;
  }
}
