package org.mailstead.core.directory;

import static org.mailstead.core.directory.DirectoryRefusal.LIMIT_EXCEEDED;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Entity.Group;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.OrganizationViews.View;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Page;
import org.mailstead.store.Row;

/// Mailbox permissions (PRM-1, GRP-3): rows with the owner of the mailbox.
public final class Permissions {
  private static final int FORMAT = 1;
  private static final String LIST = "permissions";

  private final Parts parts;

  /// @param granteeKind USER or GROUP
  public record Grant(EntityId grantee, EntityKind granteeKind, Set<MailboxPermission> values) {}

  Permissions(Parts parts) {
    this.parts = parts;
  }

  /// Sets what the grantee may do with the entity's mailbox, replacing what was there.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND (either), ENTITY_STATE (the entity is not
  ///   enabled, the grantee deleted), INVALID_PARAMETER (no value, Full Access on a group, a
  ///   grantee that is a resource or the entity itself), LIMIT_EXCEEDED
  public void put(
      Change change,
      OrganizationId organization,
      String identifier,
      String grantee,
      Set<MailboxPermission> values) {
    View view = parts.organizations().serving(organization);
    Entity owner = load(view, identifier);
    Entity to = load(view, grantee);
    if (values.isEmpty()) throw Texts.invalid("There is no permission to grant.");
    if (owner instanceof Group && values.contains(MailboxPermission.FULL_ACCESS)) {
      // GRP-3: a group has no mailbox.
      throw Texts.invalid("Full access cannot be granted on a group.");
    }
    if (owner.id().equals(to.id())) {
      throw Texts.invalid("An entity cannot be granted permissions on itself.");
    }
    if (to instanceof Entity.Resource) {
      throw Texts.invalid("A resource cannot be granted permissions.");
    }
    if (to.state() == EntityState.DELETED) throw Registrations.state("The grantee is deleted.");
    parts
        .entities()
        .change(
            view.directory(),
            owner.id(),
            (commit, stored) -> {
              Registrations.checkEnabled(stored.orElseThrow(Registrations::notFound));
              checkCount(commit, owner.id(), to.id());
              Links.put(
                  commit,
                  Links.Kind.PERMISSION,
                  view.directory(),
                  owner.id(),
                  to.id(),
                  value(to.kind(), values));
              Parts.audit(commit, organization, change, Map.of());
              return true;
            });
  }

  private void checkCount(PartitionChange commit, EntityId owner, EntityId grantee) {
    byte[] key = EntityRows.pair(owner, grantee);
    if (commit.get(EntityRows.PERMISSIONS, key).isPresent()) return;
    int limit = parts.limits().granteesPerMailbox();
    Page page = commit.range(EntityRows.PERMISSIONS, EntityRows.entity(owner), limit);
    if (page.rows().size() >= limit) {
      throw new DirectoryRefusedException(
          LIMIT_EXCEEDED, "The mailbox has " + limit + " permissions already.");
    }
  }

  /// Takes everything back; harmless when there is nothing.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted)
  public void delete(
      Change change, OrganizationId organization, String identifier, String grantee) {
    View view = parts.organizations().serving(organization);
    EntityId owner = load(view, identifier).id();
    EntityId from = load(view, grantee).id();
    boolean changed =
        parts
            .entities()
            .change(
                view.directory(),
                owner,
                (commit, stored) -> {
                  if (stored.orElseThrow(Registrations::notFound).entity().state()
                      == EntityState.DELETED) {
                    throw Registrations.state("The entity is deleted.");
                  }
                  byte[] key = EntityRows.pair(owner, from);
                  if (commit.get(EntityRows.PERMISSIONS, key).isEmpty()) return false;
                  Links.delete(commit, Links.Kind.PERMISSION, view.directory(), owner, from);
                  Parts.audit(commit, organization, change, Map.of());
                  return true;
                });
    if (!changed) parts.auditUnchanged(organization, change);
  }

  /// In order of grantee id.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND
  public Listing<Grant> list(OrganizationId organization, String identifier, PageRequest page) {
    View view = parts.organizations().serving(organization);
    EntityId owner = load(view, identifier).id();
    Optional<EntityId> after = page.token().map(token -> after(token, LIST));
    Page rows =
        parts.links().page(EntityRows.PERMISSIONS, view.directory(), owner, after, page.countMax());
    List<Grant> found = new ArrayList<>();
    for (Row row : rows.rows()) found.add(grant(EntityRows.second(row.key()), row.value()));
    return new Listing<>(found, rows.next().map(_ -> token(LIST, found.getLast().grantee())));
  }

  private Entity load(View view, String identifier) {
    return parts
        .entities()
        .find(view.directory(), identifier)
        .map(StoredEntity::entity)
        .orElseThrow(Registrations::notFound);
  }

  static EntityId after(String token, String list) {
    String id = new String(Tokens.last(token, list), StandardCharsets.UTF_8);
    if (!Entities.isId(id)) throw Texts.invalid("The page token is not valid.");
    return new EntityId(id);
  }

  static String token(String list, EntityId last) {
    return Tokens.after(list, EntityRows.utf8(last.value()));
  }

  private static byte[] value(EntityKind granteeKind, Set<MailboxPermission> values) {
    long bits = 0;
    for (MailboxPermission value : values) bits |= bit(value);
    return new ValueWriter(FORMAT).flag(granteeKind == EntityKind.GROUP).number(bits).value();
  }

  static Grant grant(EntityId grantee, byte[] row) {
    var in = new ValueReader(row, FORMAT);
    EntityKind kind = in.flag() ? EntityKind.GROUP : EntityKind.USER;
    long bits = in.number();
    Set<MailboxPermission> values = EnumSet.noneOf(MailboxPermission.class);
    for (MailboxPermission value : MailboxPermission.values()) {
      if ((bits & bit(value)) != 0) values.add(value);
    }
    return new Grant(grantee, kind, Collections.unmodifiableSet(values));
  }

  private static long bit(MailboxPermission value) {
    return switch (value) {
      case FULL_ACCESS -> 1;
      case SEND_AS -> 2;
      case SEND_ON_BEHALF -> 4;
    };
  }
}
