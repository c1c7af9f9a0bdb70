package org.mailstead.workmail.server;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Entity;
import org.mailstead.core.directory.EntityFilter;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.NewUser;
import org.mailstead.core.directory.UserChange;
import org.mailstead.core.directory.UserDetail;
import org.mailstead.core.directory.Users;
import org.mailstead.workmail.wire.shapes.CreateUserRequest;
import org.mailstead.workmail.wire.shapes.CreateUserResponse;
import org.mailstead.workmail.wire.shapes.DeleteUserRequest;
import org.mailstead.workmail.wire.shapes.DeleteUserResponse;
import org.mailstead.workmail.wire.shapes.DescribeUserRequest;
import org.mailstead.workmail.wire.shapes.DescribeUserResponse;
import org.mailstead.workmail.wire.shapes.EntityState;
import org.mailstead.workmail.wire.shapes.GetMailboxDetailsRequest;
import org.mailstead.workmail.wire.shapes.GetMailboxDetailsResponse;
import org.mailstead.workmail.wire.shapes.ListUsersFilters;
import org.mailstead.workmail.wire.shapes.ListUsersRequest;
import org.mailstead.workmail.wire.shapes.ListUsersResponse;
import org.mailstead.workmail.wire.shapes.ResetPasswordRequest;
import org.mailstead.workmail.wire.shapes.ResetPasswordResponse;
import org.mailstead.workmail.wire.shapes.UpdateMailboxQuotaRequest;
import org.mailstead.workmail.wire.shapes.UpdateMailboxQuotaResponse;
import org.mailstead.workmail.wire.shapes.UpdateUserRequest;
import org.mailstead.workmail.wire.shapes.UpdateUserResponse;
import org.mailstead.workmail.wire.shapes.User;
import org.mailstead.workmail.wire.shapes.UserRole;

/// Users, their passwords and their mailboxes' quotas (USR-1 to USR-6).
final class UserHandler {
  private final Directory directory;
  private final PageTokens tokens;

  UserHandler(Directory directory, PageTokens tokens) {
    this.directory = directory;
    this.tokens = tokens;
  }

  CreateUserResponse create(Call call, CreateUserRequest request) {
    Map<UserDetail, String> details = new EnumMap<>(UserDetail.class);
    put(details, UserDetail.FIRST_NAME, request.firstName());
    put(details, UserDetail.LAST_NAME, request.lastName());
    put(details, UserDetail.IDENTITY_PROVIDER_USER_ID, request.identityProviderUserId());
    NewUser user =
        new NewUser(
            request.name(),
            printable("DisplayName", request.displayName()),
            request.password(),
            role(request.role()).orElse(org.mailstead.core.directory.UserRole.USER),
            request.hiddenFromGlobalAddressList().orElse(false),
            details);
    EntityId made =
        directory.users().create(call.change(), organization(request.organizationId()), user);
    return CreateUserResponse.builder().userId(made.value()).build();
  }

  DescribeUserResponse describe(Call call, DescribeUserRequest request) {
    Entity.User user =
        directory.users().describe(organization(request.organizationId()), request.userId());
    Map<UserDetail, String> details = user.details();
    return DescribeUserResponse.builder()
        .userId(user.id().value())
        .name(user.name())
        .email(user.email().map(Object::toString))
        .displayName(user.displayName())
        .state(EntityState.valueOf(user.state().name()))
        .userRole(UserRole.valueOf(user.role().name()))
        .enabledDate(user.enabledDate())
        .disabledDate(user.disabledDate())
        .mailboxProvisionedDate(user.mailboxProvisionedDate())
        .mailboxDeprovisionedDate(user.mailboxDeprovisionedDate())
        .hiddenFromGlobalAddressList(user.hiddenFromGlobalAddressList())
        .firstName(detail(details, UserDetail.FIRST_NAME))
        .lastName(detail(details, UserDetail.LAST_NAME))
        .initials(detail(details, UserDetail.INITIALS))
        .telephone(detail(details, UserDetail.TELEPHONE))
        .street(detail(details, UserDetail.STREET))
        .jobTitle(detail(details, UserDetail.JOB_TITLE))
        .city(detail(details, UserDetail.CITY))
        .company(detail(details, UserDetail.COMPANY))
        .zipCode(detail(details, UserDetail.ZIP_CODE))
        .department(detail(details, UserDetail.DEPARTMENT))
        .country(detail(details, UserDetail.COUNTRY))
        .office(detail(details, UserDetail.OFFICE))
        .identityProviderUserId(detail(details, UserDetail.IDENTITY_PROVIDER_USER_ID))
        .identityProviderIdentityStoreId(
            detail(details, UserDetail.IDENTITY_PROVIDER_IDENTITY_STORE_ID))
        .build();
  }

  UpdateUserResponse update(Call call, UpdateUserRequest request) {
    Map<UserDetail, String> details = new EnumMap<>(UserDetail.class);
    put(details, UserDetail.FIRST_NAME, request.firstName());
    put(details, UserDetail.LAST_NAME, request.lastName());
    put(details, UserDetail.INITIALS, request.initials());
    put(details, UserDetail.TELEPHONE, request.telephone());
    put(details, UserDetail.STREET, request.street());
    put(details, UserDetail.JOB_TITLE, request.jobTitle());
    put(details, UserDetail.CITY, request.city());
    put(details, UserDetail.COMPANY, request.company());
    put(details, UserDetail.ZIP_CODE, request.zipCode());
    put(details, UserDetail.DEPARTMENT, request.department());
    put(details, UserDetail.COUNTRY, request.country());
    put(details, UserDetail.OFFICE, request.office());
    put(details, UserDetail.IDENTITY_PROVIDER_USER_ID, request.identityProviderUserId());
    UserChange update =
        new UserChange(
            role(request.role()),
            request.displayName().map(n -> printable("DisplayName", n)),
            request.hiddenFromGlobalAddressList(),
            details);
    directory
        .users()
        .update(call.change(), organization(request.organizationId()), request.userId(), update);
    return new UpdateUserResponse();
  }

  ListUsersResponse list(Call call, ListUsersRequest request) {
    EntityFilter filter =
        request.filters().map(UserHandler::filter).orElse(new EntityFilter.None());
    String context = "ListUsers " + request.organizationId() + " " + filter;
    Listing<Entity.User> page =
        directory
            .users()
            .list(
                organization(request.organizationId()),
                filter,
                tokens.page(context, request.maxResults(), request.nextToken()));
    return ListUsersResponse.builder()
        .users(page.items().stream().map(UserHandler::summary).toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  DeleteUserResponse delete(Call call, DeleteUserRequest request) {
    directory
        .users()
        .delete(call.change(), organization(request.organizationId()), request.userId());
    return new DeleteUserResponse();
  }

  ResetPasswordResponse resetPassword(Call call, ResetPasswordRequest request) {
    directory
        .users()
        .resetPassword(
            call.change(),
            organization(request.organizationId()),
            Entities.id(request.userId()),
            request.password());
    return new ResetPasswordResponse();
  }

  GetMailboxDetailsResponse mailboxDetails(Call call, GetMailboxDetailsRequest request) {
    Users.MailboxDetails details =
        directory.users().mailboxDetails(organization(request.organizationId()), request.userId());
    return GetMailboxDetailsResponse.builder()
        .mailboxQuota(Math.toIntExact(details.quotaMegabytes()))
        .mailboxSize(details.sizeMegabytes())
        .build();
  }

  UpdateMailboxQuotaResponse updateMailboxQuota(Call call, UpdateMailboxQuotaRequest request) {
    directory
        .users()
        .updateMailboxQuota(
            call.change(),
            organization(request.organizationId()),
            request.userId(),
            request.mailboxQuota());
    return new UpdateMailboxQuotaResponse();
  }

  private static OrganizationId organization(String id) {
    return new OrganizationId(id);
  }

  private static User summary(Entity.User user) {
    return User.builder()
        .id(user.id().value())
        .name(user.name())
        .email(user.email().map(Object::toString))
        .displayName(user.displayName())
        .state(EntityState.valueOf(user.state().name()))
        .userRole(UserRole.valueOf(user.role().name()))
        .enabledDate(user.enabledDate())
        .disabledDate(user.disabledDate())
        .identityProviderUserId(detail(user.details(), UserDetail.IDENTITY_PROVIDER_USER_ID))
        .identityProviderIdentityStoreId(
            detail(user.details(), UserDetail.IDENTITY_PROVIDER_IDENTITY_STORE_ID))
        .build();
  }

  private static EntityFilter filter(ListUsersFilters filters) {
    List<EntityFilter> given = new ArrayList<>();
    filters.usernamePrefix().ifPresent(p -> given.add(new EntityFilter.NamePrefix(p)));
    filters.displayNamePrefix().ifPresent(p -> given.add(new EntityFilter.DisplayNamePrefix(p)));
    filters.primaryEmailPrefix().ifPresent(p -> given.add(new EntityFilter.PrimaryEmailPrefix(p)));
    filters.state().ifPresent(s -> given.add(Entities.stateIs(s)));
    filters
        .identityProviderUserIdPrefix()
        .ifPresent(p -> given.add(new EntityFilter.IdentityProviderUserIdPrefix(p)));
    return Entities.oneOf(given);
  }

  /// USER and REMOTE_USER can be chosen; the others are the system's.
  private static Optional<org.mailstead.core.directory.UserRole> role(Optional<UserRole> role) {
    return role.map(r ->
        switch (r) {
          case USER -> org.mailstead.core.directory.UserRole.USER;
          case REMOTE_USER -> org.mailstead.core.directory.UserRole.REMOTE_USER;
          case RESOURCE, SYSTEM_USER ->
              throw Refusals.invalid("The role " + r + " cannot be given to a user.");
        });
  }

  private static void put(
      Map<UserDetail, String> details, UserDetail detail, Optional<String> value) {
    value.ifPresent(v -> details.put(detail, printable(detail.workMailName(), v)));
  }

  private static Optional<String> detail(Map<UserDetail, String> details, UserDetail detail) {
    return Optional.ofNullable(details.get(detail));
  }

  /// The model has no pattern for attributes of a user, but they end up in headers and address
  /// lists, where a line break would begin something else.
  private static String printable(String member, String text) {
    if (text.codePoints().anyMatch(Character::isISOControl)) {
      throw Refusals.invalid(member + " must not hold control characters.");
    }
    return text;
  }
}
