package org.mailstead.core.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EntityId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;

final class AccessRulesTest {
  private CoreFixture core;
  private AccessRules rules;

  @BeforeEach
  void start() {
    core = new CoreFixture();
    rules = new AccessRules(core.directory(), core.clock());
  }

  @AfterEach
  void stop() {
    core.close();
  }

  private static InetAddress ip(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private void put(String name, AccessEffect effect, AccessRule.Conditions on) {
    rules.put(core.change("PutAccessControlRule"), core.organization(), name, effect, name, on);
  }

  private void delete(String name) {
    rules.delete(core.change("DeleteAccessControlRule"), core.organization(), name);
  }

  private AccessDecision decide(EntityId user, Protocol protocol, String peer) {
    return rules.decide(AccessRequest.ofUser(core.organization(), user, protocol, ip(peer)));
  }

  private static AccessRule.Conditions ranges(List<String> in, List<String> notIn) {
    return new AccessRule.Conditions(
        in, notIn, List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
  }

  private static AccessRule.Conditions actions(List<String> in, List<String> notIn) {
    return new AccessRule.Conditions(
        List.of(), List.of(), in, notIn, List.of(), List.of(), List.of(), List.of());
  }

  private static AccessRule.Conditions users(List<String> in, List<String> notIn) {
    return new AccessRule.Conditions(
        List.of(), List.of(), List.of(), List.of(), in, notIn, List.of(), List.of());
  }

  private static AccessRule.Conditions roles(List<String> in, List<String> notIn) {
    return new AccessRule.Conditions(
        List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), in, notIn);
  }

  @Test
  void aNewOrganizationHasTheRuleThatAllowsEverything() {
    AccessRule only = rules.list(core.organization()).getFirst();
    assertThat(rules.list(core.organization())).hasSize(1);
    assertThat(only.name()).isEqualTo("default");
    assertThat(only.description()).isEqualTo("Default WorkMail Rule");
    assertThat(only.created()).isEqualTo(Instant.EPOCH);
    for (Protocol protocol : Protocol.values()) {
      assertThat(decide(core.anna(), protocol, "203.0.113.9"))
          .isEqualTo(new AccessDecision.Allowed(List.of("default")));
      assertThat(decide(core.anna(), protocol, "2001:db8::1").isAllowed()).isTrue();
    }
  }

  @Test
  void denyComesFirstAndNamesOnlyTheDenyingRules() {
    put("no-imap", AccessEffect.DENY, actions(List.of("IMAP"), List.of()));
    AccessDecision denied = decide(core.anna(), Protocol.IMAP, "203.0.113.9");
    assertThat(denied.isAllowed()).isFalse();
    assertThat(denied.rules()).containsExactly("no-imap");
    assertThat(decide(core.anna(), Protocol.SMTP, "203.0.113.9").rules())
        .containsExactly("default");
  }

  @Test
  void withoutRulesAndWithoutAMatchEverythingIsDenied() {
    delete("default");
    assertThat(rules.list(core.organization())).isEmpty();
    assertThat(decide(core.anna(), Protocol.WEB_MAIL, "203.0.113.9").isAllowed()).isFalse();
    put("office", AccessEffect.ALLOW, ranges(List.of("198.51.100.0/24"), List.of()));
    assertThat(decide(core.anna(), Protocol.IMAP, "198.51.100.255").isAllowed()).isTrue();
    AccessDecision outside = decide(core.anna(), Protocol.IMAP, "198.51.101.0");
    assertThat(outside.isAllowed()).isFalse();
    assertThat(outside.rules()).isEmpty();
    delete("default");
    delete("never was");
  }

  @Test
  void aRuleOfTheSameNameIsReplacedAndKeepsItsCreationDate() {
    put("r", AccessEffect.ALLOW, AccessRule.Conditions.none());
    Instant created = core.clock().instant();
    core.clock().advance(Duration.ofHours(1));
    put("r", AccessEffect.DENY, actions(List.of("EWS"), List.of()));
    AccessRule rule = rules.list(core.organization()).getLast();
    assertThat(rule.effect()).isEqualTo(AccessEffect.DENY);
    assertThat(rule.created()).isEqualTo(created);
    assertThat(rule.modified()).isEqualTo(created.plus(Duration.ofHours(1)));
    put("default", AccessEffect.DENY, AccessRule.Conditions.none());
    assertThat(decide(core.anna(), Protocol.IMAP, "203.0.113.9").isAllowed()).isFalse();
    assertThat(rules.list(core.organization())).hasSize(2);
  }

  @Test
  @DisplayName("IPv6 peers are in no range: IpRanges never match them, NotIpRanges always do")
  void ipv6() {
    put("office only", AccessEffect.DENY, ranges(List.of(), List.of("0.0.0.0/0")));
    assertThat(decide(core.anna(), Protocol.IMAP, "203.0.113.9").isAllowed()).isTrue();
    assertThat(decide(core.anna(), Protocol.IMAP, "2001:db8::1").isAllowed()).isFalse();
    // One that maps an IPv4 address is that address.
    assertThat(decide(core.anna(), Protocol.IMAP, "::ffff:203.0.113.9").isAllowed()).isTrue();
    delete("default");
    delete("office only");
    put("all of IPv4", AccessEffect.ALLOW, ranges(List.of("0.0.0.0/0"), List.of()));
    assertThat(decide(core.anna(), Protocol.IMAP, "203.0.113.9").isAllowed()).isTrue();
    assertThat(decide(core.anna(), Protocol.IMAP, "2001:db8::1").isAllowed()).isFalse();
  }

  @Test
  void rangesAreCompared() {
    for (String range : List.of("10.1.2.3/32", "10.1.2.3/31", "10.0.0.0/8", "0.0.0.0/0")) {
      assertThat(IpRange.parse(range).contains(ip("10.1.2.3"))).as(range).isTrue();
    }
    for (String range : List.of("10.1.2.4/32", "11.0.0.0/8", "10.1.2.4/31", "128.0.0.0/1")) {
      assertThat(IpRange.parse(range).contains(ip("10.1.2.3"))).as(range).isFalse();
    }
    assertThat(IpRange.parse("128.0.0.0/1").contains(ip("255.255.255.255"))).isTrue();
    for (String bad :
        List.of("10.0.0.0", "10.0.0/8", "10.0.0.256/8", "10.0.0.0/33", "01.0.0.0/8", "::/0", "")) {
      assertThatThrownBy(() -> put("bad", AccessEffect.ALLOW, ranges(List.of(bad), List.of())))
          .as(bad)
          .isInstanceOf(DirectoryRefusedException.class);
    }
  }

  @Test
  void allConditionsOfARuleMustHold() {
    put(
        "bert-smtp",
        AccessEffect.DENY,
        new AccessRule.Conditions(
            List.of("203.0.113.0/24"),
            List.of("203.0.113.7/32"),
            List.of("SMTP", "EWS"),
            List.of(),
            List.of(core.bert().value()),
            List.of(),
            List.of(),
            List.of()));
    assertThat(decide(core.bert(), Protocol.SMTP, "203.0.113.9").isAllowed()).isFalse();
    assertThat(decide(core.bert(), Protocol.SMTP, "203.0.113.7").isAllowed()).isTrue();
    assertThat(decide(core.bert(), Protocol.SMTP, "203.0.114.9").isAllowed()).isTrue();
    assertThat(decide(core.bert(), Protocol.IMAP, "203.0.113.9").isAllowed()).isTrue();
    assertThat(decide(core.anna(), Protocol.SMTP, "203.0.113.9").isAllowed()).isTrue();
    put("not anna", AccessEffect.DENY, users(List.of(), List.of(core.anna().value())));
    assertThat(decide(core.anna(), Protocol.IMAP, "203.0.113.9").isAllowed()).isTrue();
    assertThat(decide(core.carl(), Protocol.IMAP, "203.0.113.9").isAllowed()).isFalse();
  }

  @Test
  void whatAPutNamesMustExist() {
    refused(
        DirectoryRefusal.ENTITY_NOT_FOUND,
        () -> put("r", AccessEffect.ALLOW, users(List.of("S-1-1-12-1-2-3-4"), List.of())));
    refused(
        DirectoryRefusal.ENTITY_NOT_FOUND,
        () -> put("r", AccessEffect.ALLOW, users(List.of(), List.of(core.team().value()))));
    refused(
        DirectoryRefusal.RESOURCE_NOT_FOUND,
        () -> put("r", AccessEffect.ALLOW, roles(List.of("nobody"), List.of())));
    refused(
        DirectoryRefusal.INVALID_PARAMETER,
        () -> put("r", AccessEffect.ALLOW, actions(List.of("imap"), List.of())));
    assertThat(rules.list(core.organization())).hasSize(1);
    for (int i = 1; i < AccessRules.RULES_MAX; i++) {
      put("rule-" + i, AccessEffect.ALLOW, AccessRule.Conditions.none());
    }
    refused(
        DirectoryRefusal.LIMIT_EXCEEDED,
        () -> put("eleventh", AccessEffect.ALLOW, AccessRule.Conditions.none()));
    put("rule-1", AccessEffect.DENY, AccessRule.Conditions.none());
  }

  @Test
  void theLargestRuleFits() {
    List<String> ranges = java.util.Collections.nCopies(1024, "255.255.255.255/32");
    List<String> all =
        java.util.Arrays.stream(Protocol.values()).map(Protocol::workMailName).toList();
    put(
        "x".repeat(64),
        AccessEffect.ALLOW,
        new AccessRule.Conditions(
            ranges,
            ranges,
            all,
            all,
            java.util.Collections.nCopies(10, core.anna().value()),
            java.util.Collections.nCopies(10, core.anna().value()),
            List.of(),
            List.of()));
    assertThat(rules.list(core.organization()).getLast().conditions().notRanges()).hasSize(1024);
  }

  @Test
  void anImpersonationRoleIsJudgedByRoleNotByUser() {
    var impersonation =
        new ImpersonationRoles(
            core.directory(), core.keys(), rules, core.clock(), new java.util.Random(7));
    String role =
        impersonation.create(
            core.change("CreateImpersonationRole"),
            core.organization(),
            new ImpersonationRole.Definition(
                "sync", ImpersonationRole.Type.READ_ONLY, Optional.empty(), List.of()),
            Optional.empty());
    put("only the role by EWS", AccessEffect.DENY, roles(List.of(), List.of(role)));
    assertThat(decide(core.anna(), Protocol.EWS, "203.0.113.9").isAllowed()).isFalse();
    var byRole =
        new AccessRequest(
            core.organization(),
            Optional.empty(),
            Protocol.EWS,
            ip("203.0.113.9"),
            Optional.of(role));
    assertThat(rules.effect(byRole)).isEqualTo(new AccessDecision.Allowed(List.of("default")));
    put("nobody but anna", AccessEffect.DENY, users(List.of(), List.of(core.anna().value())));
    assertThat(rules.decide(byRole).isAllowed()).isFalse();
  }

  @Test
  void anOrganizationThatDoesNotServeIsClosedAndOthersRulesDoNotCount() {
    put("closed", AccessEffect.DENY, AccessRule.Conditions.none());
    var other =
        core.directory()
            .organizations()
            .create(
                core.change("CreateOrganization"),
                core.account(),
                new org.mailstead.core.directory.NewOrganization(
                    "other",
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    Optional.empty(),
                    false))
            .id();
    core.runJobs();
    assertThat(rules.list(other)).hasSize(1);
    assertThat(
            rules
                .decide(AccessRequest.ofUser(other, core.anna(), Protocol.IMAP, ip("203.0.113.9")))
                .isAllowed())
        .isTrue();
    core.directory().organizations().delete(core.change("DeleteOrganization"), other, true, true);
    core.runJobs();
    assertThat(
            rules
                .decide(AccessRequest.ofUser(other, core.anna(), Protocol.IMAP, ip("203.0.113.9")))
                .isAllowed())
        .isFalse();
  }

  @Test
  @DisplayName("a rule ends running sessions with the next request, and so does disabling the user")
  void sessionsEnd() {
    Logins logins = core.logins(LoginExtensions.none().withPolicy(rules));
    InetAddress peer = ip("203.0.113.9");
    Principal anna =
        logins.login("anna@example.test", CoreFixture.PASSWORD_OF_ANNA, Protocol.IMAP, peer);
    assertThat(logins.mayContinue(anna, Protocol.IMAP, peer)).isTrue();
    put("no-imap", AccessEffect.DENY, actions(List.of("IMAP"), List.of()));
    assertThat(logins.mayContinue(anna, Protocol.IMAP, peer)).isFalse();
    assertThat(logins.mayContinue(anna, Protocol.SMTP, peer)).isTrue();
    assertThatThrownBy(() ->
            logins.login("anna@example.test", CoreFixture.PASSWORD_OF_ANNA, Protocol.IMAP, peer))
        .isInstanceOf(RefusedException.class)
        .hasMessage("wrong user name or password");
    delete("no-imap");
    assertThat(logins.mayContinue(anna, Protocol.IMAP, peer)).isTrue();
    core.directory()
        .registrations()
        .deregister(core.change("Deregister"), core.organization(), "anna");
    assertThat(logins.mayContinue(anna, Protocol.IMAP, peer)).isFalse();
  }

  @Test
  void rulesSurviveARestart() {
    put("no-imap", AccessEffect.DENY, actions(List.of("IMAP"), List.of()));
    delete("default");
    core.reopen();
    rules = new AccessRules(core.directory(), core.clock());
    assertThat(rules.list(core.organization()))
        .extracting(AccessRule::name)
        .containsExactly("no-imap");
  }

  private static void refused(DirectoryRefusal reason, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            DirectoryRefusedException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
