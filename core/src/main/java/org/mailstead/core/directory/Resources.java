package org.mailstead.core.directory;

import static org.mailstead.core.directory.DirectoryRefusal.INVALID_CONFIGURATION;
import static org.mailstead.core.directory.DirectoryRefusal.LIMIT_EXCEEDED;
import static org.mailstead.core.directory.DirectoryRefusal.NAME_AVAILABILITY;
import static org.mailstead.core.directory.DirectoryRefusal.UNSUPPORTED_OPERATION;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Claims.Claim;
import org.mailstead.core.directory.Entity.Resource;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.OrganizationViews.View;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Page;
import org.mailstead.store.Row;

/// Rooms and equipment with their delegates (RES-1, RES-3). An enabled resource has a mailbox that
/// mail for its address goes to.
///
/// Who does not accept by itself needs somebody who does: automatic acceptance is switched off only
/// with a delegate, and the last delegate is not taken away while it is off. A delegate who is
/// deleted goes nevertheless; the requests then wait in the resource's mailbox.
public final class Resources {
  private static final int FORMAT = 1;
  private static final String LIST = "delegates";

  private final Parts parts;
  private final EntityLists lists;

  /// @param kind USER or GROUP
  public record Delegate(EntityId id, EntityKind kind) {}

  Resources(Parts parts) {
    this.parts = parts;
    this.lists = new EntityLists(parts.store(), parts.entities());
  }

  /// Makes a disabled resource.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER, NAME_AVAILABILITY, RESERVED_NAME,
  ///   LIMIT_EXCEEDED (as many as groups), UNSUPPORTED_OPERATION (under interoperability)
  public EntityId create(
      Change change,
      OrganizationId organization,
      String name,
      ResourceType type,
      Optional<String> description,
      boolean hiddenFromAddressList) {
    View view = parts.organizations().serving(organization);
    checkMade(view);
    String checked = Texts.resourceName(name);
    Optional<String> about = description.map(Texts::resourceDescription);
    long limit = parts.limits().groupsPerOrganization();
    if (parts.entities().count(view.directory()).resources() >= limit) {
      throw new DirectoryRefusedException(
          LIMIT_EXCEEDED, "The organization has " + limit + " resources already.");
    }
    var id = new EntityId("r-" + parts.hex(32));
    var resource =
        new Resource(
            id,
            checked,
            type,
            about,
            BookingOptions.USUAL,
            EntityState.DISABLED,
            Optional.empty(),
            List.of(),
            hiddenFromAddressList,
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    var stored =
        new StoredEntity(
            resource, Optional.empty(), parts.random().nextLong(), 0, Optional.empty());
    Users.insert(parts, change, organization, stored, Map.of("resourceId", id.value()));
    return id;
  }

  /// WorkMail guide, Interoperability: resources stay with Exchange.
  static void checkMade(View view) {
    if (view.organization().interoperability()) {
      throw new DirectoryRefusedException(
          UNSUPPORTED_OPERATION,
          "Resources cannot be made or enabled while interoperability is on.");
    }
  }

  /// A deleted resource is still described, by id, for 30 days.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND
  public Resource describe(OrganizationId organization, String identifier) {
    return load(parts.organizations().serving(organization), identifier);
  }

  private Resource load(View view, String identifier) {
    return parts
        .entities()
        .find(view.directory(), identifier)
        .map(Resources::resource)
        .orElseThrow(Registrations::notFound);
  }

  private static Resource resource(StoredEntity stored) {
    if (stored.entity() instanceof Resource resource) return resource;
    throw Registrations.notFound();
  }

  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted), INVALID_PARAMETER,
  ///   NAME_AVAILABILITY, RESERVED_NAME, INVALID_CONFIGURATION (RES-3: neither accepts by itself
  ///   nor has a delegate)
  public void update(
      Change change, OrganizationId organization, String identifier, ResourceChange update) {
    update.name().ifPresent(Texts::resourceName);
    update.description().ifPresent(Texts::resourceDescription);
    parts
        .organizations()
        .whileServing(
            organization,
            () -> {
              View view = parts.organizations().serving(organization);
              Resource found = load(view, identifier);
              checkNotDeleted(found);
              Optional<Claim> claim = claimName(view, found, update);
              try {
                Users.change(
                    parts,
                    view,
                    change,
                    found.id(),
                    (commit, stored) -> Optional.of(updated(commit, view, stored, update, claim)));
              } catch (RuntimeException e) {
                claim.ifPresent(c -> parts.claims().abandon(c, parts.entities()::uses, e));
                throw e;
              }
              return true;
            });
  }

  /// Only a name that others would take for another one.
  private Optional<Claim> claimName(View view, Resource resource, ResourceChange update) {
    Optional<String> wanted =
        update
            .name()
            .filter(name -> !EntityRows.folded(name).equals(EntityRows.folded(resource.name())));
    return wanted.map(name ->
        parts
            .claims()
            .take(
                Claims.Kind.NAME,
                Entities.nameClaim(view.directory(), name),
                view.directory().value(),
                resource.id().value(),
                parts.entities()::uses)
            .orElseThrow(() ->
                new DirectoryRefusedException(NAME_AVAILABILITY, "The name is already in use.")));
  }

  private StoredEntity updated(
      PartitionChange commit,
      View view,
      StoredEntity stored,
      ResourceChange update,
      Optional<Claim> claim) {
    Resource now = resource(stored);
    checkNotDeleted(now);
    BookingOptions booking = update.applyTo(now.booking());
    if (!booking.autoAcceptRequests() && delegateCount(commit, now.id(), 1) == 0) {
      throw new DirectoryRefusedException(
          INVALID_CONFIGURATION,
          "A resource that does not accept requests automatically needs a delegate.");
    }
    if (claim.isPresent()) {
      parts.claims().checkTimely(claim.get());
      parts
          .claims()
          .find(Claims.Kind.NAME, Entities.nameClaim(view.directory(), now.name()))
          .filter(held -> held.isBy(view.directory().value(), now.id().value()))
          .filter(held -> !held.name().equals(claim.get().name()))
          .ifPresent(held -> Claims.release(commit, held));
    }
    Optional<String> description =
        update.description().or(now::description).filter(text -> !text.isEmpty());
    return stored.with(
        now.withProfile(
            update.name().orElse(now.name()),
            update.type().orElse(now.type()),
            description,
            booking,
            update.hiddenFromGlobalAddressList().orElse(now.hiddenFromGlobalAddressList())));
  }

  private static int delegateCount(PartitionChange commit, EntityId resource, int atMost) {
    return commit.range(EntityRows.DELEGATES, EntityRows.entity(resource), atMost).rows().size();
  }

  private static void checkNotDeleted(Entity entity) {
    if (entity.state() == EntityState.DELETED) {
      throw Registrations.state("The entity is deleted.");
    }
  }

  /// Deletes a disabled resource, by id or name; harmless for an unknown one.
  ///
  /// @throws DirectoryRefusedException ENTITY_STATE (enabled)
  public void delete(Change change, OrganizationId organization, String identifier) {
    Users.delete(parts, change, organization, identifier, EntityKind.RESOURCE);
  }

  /// In order of name, or of address with the filter by it.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER (token, a filter for users)
  public Listing<Resource> list(
      OrganizationId organization, EntityFilter filter, PageRequest page) {
    View view = parts.organizations().serving(organization);
    switch (filter) {
      case EntityFilter.DisplayNamePrefix _, EntityFilter.IdentityProviderUserIdPrefix _ ->
          throw Texts.invalid("Resources cannot be filtered by this.");
      case EntityFilter.None _,
          EntityFilter.NamePrefix _,
          EntityFilter.PrimaryEmailPrefix _,
          EntityFilter.StateIs _ -> {}
    }
    Listing<Entity> found = lists.list(view.directory(), EntityKind.RESOURCE, filter, page);
    return new Listing<>(
        found.items().stream().map(Resource.class::cast).toList(), found.nextToken());
  }

  /// Adds a user or group who answers booking requests; harmless when it does already.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (either is deleted),
  ///   INVALID_PARAMETER (a resource), LIMIT_EXCEEDED (as many as grantees of a mailbox)
  public void addDelegate(
      Change change, OrganizationId organization, String resource, String delegate) {
    View view = parts.organizations().serving(organization);
    EntityId id = load(view, resource).id();
    Entity helper = loadEntity(view, delegate);
    checkNotDeleted(helper);
    byte[] value =
        new ValueWriter(FORMAT)
            .flag(
                switch (helper) {
                  case Entity.User _ -> false;
                  case Entity.Group _ -> true;
                  case Resource _ ->
                      throw Texts.invalid("A resource cannot be a delegate of a resource.");
                })
            .value();
    changeDelegates(
        change,
        view,
        id,
        helper.id(),
        false,
        commit -> {
          int limit = parts.limits().granteesPerMailbox();
          if (delegateCount(commit, id, limit) >= limit) {
            throw new DirectoryRefusedException(
                LIMIT_EXCEEDED, "The resource has " + limit + " delegates already.");
          }
          Links.put(commit, Links.Kind.DELEGATE, view.directory(), id, helper.id(), value);
        });
  }

  /// Takes a delegate away; harmless when it is none.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted; or RES-3: it is the
  ///   last one of a resource that does not accept by itself)
  public void removeDelegate(
      Change change, OrganizationId organization, String resource, String delegate) {
    View view = parts.organizations().serving(organization);
    EntityId id = load(view, resource).id();
    EntityId helper = loadEntity(view, delegate).id();
    changeDelegates(
        change,
        view,
        id,
        helper,
        true,
        commit -> {
          Resource now = resource(Entities.find(commit, id).orElseThrow(Registrations::notFound));
          if (!now.booking().autoAcceptRequests() && delegateCount(commit, id, 2) == 1) {
            throw Registrations.state(
                "The last delegate of a resource that does not accept requests automatically cannot"
                    + " be removed.");
          }
          Links.delete(commit, Links.Kind.DELEGATE, view.directory(), id, helper);
        });
  }

  @FunctionalInterface
  private interface Step {
    void apply(PartitionChange commit);
  }

  private void changeDelegates(
      Change change,
      View view,
      EntityId resource,
      EntityId delegate,
      boolean whenDelegate,
      Step step) {
    OrganizationId organization = view.organization().id();
    boolean changed =
        parts
            .entities()
            .change(
                view.directory(),
                resource,
                (commit, stored) -> {
                  checkNotDeleted(stored.orElseThrow(Registrations::notFound).entity());
                  boolean isDelegate =
                      commit
                          .get(EntityRows.DELEGATES, EntityRows.pair(resource, delegate))
                          .isPresent();
                  if (isDelegate != whenDelegate) return false;
                  step.apply(commit);
                  Parts.audit(commit, organization, change, Map.of());
                  return true;
                });
    if (!changed) parts.auditUnchanged(organization, change);
  }

  private Entity loadEntity(View view, String identifier) {
    return parts
        .entities()
        .find(view.directory(), identifier)
        .map(StoredEntity::entity)
        .orElseThrow(Registrations::notFound);
  }

  /// In order of id.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted), INVALID_PARAMETER
  ///   (token)
  public Listing<Delegate> delegates(
      OrganizationId organization, String resource, PageRequest page) {
    View view = parts.organizations().serving(organization);
    Resource found = load(view, resource);
    checkNotDeleted(found);
    Optional<EntityId> after = page.token().map(token -> Permissions.after(token, LIST));
    Page rows =
        parts
            .links()
            .page(EntityRows.DELEGATES, view.directory(), found.id(), after, page.countMax());
    List<Delegate> delegates = new ArrayList<>();
    for (Row row : rows.rows()) {
      boolean group = new ValueReader(row.value(), FORMAT).flag();
      delegates.add(
          new Delegate(EntityRows.second(row.key()), group ? EntityKind.GROUP : EntityKind.USER));
    }
    return new Listing<>(
        delegates, rows.next().map(_ -> Permissions.token(LIST, delegates.getLast().id())));
  }
}
