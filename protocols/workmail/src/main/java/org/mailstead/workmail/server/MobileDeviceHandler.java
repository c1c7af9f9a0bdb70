package org.mailstead.workmail.server;

import org.mailstead.base.OrganizationId;
import org.mailstead.core.access.AccessEffect;
import org.mailstead.core.access.MobileDevice;
import org.mailstead.core.access.MobileDeviceOverride;
import org.mailstead.core.access.MobileDeviceRule;
import org.mailstead.core.access.MobileDeviceRules;
import org.mailstead.core.directory.Listing;
import org.mailstead.workmail.wire.shapes.CreateMobileDeviceAccessRuleRequest;
import org.mailstead.workmail.wire.shapes.CreateMobileDeviceAccessRuleResponse;
import org.mailstead.workmail.wire.shapes.DeleteMobileDeviceAccessOverrideRequest;
import org.mailstead.workmail.wire.shapes.DeleteMobileDeviceAccessOverrideResponse;
import org.mailstead.workmail.wire.shapes.DeleteMobileDeviceAccessRuleRequest;
import org.mailstead.workmail.wire.shapes.DeleteMobileDeviceAccessRuleResponse;
import org.mailstead.workmail.wire.shapes.GetMobileDeviceAccessEffectRequest;
import org.mailstead.workmail.wire.shapes.GetMobileDeviceAccessEffectResponse;
import org.mailstead.workmail.wire.shapes.GetMobileDeviceAccessOverrideRequest;
import org.mailstead.workmail.wire.shapes.GetMobileDeviceAccessOverrideResponse;
import org.mailstead.workmail.wire.shapes.ListMobileDeviceAccessOverridesRequest;
import org.mailstead.workmail.wire.shapes.ListMobileDeviceAccessOverridesResponse;
import org.mailstead.workmail.wire.shapes.ListMobileDeviceAccessRulesRequest;
import org.mailstead.workmail.wire.shapes.ListMobileDeviceAccessRulesResponse;
import org.mailstead.workmail.wire.shapes.MobileDeviceAccessMatchedRule;
import org.mailstead.workmail.wire.shapes.MobileDeviceAccessOverride;
import org.mailstead.workmail.wire.shapes.MobileDeviceAccessRule;
import org.mailstead.workmail.wire.shapes.MobileDeviceAccessRuleEffect;
import org.mailstead.workmail.wire.shapes.PutMobileDeviceAccessOverrideRequest;
import org.mailstead.workmail.wire.shapes.PutMobileDeviceAccessOverrideResponse;
import org.mailstead.workmail.wire.shapes.UpdateMobileDeviceAccessRuleRequest;
import org.mailstead.workmail.wire.shapes.UpdateMobileDeviceAccessRuleResponse;

/// Mobile device access rules and overrides.
final class MobileDeviceHandler {
  private final MobileDeviceRules rules;
  private final PageTokens tokens;

  MobileDeviceHandler(MobileDeviceRules rules, PageTokens tokens) {
    this.rules = rules;
    this.tokens = tokens;
  }

  CreateMobileDeviceAccessRuleResponse create(
      Call call, CreateMobileDeviceAccessRuleRequest request) {
    String id =
        rules.create(
            call.change(),
            new OrganizationId(request.organizationId()),
            new MobileDeviceRule.Text(request.name(), request.description()),
            AccessEffect.valueOf(request.effect().name()),
            new MobileDeviceRule.Conditions(
                request.deviceTypes(),
                request.notDeviceTypes(),
                request.deviceModels(),
                request.notDeviceModels(),
                request.deviceOperatingSystems(),
                request.notDeviceOperatingSystems(),
                request.deviceUserAgents(),
                request.notDeviceUserAgents()),
            request.clientToken());
    return CreateMobileDeviceAccessRuleResponse.builder().mobileDeviceAccessRuleId(id).build();
  }

  UpdateMobileDeviceAccessRuleResponse update(
      Call call, UpdateMobileDeviceAccessRuleRequest request) {
    rules.update(
        call.change(),
        new OrganizationId(request.organizationId()),
        request.mobileDeviceAccessRuleId(),
        new MobileDeviceRule.Text(request.name(), request.description()),
        AccessEffect.valueOf(request.effect().name()),
        new MobileDeviceRule.Conditions(
            request.deviceTypes(),
            request.notDeviceTypes(),
            request.deviceModels(),
            request.notDeviceModels(),
            request.deviceOperatingSystems(),
            request.notDeviceOperatingSystems(),
            request.deviceUserAgents(),
            request.notDeviceUserAgents()));
    return new UpdateMobileDeviceAccessRuleResponse();
  }

  DeleteMobileDeviceAccessRuleResponse delete(
      Call call, DeleteMobileDeviceAccessRuleRequest request) {
    rules.delete(
        call.change(),
        new OrganizationId(request.organizationId()),
        request.mobileDeviceAccessRuleId());
    return new DeleteMobileDeviceAccessRuleResponse();
  }

  ListMobileDeviceAccessRulesResponse list(Call call, ListMobileDeviceAccessRulesRequest request) {
    return ListMobileDeviceAccessRulesResponse.builder()
        .rules(
            rules.list(new OrganizationId(request.organizationId())).stream()
                .map(MobileDeviceHandler::rule)
                .toList())
        .build();
  }

  GetMobileDeviceAccessEffectResponse effect(
      Call call, GetMobileDeviceAccessEffectRequest request) {
    MobileDeviceRules.Decision decision =
        rules.effect(
            new OrganizationId(request.organizationId()),
            new MobileDevice(
                request.deviceType(),
                request.deviceModel(),
                request.deviceOperatingSystem(),
                request.deviceUserAgent()));
    return GetMobileDeviceAccessEffectResponse.builder()
        .effect(effect(decision.effect()))
        .matchedRules(
            decision.matched().stream()
                .map(rule ->
                    MobileDeviceAccessMatchedRule.builder()
                        .mobileDeviceAccessRuleId(rule.id())
                        .name(rule.text().name())
                        .build())
                .toList())
        .build();
  }

  PutMobileDeviceAccessOverrideResponse putOverride(
      Call call, PutMobileDeviceAccessOverrideRequest request) {
    rules.putOverride(
        call.change(),
        new OrganizationId(request.organizationId()),
        request.userId(),
        request.deviceId(),
        AccessEffect.valueOf(request.effect().name()),
        request.description());
    return new PutMobileDeviceAccessOverrideResponse();
  }

  GetMobileDeviceAccessOverrideResponse override(
      Call call, GetMobileDeviceAccessOverrideRequest request) {
    MobileDeviceOverride found =
        rules.loadOverride(
            new OrganizationId(request.organizationId()), request.userId(), request.deviceId());
    return GetMobileDeviceAccessOverrideResponse.builder()
        .userId(found.user().value())
        .deviceId(found.device())
        .effect(effect(found.effect()))
        .description(found.description())
        .dateCreated(found.created())
        .dateModified(found.modified())
        .build();
  }

  DeleteMobileDeviceAccessOverrideResponse deleteOverride(
      Call call, DeleteMobileDeviceAccessOverrideRequest request) {
    rules.deleteOverride(
        call.change(),
        new OrganizationId(request.organizationId()),
        request.userId(),
        request.deviceId());
    return new DeleteMobileDeviceAccessOverrideResponse();
  }

  ListMobileDeviceAccessOverridesResponse listOverrides(
      Call call, ListMobileDeviceAccessOverridesRequest request) {
    String context =
        "ListMobileDeviceAccessOverrides %s %s %s"
            .formatted(request.organizationId(), request.userId(), request.deviceId());
    Listing<MobileDeviceOverride> page =
        rules.listOverrides(
            new OrganizationId(request.organizationId()),
            request.userId(),
            request.deviceId(),
            tokens.page(context, request.maxResults(), request.nextToken()));
    return ListMobileDeviceAccessOverridesResponse.builder()
        .overrides(
            page.items().stream()
                .map(found ->
                    MobileDeviceAccessOverride.builder()
                        .userId(found.user().value())
                        .deviceId(found.device())
                        .effect(effect(found.effect()))
                        .description(found.description())
                        .dateCreated(found.created())
                        .dateModified(found.modified())
                        .build())
                .toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  private static MobileDeviceAccessRule rule(MobileDeviceRule rule) {
    MobileDeviceRule.Conditions on = rule.conditions();
    return MobileDeviceAccessRule.builder()
        .mobileDeviceAccessRuleId(rule.id())
        .name(rule.text().name())
        .description(rule.text().description())
        .effect(effect(rule.effect()))
        .deviceTypes(on.types())
        .notDeviceTypes(on.notTypes())
        .deviceModels(on.models())
        .notDeviceModels(on.notModels())
        .deviceOperatingSystems(on.operatingSystems())
        .notDeviceOperatingSystems(on.notOperatingSystems())
        .deviceUserAgents(on.userAgents())
        .notDeviceUserAgents(on.notUserAgents())
        .dateCreated(rule.created())
        .dateModified(rule.modified())
        .build();
  }

  private static MobileDeviceAccessRuleEffect effect(AccessEffect effect) {
    return MobileDeviceAccessRuleEffect.valueOf(effect.name());
  }
}
