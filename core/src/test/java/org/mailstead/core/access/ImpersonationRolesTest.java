package org.mailstead.core.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.access.ImpersonationRole.Definition;
import org.mailstead.core.access.ImpersonationRole.Rule;
import org.mailstead.core.access.ImpersonationRole.Type;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.Listing;

final class ImpersonationRolesTest {
  private CoreFixture core;
  private AccessRules accessRules;
  private ImpersonationRoles roles;

  @BeforeEach
  void start() {
    core = new CoreFixture();
    accessRules = new AccessRules(core.directory(), core.clock());
    roles =
        new ImpersonationRoles(
            core.directory(), core.keys(), accessRules, core.clock(), new Random(5));
  }

  @AfterEach
  void stop() {
    core.close();
  }

  private static Rule rule(String id, AccessEffect effect, List<String> in, List<String> notIn) {
    return new Rule(id, Optional.of(id), Optional.empty(), effect, in, notIn);
  }

  private String create(Rule... rules) {
    return roles.create(
        core.change("CreateImpersonationRole"),
        core.organization(),
        new Definition("role", Type.FULL_ACCESS, Optional.empty(), List.of(rules)),
        Optional.empty());
  }

  private String assume(String role) {
    return roles.assume(core.change("AssumeImpersonationRole"), core.organization(), role);
  }

  private boolean isGranted(String token, String user) {
    return roles
        .verify(token)
        .map(assumed -> roles.access(assumed, user, CoreFixture.localhost()))
        .filter(ImpersonationRoles.Access.Granted.class::isInstance)
        .isPresent();
  }

  @Test
  void denyComesFirstAndWhomNoRuleNamesIsDenied() {
    String role =
        create(
            rule("all", AccessEffect.ALLOW, List.of(), List.of("bert")),
            rule("no-carl", AccessEffect.DENY, List.of("carl@example.test"), List.of()));
    assertThat(roles.effect(core.organization(), role, "anna").isAllowed()).isTrue();
    assertThat(roles.effect(core.organization(), role, "bert").isAllowed()).isFalse();
    assertThat(roles.effect(core.organization(), role, "bert").matched()).isEmpty();
    var carl = roles.effect(core.organization(), role, core.carl().value());
    assertThat(carl.isAllowed()).isFalse();
    assertThat(carl.matched()).extracting(Rule::id).containsExactly("no-carl");
    assertThat(roles.effect(core.organization(), create(), "anna").isAllowed()).isFalse();
    // Users are kept by id: a new address changes nothing.
    assertThat(roles.load(core.organization(), role).definition().rules().get(0).notTargets())
        .containsExactly(core.bert().value());
  }

  @Test
  @DisplayName("a token holds for 15 minutes, follows its role, and ends with it")
  void tokens() {
    String role = create(rule("all", AccessEffect.ALLOW, List.of(), List.of()));
    String token = assume(role);
    assertThat(token.length()).isLessThanOrEqualTo(ImpersonationRoles.TOKEN_CHARS_MAX);
    assertThat(token).matches("[\\x21-\\x7e]+");
    assertThat(isGranted(token, "anna@example.test")).isTrue();
    assertThat(isGranted(token, "team")).isFalse();
    core.clock().advance(ImpersonationRoles.TOKEN_LIFE.minusMillis(1));
    assertThat(isGranted(token, "anna")).isTrue();
    core.clock().advance(Duration.ofMillis(1));
    assertThat(roles.verify(token)).isEmpty();
    String second = assume(role);
    roles.update(
        core.change("UpdateImpersonationRole"),
        core.organization(),
        role,
        new Definition(
            "role",
            Type.READ_ONLY,
            Optional.empty(),
            List.of(rule("no", AccessEffect.DENY, List.of("anna"), List.of()))));
    assertThat(isGranted(second, "anna")).isFalse();
    roles.delete(core.change("DeleteImpersonationRole"), core.organization(), role);
    assertThat(roles.verify(second)).isEmpty();
  }

  @Test
  void tokensAreVerifiedByAnyInstanceAndNobodyElseMakesThem() {
    String token = assume(create(rule("all", AccessEffect.ALLOW, List.of(), List.of())));
    core.reopen();
    accessRules = new AccessRules(core.directory(), core.clock());
    roles =
        new ImpersonationRoles(
            core.directory(), core.keys(), accessRules, core.clock(), new Random(6));
    assertThat(isGranted(token, "anna")).isTrue();
    int dot = token.indexOf('.');
    byte[] sealed = Base64.getUrlDecoder().decode(token.substring(dot + 1));
    for (int i = 0; i < sealed.length; i++) {
      byte[] forged = sealed.clone();
      forged[i] ^= 1;
      assertThat(
              roles.verify(
                  token.substring(0, dot + 1)
                      + Base64.getUrlEncoder().withoutPadding().encodeToString(forged)))
          .isEmpty();
    }
    String stranger = "m-" + "0".repeat(32);
    for (String bad :
        List.of("", ".", "x" + token, stranger + token.substring(dot), "y".repeat(300))) {
      assertThat(roles.verify(bad)).as(bad).isEmpty();
    }
    // What else the organization's key has sealed is no token.
    byte[] other = core.keys().seal(core.organization(), "x".getBytes(StandardCharsets.UTF_8));
    assertThat(
            roles.verify(
                core.organization()
                    + "."
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(other)))
        .isEmpty();
  }

  @Test
  void accessControlRulesAndTheStateOfTheUserCountToo() {
    String role = create(rule("all", AccessEffect.ALLOW, List.of(), List.of()));
    String token = assume(role);
    accessRules.put(
        core.change("PutAccessControlRule"),
        core.organization(),
        "no-role",
        AccessEffect.DENY,
        "d",
        new AccessRule.Conditions(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(role),
            List.of()));
    assertThat(roles.access(roles.verify(token).orElseThrow(), "anna", CoreFixture.localhost()))
        .isEqualTo(new ImpersonationRoles.Access.Denied("a rule denies", List.of("no-role")));
    accessRules.delete(core.change("Delete"), core.organization(), "no-role");
    assertThat(isGranted(token, "anna")).isTrue();
    core.directory()
        .registrations()
        .deregister(core.change("Deregister"), core.organization(), "anna");
    assertThat(isGranted(token, "anna")).isFalse();
    refused(DirectoryRefusal.ENTITY_STATE, () -> roles.effect(core.organization(), role, "anna"));
  }

  @Test
  void limitsAndWhatMustExist() {
    Rule all = rule("all", AccessEffect.ALLOW, List.of(), List.of());
    refused(DirectoryRefusal.INVALID_PARAMETER, () -> create(all, all));
    refused(
        DirectoryRefusal.ENTITY_NOT_FOUND,
        () -> create(rule("r", AccessEffect.ALLOW, List.of("nobody"), List.of())));
    for (int i = 0; i < ImpersonationRoles.ROLES_MAX; i++) create(all);
    refused(DirectoryRefusal.LIMIT_EXCEEDED, () -> create(all));
    refused(DirectoryRefusal.RESOURCE_NOT_FOUND, () -> assume("nothing"));
    var page = roles.list(core.organization(), new Listing.PageRequest(15, Optional.empty()));
    assertThat(page.items()).hasSize(15);
    assertThat(
            roles.list(core.organization(), new Listing.PageRequest(15, page.nextToken())).items())
        .hasSize(5);
  }

  @Test
  void aClientTokenAnswersAgain() {
    var definition = new Definition("role", Type.FULL_ACCESS, Optional.empty(), List.of());
    String first =
        roles.create(core.change("C"), core.organization(), definition, Optional.of("t"));
    assertThat(roles.create(core.change("C"), core.organization(), definition, Optional.of("t")))
        .isEqualTo(first);
    var other = new Definition("other", Type.FULL_ACCESS, Optional.empty(), List.of());
    refused(
        DirectoryRefusal.INVALID_PARAMETER,
        () -> roles.create(core.change("C"), core.organization(), other, Optional.of("t")));
  }

  private static void refused(DirectoryRefusal reason, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            DirectoryRefusedException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
