package org.mailstead.workmail.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Entity;
import org.mailstead.core.directory.EntityFilter;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.ResourceChange;
import org.mailstead.core.directory.Resources;
import org.mailstead.workmail.wire.shapes.AssociateDelegateToResourceRequest;
import org.mailstead.workmail.wire.shapes.AssociateDelegateToResourceResponse;
import org.mailstead.workmail.wire.shapes.BookingOptions;
import org.mailstead.workmail.wire.shapes.CreateResourceRequest;
import org.mailstead.workmail.wire.shapes.CreateResourceResponse;
import org.mailstead.workmail.wire.shapes.Delegate;
import org.mailstead.workmail.wire.shapes.DeleteResourceRequest;
import org.mailstead.workmail.wire.shapes.DeleteResourceResponse;
import org.mailstead.workmail.wire.shapes.DescribeResourceRequest;
import org.mailstead.workmail.wire.shapes.DescribeResourceResponse;
import org.mailstead.workmail.wire.shapes.DisassociateDelegateFromResourceRequest;
import org.mailstead.workmail.wire.shapes.DisassociateDelegateFromResourceResponse;
import org.mailstead.workmail.wire.shapes.EntityState;
import org.mailstead.workmail.wire.shapes.ListResourceDelegatesRequest;
import org.mailstead.workmail.wire.shapes.ListResourceDelegatesResponse;
import org.mailstead.workmail.wire.shapes.ListResourcesFilters;
import org.mailstead.workmail.wire.shapes.ListResourcesRequest;
import org.mailstead.workmail.wire.shapes.ListResourcesResponse;
import org.mailstead.workmail.wire.shapes.MemberType;
import org.mailstead.workmail.wire.shapes.Resource;
import org.mailstead.workmail.wire.shapes.ResourceType;
import org.mailstead.workmail.wire.shapes.UpdateResourceRequest;
import org.mailstead.workmail.wire.shapes.UpdateResourceResponse;

/// Rooms and equipment with their delegates (RES-1, RES-3).
final class ResourceHandler {
  private final Directory directory;
  private final PageTokens tokens;

  ResourceHandler(Directory directory, PageTokens tokens) {
    this.directory = directory;
    this.tokens = tokens;
  }

  CreateResourceResponse create(Call call, CreateResourceRequest request) {
    EntityId made =
        directory
            .resources()
            .create(
                call.change(),
                organization(request.organizationId()),
                request.name(),
                type(request.type()),
                request.description(),
                request.hiddenFromGlobalAddressList().orElse(false));
    return CreateResourceResponse.builder().resourceId(made.value()).build();
  }

  DescribeResourceResponse describe(Call call, DescribeResourceRequest request) {
    Entity.Resource found =
        directory
            .resources()
            .describe(organization(request.organizationId()), request.resourceId());
    return DescribeResourceResponse.builder()
        .resourceId(found.id().value())
        .email(found.email().map(Object::toString))
        .name(found.name())
        .type(ResourceType.valueOf(found.type().name()))
        .bookingOptions(
            BookingOptions.builder()
                .autoAcceptRequests(found.booking().autoAcceptRequests())
                .autoDeclineRecurringRequests(found.booking().autoDeclineRecurringRequests())
                .autoDeclineConflictingRequests(found.booking().autoDeclineConflictingRequests())
                .build())
        .state(EntityState.valueOf(found.state().name()))
        .enabledDate(found.enabledDate())
        .disabledDate(found.disabledDate())
        .description(found.description())
        .hiddenFromGlobalAddressList(found.hiddenFromGlobalAddressList())
        .build();
  }

  UpdateResourceResponse update(Call call, UpdateResourceRequest request) {
    Optional<BookingOptions> booking = request.bookingOptions();
    directory
        .resources()
        .update(
            call.change(),
            organization(request.organizationId()),
            request.resourceId(),
            new ResourceChange(
                request.name(),
                request.type().map(ResourceHandler::type),
                request.description(),
                request.hiddenFromGlobalAddressList(),
                booking.flatMap(BookingOptions::autoAcceptRequests),
                booking.flatMap(BookingOptions::autoDeclineRecurringRequests),
                booking.flatMap(BookingOptions::autoDeclineConflictingRequests)));
    return new UpdateResourceResponse();
  }

  DeleteResourceResponse delete(Call call, DeleteResourceRequest request) {
    directory
        .resources()
        .delete(call.change(), organization(request.organizationId()), request.resourceId());
    return new DeleteResourceResponse();
  }

  ListResourcesResponse list(Call call, ListResourcesRequest request) {
    EntityFilter filter =
        request.filters().map(ResourceHandler::filter).orElse(new EntityFilter.None());
    String context = "ListResources " + request.organizationId() + " " + filter;
    Listing<Entity.Resource> page =
        directory
            .resources()
            .list(
                organization(request.organizationId()),
                filter,
                tokens.page(context, request.maxResults(), request.nextToken()));
    return ListResourcesResponse.builder()
        .resources(page.items().stream().map(ResourceHandler::summary).toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  AssociateDelegateToResourceResponse addDelegate(
      Call call, AssociateDelegateToResourceRequest request) {
    directory
        .resources()
        .addDelegate(
            call.change(),
            organization(request.organizationId()),
            request.resourceId(),
            request.entityId());
    return new AssociateDelegateToResourceResponse();
  }

  DisassociateDelegateFromResourceResponse removeDelegate(
      Call call, DisassociateDelegateFromResourceRequest request) {
    directory
        .resources()
        .removeDelegate(
            call.change(),
            organization(request.organizationId()),
            request.resourceId(),
            request.entityId());
    return new DisassociateDelegateFromResourceResponse();
  }

  ListResourceDelegatesResponse delegates(Call call, ListResourceDelegatesRequest request) {
    String context =
        "ListResourceDelegates " + request.organizationId() + " " + request.resourceId();
    Listing<Resources.Delegate> page =
        directory
            .resources()
            .delegates(
                organization(request.organizationId()),
                request.resourceId(),
                tokens.page(context, request.maxResults(), request.nextToken()));
    return ListResourceDelegatesResponse.builder()
        .delegates(
            page.items().stream()
                .map(d -> new Delegate(d.id().value(), MemberType.valueOf(d.kind().name())))
                .toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  private static OrganizationId organization(String id) {
    return new OrganizationId(id);
  }

  private static org.mailstead.core.directory.ResourceType type(ResourceType type) {
    return switch (type) {
      case ROOM -> org.mailstead.core.directory.ResourceType.ROOM;
      case EQUIPMENT -> org.mailstead.core.directory.ResourceType.EQUIPMENT;
    };
  }

  private static EntityFilter filter(ListResourcesFilters filters) {
    List<EntityFilter> given = new ArrayList<>();
    filters.namePrefix().ifPresent(p -> given.add(new EntityFilter.NamePrefix(p)));
    filters.primaryEmailPrefix().ifPresent(p -> given.add(new EntityFilter.PrimaryEmailPrefix(p)));
    filters.state().ifPresent(s -> given.add(Entities.stateIs(s)));
    return Entities.oneOf(given);
  }

  private static Resource summary(Entity.Resource resource) {
    return Resource.builder()
        .id(resource.id().value())
        .email(resource.email().map(Object::toString))
        .name(resource.name())
        .type(ResourceType.valueOf(resource.type().name()))
        .state(EntityState.valueOf(resource.state().name()))
        .enabledDate(resource.enabledDate())
        .disabledDate(resource.disabledDate())
        .description(resource.description())
        .build();
  }
}
