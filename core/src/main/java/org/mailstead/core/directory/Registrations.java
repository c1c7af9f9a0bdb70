package org.mailstead.core.directory;

import static org.mailstead.core.directory.DirectoryRefusal.EMAIL_ADDRESS_IN_USE;
import static org.mailstead.core.directory.DirectoryRefusal.ENTITY_ALREADY_REGISTERED;
import static org.mailstead.core.directory.DirectoryRefusal.ENTITY_NOT_FOUND;
import static org.mailstead.core.directory.DirectoryRefusal.ENTITY_STATE;
import static org.mailstead.core.directory.DirectoryRefusal.LIMIT_EXCEEDED;
import static org.mailstead.core.directory.DirectoryRefusal.UNSUPPORTED_OPERATION;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.directory.Claims.Claim;
import org.mailstead.core.directory.Entity.User;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.OrganizationViews.View;
import org.mailstead.core.outbox.PartitionChange;

/// Enabling and disabling of users, groups and resources, and their addresses (USR-2, USR-3,
/// USR-6). Every address is text as the API gives it; a malformed one is INVALID_PARAMETER.
///
/// A disabled entity keeps its addresses: mail for them is refused as for somebody disabled, nobody
/// else can take them, and enabling again brings all of them back.
public final class Registrations {
  private static final long MEGABYTE = 1L << 20;

  private final Parts parts;
  private final ImportedAddresses importedAddresses;
  private final OrganizationAdministrators administrators;

  Registrations(Parts parts, OrganizationAdministrators administrators) {
    this.parts = parts;
    this.importedAddresses = new ImportedAddresses(parts);
    this.administrators = administrators;
  }

  /// What to do to an entity inside its commit; refuses by throwing.
  @FunctionalInterface
  private interface Step {
    /// @return empty for no change
    Optional<StoredEntity> apply(PartitionChange commit, StoredEntity stored);
  }

  /// Enables an entity, by id or name, with this primary address, and makes a user's mailbox; one
  /// disabled for less than 30 days gets its old mailbox and aliases back (an earlier primary
  /// address stays as an alias). No change if it is enabled with this address.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted),
  ///   ENTITY_ALREADY_REGISTERED, EMAIL_ADDRESS_IN_USE (also: reserved address),
  ///   MAIL_DOMAIN_NOT_FOUND, MAIL_DOMAIN_STATE (not verified), UNSUPPORTED_OPERATION (system),
  ///   LIMIT_EXCEEDED (aliases), INVALID_PARAMETER
  public void register(
      Change change, OrganizationId organization, String identifier, String email) {
    register(change, organization, identifier, Texts.address(email), false);
  }

  /// Enables a disabled user or resource again with the mailbox that is still kept (USR-6).
  ///
  /// @param identifier id, name or address
  /// @param email the new primary address; without it the one from before
  /// @return the primary address
  /// @throws DirectoryRefusedException as [#register]; ENTITY_STATE (deleted, not disabled, or
  ///   without a kept mailbox)
  public EmailAddress restore(
      Change change, OrganizationId organization, String identifier, Optional<String> email) {
    View view = parts.organizations().serving(organization);
    StoredEntity found = load(view, identifier);
    checkRestorable(found);
    EmailAddress address =
        email
            .map(Texts::address)
            .or(() -> found.entity().email())
            .orElseThrow(() -> Texts.invalid("The entity had no address: Email is required."));
    register(change, organization, found.entity().id().value(), address, true);
    return address;
  }

  private static void checkRestorable(StoredEntity stored) {
    Entity entity = stored.entity();
    if (entity.system()) throw system();
    if (entity.state() == EntityState.ENABLED) {
      throw new DirectoryRefusedException(
          ENTITY_ALREADY_REGISTERED, "The entity is already registered.");
    }
    if (entity.state() == EntityState.DELETED) throw state("The entity is deleted.");
    if (entity.mailbox().isEmpty()) {
      throw state("No mailbox of the entity is kept.");
    }
  }

  private void register(
      Change change,
      OrganizationId organization,
      String identifier,
      EmailAddress address,
      boolean restoring) {
    parts
        .organizations()
        .whileServing(
            organization,
            () -> {
              View view = parts.organizations().serving(organization);
              StoredEntity found =
                  parts
                      .entities()
                      .findByIdOrName(view.directory(), identifier)
                      .orElseThrow(Registrations::notFound);
              if (found.entity() instanceof Entity.Resource) Resources.checkMade(view);
              checkRegistrable(found, address);
              checkInteroperability(view, found.entity(), address);
              checkAddress(view, found.entity(), address);
              Optional<MailboxId> prepared = prepareMailbox(organization, found);
              withAddress(
                  change,
                  view,
                  found.entity(),
                  address,
                  (commit, stored) -> {
                    checkRegistrable(stored, address);
                    if (restoring) checkRestorable(stored);
                    if (stored.entity().state() == EntityState.ENABLED) {
                      return Optional.empty();
                    }
                    // The retention job may have taken the old mailbox away meanwhile.
                    if (prepared.isPresent() && !stored.nextMailbox().equals(prepared.get())) {
                      throw new UnavailableException(
                          "the mailbox has just been removed", Duration.ofSeconds(1));
                    }
                    StoredEntity enabled =
                        primary(stored, address)
                            .enabled(parts.clock().instant(), prepared)
                            .withStamp(parts.random().nextLong());
                    return Optional.of(enabled);
                  });
              if (view.organization().interoperability()) {
                importedAddresses.align(view, found.entity().id());
              }
              return true;
            });
  }

  /// XCH-3: the directory says which addresses somebody has, and resources are not enabled here.
  private void checkInteroperability(View view, Entity entity, EmailAddress address) {
    if (!view.organization().interoperability()) return;
    if (entity instanceof User user && user.role() == UserRole.RESOURCE) view.writableAddresses();
    if (!importedAddresses.wanted(view, entity).contains(address)) {
      throw Texts.invalid("Under interoperability the address must be one that the directory has.");
    }
  }

  /// Makes the mailbox that a user or resource is to have, before it is enabled on it.
  private Optional<MailboxId> prepareMailbox(OrganizationId organization, StoredEntity stored) {
    long megabytes;
    switch (stored.entity()) {
      case User user -> {
        if (user.role() != UserRole.USER) return Optional.empty();
        megabytes = user.quotaMegabytes();
      }
      case Entity.Group _ -> {
        return Optional.empty();
      }
      case Entity.Resource _ -> megabytes = DirectoryLimits.QUOTA_MEGABYTES_MAX;
    }
    MailboxId mailbox = stored.nextMailbox();
    parts.mailboxes().create(organization, mailbox, megabytes * MEGABYTE);
    return Optional.of(mailbox);
  }

  private static void checkRegistrable(StoredEntity stored, EmailAddress address) {
    Entity entity = stored.entity();
    if (entity.system()) throw system();
    switch (entity.state()) {
      case DISABLED -> {}
      case DELETED -> throw state("The entity is deleted.");
      case ENABLED -> {
        if (entity.email().filter(address::equals).isEmpty()) {
          throw new DirectoryRefusedException(
              ENTITY_ALREADY_REGISTERED, "The entity is already registered.");
        }
      }
    }
  }

  /// Disables an entity: no login, no delivery; the mailbox is kept for 30 days.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (not enabled; the last
  ///   administrator of the organization)
  public void deregister(Change change, OrganizationId organization, String identifier) {
    View view = parts.organizations().serving(organization);
    StoredEntity found = load(view, identifier);
    if (!administrators.isOne(organization, found.entity().id())) {
      disable(change, view, found);
      return;
    }
    parts
        .organizations()
        .exclusively(
            organization,
            () -> {
              administrators.checkNotLast(view, found.entity().id());
              disable(change, view, found);
              return true;
            });
  }

  private void disable(Change change, View view, StoredEntity found) {
    change(
        change,
        view,
        found.entity().id(),
        (_, stored) -> {
          checkEnabled(stored);
          return Optional.of(
              stored.disabled(parts.clock().instant()).withStamp(parts.random().nextLong()));
        });
  }

  /// Adds an address, by id.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (not enabled),
  ///   EMAIL_ADDRESS_IN_USE (also: reserved address, an address that it has),
  ///   MAIL_DOMAIN_NOT_FOUND, MAIL_DOMAIN_STATE, LIMIT_EXCEEDED (100, LIM-4), INVALID_PARAMETER
  public void createAlias(
      Change change, OrganizationId organization, EntityId entity, String alias) {
    EmailAddress address = Texts.address(alias);
    parts
        .organizations()
        .whileServing(
            organization,
            () -> {
              View view = parts.organizations().serving(organization).writableAddresses();
              StoredEntity found = loadById(view, entity);
              checkEnabled(found);
              if (found.entity().hasAddress(address)) throw inUse();
              withAddress(
                  change,
                  view,
                  found.entity(),
                  address,
                  (_, stored) -> {
                    checkEnabled(stored);
                    if (stored.entity().hasAddress(address)) throw inUse();
                    List<EmailAddress> aliases = new ArrayList<>(stored.entity().aliases());
                    aliases.add(address);
                    return Optional.of(addresses(stored, stored.entity().email(), aliases));
                  });
              return true;
            });
  }

  /// Removes an alias, by id; harmless when there is none.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (not enabled),
  ///   INVALID_PARAMETER (it is the primary address)
  public void deleteAlias(
      Change change, OrganizationId organization, EntityId entity, String alias) {
    EmailAddress address = Texts.address(alias);
    View view = parts.organizations().serving(organization).writableAddresses();
    StoredEntity found = loadById(view, entity);
    change(
        change,
        view,
        found.entity().id(),
        (commit, stored) -> {
          checkEnabled(stored);
          Entity now = stored.entity();
          if (now.email().filter(address::equals).isPresent()) {
            throw Texts.invalid("The primary address cannot be removed as an alias.");
          }
          if (!now.aliases().contains(address)) return Optional.empty();
          releaseAddress(commit, view.directory(), now.id(), address);
          List<EmailAddress> left = new ArrayList<>(now.aliases());
          left.remove(address);
          return Optional.of(stored.withAddresses(now.email(), List.copyOf(left)));
        });
  }

  private void releaseAddress(
      PartitionChange commit, DirectoryId directory, EntityId entity, EmailAddress address) {
    parts
        .entities()
        .claims(directory, entity, address)
        .forEach(claim -> Claims.release(commit, claim));
  }

  /// Aliases without the primary address, in order.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted)
  public Listing<EmailAddress> listAliases(
      OrganizationId organization, EntityId entity, PageRequest page) {
    View view = parts.organizations().serving(organization);
    Entity found = loadById(view, entity).entity();
    if (found.state() == EntityState.DELETED) throw state("The entity is deleted.");
    String last =
        page.token()
            .map(token -> Tokens.last(token, "aliases"))
            .map(octets -> new String(octets, java.nio.charset.StandardCharsets.UTF_8))
            .orElse("");
    List<EmailAddress> left =
        found.aliases().stream()
            .filter(alias -> alias.normalized().compareTo(last) > 0)
            .sorted(java.util.Comparator.comparing(EmailAddress::normalized))
            .toList();
    if (left.size() <= page.countMax()) return new Listing<>(left, Optional.empty());
    List<EmailAddress> items = left.subList(0, page.countMax());
    byte[] key = EntityRows.utf8(items.getLast().normalized());
    return new Listing<>(items, Optional.of(Tokens.after("aliases", key)));
  }

  /// Makes an alias or a new address the primary one; the old primary address becomes an alias.
  ///
  /// @throws DirectoryRefusedException as [#createAlias]; UNSUPPORTED_OPERATION (system)
  public void updatePrimaryAddress(
      Change change, OrganizationId organization, String identifier, String email) {
    EmailAddress address = Texts.address(email);
    parts
        .organizations()
        .whileServing(
            organization,
            () -> {
              View view = parts.organizations().serving(organization).writableAddresses();
              StoredEntity found = load(view, identifier);
              if (found.entity().system()) throw system();
              checkEnabled(found);
              withAddress(
                  change,
                  view,
                  found.entity(),
                  address,
                  (_, stored) -> {
                    checkEnabled(stored);
                    boolean same = stored.entity().email().filter(address::equals).isPresent();
                    return same ? Optional.empty() : Optional.of(primary(stored, address));
                  });
              return true;
            });
  }

  /// Whoever has this address, enabled or disabled: DescribeEntity.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, INVALID_PARAMETER
  public Entity describeByAddress(OrganizationId organization, String email) {
    EmailAddress address = Texts.address(email);
    View view = parts.organizations().serving(organization);
    return parts
        .entities()
        .findByAddress(address)
        .filter(found -> found.directory().equals(view.directory()))
        .map(Entities.Found::entity)
        .or(() -> parts.entities().findForeign(view.directory(), address).map(StoredEntity::entity))
        .orElseThrow(Registrations::notFound);
  }

  /// An entity by id, name or address.
  public Optional<Entity> find(OrganizationId organization, String identifier) {
    View view = parts.organizations().serving(organization);
    return parts.entities().find(view.directory(), identifier).map(StoredEntity::entity);
  }

  /// With this primary address; the one before becomes an alias.
  private StoredEntity primary(StoredEntity stored, EmailAddress address) {
    List<EmailAddress> aliases = new ArrayList<>(stored.entity().aliases());
    aliases.remove(address);
    stored.entity().email().filter(old -> !old.equals(address)).ifPresent(aliases::add);
    return addresses(stored, Optional.of(address), aliases);
  }

  private StoredEntity addresses(
      StoredEntity stored, Optional<EmailAddress> email, List<EmailAddress> aliases) {
    if (aliases.size() > parts.limits().aliasesPerEntity()
        && aliases.size() > stored.entity().aliases().size()) {
      throw new DirectoryRefusedException(
          LIMIT_EXCEEDED, "More than " + parts.limits().aliasesPerEntity() + " aliases.");
    }
    return stored.withAddresses(
        email,
        aliases.stream().sorted(java.util.Comparator.comparing(EmailAddress::normalized)).toList());
  }

  /// Claims the address unless the entity has it, makes the change, gives the claim back if that
  /// fails.
  private void withAddress(
      Change change, View view, Entity entity, EmailAddress address, Step step) {
    if (entity.hasAddress(address)) {
      change(
          change,
          view,
          entity.id(),
          (commit, stored) -> {
            if (!stored.entity().hasAddress(address)) {
              throw new UnavailableException(
                  "the address has just been removed", Duration.ofSeconds(1));
            }
            return step.apply(commit, stored);
          });
      return;
    }
    String claimName = checkAddress(view, entity, address);
    Claim claim =
        parts
            .claims()
            .take(
                Claims.Kind.ADDRESS,
                claimName,
                view.directory().value(),
                entity.id().value(),
                parts.entities()::uses)
            .orElseThrow(Registrations::inUse);
    try {
      change(
          change,
          view,
          entity.id(),
          (commit, stored) -> {
            parts.claims().checkTimely(claim);
            return step.apply(commit, stored);
          });
    } catch (RuntimeException e) {
      parts.claims().abandon(claim, parts.entities()::uses, e);
      throw e;
    }
  }

  /// @return the name under which the address is claimed
  private static String checkAddress(View view, Entity entity, EmailAddress address) {
    if (Texts.isReserved(address)) throw inUse();
    boolean ours = view.domains().containsKey(address.domain());
    boolean remote = entity instanceof User user && user.role() == UserRole.REMOTE_USER;
    if (!ours && remote) return Entities.foreignAddressClaim(view.directory(), address);
    MailDomains.loadVerified(view, address.domain());
    return address.normalized();
  }

  private void change(Change change, View view, EntityId entity, Step step) {
    boolean changed =
        parts
            .entities()
            .change(
                view.directory(),
                entity,
                (commit, stored) -> {
                  StoredEntity before = stored.orElseThrow(Registrations::notFound);
                  Optional<StoredEntity> after = step.apply(commit, before);
                  if (after.isEmpty()) return false;
                  Entities.write(commit, stored, after);
                  Parts.audit(commit, view.organization().id(), change, Map.of());
                  return true;
                });
    if (!changed) parts.auditUnchanged(view.organization().id(), change);
  }

  private StoredEntity load(View view, String identifier) {
    return parts.entities().find(view.directory(), identifier).orElseThrow(Registrations::notFound);
  }

  private StoredEntity loadById(View view, EntityId entity) {
    if (!Entities.isId(entity.value())) throw notFound();
    return parts.entities().find(view.directory(), entity).orElseThrow(Registrations::notFound);
  }

  static void checkEnabled(StoredEntity stored) {
    if (stored.entity().state() != EntityState.ENABLED) {
      throw state("The entity is not enabled.");
    }
  }

  static DirectoryRefusedException notFound() {
    return new DirectoryRefusedException(ENTITY_NOT_FOUND, "The entity was not found.");
  }

  static DirectoryRefusedException state(String text) {
    return new DirectoryRefusedException(ENTITY_STATE, text);
  }

  static DirectoryRefusedException system() {
    return new DirectoryRefusedException(
        UNSUPPORTED_OPERATION, "Users and groups of the system cannot be changed.");
  }

  private static DirectoryRefusedException inUse() {
    return new DirectoryRefusedException(
        EMAIL_ADDRESS_IN_USE, "The email address is already in use.");
  }
}
