package org.mailstead.core.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailstead.base.EmailAddress;
import org.mailstead.core.directory.DirectoryRefusedException;

final class FlowDecisionTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "+",
        "a+b@example.com",
        "@example.com",
        "a@",
        "a@b",
        "example",
        "**",
        "*@example.com",
        "a*.example.com",
        "*.com",
        "ex*ample.com",
        ".example.com",
        "example..com",
        "a b@example.com",
        "a@b@example.com",
        "a@*.example.com",
        "*..example.com",
        "exämple.com"
      })
  @DisplayName("FLW-1: a wildcard stands in front of a domain only, + is not allowed")
  void patternsThatAreNot(String text) {
    assertThatThrownBy(() -> AddressPattern.parse(text))
        .isInstanceOf(DirectoryRefusedException.class)
        .hasMessageContaining("not valid");
  }

  @Test
  @DisplayName("FLW-1: what each form of pattern matches")
  void patternsMatch() {
    assertMatches("Anna@Example.com", "aNNa@eXample.com", true);
    assertMatches("anna@example.com", "anna+tag@example.com", false);
    assertMatches("example.com", "anna@example.com", true);
    assertMatches("example.com", "anna@sub.example.com", false);
    for (String wildcard : List.of("*example.com", "*.example.com")) {
      assertMatches(wildcard, "anna@example.com", true);
      assertMatches(wildcard, "anna@a.b.example.com", true);
      assertMatches(wildcard, "anna@notexample.com", false);
      assertMatches(wildcard, "anna@example.com.evil.test", false);
    }
    assertMatches("*", "anybody@anywhere.test", true);
    assertMatches("xn--exmple-cua.com", "anna@exämple.com", true);
  }

  private static void assertMatches(String pattern, String address, boolean matches) {
    assertThat(AddressPattern.parse(pattern).matches(EmailAddress.parse(address)))
        .as(pattern + " " + address)
        .isEqualTo(matches);
  }

  @Test
  @DisplayName("FLW-1: Sender is asked first, From only if Sender matches no rule")
  void senderBeforeFrom() {
    var rules =
        List.of(
            inbound("a", InboundAction.NEVER_DELIVER_TO_JUNK, "*list.example"),
            inbound("b", InboundAction.DROP, "anna@far.example"));
    var both = addresses("bounces@list.example", "anna@far.example");
    assertThat(FlowDecision.inbound(rules, both).deciding().orElseThrow().rule().id())
        .isEqualTo("a");
    var other = addresses("x@other.example", "anna@far.example");
    assertThat(FlowDecision.inbound(rules, other).deciding().orElseThrow().rule().id())
        .isEqualTo("b");
    assertThat(FlowDecision.inbound(rules, addresses("x@other.example", "y@other.example")))
        .extracting(FlowDecision::explanation)
        .isEqualTo("No rule matches.");
  }

  @Test
  @DisplayName("FLW-2: outbound, the most specific of Sender and From counts")
  void outboundEitherField() {
    var rules =
        List.of(
            outbound("a", OutboundAction.DEFAULT, List.of("*"), List.of("*")),
            outbound("b", OutboundAction.BOUNCE, List.of("boss@here.example"), List.of("*")));
    var decision =
        FlowDecision.outbound(
            rules,
            addresses("aide@here.example", "boss@here.example"),
            EmailAddress.parse("x@far.example"));
    assertThat(decision.deciding().orElseThrow().rule().id()).isEqualTo("b");
    assertThat(decision.explanation())
        .isEqualTo(
            "Rule \"b\" decides: From boss@here.example matches boss@here.example; rule \"a\""
                + " matches less specifically by *.");
  }

  @Test
  void aMessageWithoutReadableSenderIsMatchedByStarOnly() {
    var nobody = new FlowAddresses(List.of(), List.of());
    var rules =
        List.of(
            inbound("a", InboundAction.DROP, "example.com"),
            inbound("b", InboundAction.DELIVER_TO_JUNK, "*"));
    assertThat(FlowDecision.inbound(rules, nobody).matched())
        .singleElement()
        .satisfies(match -> assertThat(match.rule().id()).isEqualTo("b"));
  }

  @Test
  @DisplayName("FLW-3: among equally specific rules the order of the guide decides")
  void tiesTakeTheGuidesOrder() {
    assertThat(InboundAction.values())
        .containsExactly(
            InboundAction.DROP,
            InboundAction.BOUNCE,
            InboundAction.DELIVER_TO_JUNK,
            InboundAction.DEFAULT,
            InboundAction.NEVER_DELIVER_TO_JUNK,
            InboundAction.RUN_LAMBDA);
    assertThat(OutboundAction.values())
        .containsExactly(
            OutboundAction.DEFAULT,
            OutboundAction.DROP,
            OutboundAction.BOUNCE,
            OutboundAction.ROUTE_TO_SMTP_GATEWAY,
            OutboundAction.RUN_LAMBDA);
    var rules =
        List.of(
            inbound("z", InboundAction.BOUNCE, "example.com"),
            inbound("a", InboundAction.DROP, "example.com"));
    assertThat(FlowDecision.inbound(rules, addresses("", "x@example.com")).explanation())
        .endsWith("rule \"z\" is as specific, but DROP goes before BOUNCE.");
  }

  // ---- against a model that goes down the forms of an address one by one

  private static final List<String> DOMAINS =
      List.of("a.test", "b.a.test", "c.b.a.test", "xa.test", "d.test");
  private static final List<String> PATTERNS = patterns();

  private static List<String> patterns() {
    List<String> all = new ArrayList<>(List.of("*"));
    for (String domain : DOMAINS) {
      all.addAll(List.of(domain, "*" + domain, "*." + domain, "u@" + domain, "v@" + domain));
    }
    return all;
  }

  @Test
  @DisplayName("FLW-3: precedence agrees with a naive model on 20,000 random rule sets")
  void precedenceAgreesWithTheModel() {
    Random random = new Random(20261121);
    for (int round = 0; round < 20_000; round++) {
      List<FlowRule<InboundAction>> inbound = new ArrayList<>();
      List<FlowRule<OutboundAction>> outbound = new ArrayList<>();
      int count = random.nextInt(6);
      for (int i = 0; i < count; i++) {
        String id = Integer.toString(random.nextInt(1_000)) + "-" + i;
        Instant created = Instant.ofEpochSecond(random.nextInt(3));
        inbound.add(
            new FlowRule<>(
                id,
                FlowRule.Terms.inbound(
                    id, InboundAction.values()[random.nextInt(6)], some(random), Optional.empty()),
                created,
                created));
        outbound.add(
            new FlowRule<>(
                id,
                new FlowRule.Terms<>(
                    id,
                    OutboundAction.values()[random.nextInt(5)],
                    some(random),
                    some(random),
                    Optional.empty(),
                    Optional.empty()),
                created,
                created));
      }
      FlowAddresses addresses =
          new FlowAddresses(
              addresses(random, random.nextInt(2)), addresses(random, random.nextInt(3)));
      EmailAddress to = address(random);

      Optional<String> expected = Optional.empty();
      if (!addresses.sender().isEmpty()) {
        expected = model(inbound, levels(addresses.sender()), List.of("*"));
      }
      if (expected.isEmpty()) expected = model(inbound, levels(addresses.from()), List.of("*"));
      if (expected.isEmpty()) expected = model(inbound, List.of("*"), List.of("*"));
      assertThat(FlowDecision.inbound(inbound, addresses).deciding().map(m -> m.rule().id()))
          .as("round " + round)
          .isEqualTo(expected);

      List<EmailAddress> either = new ArrayList<>(addresses.sender());
      either.addAll(addresses.from());
      assertThat(FlowDecision.outbound(outbound, addresses, to).deciding().map(m -> m.rule().id()))
          .as("round " + round)
          .isEqualTo(model(outbound, levels(either), levels(List.of(to))));
    }
  }

  /// All patterns that match one of the addresses, the most specific first.
  private static List<String> levels(List<EmailAddress> addresses) {
    List<String> exact = new ArrayList<>();
    List<String> domains = new ArrayList<>();
    List<String> wildcards = new ArrayList<>();
    for (EmailAddress address : addresses) {
      exact.add(address.normalized());
      domains.add(address.domain());
      String rest = address.domain();
      while (rest.contains(".")) {
        wildcards.add("*." + rest);
        rest = rest.substring(rest.indexOf('.') + 1);
      }
    }
    wildcards.sort(Comparator.comparingInt(text -> -text.split("\\.").length));
    List<String> all = new ArrayList<>(exact);
    all.addAll(domains);
    all.addAll(wildcards);
    all.add("*");
    return all;
  }

  /// Levels of one rank decide together, so ranks are gone through, not levels.
  private static <A extends Enum<A>> Optional<String> model(
      List<FlowRule<A>> rules, List<String> senders, List<String> recipients) {
    List<FlowRule<A>> ordered = new ArrayList<>(rules);
    ordered.sort(
        Comparator.<FlowRule<A>>comparingInt(rule -> rule.terms().action().ordinal())
            .thenComparing(FlowRule::created)
            .thenComparing(FlowRule::id));
    for (int s : ranks(senders)) {
      for (int r : ranks(recipients)) {
        for (FlowRule<A> rule : ordered) {
          if (holds(rule.terms().senders(), senders, s)
              && holds(rule.terms().recipients(), recipients, r)) {
            return Optional.of(rule.id());
          }
        }
      }
    }
    return Optional.empty();
  }

  private static List<Integer> ranks(List<String> levels) {
    return levels.stream().map(FlowDecisionTest::rank).distinct().sorted().toList();
  }

  private static int rank(String level) {
    if (level.equals("*")) return 1_000;
    if (level.startsWith("*")) return 100 - level.split("\\.").length;
    return level.contains("@") ? 0 : 1;
  }

  private static boolean holds(List<AddressPattern> patterns, List<String> levels, int rank) {
    return levels.stream()
        .filter(level -> rank(level) == rank)
        .anyMatch(level -> patterns.stream().anyMatch(pattern -> pattern.text().equals(level)));
  }

  private static List<AddressPattern> some(Random random) {
    List<AddressPattern> some = new ArrayList<>();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      some.add(AddressPattern.parse(PATTERNS.get(random.nextInt(PATTERNS.size()))));
    }
    return some;
  }

  private static List<EmailAddress> addresses(Random random, int count) {
    List<EmailAddress> some = new ArrayList<>();
    for (int i = 0; i < count; i++) some.add(address(random));
    return some;
  }

  private static EmailAddress address(Random random) {
    String local = random.nextBoolean() ? "u" : "v";
    return new EmailAddress(local, DOMAINS.get(random.nextInt(DOMAINS.size())));
  }

  private static FlowAddresses addresses(String sender, String from) {
    return new FlowAddresses(
        sender.isEmpty() ? List.of() : List.of(EmailAddress.parse(sender)),
        List.of(EmailAddress.parse(from)));
  }

  private static FlowRule<InboundAction> inbound(
      String id, InboundAction action, String... patterns) {
    return new FlowRule<>(
        id,
        FlowRule.Terms.inbound(id, action, parse(List.of(patterns)), Optional.empty()),
        Instant.EPOCH,
        Instant.EPOCH);
  }

  private static FlowRule<OutboundAction> outbound(
      String id, OutboundAction action, List<String> senders, List<String> recipients) {
    return new FlowRule<>(
        id,
        new FlowRule.Terms<>(
            id, action, parse(senders), parse(recipients), Optional.empty(), Optional.empty()),
        Instant.EPOCH,
        Instant.EPOCH);
  }

  private static List<AddressPattern> parse(List<String> patterns) {
    return patterns.stream().map(AddressPattern::parse).toList();
  }
}
