package org.mailstead.workmail.server;

import java.util.EnumSet;
import java.util.Set;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.MailboxPermission;
import org.mailstead.core.directory.Permissions;
import org.mailstead.workmail.wire.shapes.DeleteMailboxPermissionsRequest;
import org.mailstead.workmail.wire.shapes.DeleteMailboxPermissionsResponse;
import org.mailstead.workmail.wire.shapes.ListMailboxPermissionsRequest;
import org.mailstead.workmail.wire.shapes.ListMailboxPermissionsResponse;
import org.mailstead.workmail.wire.shapes.Permission;
import org.mailstead.workmail.wire.shapes.PermissionType;
import org.mailstead.workmail.wire.shapes.PutMailboxPermissionsRequest;
import org.mailstead.workmail.wire.shapes.PutMailboxPermissionsResponse;

/// Mailbox permissions (PRM-1).
final class PermissionHandler {
  private final Directory directory;
  private final PageTokens tokens;

  PermissionHandler(Directory directory, PageTokens tokens) {
    this.directory = directory;
    this.tokens = tokens;
  }

  PutMailboxPermissionsResponse put(Call call, PutMailboxPermissionsRequest request) {
    Set<MailboxPermission> values = EnumSet.noneOf(MailboxPermission.class);
    for (PermissionType value : request.permissionValues()) {
      values.add(MailboxPermission.valueOf(value.name()));
    }
    directory
        .permissions()
        .put(
            call.change(),
            new OrganizationId(request.organizationId()),
            request.entityId(),
            request.granteeId(),
            values);
    return new PutMailboxPermissionsResponse();
  }

  DeleteMailboxPermissionsResponse delete(Call call, DeleteMailboxPermissionsRequest request) {
    directory
        .permissions()
        .delete(
            call.change(),
            new OrganizationId(request.organizationId()),
            request.entityId(),
            request.granteeId());
    return new DeleteMailboxPermissionsResponse();
  }

  ListMailboxPermissionsResponse list(Call call, ListMailboxPermissionsRequest request) {
    String context =
        "ListMailboxPermissions " + request.organizationId() + " " + request.entityId();
    Listing<Permissions.Grant> page =
        directory
            .permissions()
            .list(
                new OrganizationId(request.organizationId()),
                request.entityId(),
                tokens.page(context, request.maxResults(), request.nextToken()));
    return ListMailboxPermissionsResponse.builder()
        .permissions(page.items().stream().map(PermissionHandler::permission).toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  private static Permission permission(Permissions.Grant grant) {
    return Permission.builder()
        .granteeId(grant.grantee().value())
        .granteeType(GroupHandler.memberType(grant.granteeKind()))
        .permissionValues(
            grant.values().stream().sorted().map(v -> PermissionType.valueOf(v.name())).toList())
        .build();
  }
}
