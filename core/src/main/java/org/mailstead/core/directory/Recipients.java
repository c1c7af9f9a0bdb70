package org.mailstead.core.directory;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Entity.Group;
import org.mailstead.core.directory.Entity.User;
import org.mailstead.core.directory.OrganizationViews.View;

/// Where mail for an address goes: aliases, subaddresses (`user+tag@`, an exact address wins),
/// groups (nested, each member once, GRP-1). Answers from memory when it has been asked before.
public final class Recipients {
  private final Parts parts;

  /// A mailbox that receives.
  ///
  /// @param address the recipient's primary address
  public record Recipient(
      OrganizationId organization, EntityId entity, MailboxId mailbox, EmailAddress address) {}

  /// The answer for one address.
  public sealed interface Resolution {
    /// Mailboxes that get it: one for a user or resource, the enabled members for a group (perhaps
    /// none). `entity` holds the group's id for a group.
    record Local(OrganizationId organization, EntityId entity, List<Recipient> recipients)
        implements Resolution {}

    /// The domain is ours, the address is not: 550 5.1.1.
    record Unknown() implements Resolution {}

    /// The entity exists but is disabled: refused.
    record Disabled() implements Resolution {}

    /// Not a domain of any organization here, or one that is not verified; or the address of a
    /// remote user, whose mailbox is elsewhere.
    record Foreign() implements Resolution {}
  }

  Recipients(Parts parts) {
    this.parts = parts;
  }

  public Resolution resolve(EmailAddress address) {
    Optional<View> owner = parts.organizations().findByDomain(address.domain());
    if (owner.isEmpty()) return new Resolution.Foreign();
    View view = owner.get();
    MailDomain domain = view.domains().get(address.domain());
    if (domain == null || !domain.verified()) return new Resolution.Foreign();
    if (!view.isServing()) return new Resolution.Disabled();
    return parts
        .entities()
        .findReceiver(view.directory(), address)
        .map(stored -> resolve(view, stored.entity()))
        .orElseGet(Resolution.Unknown::new);
  }

  /// Whether the domain is a verified one of this organization.
  public boolean isOwnDomain(OrganizationId organization, String domain) {
    return parts
        .organizations()
        .findByDomain(domain)
        .filter(view -> view.organization().id().equals(organization))
        .map(view -> view.domains().get(domain))
        .filter(MailDomain::verified)
        .isPresent();
  }

  /// Whose verified domain it is.
  public Optional<OrganizationId> owner(String domain) {
    return parts
        .organizations()
        .findByDomain(domain)
        .map(view -> view.organization().id())
        .filter(organization -> isOwnDomain(organization, domain));
  }

  private Resolution resolve(View view, Entity entity) {
    OrganizationId organization = view.organization().id();
    return switch (entity) {
      case User user when user.role() == UserRole.REMOTE_USER -> new Resolution.Foreign();
      case Entity off when off.state() != EntityState.ENABLED -> new Resolution.Disabled();
      case User user -> local(organization, user);
      case Entity.Resource resource -> local(organization, resource);
      case Group group -> new Resolution.Local(organization, group.id(), expand(view, group.id()));
    };
  }

  private static Resolution local(OrganizationId organization, Entity owner) {
    return new Resolution.Local(
        organization, owner.id(), recipient(organization, owner).stream().toList());
  }

  private static Optional<Recipient> recipient(OrganizationId organization, Entity owner) {
    if (owner.state() != EntityState.ENABLED || owner.mailbox().isEmpty()) return Optional.empty();
    return owner
        .email()
        .map(email -> new Recipient(organization, owner.id(), owner.mailbox().get(), email));
  }

  /// Every enabled user in the group and in the enabled groups inside it, each once.
  private List<Recipient> expand(View view, EntityId top) {
    List<Recipient> found = new ArrayList<>();
    Set<EntityId> seen = new HashSet<>();
    var groups = new ArrayDeque<EntityId>();
    seen.add(top);
    groups.add(top);
    int visited = 0;
    while (!groups.isEmpty() && visited++ < parts.limits().groupsVisited()) {
      for (EntityId member : parts.links().members(view.directory(), groups.poll())) {
        if (!seen.add(member)) continue;
        Optional<Entity> entity =
            parts.entities().find(view.directory(), member).map(StoredEntity::entity);
        if (entity.isEmpty() || entity.get().state() != EntityState.ENABLED) continue;
        switch (entity.get()) {
          case Group group -> groups.add(group.id());
          case User user ->
              recipient(view.organization().id(), user)
                  .filter(_ -> found.size() < parts.limits().recipientsPerGroup())
                  .ifPresent(found::add);
          case Entity.Resource _ -> {} // Never a member, see Groups.
        }
      }
    }
    return found;
  }
}
