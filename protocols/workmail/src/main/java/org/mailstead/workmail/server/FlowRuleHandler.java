package org.mailstead.workmail.server;

import java.util.List;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.flow.AddressPattern;
import org.mailstead.core.flow.FlowAddresses;
import org.mailstead.core.flow.FlowDecision;
import org.mailstead.core.flow.FlowRule;
import org.mailstead.core.flow.FlowRule.Terms;
import org.mailstead.core.flow.FlowRules;
import org.mailstead.core.flow.InboundAction;
import org.mailstead.core.flow.LambdaHook;
import org.mailstead.core.flow.OutboundAction;
import org.mailstead.workmail.wire.shapes.CreateInboundMailFlowRuleRequest;
import org.mailstead.workmail.wire.shapes.CreateInboundMailFlowRuleResponse;
import org.mailstead.workmail.wire.shapes.CreateOutboundMailFlowRuleRequest;
import org.mailstead.workmail.wire.shapes.CreateOutboundMailFlowRuleResponse;
import org.mailstead.workmail.wire.shapes.DeleteInboundMailFlowRuleRequest;
import org.mailstead.workmail.wire.shapes.DeleteInboundMailFlowRuleResponse;
import org.mailstead.workmail.wire.shapes.DeleteOutboundMailFlowRuleRequest;
import org.mailstead.workmail.wire.shapes.DeleteOutboundMailFlowRuleResponse;
import org.mailstead.workmail.wire.shapes.DescribeInboundMailFlowRuleRequest;
import org.mailstead.workmail.wire.shapes.DescribeInboundMailFlowRuleResponse;
import org.mailstead.workmail.wire.shapes.DescribeOutboundMailFlowRuleRequest;
import org.mailstead.workmail.wire.shapes.DescribeOutboundMailFlowRuleResponse;
import org.mailstead.workmail.wire.shapes.InboundFallbackAction;
import org.mailstead.workmail.wire.shapes.InboundLambda;
import org.mailstead.workmail.wire.shapes.InboundMailFlowAction;
import org.mailstead.workmail.wire.shapes.InboundMailFlowRule;
import org.mailstead.workmail.wire.shapes.ListInboundMailFlowRulesRequest;
import org.mailstead.workmail.wire.shapes.ListInboundMailFlowRulesResponse;
import org.mailstead.workmail.wire.shapes.ListOutboundMailFlowRulesRequest;
import org.mailstead.workmail.wire.shapes.ListOutboundMailFlowRulesResponse;
import org.mailstead.workmail.wire.shapes.OutboundFallbackAction;
import org.mailstead.workmail.wire.shapes.OutboundLambda;
import org.mailstead.workmail.wire.shapes.OutboundMailFlowAction;
import org.mailstead.workmail.wire.shapes.OutboundMailFlowRule;
import org.mailstead.workmail.wire.shapes.TestInboundMailFlowRulesRequest;
import org.mailstead.workmail.wire.shapes.TestInboundMailFlowRulesResponse;
import org.mailstead.workmail.wire.shapes.TestOutboundMailFlowRulesRequest;
import org.mailstead.workmail.wire.shapes.TestOutboundMailFlowRulesResponse;
import org.mailstead.workmail.wire.shapes.UpdateInboundMailFlowRuleRequest;
import org.mailstead.workmail.wire.shapes.UpdateInboundMailFlowRuleResponse;
import org.mailstead.workmail.wire.shapes.UpdateOutboundMailFlowRuleRequest;
import org.mailstead.workmail.wire.shapes.UpdateOutboundMailFlowRuleResponse;

/// Mail flow rules (FLW-1 to FLW-4): the same operations twice, for inbound and for outbound mail.
final class FlowRuleHandler {
  private final FlowRules<InboundAction> inbound;
  private final FlowRules<OutboundAction> outbound;
  private final PageTokens tokens;

  FlowRuleHandler(
      FlowRules<InboundAction> inbound, FlowRules<OutboundAction> outbound, PageTokens tokens) {
    this.inbound = inbound;
    this.outbound = outbound;
    this.tokens = tokens;
  }

  CreateInboundMailFlowRuleResponse createInbound(
      Call call, CreateInboundMailFlowRuleRequest request) {
    Terms<InboundAction> terms =
        Terms.inbound(
            request.name(),
            InboundAction.valueOf(request.action().name()),
            patterns(request.senderPatterns()),
            request.lambda().map(FlowRuleHandler::hook));
    String id =
        inbound.create(
            call.change(),
            new OrganizationId(request.organizationId()),
            terms,
            request.clientToken());
    return CreateInboundMailFlowRuleResponse.builder().ruleId(id).build();
  }

  UpdateInboundMailFlowRuleResponse updateInbound(
      Call call, UpdateInboundMailFlowRuleRequest request) {
    Terms<InboundAction> terms =
        Terms.inbound(
            request.name(),
            InboundAction.valueOf(request.action().name()),
            patterns(request.senderPatterns()),
            request.lambda().map(FlowRuleHandler::hook));
    inbound.update(
        call.change(), new OrganizationId(request.organizationId()), request.ruleId(), terms);
    return new UpdateInboundMailFlowRuleResponse();
  }

  DeleteInboundMailFlowRuleResponse deleteInbound(
      Call call, DeleteInboundMailFlowRuleRequest request) {
    inbound.delete(call.change(), new OrganizationId(request.organizationId()), request.ruleId());
    return new DeleteInboundMailFlowRuleResponse();
  }

  DescribeInboundMailFlowRuleResponse describeInbound(
      Call call, DescribeInboundMailFlowRuleRequest request) {
    InboundMailFlowRule rule =
        inbound(inbound.load(new OrganizationId(request.organizationId()), request.ruleId()));
    return DescribeInboundMailFlowRuleResponse.builder()
        .ruleId(rule.ruleId())
        .name(rule.name())
        .action(rule.action())
        .senderPatterns(rule.senderPatterns())
        .lambda(rule.lambda())
        .dateCreated(rule.dateCreated())
        .dateModified(rule.dateModified())
        .build();
  }

  ListInboundMailFlowRulesResponse listInbound(Call call, ListInboundMailFlowRulesRequest request) {
    String context = "ListInboundMailFlowRules " + request.organizationId();
    Listing<FlowRule<InboundAction>> page =
        inbound.list(
            new OrganizationId(request.organizationId()),
            tokens.page(context, request.maxResults(), request.nextToken()));
    return ListInboundMailFlowRulesResponse.builder()
        .rules(page.items().stream().map(FlowRuleHandler::inbound).toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  /// The first of the matched rules is the one that decides; without any, DEFAULT.
  TestInboundMailFlowRulesResponse testInbound(Call call, TestInboundMailFlowRulesRequest request) {
    FlowDecision<InboundAction> decision =
        FlowDecision.inbound(
            inbound.all(new OrganizationId(request.organizationId())),
            FlowAddresses.from(address(request.sender())));
    InboundAction action =
        decision
            .deciding()
            .map(match -> match.rule().terms().action())
            .orElse(InboundAction.DEFAULT);
    return TestInboundMailFlowRulesResponse.builder()
        .action(InboundMailFlowAction.valueOf(action.name()))
        .matchedRules(decision.matched().stream().map(match -> inbound(match.rule())).toList())
        .explanation(decision.explanation())
        .build();
  }

  private static InboundMailFlowRule inbound(FlowRule<InboundAction> rule) {
    Terms<InboundAction> terms = rule.terms();
    return InboundMailFlowRule.builder()
        .ruleId(rule.id())
        .name(terms.name())
        .action(InboundMailFlowAction.valueOf(terms.action().name()))
        .senderPatterns(terms.senders().stream().map(AddressPattern::text).toList())
        .lambda(terms.lambda().map(FlowRuleHandler::inboundLambda))
        .dateCreated(rule.created())
        .dateModified(rule.modified())
        .build();
  }

  private static LambdaHook hook(InboundLambda lambda) {
    return new LambdaHook(
        lambda.functionArn(),
        lambda.synchronous().orElse(false),
        lambda.timeoutMinutes(),
        lambda.fallbackAction().map(Enum::name));
  }

  private static InboundLambda inboundLambda(LambdaHook hook) {
    return InboundLambda.builder()
        .functionArn(hook.functionArn())
        .synchronous(hook.isSynchronous())
        .timeoutMinutes(hook.timeoutMinutes())
        .fallbackAction(hook.fallbackAction().map(InboundFallbackAction::valueOf))
        .build();
  }

  CreateOutboundMailFlowRuleResponse createOutbound(
      Call call, CreateOutboundMailFlowRuleRequest request) {
    Terms<OutboundAction> terms =
        new Terms<>(
            request.name(),
            OutboundAction.valueOf(request.action().name()),
            patterns(request.senderPatterns()),
            patterns(request.recipientPatterns()),
            request.smtpGatewayId(),
            request.lambda().map(FlowRuleHandler::hook));
    String id =
        outbound.create(
            call.change(),
            new OrganizationId(request.organizationId()),
            terms,
            request.clientToken());
    return CreateOutboundMailFlowRuleResponse.builder().ruleId(id).build();
  }

  UpdateOutboundMailFlowRuleResponse updateOutbound(
      Call call, UpdateOutboundMailFlowRuleRequest request) {
    Terms<OutboundAction> terms =
        new Terms<>(
            request.name(),
            OutboundAction.valueOf(request.action().name()),
            patterns(request.senderPatterns()),
            patterns(request.recipientPatterns()),
            request.smtpGatewayId(),
            request.lambda().map(FlowRuleHandler::hook));
    outbound.update(
        call.change(), new OrganizationId(request.organizationId()), request.ruleId(), terms);
    return new UpdateOutboundMailFlowRuleResponse();
  }

  DeleteOutboundMailFlowRuleResponse deleteOutbound(
      Call call, DeleteOutboundMailFlowRuleRequest request) {
    outbound.delete(call.change(), new OrganizationId(request.organizationId()), request.ruleId());
    return new DeleteOutboundMailFlowRuleResponse();
  }

  DescribeOutboundMailFlowRuleResponse describeOutbound(
      Call call, DescribeOutboundMailFlowRuleRequest request) {
    OutboundMailFlowRule rule =
        outbound(outbound.load(new OrganizationId(request.organizationId()), request.ruleId()));
    return DescribeOutboundMailFlowRuleResponse.builder()
        .ruleId(rule.ruleId())
        .name(rule.name())
        .action(rule.action())
        .senderPatterns(rule.senderPatterns())
        .recipientPatterns(rule.recipientPatterns())
        .smtpGatewayId(rule.smtpGatewayId())
        .lambda(rule.lambda())
        .dateCreated(rule.dateCreated())
        .dateModified(rule.dateModified())
        .build();
  }

  ListOutboundMailFlowRulesResponse listOutbound(
      Call call, ListOutboundMailFlowRulesRequest request) {
    String context = "ListOutboundMailFlowRules " + request.organizationId();
    Listing<FlowRule<OutboundAction>> page =
        outbound.list(
            new OrganizationId(request.organizationId()),
            tokens.page(context, request.maxResults(), request.nextToken()));
    return ListOutboundMailFlowRulesResponse.builder()
        .rules(page.items().stream().map(FlowRuleHandler::outbound).toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  /// The first of the matched rules is the one that decides; without any, DEFAULT.
  TestOutboundMailFlowRulesResponse testOutbound(
      Call call, TestOutboundMailFlowRulesRequest request) {
    FlowDecision<OutboundAction> decision =
        FlowDecision.outbound(
            outbound.all(new OrganizationId(request.organizationId())),
            FlowAddresses.from(address(request.sender())),
            address(request.recipient()));
    OutboundAction action =
        decision
            .deciding()
            .map(match -> match.rule().terms().action())
            .orElse(OutboundAction.DEFAULT);
    return TestOutboundMailFlowRulesResponse.builder()
        .action(OutboundMailFlowAction.valueOf(action.name()))
        .matchedRules(decision.matched().stream().map(match -> outbound(match.rule())).toList())
        .explanation(decision.explanation())
        .build();
  }

  private static OutboundMailFlowRule outbound(FlowRule<OutboundAction> rule) {
    Terms<OutboundAction> terms = rule.terms();
    return OutboundMailFlowRule.builder()
        .ruleId(rule.id())
        .name(terms.name())
        .action(OutboundMailFlowAction.valueOf(terms.action().name()))
        .senderPatterns(terms.senders().stream().map(AddressPattern::text).toList())
        .recipientPatterns(terms.recipients().stream().map(AddressPattern::text).toList())
        .smtpGatewayId(terms.gateway())
        .lambda(terms.lambda().map(FlowRuleHandler::outboundLambda))
        .dateCreated(rule.created())
        .dateModified(rule.modified())
        .build();
  }

  private static LambdaHook hook(OutboundLambda lambda) {
    return new LambdaHook(
        lambda.functionArn(),
        lambda.synchronous().orElse(false),
        lambda.timeoutMinutes(),
        lambda.fallbackAction().map(Enum::name));
  }

  private static OutboundLambda outboundLambda(LambdaHook hook) {
    return OutboundLambda.builder()
        .functionArn(hook.functionArn())
        .synchronous(hook.isSynchronous())
        .timeoutMinutes(hook.timeoutMinutes())
        .fallbackAction(hook.fallbackAction().map(OutboundFallbackAction::valueOf))
        .build();
  }

  static List<AddressPattern> patterns(List<String> written) {
    return written.stream().map(AddressPattern::parse).distinct().toList();
  }

  private static EmailAddress address(String text) {
    try {
      return EmailAddress.parse(text);
    } catch (MalformedException e) {
      throw Refusals.invalid("The address " + text + " is not valid: " + e.getMessage() + ".");
    }
  }
}
