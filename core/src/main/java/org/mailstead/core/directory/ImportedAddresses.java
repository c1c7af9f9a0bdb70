package org.mailstead.core.directory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.core.directory.Claims.Claim;
import org.mailstead.core.directory.OrganizationViews.View;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Addresses under interoperability (XCH-3, XCH-7): whoever is enabled has those of the directory
/// that lie on verified domains of the organization, and `name@` its test domain; nothing else.
final class ImportedAddresses {
  private static final Logger LOG = LoggerFactory.getLogger(ImportedAddresses.class);

  private final Parts parts;

  ImportedAddresses(Parts parts) {
    this.parts = parts;
  }

  /// The primary one first.
  Set<EmailAddress> wanted(View view, Entity entity) {
    var wanted = new LinkedHashSet<EmailAddress>();
    var attachments =
        ImportedRows.attachments(parts.store(), view.directory(), entity.id()).addresses();
    for (EmailAddress address : attachments) {
      MailDomain domain = view.domains().get(address.domain());
      boolean usable = domain != null && domain.verified() && !Texts.isReserved(address);
      if (usable && wanted.size() < parts.limits().aliasesPerEntity()) wanted.add(address);
    }
    testAddress(view, entity).ifPresent(wanted::add);
    return wanted;
  }

  private static Optional<EmailAddress> testAddress(View view, Entity entity) {
    int at = entity.name().indexOf('@');
    String local = at < 0 ? entity.name() : entity.name().substring(0, at);
    try {
      return Optional.of(Texts.address(local + "@" + view.organization().testDomain()));
    } catch (DirectoryRefusedException e) {
      return Optional.empty(); // A group's name need not be the first half of an address.
    }
  }

  /// Gives an enabled entity the addresses that it should have and takes the others away. An
  /// address that somebody else has is left out and logged.
  void align(View view, EntityId id) {
    Optional<Entity> found =
        parts.entities().findFresh(view.directory(), id).map(StoredEntity::entity);
    if (found.isEmpty() || found.get().state() != EntityState.ENABLED) return;
    Set<EmailAddress> wanted = wanted(view, found.get());
    if (wanted.isEmpty()) return;
    List<Claim> fresh = new ArrayList<>();
    try {
      for (EmailAddress address : List.copyOf(wanted)) {
        if (found.get().hasAddress(address)) continue;
        Optional<Claim> claim =
            parts
                .claims()
                .take(
                    Claims.Kind.ADDRESS,
                    address.normalized(),
                    view.directory().value(),
                    id.value(),
                    parts.entities()::uses);
        claim.ifPresentOrElse(
            fresh::add,
            () -> {
              LOG.warn("an address of entity {} is in use by somebody else", id);
              wanted.remove(address);
            });
      }
      if (wanted.isEmpty()) return;
      write(view, id, wanted, fresh);
    } catch (RuntimeException e) {
      for (Claim claim : fresh) parts.claims().abandon(claim, parts.entities()::uses, e);
      throw e;
    }
  }

  private void write(View view, EntityId id, Set<EmailAddress> wanted, List<Claim> fresh) {
    EmailAddress primary = wanted.iterator().next();
    List<EmailAddress> aliases =
        wanted.stream()
            .filter(address -> !address.equals(primary))
            .sorted(Comparator.comparing(EmailAddress::normalized))
            .toList();
    parts
        .entities()
        .change(
            view.directory(),
            id,
            (commit, stored) -> {
              if (stored.isEmpty() || stored.get().entity().state() != EntityState.ENABLED) {
                fresh.forEach(claim -> Claims.release(commit, claim));
                return false;
              }
              fresh.forEach(parts.claims()::checkTimely);
              Entity now = stored.get().entity();
              if (now.email().filter(primary::equals).isPresent()
                  && now.aliases().equals(aliases)) {
                return false;
              }
              for (EmailAddress address : Entities.addresses(now)) {
                if (wanted.contains(address)) continue;
                parts
                    .entities()
                    .claims(view.directory(), id, address)
                    .forEach(claim -> Claims.release(commit, claim));
              }
              Entities.write(
                  commit, stored, stored.map(s -> s.withAddresses(Optional.of(primary), aliases)));
              parts.auditService(
                  commit,
                  view.organization(),
                  "SynchronizeAddresses",
                  Map.of("entityId", id.value(), "email", primary.toString()));
              return true;
            });
  }
}
