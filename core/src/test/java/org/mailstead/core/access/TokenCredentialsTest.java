package org.mailstead.core.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
import org.mailstead.core.directory.IdentityProvider;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.PersonalAccessToken;
import org.mailstead.core.directory.PersonalAccessTokens;
import org.mailstead.store.Range;
import org.mailstead.store.Row;

@DisplayName("Personal access tokens stand for the password in mail clients")
final class TokenCredentialsTest {
  private static final String INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef";
  private static final String ANNA = "anna@example.test";

  private CoreFixture core;
  private Logins logins;
  private String application;

  @BeforeEach
  void start() {
    core = new CoreFixture();
    open();
    application =
        core.directory()
            .identityProviders()
            .createApplication(
                core.change("CreateIdentityCenterApplication"),
                core.account(),
                "mail",
                INSTANCE,
                Optional.of("once"));
    configure(true);
  }

  @AfterEach
  void stop() {
    core.close();
  }

  private void open() {
    logins =
        core.logins(
            LoginExtensions.none()
                .withSource(
                    new TokenCredentials(
                        core.directory().personalAccessTokens(),
                        core.directory().identityProviders(),
                        core.clock())));
  }

  private void configure(boolean active) {
    core.directory()
        .identityProviders()
        .put(
            core.change("PutIdentityProviderConfiguration"),
            core.organization(),
            new IdentityProvider(
                IdentityProvider.Mode.IDENTITY_PROVIDER_ONLY, INSTANCE, application, active, 30));
  }

  private PersonalAccessTokens tokens() {
    return core.directory().personalAccessTokens();
  }

  private PersonalAccessToken.WithSecret token(EntityId user, String... scopes) {
    return tokens()
        .create(
            core.change("CreatePersonalAccessToken"),
            core.organization(),
            user.value(),
            "phone",
            Optional.empty(),
            scopes.length == 0 ? TokenCredentials.SCOPES : List.of(scopes),
            Optional.empty());
  }

  private Principal login(String name, String secret, Protocol protocol) {
    return logins.login(name, secret, protocol, CoreFixture.localhost());
  }

  private void refused(String name, String secret, Protocol protocol) {
    assertThatThrownBy(() -> login(name, secret, protocol))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("wrong user name or password");
  }

  @Test
  void theTokenWorksAndThePasswordDoesNot() {
    PersonalAccessToken.WithSecret made = token(core.anna());
    assertThat(made.secret()).matches("mspat-[0-9a-f]{18}-[a-z2-7]{32}");
    assertThat(login(ANNA, made.secret(), Protocol.IMAP).user()).isEqualTo(core.anna());
    assertThat(login(ANNA, made.secret(), Protocol.SMTP).user()).isEqualTo(core.anna());
    refused(ANNA, CoreFixture.PASSWORD_OF_ANNA, Protocol.IMAP);
    refused(ANNA, CoreFixture.PASSWORD_OF_ANNA, Protocol.SMTP);
    // The identity provider is the only way into the web, see configure.
    refused(ANNA, CoreFixture.PASSWORD_OF_ANNA, Protocol.WEB_MAIL);
    refused("bert@example.test", made.secret(), Protocol.IMAP);
    String changed = made.secret().substring(0, made.secret().length() - 1);
    refused(ANNA, changed + (made.secret().endsWith("a") ? "b" : "a"), Protocol.IMAP);
  }

  @Test
  void itsScopesAreProtocols() {
    PersonalAccessToken.WithSecret made = token(core.anna(), "IMAP");
    login(ANNA, made.secret(), Protocol.IMAP);
    refused(ANNA, made.secret(), Protocol.SMTP);
  }

  @Test
  void itEndsWithItsLifetime() {
    PersonalAccessToken.WithSecret made = token(core.anna());
    core.clock().advance(Duration.ofDays(30).minusSeconds(10));
    login(ANNA, made.secret(), Protocol.IMAP);
    core.clock().advance(Duration.ofSeconds(11));
    refused(ANNA, made.secret(), Protocol.IMAP);
    assertThatThrownBy(() ->
            tokens()
                .create(
                    core.change("CreatePersonalAccessToken"),
                    core.organization(),
                    core.anna().value(),
                    "long",
                    Optional.of(31),
                    TokenCredentials.SCOPES,
                    Optional.empty()))
        .hasMessageContaining("1 to 30 days");
  }

  @Test
  void aDeletedTokenEndsAtOnceAlthoughItsLoginWasRemembered() {
    PersonalAccessToken.WithSecret made = token(core.anna());
    PersonalAccessToken.WithSecret other = token(core.anna());
    login(ANNA, made.secret(), Protocol.IMAP);
    tokens().delete(core.change("Delete"), core.organization(), made.token().id());
    refused(ANNA, made.secret(), Protocol.IMAP);
    login(ANNA, other.secret(), Protocol.IMAP);
    assertThatThrownBy(() -> tokens().load(core.organization(), made.token().id()))
        .isInstanceOfSatisfying(
            DirectoryRefusedException.class,
            e -> assertThat(e.reason()).isEqualTo(DirectoryRefusal.RESOURCE_NOT_FOUND));
    tokens().delete(core.change("Delete"), core.organization(), made.token().id());
  }

  @Test
  void withoutAConfigurationTokensRestAndPasswordsWork() {
    PersonalAccessToken.WithSecret made = token(core.anna());
    login(ANNA, made.secret(), Protocol.IMAP);
    configure(false);
    login(ANNA, CoreFixture.PASSWORD_OF_ANNA, Protocol.IMAP);
    core.clock().advance(Duration.ofMinutes(2));
    refused(ANNA, made.secret(), Protocol.IMAP);
    configure(true);
    login(ANNA, made.secret(), Protocol.IMAP);
    core.directory().identityProviders().delete(core.change("Delete"), core.organization());
    core.clock().advance(Duration.ofMinutes(2));
    refused(ANNA, made.secret(), Protocol.IMAP);
    login(ANNA, CoreFixture.PASSWORD_OF_ANNA, Protocol.IMAP);
    login(ANNA, CoreFixture.PASSWORD_OF_ANNA, Protocol.WEB_MAIL);
  }

  @Test
  void aDisabledUserIsOutAndADeletedOnesTokensAreGone() {
    PersonalAccessToken.WithSecret made = token(core.anna());
    login(ANNA, made.secret(), Protocol.IMAP);
    core.directory()
        .registrations()
        .deregister(core.change("Deregister"), core.organization(), core.anna().value());
    refused(ANNA, made.secret(), Protocol.IMAP);
    core.register(core.anna(), ANNA);
    login(ANNA, made.secret(), Protocol.IMAP);
    core.directory()
        .registrations()
        .deregister(core.change("Deregister"), core.organization(), core.anna().value());
    core.directory()
        .users()
        .delete(core.change("DeleteUser"), core.organization(), core.anna().value());
    core.runJobs();
    assertThat(tokens().list(core.organization(), Optional.empty(), PageRequest.first()).items())
        .isEmpty();
  }

  @Test
  void useIsNotedOnceAnHour() {
    PersonalAccessToken.WithSecret made = token(core.anna());
    String id = made.token().id();
    assertThat(tokens().load(core.organization(), id).lastUsed()).isEmpty();
    var first = core.clock().instant();
    login(ANNA, made.secret(), Protocol.IMAP);
    assertThat(tokens().load(core.organization(), id).lastUsed()).contains(first);
    core.clock().advance(Duration.ofMinutes(30));
    login(ANNA, made.secret(), Protocol.IMAP);
    assertThat(tokens().load(core.organization(), id).lastUsed()).contains(first);
    core.clock().advance(Duration.ofMinutes(31));
    login(ANNA, made.secret(), Protocol.IMAP);
    assertThat(tokens().load(core.organization(), id).lastUsed()).contains(core.clock().instant());
    core.reopen();
    open();
    login(ANNA, made.secret(), Protocol.IMAP);
  }

  @Test
  void listsGoThroughAllUsersInPages() {
    for (EntityId user : List.of(core.anna(), core.bert(), core.carl())) {
      for (int i = 0; i < 3; i++) token(user);
    }
    List<PersonalAccessToken> all = new java.util.ArrayList<>();
    Optional<String> next = Optional.empty();
    do {
      var page = tokens().list(core.organization(), Optional.empty(), new PageRequest(2, next));
      all.addAll(page.items());
      next = page.nextToken();
    } while (next.isPresent());
    assertThat(all).hasSize(9).doesNotHaveDuplicates();
    var first =
        tokens().list(core.organization(), Optional.of(ANNA), new PageRequest(2, Optional.empty()));
    var second =
        tokens()
            .list(core.organization(), Optional.of(ANNA), new PageRequest(2, first.nextToken()));
    assertThat(first.items()).hasSize(2).allMatch(t -> t.user().equals(core.anna()));
    assertThat(second.items()).hasSize(1);
    assertThat(second.nextToken()).isEmpty();
  }

  @Test
  void aUserHasFiftyTokensAtTheMost() {
    for (int i = 0; i < PersonalAccessTokens.PER_USER_MAX; i++) token(core.anna());
    assertThatThrownBy(() -> token(core.anna()))
        .isInstanceOfSatisfying(
            DirectoryRefusedException.class,
            e -> assertThat(e.reason()).isEqualTo(DirectoryRefusal.LIMIT_EXCEEDED));
  }

  @Test
  void noRowHoldsTheSecret() {
    PersonalAccessToken.WithSecret made = token(core.anna());
    String letters = made.secret().substring(made.secret().length() - 32);
    for (var partition : core.store().partitions("", Optional.empty(), 10_000)) {
      for (int collection = 1; collection <= 250; collection++) {
        for (Row row :
            core.store()
                .range(
                    partition,
                    new org.mailstead.store.Collection(collection, "any"),
                    Range.all(),
                    10_000)
                .rows()) {
          assertThat(new String(row.value(), StandardCharsets.ISO_8859_1)).doesNotContain(letters);
        }
      }
    }
    assertThat(made.toString()).doesNotContain(letters);
  }

  @Test
  void theApplicationGoesWithItsOrganizationWhenAsked() {
    core.directory()
        .organizations()
        .delete(core.change("DeleteOrganization"), core.organization(), false, true, true);
    core.runJobs();
    assertThatThrownBy(() ->
            core.directory()
                .identityProviders()
                .deleteApplication(core.change("Delete"), core.account(), application))
        .hasMessageContaining("not found");
  }
}
