package org.mailstead.core.directory;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.MailboxId;

/// A user, group or resource at one moment. Immutable.
public sealed interface Entity {
  EntityId id();

  String name();

  EntityState state();

  /// The primary address; kept while the entity is disabled, gone when it is deleted.
  Optional<EmailAddress> email();

  /// Every other address, in order.
  List<EmailAddress> aliases();

  boolean hiddenFromGlobalAddressList();

  Optional<Instant> enabledDate();

  Optional<Instant> disabledDate();

  /// Present from the first registration until the mailbox is removed for good; groups and remote
  /// users have none.
  Optional<MailboxId> mailbox();

  /// Made by the system: listed, but protected.
  boolean system();

  EntityKind kind();

  /// Whether mail for this address goes to this entity.
  default boolean hasAddress(EmailAddress address) {
    return email().filter(address::equals).isPresent() || aliases().contains(address);
  }

  /// @param details only those that are set
  record User(
      EntityId id,
      String name,
      String displayName,
      UserRole role,
      EntityState state,
      Optional<EmailAddress> email,
      List<EmailAddress> aliases,
      boolean hiddenFromGlobalAddressList,
      Optional<Instant> enabledDate,
      Optional<Instant> disabledDate,
      Optional<Instant> mailboxProvisionedDate,
      Optional<Instant> mailboxDeprovisionedDate,
      Optional<MailboxId> mailbox,
      long quotaMegabytes,
      Map<UserDetail, String> details)
      implements Entity {
    @Override
    public EntityKind kind() {
      return EntityKind.USER;
    }

    @Override
    public boolean system() {
      return role == UserRole.SYSTEM_USER;
    }
  }

  record Group(
      EntityId id,
      String name,
      EntityState state,
      Optional<EmailAddress> email,
      List<EmailAddress> aliases,
      boolean hiddenFromGlobalAddressList,
      Optional<Instant> enabledDate,
      Optional<Instant> disabledDate,
      boolean system)
      implements Entity {
    @Override
    public EntityKind kind() {
      return EntityKind.GROUP;
    }

    @Override
    public Optional<MailboxId> mailbox() {
      return Optional.empty();
    }
  }

  /// A room or a piece of equipment (RES-1).
  record Resource(
      EntityId id,
      String name,
      ResourceType type,
      Optional<String> description,
      BookingOptions booking,
      EntityState state,
      Optional<EmailAddress> email,
      List<EmailAddress> aliases,
      boolean hiddenFromGlobalAddressList,
      Optional<Instant> enabledDate,
      Optional<Instant> disabledDate,
      Optional<MailboxId> mailbox)
      implements Entity {
    @Override
    public EntityKind kind() {
      return EntityKind.RESOURCE;
    }

    @Override
    public boolean system() {
      return false;
    }

    Resource withProfile(
        String newName,
        ResourceType newType,
        Optional<String> newDescription,
        BookingOptions newBooking,
        boolean hidden) {
      return new Resource(
          id,
          newName,
          newType,
          newDescription,
          newBooking,
          state,
          email,
          aliases,
          hidden,
          enabledDate,
          disabledDate,
          mailbox);
    }

    Resource withAddresses(Optional<EmailAddress> newEmail, List<EmailAddress> newAliases) {
      return new Resource(
          id,
          name,
          type,
          description,
          booking,
          state,
          newEmail,
          newAliases,
          hiddenFromGlobalAddressList,
          enabledDate,
          disabledDate,
          mailbox);
    }

    Resource inState(
        EntityState newState,
        Optional<Instant> enabled,
        Optional<Instant> disabled,
        Optional<MailboxId> newMailbox) {
      return new Resource(
          id,
          name,
          type,
          description,
          booking,
          newState,
          email,
          aliases,
          hiddenFromGlobalAddressList,
          enabled,
          disabled,
          newMailbox);
    }
  }
}
