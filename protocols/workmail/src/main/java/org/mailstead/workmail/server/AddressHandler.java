package org.mailstead.workmail.server;

import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Entity;
import org.mailstead.core.directory.Listing;
import org.mailstead.workmail.wire.shapes.CreateAliasRequest;
import org.mailstead.workmail.wire.shapes.CreateAliasResponse;
import org.mailstead.workmail.wire.shapes.DeleteAliasRequest;
import org.mailstead.workmail.wire.shapes.DeleteAliasResponse;
import org.mailstead.workmail.wire.shapes.DeregisterFromWorkMailRequest;
import org.mailstead.workmail.wire.shapes.DeregisterFromWorkMailResponse;
import org.mailstead.workmail.wire.shapes.DescribeEntityRequest;
import org.mailstead.workmail.wire.shapes.DescribeEntityResponse;
import org.mailstead.workmail.wire.shapes.EntityType;
import org.mailstead.workmail.wire.shapes.ListAliasesRequest;
import org.mailstead.workmail.wire.shapes.ListAliasesResponse;
import org.mailstead.workmail.wire.shapes.RegisterToWorkMailRequest;
import org.mailstead.workmail.wire.shapes.RegisterToWorkMailResponse;
import org.mailstead.workmail.wire.shapes.UpdatePrimaryEmailAddressRequest;
import org.mailstead.workmail.wire.shapes.UpdatePrimaryEmailAddressResponse;

/// Enabling and disabling of entities, and their addresses (USR-2, USR-3, USR-6).
final class AddressHandler {
  private final Directory directory;
  private final PageTokens tokens;

  AddressHandler(Directory directory, PageTokens tokens) {
    this.directory = directory;
    this.tokens = tokens;
  }

  RegisterToWorkMailResponse register(Call call, RegisterToWorkMailRequest request) {
    directory
        .registrations()
        .register(
            call.change(),
            new OrganizationId(request.organizationId()),
            request.entityId(),
            deliverable(request.email()));
    return new RegisterToWorkMailResponse();
  }

  DeregisterFromWorkMailResponse deregister(Call call, DeregisterFromWorkMailRequest request) {
    directory
        .registrations()
        .deregister(
            call.change(), new OrganizationId(request.organizationId()), request.entityId());
    return new DeregisterFromWorkMailResponse();
  }

  CreateAliasResponse createAlias(Call call, CreateAliasRequest request) {
    directory
        .registrations()
        .createAlias(
            call.change(),
            new OrganizationId(request.organizationId()),
            Entities.id(request.entityId()),
            deliverable(request.alias()));
    return new CreateAliasResponse();
  }

  DeleteAliasResponse deleteAlias(Call call, DeleteAliasRequest request) {
    directory
        .registrations()
        .deleteAlias(
            call.change(),
            new OrganizationId(request.organizationId()),
            Entities.id(request.entityId()),
            request.alias());
    return new DeleteAliasResponse();
  }

  ListAliasesResponse listAliases(Call call, ListAliasesRequest request) {
    String context = "ListAliases " + request.organizationId() + " " + request.entityId();
    Listing<EmailAddress> page =
        directory
            .registrations()
            .listAliases(
                new OrganizationId(request.organizationId()),
                Entities.id(request.entityId()),
                tokens.page(context, request.maxResults(), request.nextToken()));
    return ListAliasesResponse.builder()
        .aliases(page.items().stream().map(Object::toString).toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  UpdatePrimaryEmailAddressResponse updatePrimary(
      Call call, UpdatePrimaryEmailAddressRequest request) {
    directory
        .registrations()
        .updatePrimaryAddress(
            call.change(),
            new OrganizationId(request.organizationId()),
            request.entityId(),
            deliverable(request.email()));
    return new UpdatePrimaryEmailAddressResponse();
  }

  DescribeEntityResponse describeEntity(Call call, DescribeEntityRequest request) {
    Entity entity =
        directory
            .registrations()
            .describeByAddress(new OrganizationId(request.organizationId()), request.email());
    return DescribeEntityResponse.builder()
        .entityId(entity.id().value())
        .name(entity.name())
        .type(EntityType.valueOf(entity.kind().name()))
        .build();
  }

  /// The model's pattern lets dots stand where RFC 5321 §4.1.2 has none (`.amy@`, `a..b@`): such an
  /// address could not be written without quotes, which the pattern forbids.
  static String deliverable(String email) {
    String local = email.substring(0, email.indexOf('@'));
    if (local.startsWith(".") || local.endsWith(".") || local.contains("..")) {
      throw Refusals.invalid("The email address is not valid: misplaced dot.");
    }
    return email;
  }
}
