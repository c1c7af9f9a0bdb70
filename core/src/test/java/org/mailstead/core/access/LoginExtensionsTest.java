package org.mailstead.core.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.access.LoginAttempt.Method;
import org.mailstead.core.access.LoginAttempt.Outcome;
import org.mailstead.core.directory.Lookups.LoginUser;

final class LoginExtensionsTest {
  private static final String ANNA = "anna@example.test";
  private static final InetAddress PEER = CoreFixture.localhost();

  /// Knows the token `token-1` of everybody and what it was told to say about others.
  private static final class Tokens implements CredentialSource {
    Verdict other = new NotMine();
    Duration rememberFor = Duration.ZERO;
    boolean allowsPassword = true;
    int asked;

    @Override
    public Verdict verify(LoginUser user, String secret, Protocol protocol) {
      asked++;
      return secret.equals("token-1") ? new Right(Optional.of("id-1"), rememberFor) : other;
    }

    @Override
    public boolean allowsPassword(LoginUser user, Protocol protocol) {
      return allowsPassword || protocol == Protocol.WEB_MAIL;
    }
  }

  private final List<LoginAttempt> heard = new ArrayList<>();
  private final Tokens tokens = new Tokens();

  private static void refused(Logins logins, String name, String secret) {
    assertThatThrownBy(() -> logins.login(name, secret, Protocol.IMAP, PEER))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refusal -> {
              assertThat(refusal.refusal()).isEqualTo(Refusal.AUTHENTICATION_FAILED);
              assertThat(refusal.publicText()).isEqualTo("wrong user name or password");
            });
  }

  private LoginAttempt last() {
    return heard.getLast();
  }

  @Test
  @DisplayName(
      "a source's token logs in without a hash, is named to listeners, and asked each time")
  void tokensLogIn() {
    try (var core = new CoreFixture()) {
      Logins logins =
          core.logins(LoginExtensions.none().withSource(tokens).withListener(heard::add));
      long hashes = core.passwords().hashCount();
      logins.login(ANNA, "token-1", Protocol.IMAP, PEER);
      logins.login(ANNA, "token-1", Protocol.IMAP, PEER);
      assertThat(core.passwords().hashCount()).isEqualTo(hashes);
      assertThat(tokens.asked).isEqualTo(2);
      assertThat(last().method()).isEqualTo(Method.SOURCE);
      assertThat(last().tokenId()).contains("id-1");
      assertThat(last().outcome()).isEqualTo(Outcome.SUCCEEDED);
      assertThat(last().user()).contains(core.anna());
      tokens.rememberFor = Duration.ofMinutes(1);
      for (int i = 0; i < 3; i++) logins.login(ANNA, "token-1", Protocol.IMAP, PEER);
      assertThat(tokens.asked).isEqualTo(3);
      assertThat(last().method()).isEqualTo(Method.REMEMBERED);
      assertThat(last().tokenId()).contains("id-1");
      core.clock().advance(Duration.ofMinutes(1));
      logins.login(ANNA, "token-1", Protocol.IMAP, PEER);
      assertThat(tokens.asked).isEqualTo(4);
    }
  }

  @Test
  @DisplayName("the password goes on beside a source, until the source says that it does not")
  void passwordsCanBeTurnedOff() {
    try (var core = new CoreFixture()) {
      Logins logins =
          core.logins(LoginExtensions.none().withSource(tokens).withListener(heard::add));
      logins.login(ANNA, CoreFixture.PASSWORD_OF_ANNA, Protocol.IMAP, PEER);
      logins.login(ANNA, CoreFixture.PASSWORD_OF_ANNA, Protocol.IMAP, PEER);
      assertThat(last().method()).isEqualTo(Method.REMEMBERED);
      tokens.allowsPassword = false;
      long hashes = core.passwords().hashCount();
      refused(logins, ANNA, CoreFixture.PASSWORD_OF_ANNA);
      assertThat(core.passwords().hashCount()).isEqualTo(hashes + 1);
      assertThat(last().outcome()).isEqualTo(Outcome.WRONG_SECRET);
      logins.login(ANNA, CoreFixture.PASSWORD_OF_ANNA, Protocol.WEB_MAIL, PEER);
    }
  }

  @Test
  @DisplayName("a source that says wrong costs one hash; its token id is told to listeners only")
  void wrongCostsAHash() {
    try (var core = new CoreFixture()) {
      Logins logins =
          core.logins(LoginExtensions.none().withSource(tokens).withListener(heard::add));
      tokens.other = new CredentialSource.Wrong("expired", Optional.of("id-9"));
      long hashes = core.passwords().hashCount();
      refused(logins, ANNA, CoreFixture.PASSWORD_OF_ANNA);
      refused(logins, "nobody@example.test", "token-1");
      assertThat(core.passwords().hashCount()).isEqualTo(hashes + 2);
      assertThat(heard.getFirst().tokenId()).contains("id-9");
      assertThat(last().outcome()).isEqualTo(Outcome.UNKNOWN_USER);
      assertThat(tokens.asked).isEqualTo(1);
    }
  }

  @Test
  void aSourceThatIsAwayReadsAsUnavailable() {
    try (var core = new CoreFixture()) {
      Logins logins =
          core.logins(LoginExtensions.none().withSource(tokens).withListener(heard::add));
      tokens.other = new CredentialSource.Unavailable("no server answers", Duration.ofSeconds(30));
      for (int i = 0; i < 20; i++) {
        assertThatThrownBy(() -> logins.login(ANNA, "x", Protocol.IMAP, PEER))
            .isInstanceOf(UnavailableException.class);
      }
      assertThat(last().outcome()).isEqualTo(Outcome.UNAVAILABLE);
      // An outage is nobody's failure.
      assertThat(core.slept()).isEmpty();
    }
  }

  @Test
  @DisplayName(
      "a policy's no costs, reads and counts as a wrong password, remembered or not; listeners learn the rule")
  void thePolicyIsAskedEachTime() {
    var open = new AtomicBoolean(true);
    LoginPolicy policy =
        request ->
            open.get() && request.protocol() == Protocol.IMAP
                ? new AccessDecision.Allowed(List.of("default"))
                : new AccessDecision.Denied("rule says so", List.of("no-smtp"));
    try (var core = new CoreFixture()) {
      Logins logins =
          core.logins(LoginExtensions.none().withPolicy(policy).withListener(heard::add));
      logins.login(ANNA, CoreFixture.PASSWORD_OF_ANNA, Protocol.IMAP, PEER);
      assertThat(last().decision().orElseThrow().rules()).containsExactly("default");
      open.set(false);
      long hashes = core.passwords().hashCount();
      refused(logins, ANNA, CoreFixture.PASSWORD_OF_ANNA);
      assertThat(core.passwords().hashCount()).isEqualTo(hashes + 1);
      assertThat(last().outcome()).isEqualTo(Outcome.ACCESS_DENIED);
      assertThat(last().decision().orElseThrow().rules()).containsExactly("no-smtp");
      for (int i = 0; i < 5; i++) refused(logins, ANNA, CoreFixture.PASSWORD_OF_ANNA);
      assertThat(core.slept()).isNotEmpty();
      open.set(true);
      logins.login(ANNA, CoreFixture.PASSWORD_OF_ANNA, Protocol.IMAP, PEER);
    }
  }

  @Test
  @DisplayName(
      "RFC 4616 §2: an authorization identity of the user himself is fine, in any case and by any alias; another's is refused")
  void actingAsOneself() {
    try (var core = new CoreFixture()) {
      core.directory()
          .registrations()
          .createAlias(
              core.change("CreateAlias"), core.organization(), core.anna(), "a@example.test");
      Logins logins = core.logins(LoginExtensions.none().withListener(heard::add));
      for (String identity : List.of(ANNA, "ANNA@Example.Test", "A@example.test")) {
        Principal principal =
            logins.login(
                new Credentials(ANNA, CoreFixture.PASSWORD_OF_ANNA, Optional.of(identity)),
                Protocol.SMTP,
                PEER);
        assertThat(principal.user()).isEqualTo(core.anna());
        assertThat(principal.actor()).isEmpty();
      }
      for (String identity : List.of("bert@example.test", "nobody@example.test", "no address")) {
        assertThatThrownBy(() ->
                logins.login(
                    new Credentials(ANNA, CoreFixture.PASSWORD_OF_ANNA, Optional.of(identity)),
                    Protocol.IMAP,
                    PEER))
            .isInstanceOfSatisfying(
                RefusedException.class,
                refusal -> assertThat(refusal.refusal()).isEqualTo(Refusal.FORBIDDEN));
        assertThat(last().outcome()).isEqualTo(Outcome.NOT_AUTHORIZED);
      }
      // Whose password is wrong learns nothing about the identity.
      assertThatThrownBy(() ->
              logins.login(
                  new Credentials(ANNA, "wrong", Optional.of("bert@example.test")),
                  Protocol.IMAP,
                  PEER))
          .isInstanceOfSatisfying(
              RefusedException.class,
              refusal -> assertThat(refusal.refusal()).isEqualTo(Refusal.AUTHENTICATION_FAILED));
    }
  }
}
