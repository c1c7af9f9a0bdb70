package org.mailstead.workmail.server;

import java.util.ArrayList;
import java.util.List;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Entity;
import org.mailstead.core.directory.EntityFilter;
import org.mailstead.core.directory.EntityKind;
import org.mailstead.core.directory.Groups;
import org.mailstead.core.directory.Listing;
import org.mailstead.workmail.wire.shapes.AssociateMemberToGroupRequest;
import org.mailstead.workmail.wire.shapes.AssociateMemberToGroupResponse;
import org.mailstead.workmail.wire.shapes.CreateGroupRequest;
import org.mailstead.workmail.wire.shapes.CreateGroupResponse;
import org.mailstead.workmail.wire.shapes.DeleteGroupRequest;
import org.mailstead.workmail.wire.shapes.DeleteGroupResponse;
import org.mailstead.workmail.wire.shapes.DescribeGroupRequest;
import org.mailstead.workmail.wire.shapes.DescribeGroupResponse;
import org.mailstead.workmail.wire.shapes.DisassociateMemberFromGroupRequest;
import org.mailstead.workmail.wire.shapes.DisassociateMemberFromGroupResponse;
import org.mailstead.workmail.wire.shapes.EntityState;
import org.mailstead.workmail.wire.shapes.Group;
import org.mailstead.workmail.wire.shapes.GroupIdentifier;
import org.mailstead.workmail.wire.shapes.ListGroupMembersRequest;
import org.mailstead.workmail.wire.shapes.ListGroupMembersResponse;
import org.mailstead.workmail.wire.shapes.ListGroupsFilters;
import org.mailstead.workmail.wire.shapes.ListGroupsForEntityRequest;
import org.mailstead.workmail.wire.shapes.ListGroupsForEntityResponse;
import org.mailstead.workmail.wire.shapes.ListGroupsRequest;
import org.mailstead.workmail.wire.shapes.ListGroupsResponse;
import org.mailstead.workmail.wire.shapes.Member;
import org.mailstead.workmail.wire.shapes.MemberType;
import org.mailstead.workmail.wire.shapes.SearchMembersRequest;
import org.mailstead.workmail.wire.shapes.SearchMembersResponse;
import org.mailstead.workmail.wire.shapes.UpdateGroupRequest;
import org.mailstead.workmail.wire.shapes.UpdateGroupResponse;

/// Groups and their members (GRP-1).
final class GroupHandler {
  private final Directory directory;
  private final PageTokens tokens;

  GroupHandler(Directory directory, PageTokens tokens) {
    this.directory = directory;
    this.tokens = tokens;
  }

  CreateGroupResponse create(Call call, CreateGroupRequest request) {
    EntityId made =
        directory
            .groups()
            .create(
                call.change(),
                new OrganizationId(request.organizationId()),
                request.name(),
                request.hiddenFromGlobalAddressList().orElse(false));
    return CreateGroupResponse.builder().groupId(made.value()).build();
  }

  DescribeGroupResponse describe(Call call, DescribeGroupRequest request) {
    Entity.Group group =
        directory
            .groups()
            .describe(new OrganizationId(request.organizationId()), request.groupId());
    return DescribeGroupResponse.builder()
        .groupId(group.id().value())
        .name(group.name())
        .email(group.email().map(Object::toString))
        .state(EntityState.valueOf(group.state().name()))
        .enabledDate(group.enabledDate())
        .disabledDate(group.disabledDate())
        .hiddenFromGlobalAddressList(group.hiddenFromGlobalAddressList())
        .build();
  }

  UpdateGroupResponse update(Call call, UpdateGroupRequest request) {
    directory
        .groups()
        .update(
            call.change(),
            new OrganizationId(request.organizationId()),
            request.groupId(),
            request.hiddenFromGlobalAddressList());
    return new UpdateGroupResponse();
  }

  DeleteGroupResponse delete(Call call, DeleteGroupRequest request) {
    directory
        .groups()
        .delete(call.change(), new OrganizationId(request.organizationId()), request.groupId());
    return new DeleteGroupResponse();
  }

  ListGroupsResponse list(Call call, ListGroupsRequest request) {
    EntityFilter filter =
        request.filters().map(GroupHandler::filter).orElse(new EntityFilter.None());
    String context = "ListGroups " + request.organizationId() + " " + filter;
    Listing<Entity.Group> page =
        directory
            .groups()
            .list(
                new OrganizationId(request.organizationId()),
                filter,
                tokens.page(context, request.maxResults(), request.nextToken()));
    return ListGroupsResponse.builder()
        .groups(page.items().stream().map(GroupHandler::summary).toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  AssociateMemberToGroupResponse addMember(Call call, AssociateMemberToGroupRequest request) {
    directory
        .groups()
        .addMember(
            call.change(),
            new OrganizationId(request.organizationId()),
            request.groupId(),
            request.memberId());
    return new AssociateMemberToGroupResponse();
  }

  DisassociateMemberFromGroupResponse removeMember(
      Call call, DisassociateMemberFromGroupRequest request) {
    directory
        .groups()
        .removeMember(
            call.change(),
            new OrganizationId(request.organizationId()),
            request.groupId(),
            request.memberId());
    return new DisassociateMemberFromGroupResponse();
  }

  ListGroupMembersResponse members(Call call, ListGroupMembersRequest request) {
    String context = "ListGroupMembers " + request.organizationId() + " " + request.groupId();
    Listing<Groups.Member> page =
        directory
            .groups()
            .members(
                new OrganizationId(request.organizationId()),
                request.groupId(),
                tokens.page(context, request.maxResults(), request.nextToken()));
    return ListGroupMembersResponse.builder()
        .members(page.items().stream().map(GroupHandler::member).toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  ListGroupsForEntityResponse groupsOf(Call call, ListGroupsForEntityRequest request) {
    EntityFilter filter =
        request
            .filters()
            .flatMap(f -> f.groupNamePrefix())
            .<EntityFilter>map(EntityFilter.NamePrefix::new)
            .orElse(new EntityFilter.None());
    String context =
        "ListGroupsForEntity " + request.organizationId() + " " + request.entityId() + " " + filter;
    Listing<Entity.Group> page =
        directory
            .groups()
            .groupsOf(
                new OrganizationId(request.organizationId()),
                request.entityId(),
                filter,
                tokens.page(context, request.maxResults(), request.nextToken()));
    return ListGroupsForEntityResponse.builder()
        .groups(
            page.items().stream()
                .map(g ->
                    GroupIdentifier.builder().groupId(g.id().value()).groupName(g.name()).build())
                .toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  SearchMembersResponse search(Call call, SearchMembersRequest request) {
    String context =
        String.join(
            "\n", "SearchMembers", request.organizationId(), request.groupId(), request.query());
    Listing<Groups.Member> page =
        directory
            .groups()
            .searchMembers(
                new OrganizationId(request.organizationId()),
                request.groupId(),
                request.query(),
                tokens.page(context, request.maxResults(), request.nextToken()));
    return SearchMembersResponse.builder()
        .members(page.items().stream().map(GroupHandler::member).toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  /// What a mailbox permission or a membership calls USER or GROUP. No entity of another kind is
  /// ever a member or a grantee.
  static MemberType memberType(EntityKind kind) {
    return switch (kind) {
      case USER -> MemberType.USER;
      case GROUP -> MemberType.GROUP;
      case RESOURCE -> throw new IllegalStateException("a resource is a member or a grantee");
    };
  }

  private static Group summary(Entity.Group group) {
    return Group.builder()
        .id(group.id().value())
        .name(group.name())
        .email(group.email().map(Object::toString))
        .state(EntityState.valueOf(group.state().name()))
        .enabledDate(group.enabledDate())
        .disabledDate(group.disabledDate())
        .build();
  }

  private static Member member(Groups.Member member) {
    return Member.builder()
        .id(member.id().value())
        .name(member.name())
        .type(memberType(member.kind()))
        .state(EntityState.valueOf(member.state().name()))
        .enabledDate(member.enabledDate())
        .disabledDate(member.disabledDate())
        .build();
  }

  private static EntityFilter filter(ListGroupsFilters filters) {
    List<EntityFilter> given = new ArrayList<>();
    filters.namePrefix().ifPresent(p -> given.add(new EntityFilter.NamePrefix(p)));
    filters.primaryEmailPrefix().ifPresent(p -> given.add(new EntityFilter.PrimaryEmailPrefix(p)));
    filters.state().ifPresent(s -> given.add(Entities.stateIs(s)));
    return Entities.oneOf(given);
  }
}
