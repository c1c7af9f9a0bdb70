package org.mailstead.core.directory;

import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Entity.User;
import org.mailstead.core.directory.OrganizationViews.View;

/// What logins and access decisions read of the directory. All of it is cached.
public final class Lookups {
  private final Parts parts;

  /// A user who may try to log in.
  ///
  /// @param stamp changes when password or state change
  public record LoginUser(
      OrganizationId organization, User user, Optional<String> passwordHash, long stamp) {
    /// Enabled, with a mailbox; by which secret is another question.
    public boolean mayLogIn() {
      return user.state() == EntityState.ENABLED
          && user.role() == UserRole.USER
          && user.mailbox().isPresent()
          && user.email().isPresent();
    }

    @Override
    public String toString() {
      return "LoginUser[" + user.id() + "]";
    }
  }

  Lookups(Parts parts) {
    this.parts = parts;
  }

  /// The user with this address in an organization that serves, on a verified domain.
  public Optional<LoginUser> findLogin(EmailAddress address) {
    return parts
        .organizations()
        .findByDomain(address.domain())
        .filter(View::isServing)
        .filter(view -> isVerified(view, address.domain()))
        .flatMap(view ->
            parts
                .entities()
                .findByAddress(address)
                .filter(found -> found.directory().equals(view.directory()))
                .filter(found -> found.entity() instanceof User)
                .map(found ->
                    new LoginUser(
                        view.organization().id(),
                        (User) found.entity(),
                        found.stored().passwordHash(),
                        found.stored().stamp())));
  }

  /// The enabled user or resource whose mailbox this is, in this organization.
  public Optional<Entity> mailboxOwner(OrganizationId organization, MailboxId mailbox) {
    // A mailbox id is the id of its user, with a number if it is not the user's first.
    int dot = mailbox.value().indexOf('.');
    String owner = dot < 0 ? mailbox.value() : mailbox.value().substring(0, dot);
    if (!Entities.isId(owner)) return Optional.empty();
    return serving(organization)
        .flatMap(view -> enabledOwner(view, new EntityId(owner)))
        .filter(entity -> entity.mailbox().filter(mailbox::equals).isPresent());
  }

  /// Whether this user may act as every other user of the organization (WorkMail guide, Migrating).
  public boolean isMigrationAdministrator(OrganizationId organization, EntityId user) {
    return serving(organization)
        .flatMap(view -> view.organization().migrationAdministrator())
        .filter(user::equals)
        .isPresent();
  }

  private static boolean isVerified(View view, String domain) {
    MailDomain found = view.domains().get(domain);
    return found != null && found.verified();
  }

  private Optional<View> serving(OrganizationId organization) {
    return parts.organizations().find(organization).filter(View::isServing);
  }

  private Optional<User> enabledUser(View view, EntityId id) {
    return enabledOwner(view, id).filter(User.class::isInstance).map(User.class::cast);
  }

  private Optional<Entity> enabledOwner(View view, EntityId id) {
    return parts
        .entities()
        .find(view.directory(), id)
        .map(StoredEntity::entity)
        .filter(entity -> entity.state() == EntityState.ENABLED);
  }

  /// A user of the organization, enabled or not, who is not deleted.
  public Optional<User> user(OrganizationId organization, EntityId id) {
    if (!Entities.isId(id.value())) return Optional.empty();
    return serving(organization)
        .flatMap(view -> parts.entities().find(view.directory(), id))
        .map(StoredEntity::entity)
        .filter(entity -> entity.state() != EntityState.DELETED)
        .filter(User.class::isInstance)
        .map(User.class::cast);
  }

  public Optional<User> enabledUser(OrganizationId organization, EntityId id) {
    return serving(organization).flatMap(view -> enabledUser(view, id));
  }

  /// The enabled user or group that receives for this address in this organization.
  public Optional<Entity> enabledReceiver(OrganizationId organization, EmailAddress address) {
    return serving(organization)
        .flatMap(view -> parts.entities().findReceiver(view.directory(), address))
        .map(StoredEntity::entity)
        .filter(entity -> entity.state() == EntityState.ENABLED);
  }

  /// The user and all groups that it is in, directly or nested (GRP-2). A group need not be enabled
  /// for mail to hold rights.
  public Set<EntityId> identities(OrganizationId organization, EntityId user) {
    return serving(organization)
        .map(view -> parts.links().closure(view.directory(), user, parts.limits().groupsVisited()))
        .orElseGet(Set::of);
  }

  /// What any of the grantees may do with the owner's mailbox.
  public Set<MailboxPermission> permissions(
      OrganizationId organization, EntityId owner, Set<EntityId> grantees) {
    Set<MailboxPermission> found = EnumSet.noneOf(MailboxPermission.class);
    Optional<View> view = serving(organization);
    if (view.isEmpty()) return found;
    for (EntityId grantee : grantees) {
      parts
          .links()
          .find(Links.Kind.PERMISSION, view.get().directory(), owner, grantee)
          .ifPresent(row -> found.addAll(Permissions.grant(grantee, row).values()));
    }
    return found;
  }

  /// Enabled users and resources on whose mailboxes one of the grantees has a permission; groups
  /// too, which have none.
  public Set<Entity> grantors(OrganizationId organization, Set<EntityId> grantees) {
    return owners(
        organization,
        grantees,
        (view, grantee) -> parts.links().owners(Links.Kind.PERMISSION, view.directory(), grantee));
  }

  /// Enabled users and resources whose mailboxes may hold folder permissions for one of the
  /// grantees.
  public Set<Entity> folderGrantors(OrganizationId organization, Set<EntityId> grantees) {
    return owners(
        organization,
        grantees,
        (view, grantee) -> parts.links().folderGrantors(view.directory(), grantee));
  }

  private Set<Entity> owners(
      OrganizationId organization,
      Set<EntityId> grantees,
      java.util.function.BiFunction<View, EntityId, List<EntityId>> of) {
    Set<Entity> found = new LinkedHashSet<>();
    Optional<View> view = serving(organization);
    if (view.isEmpty()) return found;
    for (EntityId grantee : grantees) {
      for (EntityId owner : of.apply(view.get(), grantee)) {
        enabledOwner(view.get(), owner).ifPresent(found::add);
      }
    }
    return found;
  }

  /// Notes, before a folder permission is set, that the owner's mailbox holds some for the grantee.
  public void hintFolderGrant(OrganizationId organization, EntityId grantee, EntityId owner) {
    serving(organization)
        .ifPresent(view -> parts.links().hintFolderGrant(view.directory(), grantee, owner));
  }

  /// Whether the id is of a user or group of the organization that is not deleted.
  public boolean exists(OrganizationId organization, EntityId entity) {
    return Entities.isId(entity.value())
        && serving(organization)
            .flatMap(view -> parts.entities().find(view.directory(), entity))
            .filter(stored -> stored.entity().state() != EntityState.DELETED)
            .isPresent();
  }
}
