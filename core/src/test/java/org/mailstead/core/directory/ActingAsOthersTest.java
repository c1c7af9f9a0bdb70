package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EntityId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.access.AccessEffect;
import org.mailstead.core.access.AccessRule;
import org.mailstead.core.access.AccessRules;
import org.mailstead.core.access.Credentials;
import org.mailstead.core.access.LoginExtensions;
import org.mailstead.core.access.Logins;
import org.mailstead.core.access.Principal;
import org.mailstead.core.access.Protocol;

/// In this package, because it sets the migration administrator by hand.
@DisplayName("MIG: who may act as another user (RFC 4616 §2)")
final class ActingAsOthersTest {
  private static final String BERT = "bert@example.test";

  private static void administrator(CoreFixture core, Optional<EntityId> user) {
    core.directory()
        .outbox()
        .change(
            OrganizationViews.partition(core.organization()),
            commit -> {
              Organization now = OrganizationViews.read(commit, core.organization());
              OrganizationViews.write(
                  commit,
                  new Organization(
                      now.id(),
                      now.account(),
                      now.alias(),
                      now.state(),
                      now.directory(),
                      now.testDomain(),
                      now.defaultMailDomain(),
                      now.completed(),
                      now.errorMessage(),
                      user,
                      now.interoperability(),
                      now.usersMax()));
              return true;
            });
  }

  private static Principal asBert(Logins logins, String identity, Protocol protocol) {
    return logins.login(
        new Credentials("anna@example.test", CoreFixture.PASSWORD_OF_ANNA, Optional.of(identity)),
        protocol,
        CoreFixture.localhost());
  }

  private static void refused(Logins logins, String identity, Protocol protocol) {
    assertThatThrownBy(() -> asBert(logins, identity, protocol))
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.FORBIDDEN));
  }

  @Test
  void theMigrationAdministratorReadsEveryMailboxWhileTheSettingIsOnAndNeverSubmits() {
    try (var core = new CoreFixture()) {
      var rules = new AccessRules(core.directory(), core.clock());
      Logins logins = core.logins(LoginExtensions.none().withPolicy(rules));
      refused(logins, BERT, Protocol.IMAP);
      administrator(core, Optional.of(core.anna()));
      Principal principal = asBert(logins, "BERT@Example.Test", Protocol.IMAP);
      assertThat(principal.user()).isEqualTo(core.bert());
      assertThat(principal.mailbox()).isEqualTo(core.principal(core.bert()).mailbox());
      assertThat(principal.actor()).contains(core.anna());
      assertThat(principal.authenticated()).isEqualTo(core.anna());
      refused(logins, BERT, Protocol.SMTP);
      refused(logins, "nobody@example.test", Protocol.IMAP);
      refused(logins, "team@example.test", Protocol.IMAP);
      // The rules about the administrator count, not those about the user.
      deny(core, rules, core.bert());
      assertThat(logins.mayContinue(principal, Protocol.IMAP, CoreFixture.localhost())).isTrue();
      deny(core, rules, core.anna());
      assertThat(logins.mayContinue(principal, Protocol.IMAP, CoreFixture.localhost())).isFalse();
      rules.delete(core.change("DeleteAccessControlRule"), core.organization(), "r");
      assertThat(logins.mayContinue(principal, Protocol.IMAP, CoreFixture.localhost())).isTrue();
      // Off: sessions end, logins as others are refused, his own go on.
      administrator(core, Optional.empty());
      assertThat(logins.mayContinue(principal, Protocol.IMAP, CoreFixture.localhost())).isFalse();
      refused(logins, BERT, Protocol.IMAP);
      assertThat(asBert(logins, "anna@example.test", Protocol.IMAP).actor()).isEmpty();
    }
  }

  private static Principal byName(Logins logins, String name, Protocol protocol) {
    return logins.login(name, CoreFixture.PASSWORD_OF_ANNA, protocol, CoreFixture.localhost());
  }

  private static void unknown(Logins logins, String name, Protocol protocol) {
    assertThatThrownBy(() -> byName(logins, name, protocol))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.refusal()).isEqualTo(Refusal.AUTHENTICATION_FAILED));
  }

  @Test
  void anAsteriskNamesTheUserAndTheMigrationAdministratorWhileTheSettingIsOn() {
    try (var core = new CoreFixture()) {
      Logins logins = core.logins(LoginExtensions.none());
      String both = BERT + "*anna@example.test";
      unknown(logins, both, Protocol.IMAP);
      administrator(core, Optional.of(core.anna()));
      Principal principal = byName(logins, both, Protocol.IMAP);
      assertThat(principal.user()).isEqualTo(core.bert());
      assertThat(principal.authenticated()).isEqualTo(core.anna());
      var twice = new Credentials(both, CoreFixture.PASSWORD_OF_ANNA, Optional.of(both));
      assertThat(logins.login(twice, Protocol.IMAP, CoreFixture.localhost()).user())
          .isEqualTo(core.bert());
      unknown(logins, both, Protocol.SMTP);
      // Bert is no migration administrator.
      unknown(logins, "anna@example.test*" + BERT, Protocol.IMAP);
      unknown(logins, "*anna@example.test", Protocol.IMAP);
      administrator(core, Optional.empty());
      unknown(logins, both, Protocol.IMAP);
      assertThat(logins.mayContinue(principal, Protocol.IMAP, CoreFixture.localhost())).isFalse();
    }
  }

  private static void deny(CoreFixture core, AccessRules rules, EntityId user) {
    rules.put(
        core.change("PutAccessControlRule"),
        core.organization(),
        "r",
        AccessEffect.DENY,
        "d",
        new AccessRule.Conditions(
            java.util.List.of(),
            java.util.List.of(),
            java.util.List.of("IMAP"),
            java.util.List.of(),
            java.util.List.of(user.value()),
            java.util.List.of(),
            java.util.List.of(),
            java.util.List.of()));
  }
}
