package org.mailstead.core.directory;

import static org.mailstead.core.directory.DirectoryRefusal.LIMIT_EXCEEDED;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Entity.Group;
import org.mailstead.core.directory.Entity.User;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.OrganizationViews.View;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Collection;
import org.mailstead.store.Page;
import org.mailstead.store.Row;

/// Groups and their members (GRP-1). Members are users and groups; a cycle of groups is allowed and
/// cut by every reader.
public final class Groups {
  private static final int FORMAT = 1;

  private final Parts parts;
  private final EntityLists lists;

  /// A member as ListGroupMembers shows it.
  public record Member(
      EntityId id,
      String name,
      EntityKind kind,
      EntityState state,
      Optional<Instant> enabledDate,
      Optional<Instant> disabledDate) {}

  Groups(Parts parts) {
    this.parts = parts;
    this.lists = new EntityLists(parts.store(), parts.entities());
  }

  /// @throws DirectoryRefusedException INVALID_PARAMETER, NAME_AVAILABILITY, RESERVED_NAME,
  ///   LIMIT_EXCEEDED
  public EntityId create(
      Change change, OrganizationId organization, String name, boolean hiddenFromAddressList) {
    View view = parts.organizations().serving(organization).writable();
    String checked = Texts.groupName(name);
    if (parts.entities().count(view.directory()).groups()
        >= parts.limits().groupsPerOrganization()) {
      throw new DirectoryRefusedException(
          LIMIT_EXCEEDED,
          "The organization has " + parts.limits().groupsPerOrganization() + " groups already.");
    }
    var id = new EntityId(parts.uuid());
    var group =
        new Group(
            id,
            checked,
            EntityState.DISABLED,
            Optional.empty(),
            List.of(),
            hiddenFromAddressList,
            Optional.empty(),
            Optional.empty(),
            false);
    var stored =
        new StoredEntity(group, Optional.empty(), parts.random().nextLong(), 0, Optional.empty());
    Users.insert(parts, change, organization, stored, Map.of("groupId", id.value()));
    return id;
  }

  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND
  public Group describe(OrganizationId organization, String identifier) {
    return load(parts.organizations().serving(organization), identifier);
  }

  private Group load(View view, String identifier) {
    return parts
        .entities()
        .find(view.directory(), identifier)
        .map(StoredEntity::entity)
        .filter(Group.class::isInstance)
        .map(Group.class::cast)
        .orElseThrow(Registrations::notFound);
  }

  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted),
  ///   UNSUPPORTED_OPERATION
  public void update(
      Change change,
      OrganizationId organization,
      String identifier,
      Optional<Boolean> hiddenFromAddressList) {
    View view = parts.organizations().serving(organization);
    Users.change(
        parts,
        view,
        change,
        load(view, identifier).id(),
        (_, stored) -> {
          checkChangeable(stored.entity());
          return hiddenFromAddressList.map(stored::withHidden);
        });
  }

  private static void checkChangeable(Entity entity) {
    if (entity.system()) throw Registrations.system();
    checkNotDeleted(entity);
  }

  private static void checkNotDeleted(Entity entity) {
    if (entity.state() == EntityState.DELETED) {
      throw Registrations.state("The entity is deleted.");
    }
  }

  /// Deletes a disabled group, by id or name; harmless for an unknown one.
  ///
  /// @throws DirectoryRefusedException ENTITY_STATE (enabled), UNSUPPORTED_OPERATION
  public void delete(Change change, OrganizationId organization, String identifier) {
    Users.delete(parts, change, organization, identifier, EntityKind.GROUP);
  }

  /// In order of name, or of address with the filter by it.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER (token, a filter for users)
  public Listing<Group> list(OrganizationId organization, EntityFilter filter, PageRequest page) {
    View view = parts.organizations().serving(organization);
    switch (filter) {
      case EntityFilter.DisplayNamePrefix _, EntityFilter.IdentityProviderUserIdPrefix _ ->
          throw Texts.invalid("Groups cannot be filtered by this.");
      case EntityFilter.None _,
          EntityFilter.NamePrefix _,
          EntityFilter.PrimaryEmailPrefix _,
          EntityFilter.StateIs _ -> {}
    }
    Listing<Entity> found = lists.list(view.directory(), EntityKind.GROUP, filter, page);
    return new Listing<>(found.items().stream().map(Group.class::cast).toList(), found.nextToken());
  }

  /// Adds a member; harmless when it is one.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted), INVALID_PARAMETER
  ///   (a resource, the group itself), UNSUPPORTED_OPERATION (system group), LIMIT_EXCEEDED
  public void addMember(Change change, OrganizationId organization, String group, String member) {
    View view = parts.organizations().serving(organization).writable();
    EntityId groupId = load(view, group).id();
    Entity joining = loadMember(view, member);
    checkNotDeleted(joining);
    if (joining.id().equals(groupId)) throw Texts.invalid("A group cannot hold itself.");
    char letter =
        switch (joining) {
          case User _ -> 'u';
          case Group _ -> 'g';
          case Entity.Resource _ -> throw Texts.invalid("A resource cannot be in a group.");
        };
    byte[] kind = new ValueWriter(FORMAT).number(letter).value();
    changeMembers(
        change,
        view,
        groupId,
        joining.id(),
        false,
        commit -> {
          if (Links.count(commit, groupId, 1) > parts.limits().membersPerGroup()) {
            throw new DirectoryRefusedException(
                LIMIT_EXCEEDED,
                "The group has " + parts.limits().membersPerGroup() + " members already.");
          }
          Links.put(commit, Links.Kind.MEMBER, view.directory(), groupId, joining.id(), kind);
          return true;
        });
  }

  /// Removes a member; harmless when it is none.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted),
  ///   UNSUPPORTED_OPERATION
  public void removeMember(
      Change change, OrganizationId organization, String group, String member) {
    View view = parts.organizations().serving(organization).writable();
    EntityId groupId = load(view, group).id();
    EntityId leaving = loadMember(view, member).id();
    changeMembers(
        change,
        view,
        groupId,
        leaving,
        true,
        commit -> {
          Links.count(commit, groupId, -1);
          Links.delete(commit, Links.Kind.MEMBER, view.directory(), groupId, leaving);
          return true;
        });
  }

  private Entity loadMember(View view, String identifier) {
    return parts
        .entities()
        .find(view.directory(), identifier)
        .map(StoredEntity::entity)
        .orElseThrow(Registrations::notFound);
  }

  /// Changes a group's members if the member is in it (or not) as the change needs.
  private void changeMembers(
      Change change,
      View view,
      EntityId group,
      EntityId member,
      boolean whenMember,
      Function<PartitionChange, Boolean> step) {
    OrganizationId organization = view.organization().id();
    boolean changed =
        parts
            .entities()
            .change(
                view.directory(),
                group,
                (commit, stored) -> {
                  checkChangeable(stored.orElseThrow(Registrations::notFound).entity());
                  boolean isMember =
                      commit.get(EntityRows.MEMBERS, EntityRows.pair(group, member)).isPresent();
                  if (isMember != whenMember) return false;
                  Parts.audit(commit, organization, change, Map.of());
                  return step.apply(commit);
                });
    if (!changed) parts.auditUnchanged(organization, change);
  }

  /// Direct members, in order of id.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted)
  public Listing<Member> members(OrganizationId organization, String group, PageRequest page) {
    View view = parts.organizations().serving(organization);
    Group found = load(view, group);
    checkNotDeleted(found);
    return linked(
        view,
        EntityRows.MEMBERS,
        found.id(),
        page,
        "members",
        entity -> Optional.of(member(entity)));
  }

  /// Direct members whose name or display name begins with a text, whatever its case, in order of
  /// id: SearchMembers.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted)
  public Listing<Member> searchMembers(
      OrganizationId organization, String group, String prefix, PageRequest page) {
    View view = parts.organizations().serving(organization);
    Group found = load(view, group);
    checkNotDeleted(found);
    return linked(
        view,
        EntityRows.MEMBERS,
        found.id(),
        page,
        "members",
        entity -> Optional.of(entity).filter(e -> isNamed(e, prefix)).map(Groups::member));
  }

  private static boolean isNamed(Entity entity, String prefix) {
    return EntityLists.startsWith(entity.name(), prefix)
        || (entity instanceof User user && EntityLists.startsWith(user.displayName(), prefix));
  }

  private static Member member(Entity entity) {
    return new Member(
        entity.id(),
        entity.name(),
        entity.kind(),
        entity.state(),
        entity.enabledDate(),
        entity.disabledDate());
  }

  /// Groups that the entity is a direct member of, in order of id.
  ///
  /// @param filter None or NamePrefix
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted), INVALID_PARAMETER
  public Listing<Group> groupsOf(
      OrganizationId organization, String identifier, EntityFilter filter, PageRequest page) {
    View view = parts.organizations().serving(organization);
    Entity entity = loadMember(view, identifier);
    checkNotDeleted(entity);
    String prefix =
        switch (filter) {
          case EntityFilter.None _ -> "";
          case EntityFilter.NamePrefix(String text) -> text;
          case EntityFilter.DisplayNamePrefix _,
              EntityFilter.PrimaryEmailPrefix _,
              EntityFilter.StateIs _,
              EntityFilter.IdentityProviderUserIdPrefix _ ->
              throw Texts.invalid("Groups of an entity cannot be filtered by this.");
        };
    return linked(
        view,
        EntityRows.MEMBER_OF,
        entity.id(),
        page,
        "groups",
        found ->
            found instanceof Group group && EntityLists.startsWith(group.name(), prefix)
                ? Optional.of(group)
                : Optional.empty());
  }

  /// One page of the entities at the other ends of links; deleted ones are left out.
  private <T> Listing<T> linked(
      View view,
      Collection links,
      EntityId first,
      PageRequest page,
      String list,
      Function<Entity, Optional<T>> show) {
    Optional<EntityId> after = page.token().map(token -> Permissions.after(token, list));
    List<T> found = new ArrayList<>();
    Page rows =
        parts.links().page(links, view.directory(), first, after, DirectoryLimits.LIST_SCAN_MAX);
    Optional<EntityId> last = Optional.empty();
    for (Row row : rows.rows()) {
      if (found.size() == page.countMax()) {
        return new Listing<>(found, last.map(id -> Permissions.token(list, id)));
      }
      EntityId id = EntityRows.second(row.key());
      last = Optional.of(id);
      parts
          .entities()
          .find(view.directory(), id)
          .map(StoredEntity::entity)
          .filter(entity -> entity.state() != EntityState.DELETED)
          .flatMap(show)
          .ifPresent(found::add);
    }
    boolean more = rows.next().isPresent();
    return new Listing<>(
        found, more ? last.map(id -> Permissions.token(list, id)) : Optional.empty());
  }
}
