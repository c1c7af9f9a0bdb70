package org.mailstead.workmail.server;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.mailstead.core.authorization.ManagedPolicies;
import org.mailstead.core.directory.AccessKey;
import org.mailstead.core.directory.Accounts;
import org.mailstead.core.directory.Administrators;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.AccessKeyStatus;
import org.mailstead.workmail.wire.shapes.AccessKeySummary;
import org.mailstead.workmail.wire.shapes.AddAdministratorToGroupRequest;
import org.mailstead.workmail.wire.shapes.AddAdministratorToGroupResponse;
import org.mailstead.workmail.wire.shapes.Administrator;
import org.mailstead.workmail.wire.shapes.AdministratorGroup;
import org.mailstead.workmail.wire.shapes.AttachAccessPolicyRequest;
import org.mailstead.workmail.wire.shapes.AttachAccessPolicyResponse;
import org.mailstead.workmail.wire.shapes.CreateAccessKeyRequest;
import org.mailstead.workmail.wire.shapes.CreateAccessKeyResponse;
import org.mailstead.workmail.wire.shapes.CreateAccessPolicyRequest;
import org.mailstead.workmail.wire.shapes.CreateAccessPolicyResponse;
import org.mailstead.workmail.wire.shapes.CreateAdministratorGroupRequest;
import org.mailstead.workmail.wire.shapes.CreateAdministratorGroupResponse;
import org.mailstead.workmail.wire.shapes.CreateAdministratorRequest;
import org.mailstead.workmail.wire.shapes.CreateAdministratorResponse;
import org.mailstead.workmail.wire.shapes.DeleteAccessKeyRequest;
import org.mailstead.workmail.wire.shapes.DeleteAccessKeyResponse;
import org.mailstead.workmail.wire.shapes.DeleteAccessPolicyRequest;
import org.mailstead.workmail.wire.shapes.DeleteAccessPolicyResponse;
import org.mailstead.workmail.wire.shapes.DeleteAdministratorGroupRequest;
import org.mailstead.workmail.wire.shapes.DeleteAdministratorGroupResponse;
import org.mailstead.workmail.wire.shapes.DeleteAdministratorRequest;
import org.mailstead.workmail.wire.shapes.DeleteAdministratorResponse;
import org.mailstead.workmail.wire.shapes.DescribeAdministratorGroupRequest;
import org.mailstead.workmail.wire.shapes.DescribeAdministratorGroupResponse;
import org.mailstead.workmail.wire.shapes.DescribeAdministratorRequest;
import org.mailstead.workmail.wire.shapes.DescribeAdministratorResponse;
import org.mailstead.workmail.wire.shapes.DetachAccessPolicyRequest;
import org.mailstead.workmail.wire.shapes.DetachAccessPolicyResponse;
import org.mailstead.workmail.wire.shapes.ErrorCode;
import org.mailstead.workmail.wire.shapes.GetAccessPolicyRequest;
import org.mailstead.workmail.wire.shapes.GetAccessPolicyResponse;
import org.mailstead.workmail.wire.shapes.ListAccessKeysRequest;
import org.mailstead.workmail.wire.shapes.ListAccessKeysResponse;
import org.mailstead.workmail.wire.shapes.ListAccessPoliciesRequest;
import org.mailstead.workmail.wire.shapes.ListAccessPoliciesResponse;
import org.mailstead.workmail.wire.shapes.ListAdministratorGroupsRequest;
import org.mailstead.workmail.wire.shapes.ListAdministratorGroupsResponse;
import org.mailstead.workmail.wire.shapes.ListAdministratorsRequest;
import org.mailstead.workmail.wire.shapes.ListAdministratorsResponse;
import org.mailstead.workmail.wire.shapes.RemoveAdministratorFromGroupRequest;
import org.mailstead.workmail.wire.shapes.RemoveAdministratorFromGroupResponse;
import org.mailstead.workmail.wire.shapes.RotateAccessKeyRequest;
import org.mailstead.workmail.wire.shapes.RotateAccessKeyResponse;
import org.mailstead.workmail.wire.shapes.UpdateAccessKeyRequest;
import org.mailstead.workmail.wire.shapes.UpdateAccessKeyResponse;
import org.mailstead.workmail.wire.shapes.UpdateAccessPolicyRequest;
import org.mailstead.workmail.wire.shapes.UpdateAccessPolicyResponse;

/// Administrators of the caller's account, their groups, policies and access keys (API-4): what IAM
/// did for WorkMail. The policies that allow these operations speak of `iam:` actions.
final class AdministratorHandler {
  private final Accounts accounts;
  private final Administrators administrators;
  private final PageTokens tokens;

  AdministratorHandler(Directory directory, PageTokens tokens) {
    this.accounts = directory.accounts();
    this.administrators = directory.administrators();
    this.tokens = tokens;
  }

  CreateAdministratorResponse create(Call call, CreateAdministratorRequest request) {
    administrators.createUser(call.change(), call.account(), request.administratorName());
    return CreateAdministratorResponse.builder()
        .arn(user(call, request.administratorName()).arn(call.account()))
        .build();
  }

  DeleteAdministratorResponse delete(Call call, DeleteAdministratorRequest request) {
    administrators.deleteUser(call.change(), call.account(), request.administratorName());
    return new DeleteAdministratorResponse();
  }

  DescribeAdministratorResponse describe(Call call, DescribeAdministratorRequest request) {
    Administrators.Administrator user = user(call, request.administratorName());
    return DescribeAdministratorResponse.builder()
        .administratorName(user.name())
        .arn(user.arn(call.account()))
        .dateCreated(user.created())
        .groupNames(List.copyOf(user.groups()))
        .policyNames(List.copyOf(user.policies()))
        .build();
  }

  ListAdministratorsResponse list(Call call, ListAdministratorsRequest request) {
    Page<Administrators.Administrator> page =
        page(
            call,
            "ListAdministrators",
            administrators.users(call.account()),
            Administrators.Administrator::name,
            request.maxResults(),
            request.nextToken());
    return ListAdministratorsResponse.builder()
        .administrators(
            page.items().stream()
                .map(user ->
                    Administrator.builder()
                        .administratorName(user.name())
                        .arn(user.arn(call.account()))
                        .dateCreated(user.created())
                        .build())
                .toList())
        .nextToken(page.token())
        .build();
  }

  CreateAdministratorGroupResponse createGroup(Call call, CreateAdministratorGroupRequest request) {
    administrators.createGroup(call.change(), call.account(), request.groupName());
    return new CreateAdministratorGroupResponse();
  }

  DeleteAdministratorGroupResponse deleteGroup(Call call, DeleteAdministratorGroupRequest request) {
    administrators.deleteGroup(call.change(), call.account(), request.groupName());
    return new DeleteAdministratorGroupResponse();
  }

  DescribeAdministratorGroupResponse describeGroup(
      Call call, DescribeAdministratorGroupRequest request) {
    Administrators.Group group =
        administrators.groups(call.account()).stream()
            .filter(g -> g.name().equalsIgnoreCase(request.groupName()))
            .findFirst()
            .orElseThrow(() -> missing("group"));
    return DescribeAdministratorGroupResponse.builder()
        .groupName(group.name())
        .dateCreated(group.created())
        .administratorNames(
            administrators.users(call.account()).stream()
                .filter(user -> user.groups().contains(group.name()))
                .map(Administrators.Administrator::name)
                .toList())
        .policyNames(List.copyOf(group.policies()))
        .build();
  }

  ListAdministratorGroupsResponse listGroups(Call call, ListAdministratorGroupsRequest request) {
    Page<Administrators.Group> page =
        page(
            call,
            "ListAdministratorGroups",
            administrators.groups(call.account()),
            Administrators.Group::name,
            request.maxResults(),
            request.nextToken());
    return ListAdministratorGroupsResponse.builder()
        .groups(
            page.items().stream()
                .map(group ->
                    AdministratorGroup.builder()
                        .groupName(group.name())
                        .dateCreated(group.created())
                        .build())
                .toList())
        .nextToken(page.token())
        .build();
  }

  AddAdministratorToGroupResponse addToGroup(Call call, AddAdministratorToGroupRequest r) {
    administrators.member(
        call.change(), call.account(), r.groupName(), r.administratorName(), true);
    return new AddAdministratorToGroupResponse();
  }

  RemoveAdministratorFromGroupResponse removeFromGroup(
      Call call, RemoveAdministratorFromGroupRequest r) {
    administrators.member(
        call.change(), call.account(), r.groupName(), r.administratorName(), false);
    return new RemoveAdministratorFromGroupResponse();
  }

  CreateAccessPolicyResponse createPolicy(Call call, CreateAccessPolicyRequest request) {
    if (findPolicy(call, request.policyName()).isPresent()) {
      throw new ApiException(
          ErrorCode.NAME_AVAILABILITY, "The policy " + request.policyName() + " exists already.");
    }
    administrators.putPolicy(
        call.change(), call.account(), request.policyName(), request.policyDocument());
    return new CreateAccessPolicyResponse();
  }

  UpdateAccessPolicyResponse updatePolicy(Call call, UpdateAccessPolicyRequest request) {
    refuseBuiltIn(request.policyName());
    if (findPolicy(call, request.policyName()).isEmpty()) throw missing("policy");
    administrators.putPolicy(
        call.change(), call.account(), request.policyName(), request.policyDocument());
    return new UpdateAccessPolicyResponse();
  }

  DeleteAccessPolicyResponse deletePolicy(Call call, DeleteAccessPolicyRequest request) {
    refuseBuiltIn(request.policyName());
    administrators.deletePolicy(call.change(), call.account(), request.policyName());
    return new DeleteAccessPolicyResponse();
  }

  GetAccessPolicyResponse policy(Call call, GetAccessPolicyRequest request) {
    return ManagedPolicies.find(request.policyName())
        .map(document ->
            GetAccessPolicyResponse.builder()
                .policyName(request.policyName())
                .builtIn(true)
                .policyDocument(document.text())
                .build())
        .or(() ->
            findPolicy(call, request.policyName())
                .map(policy ->
                    GetAccessPolicyResponse.builder()
                        .policyName(policy.name())
                        .builtIn(false)
                        .policyDocument(policy.document().text())
                        .dateModified(policy.changed())
                        .build()))
        .orElseThrow(() -> missing("policy"));
  }

  ListAccessPoliciesResponse listPolicies(Call call, ListAccessPoliciesRequest request) {
    List<org.mailstead.workmail.wire.shapes.AccessPolicy> all = new ArrayList<>();
    ManagedPolicies.all()
        .keySet()
        .forEach(name ->
            all.add(
                org.mailstead.workmail.wire.shapes.AccessPolicy.builder()
                    .policyName(name)
                    .builtIn(true)
                    .build()));
    for (Administrators.Policy policy : administrators.policies(call.account())) {
      all.add(
          org.mailstead.workmail.wire.shapes.AccessPolicy.builder()
              .policyName(policy.name())
              .builtIn(false)
              .dateModified(policy.changed())
              .build());
    }
    Page<org.mailstead.workmail.wire.shapes.AccessPolicy> page =
        page(
            call,
            "ListAccessPolicies",
            all,
            policy -> policy.policyName().orElse(""),
            request.maxResults(),
            request.nextToken());
    return ListAccessPoliciesResponse.builder()
        .policies(page.items())
        .nextToken(page.token())
        .build();
  }

  AttachAccessPolicyResponse attach(Call call, AttachAccessPolicyRequest r) {
    attach(call, r.administratorName(), r.groupName(), r.policyName(), true);
    return new AttachAccessPolicyResponse();
  }

  DetachAccessPolicyResponse detach(Call call, DetachAccessPolicyRequest r) {
    attach(call, r.administratorName(), r.groupName(), r.policyName(), false);
    return new DetachAccessPolicyResponse();
  }

  CreateAccessKeyResponse createKey(Call call, CreateAccessKeyRequest request) {
    // As in IAM: without a name it is the caller's own, so that only the root makes root keys.
    Optional<String> owner = request.administratorName().or(() -> call.key().userName());
    AccessKey.WithSecret made = accounts.createKey(call.change(), call.account(), owner);
    return CreateAccessKeyResponse.builder()
        .accessKeyId(made.key().id())
        .secretAccessKey(made.secret())
        .administratorName(made.key().userName())
        .status(AccessKeyStatus.ACTIVE)
        .dateCreated(made.key().created())
        .build();
  }

  RotateAccessKeyResponse rotateKey(Call call, RotateAccessKeyRequest request) {
    key(call, request.accessKeyId());
    AccessKey.WithSecret made =
        accounts.rotateKey(call.change(), call.account(), request.accessKeyId());
    return RotateAccessKeyResponse.builder()
        .accessKeyId(made.key().id())
        .secretAccessKey(made.secret())
        .administratorName(made.key().userName())
        .status(AccessKeyStatus.ACTIVE)
        .dateCreated(made.key().created())
        .build();
  }

  UpdateAccessKeyResponse updateKey(Call call, UpdateAccessKeyRequest request) {
    key(call, request.accessKeyId());
    boolean active =
        switch (request.status()) {
          case ACTIVE -> true;
          case INACTIVE -> false;
        };
    accounts.activateKey(call.change(), call.account(), request.accessKeyId(), active);
    return new UpdateAccessKeyResponse();
  }

  DeleteAccessKeyResponse deleteKey(Call call, DeleteAccessKeyRequest request) {
    key(call, request.accessKeyId());
    accounts.revokeKey(call.change(), call.account(), request.accessKeyId());
    return new DeleteAccessKeyResponse();
  }

  ListAccessKeysResponse listKeys(Call call, ListAccessKeysRequest request) {
    Optional<String> owner = request.administratorName();
    owner.ifPresent(name -> user(call, name));
    Page<AccessKey> page =
        page(
            call,
            "ListAccessKeys " + owner.orElse(""),
            accounts.keys(call.account()).stream()
                .filter(key -> owner.isEmpty() || isOf(key, owner.get()))
                .toList(),
            AccessKey::id,
            request.maxResults(),
            request.nextToken());
    return ListAccessKeysResponse.builder()
        .accessKeys(page.items().stream().map(AdministratorHandler::summary).toList())
        .nextToken(page.token())
        .build();
  }

  private static AccessKeySummary summary(AccessKey key) {
    return AccessKeySummary.builder()
        .accessKeyId(key.id())
        .administratorName(key.userName())
        .status(key.active() ? AccessKeyStatus.ACTIVE : AccessKeyStatus.INACTIVE)
        .dateCreated(key.created())
        .dateLastUsed(key.lastUsed())
        .build();
  }

  /// A key that the caller may touch: the root's keys are the root's alone, whatever a policy says.
  private AccessKey key(Call call, String id) {
    AccessKey key =
        accounts.keys(call.account()).stream()
            .filter(k -> k.id().equals(id))
            .findFirst()
            .orElseThrow(() -> missing("access key"));
    if (key.userName().isEmpty() && call.key().userName().isPresent()) throw missing("access key");
    return key;
  }

  private void attach(
      Call call, Optional<String> user, Optional<String> group, String policy, boolean attached) {
    if (user.isPresent() == group.isPresent()) {
      throw Refusals.invalid("Give either AdministratorName or GroupName.");
    }
    user.ifPresent(
        name -> administrators.userPolicy(call.change(), call.account(), name, policy, attached));
    group.ifPresent(
        name -> administrators.groupPolicy(call.change(), call.account(), name, policy, attached));
  }

  private Administrators.Administrator user(Call call, String name) {
    return administrators
        .findUser(call.account(), name)
        .orElseThrow(() -> missing("administrator"));
  }

  private Optional<Administrators.Policy> findPolicy(Call call, String name) {
    return administrators.policies(call.account()).stream()
        .filter(policy -> policy.name().equalsIgnoreCase(name))
        .findFirst();
  }

  private static void refuseBuiltIn(String name) {
    if (ManagedPolicies.find(name).isPresent()) {
      throw new ApiException(
          ErrorCode.UNSUPPORTED_OPERATION, "The policy " + name + " is built in.");
    }
  }

  private static boolean isOf(AccessKey key, String owner) {
    return key.userName().filter(owner::equalsIgnoreCase).isPresent();
  }

  private static ApiException missing(String what) {
    return new ApiException(ErrorCode.ENTITY_NOT_FOUND, "The " + what + " was not found.");
  }

  private record Page<T>(List<T> items, Optional<String> token) {}

  /// A page of what fits memory, in the order of names; the token is the last name.
  private <T> Page<T> page(
      Call call,
      String operation,
      List<T> all,
      Function<T, String> name,
      Optional<Integer> countMax,
      Optional<String> token) {
    String context = call.account() + " " + operation;
    PageRequest asked = tokens.page(context, countMax, token);
    List<T> rest =
        all.stream()
            .sorted(Comparator.comparing(name))
            .filter(item -> asked.token().filter(t -> name.apply(item).compareTo(t) <= 0).isEmpty())
            .toList();
    if (rest.size() <= asked.countMax()) return new Page<>(rest, Optional.empty());
    List<T> items = rest.subList(0, asked.countMax());
    return new Page<>(items, tokens.seal(context, Optional.of(name.apply(items.getLast()))));
  }
}
