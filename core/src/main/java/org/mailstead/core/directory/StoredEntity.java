package org.mailstead.core.directory;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MailboxId;
import org.mailstead.core.directory.Entity.Group;
import org.mailstead.core.directory.Entity.Resource;
import org.mailstead.core.directory.Entity.User;

/// An entity with what only the directory knows of it.
///
/// @param passwordHash in PHC form; absent without a password
/// @param stamp changes with password and state: a login that was remembered under another stamp
///   does not count
/// @param mailboxCount mailboxes that the entity has had, the present one included
/// @param deletedDate present exactly in state DELETED
record StoredEntity(
    Entity entity,
    Optional<String> passwordHash,
    long stamp,
    int mailboxCount,
    Optional<Instant> deletedDate) {

  /// When the mailbox of somebody who is not enabled goes for good.
  Optional<Instant> mailboxDue() {
    if (entity.mailbox().isEmpty() || entity.state() == EntityState.ENABLED) {
      return Optional.empty();
    }
    return entity.disabledDate().map(disabled -> disabled.plus(DirectoryLimits.RETENTION));
  }

  /// When the last trace of a deleted entity goes.
  Optional<Instant> traceDue() {
    return deletedDate.map(deleted -> deleted.plus(DirectoryLimits.RETENTION));
  }

  /// The mailbox that the next registration uses: the one that is kept, or a fresh one.
  MailboxId nextMailbox() {
    if (entity.mailbox().isPresent()) return entity.mailbox().get();
    String id = entity.id().value();
    return new MailboxId(mailboxCount == 0 ? id : id + "." + mailboxCount);
  }

  StoredEntity with(Entity changed) {
    return new StoredEntity(changed, passwordHash, stamp, mailboxCount, deletedDate);
  }

  StoredEntity withStamp(long newStamp) {
    return new StoredEntity(entity, passwordHash, newStamp, mailboxCount, deletedDate);
  }

  StoredEntity withPassword(String hash) {
    return new StoredEntity(entity, Optional.of(hash), stamp, mailboxCount, deletedDate);
  }

  StoredEntity withAddresses(Optional<EmailAddress> email, List<EmailAddress> aliases) {
    return with(
        switch (entity) {
          case User u ->
              new User(
                  u.id(),
                  u.name(),
                  u.displayName(),
                  u.role(),
                  u.state(),
                  email,
                  aliases,
                  u.hiddenFromGlobalAddressList(),
                  u.enabledDate(),
                  u.disabledDate(),
                  u.mailboxProvisionedDate(),
                  u.mailboxDeprovisionedDate(),
                  u.mailbox(),
                  u.quotaMegabytes(),
                  u.details());
          case Group g ->
              new Group(
                  g.id(),
                  g.name(),
                  g.state(),
                  email,
                  aliases,
                  g.hiddenFromGlobalAddressList(),
                  g.enabledDate(),
                  g.disabledDate(),
                  g.system());
          case Resource r -> r.withAddresses(email, aliases);
        });
  }

  StoredEntity withName(String name) {
    return with(
        switch (entity) {
          case User u ->
              new User(
                  u.id(),
                  name,
                  u.displayName(),
                  u.role(),
                  u.state(),
                  u.email(),
                  u.aliases(),
                  u.hiddenFromGlobalAddressList(),
                  u.enabledDate(),
                  u.disabledDate(),
                  u.mailboxProvisionedDate(),
                  u.mailboxDeprovisionedDate(),
                  u.mailbox(),
                  u.quotaMegabytes(),
                  u.details());
          case Group g ->
              new Group(
                  g.id(),
                  name,
                  g.state(),
                  g.email(),
                  g.aliases(),
                  g.hiddenFromGlobalAddressList(),
                  g.enabledDate(),
                  g.disabledDate(),
                  g.system());
          case Resource _ ->
              throw new IllegalStateException("resources are not taken over from directories");
        });
  }

  /// Enabled now, on the given mailbox if it is to have one.
  StoredEntity enabled(Instant now, Optional<MailboxId> mailbox) {
    return switch (entity) {
      case User u -> {
        boolean fresh = mailbox.isPresent() && u.mailbox().isEmpty();
        var user =
            new User(
                u.id(),
                u.name(),
                u.displayName(),
                u.role(),
                EntityState.ENABLED,
                u.email(),
                u.aliases(),
                u.hiddenFromGlobalAddressList(),
                Optional.of(now),
                Optional.empty(),
                fresh ? Optional.of(now) : u.mailboxProvisionedDate(),
                Optional.empty(),
                mailbox.or(u::mailbox),
                u.quotaMegabytes(),
                u.details());
        yield new StoredEntity(
            user, passwordHash, stamp, fresh ? mailboxCount + 1 : mailboxCount, deletedDate);
      }
      case Group g ->
          with(
              new Group(
                  g.id(),
                  g.name(),
                  EntityState.ENABLED,
                  g.email(),
                  g.aliases(),
                  g.hiddenFromGlobalAddressList(),
                  Optional.of(now),
                  Optional.empty(),
                  g.system()));
      case Resource r -> {
        boolean fresh = mailbox.isPresent() && r.mailbox().isEmpty();
        Resource resource =
            r.inState(
                EntityState.ENABLED, Optional.of(now), Optional.empty(), mailbox.or(r::mailbox));
        yield new StoredEntity(
            resource, passwordHash, stamp, fresh ? mailboxCount + 1 : mailboxCount, deletedDate);
      }
    };
  }

  StoredEntity disabled(Instant now) {
    return inState(EntityState.DISABLED, Optional.of(now));
  }

  /// Without addresses and password; the mailbox goes when it would have gone anyway, or when the
  /// trace goes.
  StoredEntity deleted(Instant now) {
    StoredEntity bare =
        withAddresses(Optional.empty(), List.of())
            .inState(EntityState.DELETED, entity.disabledDate());
    return new StoredEntity(bare.entity, Optional.empty(), stamp, mailboxCount, Optional.of(now));
  }

  private StoredEntity inState(EntityState state, Optional<Instant> disabledDate) {
    return with(
        switch (entity) {
          case User u ->
              new User(
                  u.id(),
                  u.name(),
                  u.displayName(),
                  u.role(),
                  state,
                  u.email(),
                  u.aliases(),
                  u.hiddenFromGlobalAddressList(),
                  u.enabledDate(),
                  disabledDate,
                  u.mailboxProvisionedDate(),
                  u.mailboxDeprovisionedDate(),
                  u.mailbox(),
                  u.quotaMegabytes(),
                  u.details());
          case Group g ->
              new Group(
                  g.id(),
                  g.name(),
                  state,
                  g.email(),
                  g.aliases(),
                  g.hiddenFromGlobalAddressList(),
                  g.enabledDate(),
                  disabledDate,
                  g.system());
          case Resource r -> r.inState(state, r.enabledDate(), disabledDate, r.mailbox());
        });
  }

  /// Its mailbox is gone.
  StoredEntity withoutMailbox(Instant now) {
    if (entity instanceof Resource r) {
      return with(r.inState(r.state(), r.enabledDate(), r.disabledDate(), Optional.empty()));
    }
    if (!(entity instanceof User u)) return this;
    return with(
        new User(
            u.id(),
            u.name(),
            u.displayName(),
            u.role(),
            u.state(),
            u.email(),
            u.aliases(),
            u.hiddenFromGlobalAddressList(),
            u.enabledDate(),
            u.disabledDate(),
            u.mailboxProvisionedDate(),
            Optional.of(now),
            Optional.empty(),
            u.quotaMegabytes(),
            u.details()));
  }

  StoredEntity withQuota(long megabytes) {
    if (!(entity instanceof User u)) return this;
    return with(
        new User(
            u.id(),
            u.name(),
            u.displayName(),
            u.role(),
            u.state(),
            u.email(),
            u.aliases(),
            u.hiddenFromGlobalAddressList(),
            u.enabledDate(),
            u.disabledDate(),
            u.mailboxProvisionedDate(),
            u.mailboxDeprovisionedDate(),
            u.mailbox(),
            megabytes,
            u.details()));
  }

  StoredEntity withHidden(boolean hidden) {
    return switch (entity) {
      case User u -> withProfile(u.role(), u.displayName(), hidden, u.details());
      case Group g ->
          with(
              new Group(
                  g.id(),
                  g.name(),
                  g.state(),
                  g.email(),
                  g.aliases(),
                  hidden,
                  g.enabledDate(),
                  g.disabledDate(),
                  g.system()));
      case Resource r ->
          with(r.withProfile(r.name(), r.type(), r.description(), r.booking(), hidden));
    };
  }

  StoredEntity withProfile(
      UserRole role, String displayName, boolean hidden, Map<UserDetail, String> details) {
    if (!(entity instanceof User u)) return this;
    return with(
        new User(
            u.id(),
            u.name(),
            displayName,
            role,
            u.state(),
            u.email(),
            u.aliases(),
            hidden,
            u.enabledDate(),
            u.disabledDate(),
            u.mailboxProvisionedDate(),
            u.mailboxDeprovisionedDate(),
            u.mailbox(),
            u.quotaMegabytes(),
            details));
  }
}
