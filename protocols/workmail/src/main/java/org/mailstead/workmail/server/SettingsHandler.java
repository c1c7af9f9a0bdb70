package org.mailstead.workmail.server;

import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryLimits;
import org.mailstead.core.directory.Entity;
import org.mailstead.core.directory.EntityFilter;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.Organization;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.DescribeOrganizationSettingsRequest;
import org.mailstead.workmail.wire.shapes.DescribeOrganizationSettingsResponse;
import org.mailstead.workmail.wire.shapes.DisabledMailbox;
import org.mailstead.workmail.wire.shapes.EntityState;
import org.mailstead.workmail.wire.shapes.ErrorCode;
import org.mailstead.workmail.wire.shapes.ListDisabledMailboxesRequest;
import org.mailstead.workmail.wire.shapes.ListDisabledMailboxesResponse;
import org.mailstead.workmail.wire.shapes.RestoreMailboxRequest;
import org.mailstead.workmail.wire.shapes.RestoreMailboxResponse;
import org.mailstead.workmail.wire.shapes.UpdateOrganizationSettingsRequest;
import org.mailstead.workmail.wire.shapes.UpdateOrganizationSettingsResponse;

/// What the console showed as the settings of an organization, and mailboxes that are kept (MIG-1,
/// USR-6, XCH-3).
final class SettingsHandler {
  private final Directory directory;
  private final PageTokens tokens;

  SettingsHandler(Directory directory, PageTokens tokens) {
    this.directory = directory;
    this.tokens = tokens;
  }

  DescribeOrganizationSettingsResponse describe(
      Call call, DescribeOrganizationSettingsRequest request) {
    OrganizationId id = new OrganizationId(request.organizationId());
    Organization organization = directory.organizations().load(id);
    return DescribeOrganizationSettingsResponse.builder()
        .migrationAdminEnabled(organization.migrationAdministrator().isPresent())
        .migrationAdmin(organization.migrationAdministrator().map(Object::toString))
        .migrationAdminName(
            organization
                .migrationAdministrator()
                .flatMap(user -> directory.registrations().find(id, user.value()))
                .map(Entity::name))
        .interoperabilityEnabled(organization.interoperability())
        .userLimit(Math.toIntExact(organization.usersMax()))
        .deletedMailboxDays(Math.toIntExact(DirectoryLimits.RETENTION.toDays()))
        .build();
  }

  UpdateOrganizationSettingsResponse update(Call call, UpdateOrganizationSettingsRequest request) {
    OrganizationId id = new OrganizationId(request.organizationId());
    boolean named = request.migrationAdmin().isPresent();
    Optional<Boolean> enabled = request.migrationAdminEnabled();
    if (named && enabled.filter(on -> !on).isPresent()) {
      throw Refusals.invalid(
          "MigrationAdmin names who it is: MigrationAdminEnabled cannot be false with it.");
    }
    if (!named && enabled.filter(on -> on).isPresent()) {
      throw Refusals.invalid("MigrationAdmin is required to turn the migration administrator on.");
    }
    boolean migration = named || enabled.isPresent();
    if (migration && request.interoperabilityEnabled().isPresent()) {
      throw Refusals.invalid("One setting can be changed in a request.");
    }
    if (request.interoperabilityEnabled().isPresent()) {
      updateInteroperability(request, request.interoperabilityEnabled().get());
    } else if (named) {
      directory
          .migrationAdministrators()
          .turnOn(call.change(), id, request.migrationAdmin().orElseThrow());
    } else if (enabled.isPresent()) {
      directory.migrationAdministrators().turnOff(call.change(), id);
    } else {
      throw Refusals.invalid("The request names no setting.");
    }
    return new UpdateOrganizationSettingsResponse();
  }

  /// The mode itself comes with mail flow. What can be said already is said.
  private void updateInteroperability(UpdateOrganizationSettingsRequest request, boolean wanted) {
    Organization organization =
        directory.organizations().load(new OrganizationId(request.organizationId()));
    boolean confirmed =
        request.organizationAlias().filter(organization.alias()::equalsIgnoreCase).isPresent();
    if (!wanted && organization.interoperability() && !confirmed) {
      throw Refusals.invalid(
          "OrganizationAlias must be the alias of the organization: interoperability that ends"
              + " cannot be turned on again.");
    }
    throw new ApiException(
        ErrorCode.UNSUPPORTED_OPERATION,
        "Interoperability cannot be changed on this organization by this server yet.");
  }

  ListDisabledMailboxesResponse disabledMailboxes(Call call, ListDisabledMailboxesRequest request) {
    String context = "ListDisabledMailboxes " + request.organizationId();
    Listing<Entity.User> page =
        directory
            .users()
            .list(
                new OrganizationId(request.organizationId()),
                new EntityFilter.StateIs(org.mailstead.core.directory.EntityState.DISABLED),
                tokens.page(context, request.maxResults(), request.nextToken()));
    List<DisabledMailbox> kept =
        page.items().stream()
            .filter(user -> user.mailbox().isPresent())
            .map(SettingsHandler::mailbox)
            .toList();
    return ListDisabledMailboxesResponse.builder()
        .mailboxes(kept)
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  private static DisabledMailbox mailbox(Entity.User user) {
    return DisabledMailbox.builder()
        .entityId(user.id().value())
        .name(user.name())
        .displayName(user.displayName())
        .email(user.email().map(Object::toString))
        .state(EntityState.valueOf(user.state().name()))
        .disabledDate(user.disabledDate())
        .removalDate(user.disabledDate().map(at -> at.plus(DirectoryLimits.RETENTION)))
        .build();
  }

  RestoreMailboxResponse restore(Call call, RestoreMailboxRequest request) {
    EmailAddress address =
        directory
            .registrations()
            .restore(
                call.change(),
                new OrganizationId(request.organizationId()),
                request.entityId(),
                request.email().map(AddressHandler::deliverable));
    return RestoreMailboxResponse.builder().email(address.toString()).build();
  }
}
