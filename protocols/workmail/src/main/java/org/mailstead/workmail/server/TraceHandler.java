package org.mailstead.workmail.server;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.OrganizationRecords;
import org.mailstead.core.flow.FlowRule;
import org.mailstead.core.flow.FlowRule.Terms;
import org.mailstead.core.flow.FlowRules;
import org.mailstead.core.flow.InboundAction;
import org.mailstead.core.flow.OutboundAction;
import org.mailstead.core.trace.MessageTrace;
import org.mailstead.core.trace.RuleDryRun;
import org.mailstead.core.trace.TraceEvent;
import org.mailstead.core.trace.TraceQuery;
import org.mailstead.core.trace.TraceSummary;
import org.mailstead.workmail.wire.shapes.GetMessageTraceRequest;
import org.mailstead.workmail.wire.shapes.GetMessageTraceResponse;
import org.mailstead.workmail.wire.shapes.MessageTraceEvent;
import org.mailstead.workmail.wire.shapes.PastMailChange;
import org.mailstead.workmail.wire.shapes.PastMailDecision;
import org.mailstead.workmail.wire.shapes.TestInboundMailFlowRulesOnPastMailRequest;
import org.mailstead.workmail.wire.shapes.TestInboundMailFlowRulesOnPastMailResponse;
import org.mailstead.workmail.wire.shapes.TestOutboundMailFlowRulesOnPastMailRequest;
import org.mailstead.workmail.wire.shapes.TestOutboundMailFlowRulesOnPastMailResponse;
import org.mailstead.workmail.wire.shapes.TraceEventKind;
import org.mailstead.workmail.wire.shapes.TraceMessagesRequest;
import org.mailstead.workmail.wire.shapes.TraceMessagesResponse;
import org.mailstead.workmail.wire.shapes.TracedMessage;

/// What became of messages (FLW-8), and what other mail flow rules would have made of them (FLW-4).
/// A message of another organization is one that is not there.
final class TraceHandler {
  private static final int PAST_MESSAGES_USUAL = 100;

  private final Directory directory;
  private final MessageTrace trace;
  private final RuleDryRun dryRun;
  private final FlowRules<InboundAction> inbound;
  private final FlowRules<OutboundAction> outbound;
  private final PageTokens tokens;
  private final InstantSource clock;

  TraceHandler(
      Directory directory,
      MessageTrace trace,
      FlowRules<InboundAction> inbound,
      FlowRules<OutboundAction> outbound,
      PageTokens tokens,
      InstantSource clock) {
    this.directory = directory;
    this.trace = trace;
    this.dryRun = new RuleDryRun(trace);
    this.inbound = inbound;
    this.outbound = outbound;
    this.tokens = tokens;
    this.clock = clock;
  }

  TraceMessagesResponse list(Call call, TraceMessagesRequest request) {
    OrganizationId organization = serving(request.organizationId());
    TraceQuery query =
        new TraceQuery(
            request.messageId(),
            request.sender(),
            request.recipient(),
            request.receivedSince(),
            request.receivedBefore());
    // A token goes on with the question that it was given for.
    String context = "TraceMessages " + organization + " " + query;
    PageRequest page = tokens.page(context, request.maxResults(), request.nextToken());
    MessageTrace.Found found = trace.find(organization, query, page.token(), page.countMax());
    return TraceMessagesResponse.builder()
        .messages(found.messages().stream().map(TraceHandler::message).toList())
        .nextToken(tokens.seal(context, found.next()))
        .build();
  }

  GetMessageTraceResponse get(Call call, GetMessageTraceRequest request) {
    OrganizationId organization = serving(request.organizationId());
    TraceSummary summary =
        trace
            .find(organization, request.queueId())
            .orElseThrow(() ->
                new DirectoryRefusedException(
                    DirectoryRefusal.ENTITY_NOT_FOUND, "No such message is in the trace."));
    return GetMessageTraceResponse.builder()
        .message(message(summary))
        .events(trace.events(organization, summary.id()).stream().map(TraceHandler::event).toList())
        .build();
  }

  TestInboundMailFlowRulesOnPastMailResponse testInbound(
      Call call, TestInboundMailFlowRulesOnPastMailRequest request) {
    OrganizationId organization = serving(request.organizationId());
    List<FlowRule<InboundAction>> rules =
        proposed(
            inbound,
            organization,
            request.ruleId(),
            request
                .rule()
                .map(rule ->
                    Terms.inbound(
                        rule.name(),
                        InboundAction.valueOf(rule.action().name()),
                        FlowRuleHandler.patterns(rule.senderPatterns()),
                        Optional.empty())));
    RuleDryRun.Report report = dryRun.inbound(organization, rules, count(request.messages()));
    return TestInboundMailFlowRulesOnPastMailResponse.builder()
        .examined((long) report.examined())
        .since(report.since())
        .changes(report.changes().stream().map(TraceHandler::change).toList())
        .build();
  }

  TestOutboundMailFlowRulesOnPastMailResponse testOutbound(
      Call call, TestOutboundMailFlowRulesOnPastMailRequest request) {
    OrganizationId organization = serving(request.organizationId());
    List<FlowRule<OutboundAction>> rules =
        proposed(
            outbound,
            organization,
            request.ruleId(),
            request
                .rule()
                .map(rule ->
                    new Terms<>(
                        rule.name(),
                        OutboundAction.valueOf(rule.action().name()),
                        FlowRuleHandler.patterns(rule.senderPatterns()),
                        FlowRuleHandler.patterns(rule.recipientPatterns()),
                        Optional.empty(),
                        Optional.empty())));
    RuleDryRun.Report report = dryRun.outbound(organization, rules, count(request.messages()));
    return TestOutboundMailFlowRulesOnPastMailResponse.builder()
        .examined((long) report.examined())
        .since(report.since())
        .changes(report.changes().stream().map(TraceHandler::change).toList())
        .build();
  }

  private static int count(Optional<Integer> asked) {
    return asked.orElse(PAST_MESSAGES_USUAL);
  }

  /// The rules as they would be.
  ///
  /// @param left the rule to leave out
  private <A extends Enum<A>> List<FlowRule<A>> proposed(
      FlowRules<A> rules,
      OrganizationId organization,
      Optional<String> left,
      Optional<Terms<A>> added) {
    Instant created = clock.instant();
    if (left.isPresent()) created = rules.load(organization, left.get()).created();
    List<FlowRule<A>> all = new ArrayList<>();
    for (FlowRule<A> each : rules.all(organization)) {
      if (!left.equals(Optional.of(each.id()))) all.add(each);
    }
    if (added.isPresent()) {
      all.add(new FlowRule<>(left.orElse("proposed"), added.get(), created, created));
    }
    return all;
  }

  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND, ORGANIZATION_STATE
  private OrganizationId serving(String organization) {
    OrganizationId id = new OrganizationId(organization);
    // Traces know nothing of organizations; their records refuse one that does not serve.
    directory.records().all(id, OrganizationRecords.Kind.SETTING);
    return id;
  }

  private static TracedMessage message(TraceSummary summary) {
    return TracedMessage.builder()
        .queueId(summary.id())
        .received(summary.received())
        .submitter(summary.submitter())
        .peer(summary.peer())
        .sender(summary.sender())
        .senderField(summary.senderField())
        .from(summary.from())
        .subject(summary.subject())
        .messageId(summary.messageId())
        .insideRecipients(summary.inside())
        .outsideRecipients(summary.outside())
        .recipientCount((long) summary.recipientCount())
        .build();
  }

  private static MessageTraceEvent event(TraceEvent event) {
    return MessageTraceEvent.builder()
        .time(event.time())
        .kind(TraceEventKind.valueOf(event.kind().name()))
        .recipients(event.recipients())
        .rule(event.rule())
        .action(event.action())
        .detail(event.detail())
        .server(event.server())
        .build();
  }

  private static PastMailChange change(RuleDryRun.Changed changed) {
    return PastMailChange.builder()
        .message(message(changed.message()))
        .recipients(changed.recipients())
        .before(decision(changed.before()))
        .after(decision(changed.after()))
        .build();
  }

  private static PastMailDecision decision(RuleDryRun.Decision decision) {
    return PastMailDecision.builder().rule(decision.rule()).action(decision.action()).build();
  }
}
