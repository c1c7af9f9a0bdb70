package org.mailstead.core.flow;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailAddress;

/// What the rules say about one message to one recipient, and why (WorkMail guide, Sender and
/// Recipient Patterns; docs/decisions/0046-flow-rule-precedence.md).
///
/// - A rule matches by its most specific pattern. The most specific rule decides: by its sender
///   pattern, among equals by its recipient pattern. An address is more specific than a domain, a
///   domain more than a wildcard, a wildcard with more labels more than one with fewer, and `*` is
///   the least.
/// - Among equally specific rules the action that comes first in its enumeration decides, then the
///   older rule.
/// - Inbound, rules are asked with the Sender field; only if it matches none, with From. Outbound,
///   either may match.
/// - A message whose header names nobody is matched by `*` alone.
///
/// @param matched the rules that match, the one that decides first
public record FlowDecision<A extends Enum<A>>(List<Match<A>> matched) {
  /// A rule and why it matches.
  ///
  /// @param field the header field of the address
  public record Match<A extends Enum<A>>(
      FlowRule<A> rule,
      String field,
      Optional<EmailAddress> address,
      AddressPattern sender,
      AddressPattern recipient) {}

  public FlowDecision {
    matched = List.copyOf(matched);
  }

  public static FlowDecision<InboundAction> inbound(
      List<FlowRule<InboundAction>> rules, FlowAddresses addresses) {
    List<Match<InboundAction>> found = matching(rules, "Sender", addresses.sender());
    if (found.isEmpty()) found = matching(rules, "From", addresses.from());
    if (found.isEmpty()) found = matchingAnybody(rules);
    return sorted(found);
  }

  public static FlowDecision<OutboundAction> outbound(
      List<FlowRule<OutboundAction>> rules, FlowAddresses addresses, EmailAddress recipient) {
    List<Match<OutboundAction>> found = new ArrayList<>();
    for (FlowRule<OutboundAction> rule : rules) {
      Optional<AddressPattern> to = best(rule.terms().recipients(), recipient);
      if (to.isEmpty()) continue;
      List<Match<OutboundAction>> either = new ArrayList<>();
      match(rule, "Sender", addresses.sender(), to.get()).ifPresent(either::add);
      match(rule, "From", addresses.from(), to.get()).ifPresent(either::add);
      if (either.isEmpty()) matchAnybody(rule, to.get()).ifPresent(either::add);
      either.stream()
          .max(Comparator.comparingInt(match -> match.sender().specificity()))
          .ifPresent(found::add);
    }
    return sorted(found);
  }

  /// The rule that decides, if any matches.
  public Optional<Match<A>> deciding() {
    return matched.isEmpty() ? Optional.empty() : Optional.of(matched.getFirst());
  }

  /// One sentence for administrators.
  public String explanation() {
    if (matched.isEmpty()) return "No rule matches.";
    Match<A> first = matched.getFirst();
    StringBuilder text = new StringBuilder();
    text.append("Rule \"").append(first.rule().terms().name()).append("\" decides: ");
    if (first.address().isPresent()) {
      text.append(first.field()).append(' ').append(first.address().get());
    } else {
      text.append("no sender address");
    }
    text.append(" matches ").append(first.sender());
    if (first.recipient().kind() != AddressPattern.Kind.ANY) {
      text.append(", the recipient matches ").append(first.recipient());
    }
    if (matched.size() > 1) text.append("; ").append(reason(first, matched.get(1)));
    return text.append('.').toString();
  }

  private static <A extends Enum<A>> String reason(Match<A> first, Match<A> next) {
    String other = "rule \"" + next.rule().terms().name() + "\"";
    if (first.sender().specificity() != next.sender().specificity()) {
      return other + " matches less specifically by " + next.sender();
    }
    if (first.recipient().specificity() != next.recipient().specificity()) {
      return other + " matches the recipient less specifically by " + next.recipient();
    }
    if (first.rule().terms().action() != next.rule().terms().action()) {
      return other
          + " is as specific, but "
          + first.rule().terms().action()
          + " goes before "
          + next.rule().terms().action();
    }
    return other + " is as specific with the same action, but newer";
  }

  private static <A extends Enum<A>> FlowDecision<A> sorted(List<Match<A>> found) {
    List<Match<A>> matched = new ArrayList<>(found);
    matched.sort(
        Comparator.<Match<A>>comparingInt(match -> -match.sender().specificity())
            .thenComparingInt(match -> -match.recipient().specificity())
            .thenComparingInt(match -> match.rule().terms().action().ordinal())
            .thenComparing(match -> match.rule().created())
            .thenComparing(match -> match.rule().id()));
    return new FlowDecision<>(matched);
  }

  private static <A extends Enum<A>> List<Match<A>> matching(
      List<FlowRule<A>> rules, String field, List<EmailAddress> addresses) {
    List<Match<A>> found = new ArrayList<>();
    for (FlowRule<A> rule : rules) {
      match(rule, field, addresses, AddressPattern.any()).ifPresent(found::add);
    }
    return found;
  }

  private static <A extends Enum<A>> List<Match<A>> matchingAnybody(List<FlowRule<A>> rules) {
    List<Match<A>> found = new ArrayList<>();
    for (FlowRule<A> rule : rules) {
      matchAnybody(rule, AddressPattern.any()).ifPresent(found::add);
    }
    return found;
  }

  private static <A extends Enum<A>> Optional<Match<A>> match(
      FlowRule<A> rule, String field, List<EmailAddress> addresses, AddressPattern recipient) {
    Optional<Match<A>> best = Optional.empty();
    for (EmailAddress address : addresses) {
      Optional<AddressPattern> pattern = best(rule.terms().senders(), address);
      if (pattern.isEmpty()) continue;
      if (best.isEmpty() || pattern.get().specificity() > best.get().sender().specificity()) {
        best =
            Optional.of(new Match<>(rule, field, Optional.of(address), pattern.get(), recipient));
      }
    }
    return best;
  }

  private static <A extends Enum<A>> Optional<Match<A>> matchAnybody(
      FlowRule<A> rule, AddressPattern recipient) {
    AddressPattern any = AddressPattern.any();
    return rule.terms().senders().contains(any)
        ? Optional.of(new Match<>(rule, "", Optional.empty(), any, recipient))
        : Optional.empty();
  }

  private static Optional<AddressPattern> best(
      List<AddressPattern> patterns, EmailAddress address) {
    return patterns.stream()
        .filter(pattern -> pattern.matches(address))
        .max(Comparator.comparingInt(AddressPattern::specificity));
  }
}
