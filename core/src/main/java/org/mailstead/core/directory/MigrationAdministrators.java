package org.mailstead.core.directory;

import java.util.Map;
import java.util.Optional;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Entity.User;
import org.mailstead.core.directory.OrganizationViews.View;

/// The one user of an organization who may read and write every mailbox of it while the setting is
/// on (MIG-1; WorkMail guide, Migrating to Amazon WorkMail). The setting lies with the organization
/// ([Organization#migrationAdministrator]); who logs in as whom, the protocols ask [#isOne].
public final class MigrationAdministrators {
  private final Parts parts;

  MigrationAdministrators(Parts parts) {
    this.parts = parts;
  }

  /// Makes an enabled user the migration administrator; another one ceases to be it.
  ///
  /// @param identifier id, name or address
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (not enabled),
  ///   INVALID_PARAMETER (not a user with a mailbox here), UNSUPPORTED_OPERATION (a system user)
  public void turnOn(Change change, OrganizationId organization, String identifier) {
    View view = parts.organizations().serving(organization);
    StoredEntity found =
        parts.entities().find(view.directory(), identifier).orElseThrow(Registrations::notFound);
    if (found.entity().system()) throw Registrations.system();
    Registrations.checkEnabled(found);
    if (!(found.entity() instanceof User user) || user.role() != UserRole.USER) {
      throw Texts.invalid("The migration administrator must be a user with a mailbox.");
    }
    set(change, organization, Optional.of(user.id()));
  }

  public void turnOff(Change change, OrganizationId organization) {
    parts.organizations().serving(organization);
    set(change, organization, Optional.empty());
  }

  private void set(Change change, OrganizationId organization, Optional<EntityId> user) {
    parts
        .outbox()
        .change(
            OrganizationViews.partition(organization),
            commit -> {
              Organization now = OrganizationViews.read(commit, organization);
              OrganizationViews.write(commit, now.withMigrationAdministrator(user));
              Parts.audit(
                  commit,
                  organization,
                  change,
                  Map.of("migrationAdmin", user.map(EntityId::value).orElse("")));
              return true;
            });
  }

  /// Whether this user may open every mailbox of the organization now.
  public boolean isOne(OrganizationId organization, EntityId user) {
    return parts
        .organizations()
        .find(organization)
        .filter(View::isServing)
        .flatMap(view -> view.organization().migrationAdministrator())
        .filter(user::equals)
        .isPresent();
  }
}
