package org.mailstead.core.directory;

import java.util.Set;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Listing.PageRequest;

/// Mailbox permissions (PRM-1, GRP-3).
public final class Permissions {
  /// @param granteeKind USER or GROUP
  public record Grant(EntityId grantee, EntityKind granteeKind, Set<MailboxPermission> values) {}

  /// Sets what the grantee may do with the entity's mailbox, replacing what was there.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND (either), ENTITY_STATE (the entity is not
  ///   enabled, the grantee deleted), INVALID_PARAMETER (no value, Full Access on a group, a
  ///   grantee that is a resource or the entity itself), LIMIT_EXCEEDED
  public void put(
      Change change,
      OrganizationId organization,
      String identifier,
      String grantee,
      Set<MailboxPermission> values) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Takes everything back; harmless when there is nothing.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted)
  public void delete(
      Change change, OrganizationId organization, String identifier, String grantee) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// In order of grantee id.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND
  public Listing<Grant> list(OrganizationId organization, String identifier, PageRequest page) {
    throw new UnsupportedOperationException("skeleton");
  }
}
