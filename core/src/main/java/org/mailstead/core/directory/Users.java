package org.mailstead.core.directory;

import static org.mailstead.core.directory.DirectoryRefusal.LIMIT_EXCEEDED;
import static org.mailstead.core.directory.DirectoryRefusal.NAME_AVAILABILITY;
import static org.mailstead.core.directory.DirectoryRefusal.UNSUPPORTED_OPERATION;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Claims.Claim;
import org.mailstead.core.directory.Entity.User;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.OrganizationViews.View;
import org.mailstead.core.outbox.PartitionChange;

/// Users (USR-1 to USR-6).
public final class Users {
  private static final double MEGABYTE = 1L << 20;

  private final Parts parts;
  private final EntityLists lists;

  /// Creation takes turns within an organization, so that its limit is exact.
  private final ConcurrentHashMap<OrganizationId, ReentrantLock> creating =
      new ConcurrentHashMap<>();

  /// MailboxQuota in MB and MailboxSize in MB.
  public record MailboxDetails(long quotaMegabytes, double sizeMegabytes) {}

  Users(Parts parts) {
    this.parts = parts;
    this.lists = new EntityLists(parts.store(), parts.entities());
  }

  /// Makes a disabled user.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER, INVALID_PASSWORD, NAME_AVAILABILITY,
  ///   RESERVED_NAME, LIMIT_EXCEEDED (LIM-4)
  public EntityId create(Change change, OrganizationId organization, NewUser user) {
    View view = parts.organizations().serving(organization).writable();
    String name = Texts.userName(user.name());
    String displayName = Texts.detail(user.displayName());
    if (displayName.isEmpty()) throw Texts.invalid("The display name is empty.");
    checkRole(user.role());
    Map<UserDetail, String> details = details(Map.of(), user.details());
    user.password().ifPresent(Passwords::checkPolicy);
    Optional<String> hash = user.password().map(parts.passwords()::hash);
    var id = new EntityId(parts.uuid());
    var entity =
        new User(
            id,
            name,
            displayName,
            user.role(),
            EntityState.DISABLED,
            Optional.empty(),
            List.of(),
            user.hiddenFromGlobalAddressList(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            DirectoryLimits.QUOTA_MEGABYTES_MAX,
            details);
    var stored = new StoredEntity(entity, hash, parts.random().nextLong(), 0, Optional.empty());
    inTurn(
        organization,
        () -> {
          long count = parts.entities().count(view.directory()).users();
          if (count >= view.organization().usersMax()) {
            throw new DirectoryRefusedException(
                LIMIT_EXCEEDED,
                "The organization has " + view.organization().usersMax() + " users already.");
          }
          return insert(parts, change, organization, stored, Map.of("userId", id.value()));
        });
    return id;
  }

  private <T> T inTurn(OrganizationId organization, Supplier<T> work) {
    ReentrantLock lock = creating.computeIfAbsent(organization, _ -> new ReentrantLock());
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  /// Claims the name of a new entity and writes it.
  static boolean insert(
      Parts parts,
      Change change,
      OrganizationId organization,
      StoredEntity stored,
      Map<String, String> response) {
    return parts
        .organizations()
        .whileServing(
            organization,
            () -> {
              DirectoryId directory = parts.organizations().serving(organization).directory();
              EntityId id = stored.entity().id();
              Claim claim =
                  parts
                      .claims()
                      .take(
                          Claims.Kind.NAME,
                          Entities.nameClaim(directory, stored.entity().name()),
                          directory.value(),
                          id.value(),
                          parts.entities()::uses)
                      .orElseThrow(() ->
                          new DirectoryRefusedException(
                              NAME_AVAILABILITY, "The name is already in use."));
              try {
                return parts
                    .entities()
                    .change(
                        directory,
                        id,
                        (commit, _) -> {
                          parts.claims().checkTimely(claim);
                          Entities.write(commit, Optional.empty(), Optional.of(stored));
                          Parts.audit(commit, organization, change, response);
                          return true;
                        });
              } catch (RuntimeException e) {
                parts.claims().abandon(claim, parts.entities()::uses, e);
                throw e;
              }
            });
  }

  private static void checkRole(UserRole role) {
    switch (role) {
      case USER, REMOTE_USER -> {}
      case RESOURCE, SYSTEM_USER -> throw Texts.invalid("The role must be USER or REMOTE_USER.");
    }
  }

  /// Changed details; an empty text clears.
  private static Map<UserDetail, String> details(
      Map<UserDetail, String> before, Map<UserDetail, String> changed) {
    var details = new EnumMap<UserDetail, String>(UserDetail.class);
    details.putAll(before);
    changed.forEach((detail, text) -> {
      if (text.isEmpty()) {
        details.remove(detail);
      } else {
        details.put(detail, Texts.detail(text));
      }
    });
    return Collections.unmodifiableMap(details);
  }

  /// A deleted user is still described, by id, for 30 days.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND
  public User describe(OrganizationId organization, String identifier) {
    return user(load(parts.organizations().serving(organization), identifier));
  }

  private StoredEntity load(View view, String identifier) {
    return parts
        .entities()
        .find(view.directory(), identifier)
        .filter(stored -> stored.entity() instanceof User)
        .orElseThrow(Registrations::notFound);
  }

  private static User user(StoredEntity stored) {
    if (stored.entity() instanceof User user) return user;
    throw Registrations.notFound();
  }

  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted; role change of an
  ///   enabled user), INVALID_PARAMETER, UNSUPPORTED_OPERATION (system user; names and details in a
  ///   connected directory)
  public void update(
      Change change, OrganizationId organization, String identifier, UserChange update) {
    update.role().ifPresent(Users::checkRole);
    update.displayName().ifPresent(Texts::detail);
    if (update.displayName().filter(String::isEmpty).isPresent()) {
      throw Texts.invalid("The display name is empty.");
    }
    // The rest of what can be changed is ours in any case.
    boolean details = update.details().keySet().stream().anyMatch(UserDetail::isOfDirectory);
    if (update.displayName().isPresent() || details) {
      parts.organizations().serving(organization).writable();
    }
    change(
        change,
        organization,
        identifier,
        (_, stored) -> {
          User user = user(stored);
          checkChangeable(user);
          UserRole role = update.role().orElse(user.role());
          if (role != user.role() && user.state() == EntityState.ENABLED) {
            throw Registrations.state("The role of an enabled user cannot be changed.");
          }
          return Optional.of(
              stored.withProfile(
                  role,
                  update.displayName().orElse(user.displayName()),
                  update.hiddenFromGlobalAddressList().orElse(user.hiddenFromGlobalAddressList()),
                  details(user.details(), update.details())));
        });
  }

  private static void checkChangeable(Entity entity) {
    if (entity.system()) throw Registrations.system();
    if (entity.state() == EntityState.DELETED) {
      throw Registrations.state("The entity is deleted.");
    }
  }

  private void change(
      Change change,
      OrganizationId organization,
      String identifier,
      BiFunction<PartitionChange, StoredEntity, Optional<StoredEntity>> step) {
    View view = parts.organizations().serving(organization);
    EntityId id = load(view, identifier).entity().id();
    change(parts, view, change, id, step);
  }

  /// Changes an entity that exists; an empty answer is no change.
  static void change(
      Parts parts,
      View view,
      Change change,
      EntityId id,
      BiFunction<PartitionChange, StoredEntity, Optional<StoredEntity>> step) {
    OrganizationId organization = view.organization().id();
    boolean changed =
        parts
            .entities()
            .change(
                view.directory(),
                id,
                (commit, stored) -> {
                  Optional<StoredEntity> after =
                      step.apply(commit, stored.orElseThrow(Registrations::notFound));
                  if (after.isEmpty()) return false;
                  Entities.write(commit, stored, after);
                  Parts.audit(commit, organization, change, Map.of());
                  return true;
                });
    if (!changed) parts.auditUnchanged(organization, change);
  }

  /// Deletes a disabled user, by id or name; harmless for an unknown one. Its name and addresses
  /// are free at once, its mailbox goes 30 days after it was disabled.
  ///
  /// @throws DirectoryRefusedException ENTITY_STATE (enabled), UNSUPPORTED_OPERATION (system user)
  public void delete(Change change, OrganizationId organization, String identifier) {
    delete(parts, change, organization, identifier, EntityKind.USER);
  }

  static void delete(
      Parts parts, Change change, OrganizationId organization, String identifier, EntityKind kind) {
    View view = parts.organizations().serving(organization);
    switch (kind) {
      case USER, GROUP -> view.writable();
      case RESOURCE -> view.writableAddresses();
    }
    Optional<StoredEntity> found =
        parts
            .entities()
            .findByIdOrName(view.directory(), identifier)
            .filter(stored -> stored.entity().kind() == kind);
    if (found.isEmpty()) {
      parts.auditUnchanged(organization, change);
      return;
    }
    change(
        parts,
        view,
        change,
        found.get().entity().id(),
        (commit, stored) -> {
          Entity entity = stored.entity();
          if (entity.system()) throw Registrations.system();
          switch (entity.state()) {
            case ENABLED -> throw Registrations.state("The entity is enabled; disable it first.");
            case DELETED -> {
              return Optional.empty();
            }
            case DISABLED -> {}
          }
          releaseNames(parts, commit, view.directory(), entity);
          PersonalAccessTokens.deleteAll(commit, entity.id());
          Consequences.startEntity(commit, view.directory(), entity.id());
          return Optional.of(
              stored.deleted(parts.clock().instant()).withStamp(parts.random().nextLong()));
        });
  }

  static void releaseNames(
      Parts parts, PartitionChange commit, DirectoryId directory, Entity entity) {
    parts
        .claims()
        .find(Claims.Kind.NAME, Entities.nameClaim(directory, entity.name()))
        .filter(claim -> claim.isBy(directory.value(), entity.id().value()))
        .ifPresent(claim -> Claims.release(commit, claim));
    for (EmailAddress address : Entities.addresses(entity)) {
      parts
          .entities()
          .claims(directory, entity.id(), address)
          .forEach(claim -> Claims.release(commit, claim));
    }
  }

  /// In order of name; of display name or address with the filter by it. Deleted users only with
  /// the filter for that state.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER (token)
  public Listing<User> list(OrganizationId organization, EntityFilter filter, PageRequest page) {
    View view = parts.organizations().serving(organization);
    Listing<Entity> found = lists.list(view.directory(), EntityKind.USER, filter, page);
    return new Listing<>(found.items().stream().map(User.class::cast).toList(), found.nextToken());
  }

  /// Sets a password (USR-5), by id.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted), INVALID_PASSWORD,
  ///   UNSUPPORTED_OPERATION (system or remote user)
  public void resetPassword(
      Change change, OrganizationId organization, EntityId user, String password) {
    View view = parts.organizations().serving(organization).writable();
    if (!Entities.isId(user.value())) throw Registrations.notFound();
    StoredEntity found =
        parts.entities().find(view.directory(), user).orElseThrow(Registrations::notFound);
    checkHasPassword(user(found));
    Passwords.checkPolicy(password);
    String hash = parts.passwords().hash(password);
    change(
        parts,
        view,
        change,
        user,
        (_, stored) -> {
          checkHasPassword(user(stored));
          return Optional.of(stored.withPassword(hash).withStamp(parts.random().nextLong()));
        });
  }

  private static void checkHasPassword(User user) {
    checkChangeable(user);
    if (user.role() == UserRole.REMOTE_USER) {
      throw new DirectoryRefusedException(
          UNSUPPORTED_OPERATION, "A remote user has no password here.");
    }
  }

  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND (also: has no mailbox)
  public MailboxDetails mailboxDetails(OrganizationId organization, String identifier) {
    User user = describe(organization, identifier);
    if (user.mailbox().isEmpty()) throw Registrations.notFound();
    double size = parts.mailboxes().usedBytes(user.mailbox().get()) / MEGABYTE;
    return new MailboxDetails(user.quotaMegabytes(), size);
  }

  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (not enabled),
  ///   INVALID_PARAMETER (1 to 51,200 MB, LIM-2)
  public void updateMailboxQuota(
      Change change, OrganizationId organization, String identifier, long megabytes) {
    if (megabytes < 1 || megabytes > DirectoryLimits.QUOTA_MEGABYTES_MAX) {
      throw Texts.invalid(
          "The mailbox quota must be between 1 and "
              + DirectoryLimits.QUOTA_MEGABYTES_MAX
              + " MB.");
    }
    change(
        change,
        organization,
        identifier,
        (commit, stored) -> {
          User user = user(stored);
          Registrations.checkEnabled(stored);
          user.mailbox().ifPresent(mailbox -> Consequences.startQuota(commit, mailbox, megabytes));
          return Optional.of(stored.withQuota(megabytes));
        });
  }
}
