package org.mailstead.workmail.server;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.authorization.ConditionKeys;
import org.mailstead.core.authorization.PolicyDocument;
import org.mailstead.core.authorization.PolicyRequest;
import org.mailstead.core.directory.AccessKey;
import org.mailstead.core.directory.Administrators;
import org.mailstead.http.HttpRequest;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.Operation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a key may do: the one place where every call is allowed or denied before its handler sees
/// it (API-2).
///
/// A key of the account's root may do everything in its own account; a key of an administrator may
/// do what the policies attached to the administrator and its groups allow. Organizations of other
/// accounts are "not found" to either.
final class AccessPolicy {
  private final Administrators administrators;
  private final Function<OrganizationId, Map<String, String>> tags;
  private final String region;
  private final InstantSource clock;

  /// @param tags of an organization, for aws:ResourceTag; asked only for one of the caller's
  ///   account
  AccessPolicy(
      Administrators administrators,
      Function<OrganizationId, Map<String, String>> tags,
      String region,
      InstantSource clock) {
    this.administrators = administrators;
    this.tags = tags;
    this.region = region;
    this.clock = clock;
  }

  /// The action that a policy must allow for an operation: IAM's own for administrators, policies
  /// and keys, and CloudTrail's for the event history. So who has all of WorkMail (`workmail:*`)
  /// cannot give himself more, here as at AWS.
  static String action(Operation operation, ObjectNode body) {
    boolean group = body.path("GroupName").isString();
    return switch (operation.wireName()) {
      case "CreateAdministrator" -> "iam:CreateUser";
      case "DeleteAdministrator" -> "iam:DeleteUser";
      case "DescribeAdministrator" -> "iam:GetUser";
      case "ListAdministrators" -> "iam:ListUsers";
      case "CreateAdministratorGroup" -> "iam:CreateGroup";
      case "DeleteAdministratorGroup" -> "iam:DeleteGroup";
      case "DescribeAdministratorGroup" -> "iam:GetGroup";
      case "ListAdministratorGroups" -> "iam:ListGroups";
      case "AddAdministratorToGroup" -> "iam:AddUserToGroup";
      case "RemoveAdministratorFromGroup" -> "iam:RemoveUserFromGroup";
      case "CreateAccessPolicy" -> "iam:CreatePolicy";
      case "UpdateAccessPolicy" -> "iam:CreatePolicyVersion";
      case "DeleteAccessPolicy" -> "iam:DeletePolicy";
      case "GetAccessPolicy" -> "iam:GetPolicy";
      case "ListAccessPolicies" -> "iam:ListPolicies";
      case "AttachAccessPolicy" -> group ? "iam:AttachGroupPolicy" : "iam:AttachUserPolicy";
      case "DetachAccessPolicy" -> group ? "iam:DetachGroupPolicy" : "iam:DetachUserPolicy";
      case "CreateAccessKey", "RotateAccessKey" -> "iam:CreateAccessKey";
      case "DeleteAccessKey", "UpdateAccessKey", "ListAccessKeys" -> "iam:" + operation.wireName();
      case "LookupEvents" -> "cloudtrail:LookupEvents";
      default -> WorkMailApi.SERVICE + ":" + operation.wireName();
    };
  }

  /// @param action as [#action] names it
  /// @param organization the one that the call names, if it is the account's
  /// @param body the call's input; nothing in it was checked but that it is JSON
  /// @throws ApiException AccessDeniedException
  void check(
      AccessKey key,
      String action,
      Optional<OrganizationId> organization,
      HttpRequest request,
      ObjectNode body) {
    check(key, action, resource(key, organization, body), organization, request, body);
  }

  /// The same for a resource that the input does not name: a message in flow.
  ///
  /// @param resource an ARN
  /// @throws ApiException AccessDeniedException
  void check(
      AccessKey key,
      String action,
      String resource,
      Optional<OrganizationId> organization,
      HttpRequest request,
      ObjectNode body) {
    if (!key.active()) throw denied(key, action, resource, "");
    if (key.userName().isEmpty()) return;
    List<PolicyDocument> policies = administrators.policiesOf(key.account(), key.userName().get());
    PolicyRequest asked =
        new PolicyRequest(action, resource, context(key, organization, request, body));
    switch (PolicyDocument.decide(policies, asked)) {
      case ALLOWED -> {
        // The handler may go on.
      }
      case DENIED_EXPLICITLY ->
          throw denied(key, action, resource, " with an explicit deny in an identity-based policy");
      case DENIED_BY_DEFAULT ->
          throw denied(
              key,
              action,
              resource,
              " because no identity-based policy allows the " + action + " action");
    }
  }

  private String resource(AccessKey key, Optional<OrganizationId> organization, ObjectNode body) {
    JsonNode arn = body.path("ResourceARN");
    if (arn.isString()) return arn.stringValue();
    String account = "arn:aws:iam::" + key.account();
    JsonNode administrator = body.path("AdministratorName");
    if (administrator.isString()) return account + ":user/" + administrator.stringValue();
    JsonNode group = body.path("GroupName");
    if (group.isString()) return account + ":group/" + group.stringValue();
    JsonNode named = body.path("OrganizationId");
    Optional<String> id =
        organization
            .map(OrganizationId::value)
            .or(() -> named.isString() ? Optional.of(named.stringValue()) : Optional.empty());
    return id.map(o -> "arn:aws:workmail:" + region + ":" + key.account() + ":organization/" + o)
        .orElse("*");
  }

  private Map<String, List<String>> context(
      AccessKey key, Optional<OrganizationId> organization, HttpRequest request, ObjectNode body) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Map<String, List<String>> context = new HashMap<>();
    context.put(ConditionKeys.SOURCE_IP, List.of(request.peer().getAddress().getHostAddress()));
    context.put(ConditionKeys.SECURE_TRANSPORT, List.of(Boolean.toString(request.secure())));
    context.put(ConditionKeys.CURRENT_TIME, List.of(now.toString()));
    context.put(ConditionKeys.EPOCH_TIME, List.of(Long.toString(now.getEpochSecond())));
    context.put(ConditionKeys.REQUESTED_REGION, List.of(region));
    context.put(ConditionKeys.PRINCIPAL_ACCOUNT, List.of(key.account().value()));
    key.userName()
        .ifPresent(user -> {
          context.put(ConditionKeys.USER_NAME, List.of(user));
          context.put(ConditionKeys.PRINCIPAL_ARN, List.of(arn(key, user)));
        });
    request
        .headers()
        .first("User-Agent")
        .ifPresent(agent -> context.put(ConditionKeys.USER_AGENT, List.of(agent)));
    JsonNode role = body.path("ImpersonationRoleId");
    if (role.isString()) {
      context.put(ConditionKeys.IMPERSONATION_ROLE_ID, List.of(role.stringValue()));
    }
    requestTags(context, body);
    organization.ifPresent(id ->
        tags.apply(id)
            .forEach(
                (tag, value) -> context.put(ConditionKeys.RESOURCE_TAG + tag, List.of(value))));
    return context;
  }

  /// Tags that the call gives (`Tags`) and keys that it takes away (`TagKeys`).
  private static void requestTags(Map<String, List<String>> context, ObjectNode body) {
    List<String> names = new ArrayList<>();
    for (JsonNode tag : body.path("Tags")) {
      String name = tag.path("Key").asString("");
      names.add(name);
      context.put(ConditionKeys.REQUEST_TAG + name, List.of(tag.path("Value").asString("")));
    }
    for (JsonNode name : body.path("TagKeys")) names.add(name.asString(""));
    if (!names.isEmpty()) context.put(ConditionKeys.TAG_KEYS, names);
  }

  private static String arn(AccessKey key, String user) {
    return "arn:aws:iam::" + key.account() + ":user/" + user;
  }

  private static ApiException denied(
      AccessKey key, String action, String resource, String because) {
    String who =
        key.userName()
            .map(user -> arn(key, user))
            .orElse("arn:aws:iam::" + key.account() + ":root");
    String shown = resource.length() <= 512 ? resource : resource.substring(0, 512) + "…";
    return new ApiException(
        "AccessDeniedException",
        400,
        "User: %s is not authorized to perform: %s on resource: %s%s"
            .formatted(who, action, shown, because));
  }
}
