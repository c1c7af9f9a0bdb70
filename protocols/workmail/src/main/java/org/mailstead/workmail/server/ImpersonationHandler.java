package org.mailstead.workmail.server;

import java.util.List;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.access.ImpersonationRole.Decision;
import org.mailstead.core.access.ImpersonationRole.Definition;
import org.mailstead.core.access.ImpersonationRole.Rule;
import org.mailstead.core.access.ImpersonationRoles;
import org.mailstead.core.directory.Listing;
import org.mailstead.workmail.wire.shapes.AccessEffect;
import org.mailstead.workmail.wire.shapes.AssumeImpersonationRoleRequest;
import org.mailstead.workmail.wire.shapes.AssumeImpersonationRoleResponse;
import org.mailstead.workmail.wire.shapes.CreateImpersonationRoleRequest;
import org.mailstead.workmail.wire.shapes.CreateImpersonationRoleResponse;
import org.mailstead.workmail.wire.shapes.DeleteImpersonationRoleRequest;
import org.mailstead.workmail.wire.shapes.DeleteImpersonationRoleResponse;
import org.mailstead.workmail.wire.shapes.GetImpersonationRoleEffectRequest;
import org.mailstead.workmail.wire.shapes.GetImpersonationRoleEffectResponse;
import org.mailstead.workmail.wire.shapes.GetImpersonationRoleRequest;
import org.mailstead.workmail.wire.shapes.GetImpersonationRoleResponse;
import org.mailstead.workmail.wire.shapes.ImpersonationMatchedRule;
import org.mailstead.workmail.wire.shapes.ImpersonationRole;
import org.mailstead.workmail.wire.shapes.ImpersonationRoleType;
import org.mailstead.workmail.wire.shapes.ImpersonationRule;
import org.mailstead.workmail.wire.shapes.ListImpersonationRolesRequest;
import org.mailstead.workmail.wire.shapes.ListImpersonationRolesResponse;
import org.mailstead.workmail.wire.shapes.UpdateImpersonationRoleRequest;
import org.mailstead.workmail.wire.shapes.UpdateImpersonationRoleResponse;

/// Impersonation roles and their tokens.
final class ImpersonationHandler {
  private final ImpersonationRoles roles;
  private final PageTokens tokens;

  ImpersonationHandler(ImpersonationRoles roles, PageTokens tokens) {
    this.roles = roles;
    this.tokens = tokens;
  }

  CreateImpersonationRoleResponse create(Call call, CreateImpersonationRoleRequest request) {
    String id =
        roles.create(
            call.change(),
            new OrganizationId(request.organizationId()),
            definition(request.name(), request.type(), request.description(), request.rules()),
            request.clientToken());
    return CreateImpersonationRoleResponse.builder().impersonationRoleId(id).build();
  }

  UpdateImpersonationRoleResponse update(Call call, UpdateImpersonationRoleRequest request) {
    roles.update(
        call.change(),
        new OrganizationId(request.organizationId()),
        request.impersonationRoleId(),
        definition(request.name(), request.type(), request.description(), request.rules()));
    return new UpdateImpersonationRoleResponse();
  }

  DeleteImpersonationRoleResponse delete(Call call, DeleteImpersonationRoleRequest request) {
    roles.delete(
        call.change(), new OrganizationId(request.organizationId()), request.impersonationRoleId());
    return new DeleteImpersonationRoleResponse();
  }

  GetImpersonationRoleResponse describe(Call call, GetImpersonationRoleRequest request) {
    var role =
        roles.load(new OrganizationId(request.organizationId()), request.impersonationRoleId());
    return GetImpersonationRoleResponse.builder()
        .impersonationRoleId(role.id())
        .name(role.definition().name())
        .type(type(role.definition().type()))
        .description(role.definition().description())
        .rules(role.definition().rules().stream().map(ImpersonationHandler::rule).toList())
        .dateCreated(role.created())
        .dateModified(role.modified())
        .build();
  }

  ListImpersonationRolesResponse list(Call call, ListImpersonationRolesRequest request) {
    String context = "ListImpersonationRoles " + request.organizationId();
    Listing<org.mailstead.core.access.ImpersonationRole> page =
        roles.list(
            new OrganizationId(request.organizationId()),
            tokens.page(context, request.maxResults(), request.nextToken()));
    return ListImpersonationRolesResponse.builder()
        .roles(
            page.items().stream()
                .map(role ->
                    ImpersonationRole.builder()
                        .impersonationRoleId(role.id())
                        .name(role.definition().name())
                        .type(type(role.definition().type()))
                        .dateCreated(role.created())
                        .dateModified(role.modified())
                        .build())
                .toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  AssumeImpersonationRoleResponse assume(Call call, AssumeImpersonationRoleRequest request) {
    String token =
        roles.assume(
            call.change(),
            new OrganizationId(request.organizationId()),
            request.impersonationRoleId());
    return AssumeImpersonationRoleResponse.builder()
        .token(token)
        .expiresIn(ImpersonationRoles.TOKEN_LIFE.toSeconds())
        .build();
  }

  GetImpersonationRoleEffectResponse effect(Call call, GetImpersonationRoleEffectRequest request) {
    var organization = new OrganizationId(request.organizationId());
    Decision decision =
        roles.effect(organization, request.impersonationRoleId(), request.targetUser());
    return GetImpersonationRoleEffectResponse.builder()
        .type(type(roles.load(organization, request.impersonationRoleId()).definition().type()))
        .effect(AccessEffect.valueOf(decision.effect().name()))
        .matchedRules(
            decision.matched().stream()
                .map(rule ->
                    ImpersonationMatchedRule.builder()
                        .impersonationRuleId(rule.id())
                        .name(rule.name())
                        .build())
                .toList())
        .build();
  }

  private static Definition definition(
      String name,
      ImpersonationRoleType type,
      Optional<String> description,
      List<ImpersonationRule> rules) {
    return new Definition(
        name,
        org.mailstead.core.access.ImpersonationRole.Type.valueOf(type.name()),
        description,
        rules.stream()
            .map(rule ->
                new Rule(
                    rule.impersonationRuleId(),
                    rule.name(),
                    rule.description(),
                    org.mailstead.core.access.AccessEffect.valueOf(rule.effect().name()),
                    rule.targetUsers(),
                    rule.notTargetUsers()))
            .toList());
  }

  private static ImpersonationRule rule(Rule rule) {
    return new ImpersonationRule(
        rule.id(),
        AccessEffect.valueOf(rule.effect().name()),
        rule.description(),
        rule.name(),
        rule.notTargets(),
        rule.targets());
  }

  private static ImpersonationRoleType type(org.mailstead.core.access.ImpersonationRole.Type type) {
    return ImpersonationRoleType.valueOf(type.name());
  }
}
