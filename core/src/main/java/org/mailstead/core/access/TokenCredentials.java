package org.mailstead.core.access;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.mailstead.core.directory.IdentityProvider;
import org.mailstead.core.directory.IdentityProviders;
import org.mailstead.core.directory.Lookups.LoginUser;
import org.mailstead.core.directory.PersonalAccessToken;
import org.mailstead.core.directory.PersonalAccessTokens;
import org.mailstead.core.directory.PersonalAccessTokens.Check;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Personal access tokens as passwords of mail clients. While an organization has them active, the
/// password of the directory works in no mail client; in the web it works unless the identity
/// provider is the only way in.
public final class TokenCredentials implements CredentialSource {
  private static final Logger LOG = LoggerFactory.getLogger(TokenCredentials.class);

  /// Short, for a configuration that no longer accepts tokens must count soon; checking one is
  /// cheap.
  private static final Duration REMEMBER_FOR = Duration.ofMinutes(1);

  /// Scopes that a token can have: the mail clients' protocols, by the names of access control
  /// rules.
  public static final List<String> SCOPES =
      List.of("ActiveSync", "AutoDiscover", "EWS", "IMAP", "SMTP", "WindowsOutlook");

  private final PersonalAccessTokens tokens;
  private final IdentityProviders providers;
  private final InstantSource clock;

  public TokenCredentials(
      PersonalAccessTokens tokens, IdentityProviders providers, InstantSource clock) {
    this.tokens = tokens;
    this.providers = providers;
    this.clock = clock;
  }

  @Override
  public Verdict verify(LoginUser user, String secret, Protocol protocol) {
    Check check =
        tokens.check(user.organization(), user.user().id(), secret, protocol.workMailName());
    return switch (check) {
      case Check.NoToken _ -> new NotMine();
      case Check.Unknown _ -> new Wrong("unknown token", Optional.empty());
      case Check.Expired(String id) -> new Wrong("expired token", Optional.of(id));
      case Check.NotInForce(String id) -> new Wrong("tokens are not in force", Optional.of(id));
      case Check.OutOfScope(String id) -> new Wrong("token for other protocols", Optional.of(id));
      case Check.Good(PersonalAccessToken token) -> {
        note(user, token);
        yield new Right(Optional.of(token.id()), rememberFor(token));
      }
    };
  }

  private Duration rememberFor(PersonalAccessToken token) {
    Duration left = Duration.between(clock.instant(), token.expires());
    return left.compareTo(REMEMBER_FOR) < 0 ? left : REMEMBER_FOR;
  }

  /// Whoever logs in must not wait or fail because of a note.
  private void note(LoginUser user, PersonalAccessToken token) {
    try {
      tokens.used(user.organization(), token);
    } catch (RuntimeException e) {
      LOG.warn("use of token {} is not noted: {}", token.id(), e.toString());
    }
  }

  @Override
  public boolean allowsPassword(LoginUser user, Protocol protocol) {
    Optional<IdentityProvider> provider = providers.find(user.organization());
    if (provider.isEmpty()) return true;
    return switch (protocol) {
      case WEB_MAIL -> provider.get().mode() != IdentityProvider.Mode.IDENTITY_PROVIDER_ONLY;
      case ACTIVE_SYNC, AUTODISCOVER, EWS, IMAP, SMTP, WINDOWS_OUTLOOK ->
          !provider.get().tokensActive();
    };
  }
}
