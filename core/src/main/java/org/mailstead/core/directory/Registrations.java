package org.mailstead.core.directory;

import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Listing.PageRequest;

/// Enabling and disabling of users and groups, and their addresses (USR-2, USR-3, USR-6). Every
/// address is text as the API gives it; a malformed one is INVALID_PARAMETER.
public final class Registrations {
  /// Enables an entity, by id or name, with this primary address, and makes a user's mailbox; one
  /// disabled for less than 30 days gets its old mailbox and aliases back (an earlier primary
  /// address stays as an alias). No change if it is enabled with this address.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted),
  ///   ENTITY_ALREADY_REGISTERED, EMAIL_ADDRESS_IN_USE, MAIL_DOMAIN_NOT_FOUND, MAIL_DOMAIN_STATE
  ///   (not verified), UNSUPPORTED_OPERATION (system), INVALID_PARAMETER (also: reserved address)
  public void register(
      Change change, OrganizationId organization, String identifier, String email) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Disables an entity: no login, no delivery; the mailbox is kept for 30 days.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (not enabled)
  public void deregister(Change change, OrganizationId organization, String identifier) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Adds an address, by id.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (not enabled),
  ///   EMAIL_ADDRESS_IN_USE, MAIL_DOMAIN_NOT_FOUND, MAIL_DOMAIN_STATE, LIMIT_EXCEEDED (100, LIM-4),
  ///   INVALID_PARAMETER (also: reserved address)
  public void createAlias(
      Change change, OrganizationId organization, EntityId entity, String alias) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Removes an alias, by id; harmless when there is none.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (not enabled),
  ///   INVALID_PARAMETER (it is the primary address)
  public void deleteAlias(
      Change change, OrganizationId organization, EntityId entity, String alias) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Aliases without the primary address, in order.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted)
  public Listing<EmailAddress> listAliases(
      OrganizationId organization, EntityId entity, PageRequest page) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Makes an alias or a new address the primary one; the old primary address becomes an alias.
  ///
  /// @throws DirectoryRefusedException as [#createAlias]; UNSUPPORTED_OPERATION (system)
  public void updatePrimaryAddress(
      Change change, OrganizationId organization, String identifier, String email) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Whoever has this address, enabled or disabled: DescribeEntity.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, INVALID_PARAMETER
  public Entity describeByAddress(OrganizationId organization, String email) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// An entity by id, name or address.
  public Optional<Entity> find(OrganizationId organization, String identifier) {
    throw new UnsupportedOperationException("skeleton");
  }
}
