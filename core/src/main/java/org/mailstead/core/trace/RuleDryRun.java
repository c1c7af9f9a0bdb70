package org.mailstead.core.trace;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.flow.FlowAddresses;
import org.mailstead.core.flow.FlowDecision;
import org.mailstead.core.flow.FlowRule;
import org.mailstead.core.flow.InboundAction;
import org.mailstead.core.flow.OutboundAction;

/// Applies mail flow rules to past mail, as the traces remember it, and tells what would have gone
/// another way. Nothing is delivered, and no function is called.
public final class RuleDryRun {
  public static final int MESSAGES_MAX = 1_000;

  /// What decided, or would.
  ///
  /// @param rule its name; empty: no rule
  public record Decision(Optional<String> rule, String action) {}

  /// Some recipients of a message for whom it would have gone another way.
  public record Changed(
      TraceSummary message, List<String> recipients, Decision before, Decision after) {}

  /// @param examined messages that the rules are about
  /// @param since when the oldest of them arrived
  public record Report(int examined, Optional<Instant> since, List<Changed> changes) {}

  private static final String UNTOUCHED = "DEFAULT";

  private final MessageTrace trace;

  public RuleDryRun(MessageTrace trace) {
    this.trace = trace;
  }

  /// @param rules all that would be there
  /// @param count of the newest messages that reached a mailbox of the organization, or would have
  public Report inbound(
      OrganizationId organization, List<FlowRule<InboundAction>> rules, int count) {
    return run(
        organization,
        count,
        TraceEvent.Kind.INBOUND_RULE,
        TraceSummary::inside,
        (summary, recipient) ->
            FlowDecision.inbound(rules, addresses(summary))
                .deciding()
                .map(match -> decision(match.rule())));
  }

  /// @param count of the newest messages that the organization's users sent to others
  public Report outbound(
      OrganizationId organization, List<FlowRule<OutboundAction>> rules, int count) {
    return run(
        organization,
        count,
        TraceEvent.Kind.OUTBOUND_RULE,
        TraceSummary::outside,
        (summary, recipient) ->
            FlowDecision.outbound(rules, addresses(summary), recipient)
                .deciding()
                .map(match -> decision(match.rule())));
  }

  private interface Recipients {
    List<String> of(TraceSummary summary);
  }

  private interface Rules {
    Optional<Decision> decide(TraceSummary summary, EmailAddress recipient);
  }

  private Report run(
      OrganizationId organization,
      int count,
      TraceEvent.Kind kind,
      Recipients recipients,
      Rules rules) {
    List<Changed> changes = new ArrayList<>();
    int examined = 0;
    Optional<Instant> since = Optional.empty();
    Optional<String> from = Optional.empty();
    do {
      MessageTrace.Found page = trace.find(organization, TraceQuery.all(), from, 100);
      for (TraceSummary summary : page.messages()) {
        if (examined == count) break;
        List<String> about = recipients.of(summary);
        if (about.isEmpty()) continue;
        examined++;
        since = Optional.of(summary.received());
        List<TraceEvent> said =
            trace.events(organization, summary.id()).stream()
                .filter(event -> event.kind() == kind)
                .toList();
        compare(summary, about, said, rules, changes);
      }
      from = page.next();
    } while (from.isPresent() && examined < count);
    return new Report(examined, since, changes);
  }

  /// One change for each pair of decisions.
  private static void compare(
      TraceSummary summary,
      List<String> recipients,
      List<TraceEvent> said,
      Rules rules,
      List<Changed> changes) {
    List<Changed> own = new ArrayList<>();
    for (String recipient : recipients) {
      Optional<EmailAddress> address = parse(recipient);
      if (address.isEmpty()) continue;
      Decision before =
          said.stream()
              .filter(event -> event.recipients().contains(recipient))
              .findFirst()
              .map(event -> new Decision(event.rule(), event.action().orElse(UNTOUCHED)))
              .orElseGet(RuleDryRun::none);
      Decision after = rules.decide(summary, address.get()).orElseGet(RuleDryRun::none);
      // A rule that was renamed does nothing else.
      if (before.action().equals(after.action())) continue;
      Optional<Changed> same =
          own.stream()
              .filter(each -> each.before().equals(before) && each.after().equals(after))
              .findFirst();
      if (same.isPresent()) same.get().recipients().add(recipient);
      else own.add(new Changed(summary, new ArrayList<>(List.of(recipient)), before, after));
    }
    changes.addAll(own);
  }

  private static Decision none() {
    return new Decision(Optional.empty(), UNTOUCHED);
  }

  private static Decision decision(FlowRule<?> rule) {
    return new Decision(Optional.of(rule.terms().name()), rule.terms().action().name());
  }

  private static FlowAddresses addresses(TraceSummary summary) {
    return new FlowAddresses(parse(summary.senderField()), parse(summary.from()));
  }

  private static List<EmailAddress> parse(List<String> addresses) {
    return addresses.stream().flatMap(each -> parse(each).stream()).toList();
  }

  private static Optional<EmailAddress> parse(String address) {
    try {
      return Optional.of(EmailAddress.parse(address));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }
}
