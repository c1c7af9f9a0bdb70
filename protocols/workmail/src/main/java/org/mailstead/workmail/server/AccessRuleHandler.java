package org.mailstead.workmail.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.access.AccessDecision;
import org.mailstead.core.access.AccessEffect;
import org.mailstead.core.access.AccessRequest;
import org.mailstead.core.access.AccessRule;
import org.mailstead.core.access.AccessRules;
import org.mailstead.core.access.Protocol;
import org.mailstead.workmail.wire.shapes.AccessControlRule;
import org.mailstead.workmail.wire.shapes.AccessControlRuleEffect;
import org.mailstead.workmail.wire.shapes.DeleteAccessControlRuleRequest;
import org.mailstead.workmail.wire.shapes.DeleteAccessControlRuleResponse;
import org.mailstead.workmail.wire.shapes.GetAccessControlEffectRequest;
import org.mailstead.workmail.wire.shapes.GetAccessControlEffectResponse;
import org.mailstead.workmail.wire.shapes.ListAccessControlRulesRequest;
import org.mailstead.workmail.wire.shapes.ListAccessControlRulesResponse;
import org.mailstead.workmail.wire.shapes.PutAccessControlRuleRequest;
import org.mailstead.workmail.wire.shapes.PutAccessControlRuleResponse;

/// Access control rules.
final class AccessRuleHandler {
  private final AccessRules rules;

  AccessRuleHandler(AccessRules rules) {
    this.rules = rules;
  }

  PutAccessControlRuleResponse put(Call call, PutAccessControlRuleRequest request) {
    rules.put(
        call.change(),
        new OrganizationId(request.organizationId()),
        request.name(),
        AccessEffect.valueOf(request.effect().name()),
        request.description(),
        new AccessRule.Conditions(
            request.ipRanges(),
            request.notIpRanges(),
            request.actions(),
            request.notActions(),
            request.userIds(),
            request.notUserIds(),
            request.impersonationRoleIds(),
            request.notImpersonationRoleIds()));
    return new PutAccessControlRuleResponse();
  }

  DeleteAccessControlRuleResponse delete(Call call, DeleteAccessControlRuleRequest request) {
    rules.delete(call.change(), new OrganizationId(request.organizationId()), request.name());
    return new DeleteAccessControlRuleResponse();
  }

  ListAccessControlRulesResponse list(Call call, ListAccessControlRulesRequest request) {
    return ListAccessControlRulesResponse.builder()
        .rules(
            rules.list(new OrganizationId(request.organizationId())).stream()
                .map(AccessRuleHandler::rule)
                .toList())
        .build();
  }

  GetAccessControlEffectResponse effect(Call call, GetAccessControlEffectRequest request) {
    Protocol protocol =
        Protocol.find(request.action())
            .orElseThrow(() -> Refusals.invalid("There is no action " + request.action() + "."));
    AccessDecision decision =
        rules.effect(
            new AccessRequest(
                new OrganizationId(request.organizationId()),
                request.userId().map(Entities::id),
                protocol,
                address(request.ipAddress()),
                request.impersonationRoleId()));
    return GetAccessControlEffectResponse.builder()
        .effect(decision.isAllowed() ? AccessControlRuleEffect.ALLOW : AccessControlRuleEffect.DENY)
        .matchedRules(decision.rules())
        .build();
  }

  /// The model's pattern admits four octets only.
  private static InetAddress address(String text) {
    String[] octets = text.split("\\.", -1);
    byte[] address = new byte[octets.length];
    try {
      for (int i = 0; i < octets.length; i++) address[i] = (byte) Integer.parseInt(octets[i]);
      return InetAddress.getByAddress(address);
    } catch (NumberFormatException | UnknownHostException e) {
      throw Refusals.invalid("The IP address is not valid.");
    }
  }

  private static AccessControlRule rule(AccessRule rule) {
    AccessRule.Conditions on = rule.conditions();
    return AccessControlRule.builder()
        .name(rule.name())
        .effect(AccessControlRuleEffect.valueOf(rule.effect().name()))
        .description(Optional.of(rule.description()))
        .ipRanges(on.ranges())
        .notIpRanges(on.notRanges())
        .actions(on.actions())
        .notActions(on.notActions())
        .userIds(on.users())
        .notUserIds(on.notUsers())
        .impersonationRoleIds(on.roles())
        .notImpersonationRoleIds(on.notRoles())
        .dateCreated(rule.created())
        .dateModified(rule.modified())
        .build();
  }
}
