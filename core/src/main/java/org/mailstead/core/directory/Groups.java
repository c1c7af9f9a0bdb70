package org.mailstead.core.directory;

import java.time.Instant;
import java.util.Optional;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Entity.Group;
import org.mailstead.core.directory.Listing.PageRequest;

/// Groups and their members (GRP-1). Members are users and groups; a cycle of groups is allowed and
/// cut by every reader.
public final class Groups {
  /// A member as ListGroupMembers shows it.
  public record Member(
      EntityId id,
      String name,
      EntityKind kind,
      EntityState state,
      Optional<Instant> enabledDate,
      Optional<Instant> disabledDate) {}

  /// @throws DirectoryRefusedException INVALID_PARAMETER, NAME_AVAILABILITY, RESERVED_NAME,
  ///   LIMIT_EXCEEDED
  public EntityId create(
      Change change, OrganizationId organization, String name, boolean hiddenFromAddressList) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND
  public Group describe(OrganizationId organization, String identifier) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted),
  ///   UNSUPPORTED_OPERATION
  public void update(
      Change change,
      OrganizationId organization,
      String identifier,
      Optional<Boolean> hiddenFromAddressList) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Deletes a disabled group, by id or name; harmless for an unknown one.
  ///
  /// @throws DirectoryRefusedException ENTITY_STATE (enabled), UNSUPPORTED_OPERATION
  public void delete(Change change, OrganizationId organization, String identifier) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// In order of name, or of address with the filter by it.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER (token, a filter for users)
  public Listing<Group> list(OrganizationId organization, EntityFilter filter, PageRequest page) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Adds a member; harmless when it is one.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted), INVALID_PARAMETER
  ///   (a resource, the group itself), UNSUPPORTED_OPERATION (system group), LIMIT_EXCEEDED
  public void addMember(Change change, OrganizationId organization, String group, String member) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Removes a member; harmless when it is none.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted),
  ///   UNSUPPORTED_OPERATION
  public void removeMember(
      Change change, OrganizationId organization, String group, String member) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Direct members, in order of id.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted)
  public Listing<Member> members(OrganizationId organization, String group, PageRequest page) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Groups that the entity is a direct member of, in order of id.
  ///
  /// @param filter None or NamePrefix
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted), INVALID_PARAMETER
  public Listing<Group> groupsOf(
      OrganizationId organization, String identifier, EntityFilter filter, PageRequest page) {
    throw new UnsupportedOperationException("skeleton");
  }
}
