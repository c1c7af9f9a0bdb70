package org.mailstead.core.directory;

import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Entity.User;
import org.mailstead.core.directory.Listing.PageRequest;

/// Users (USR-1 to USR-6).
public final class Users {
  /// MailboxQuota in MB and MailboxSize in MB.
  public record MailboxDetails(long quotaMegabytes, double sizeMegabytes) {}

  /// Makes a disabled user.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER, INVALID_PASSWORD, NAME_AVAILABILITY,
  ///   RESERVED_NAME, LIMIT_EXCEEDED (LIM-4)
  public EntityId create(Change change, OrganizationId organization, NewUser user) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// A deleted user is still described, by id, for 30 days.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND
  public User describe(OrganizationId organization, String identifier) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted; role change of an
  ///   enabled user), INVALID_PARAMETER, UNSUPPORTED_OPERATION (system user)
  public void update(
      Change change, OrganizationId organization, String identifier, UserChange update) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Deletes a disabled user, by id or name; harmless for an unknown one. Its name and addresses
  /// are free at once, its mailbox goes 30 days later.
  ///
  /// @throws DirectoryRefusedException ENTITY_STATE (enabled), UNSUPPORTED_OPERATION (system user)
  public void delete(Change change, OrganizationId organization, String identifier) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// In order of name; of display name or address with the filter by it. Deleted users only with
  /// the filter for that state.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER (token)
  public Listing<User> list(OrganizationId organization, EntityFilter filter, PageRequest page) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Sets a password (USR-5), by id.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted), INVALID_PASSWORD,
  ///   UNSUPPORTED_OPERATION (system or remote user)
  public void resetPassword(
      Change change, OrganizationId organization, EntityId user, String password) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND (also: has no mailbox)
  public MailboxDetails mailboxDetails(OrganizationId organization, String identifier) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (not enabled),
  ///   INVALID_PARAMETER (1 to 51,200 MB, LIM-2)
  public void updateMailboxQuota(
      Change change, OrganizationId organization, String identifier, long megabytes) {
    throw new UnsupportedOperationException("skeleton");
  }
}
