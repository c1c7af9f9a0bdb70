package org.mailstead.core.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.MalformedException;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.access.LoginAttempt.Method;
import org.mailstead.core.access.LoginAttempt.Outcome;
import org.mailstead.core.directory.Lookups;
import org.mailstead.core.directory.Lookups.LoginUser;
import org.mailstead.core.directory.Passwords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Checks a name and password (design §6): Argon2id, at most two hashes at once behind a bounded
/// queue, a verified credential remembered as a keyed hash for ten minutes, a delay that grows with
/// failures per account and network.
///
/// Every refusal reads the same and costs the same, one hash: whether the user exists, is disabled,
/// has no password or is kept out by a rule cannot be told. What is remembered names the user's
/// stamp, which changes with password and state, so that it ends with either.
///
/// The order of a login: credential (sources, then the password hash), access policy, acting as
/// another user. [LoginExtensions] plug in; without them there are passwords only.
public final class Logins {
  private static final Logger LOG = LoggerFactory.getLogger(Logins.class);
  private static final int KEY_BYTES = 32;

  private final Lookups lookups;
  private final Passwords passwords;
  private final LoginLimits limits;
  private final LoginExtensions extensions;
  private final LoginDelays delays;
  private final InstantSource clock;
  private final Sleeper sleeper;
  private final SecretKeySpec key;
  private final Cache<String, Remembered> remembered;

  /// @param protocol for which a source said that the secret is right: it may not be for another
  private record Remembered(
      long stamp, Instant until, boolean isPassword, Optional<String> tokenId, Protocol protocol) {}

  /// @param random fit for secrets
  public Logins(
      Lookups lookups,
      Passwords passwords,
      LoginLimits limits,
      LoginExtensions extensions,
      InstantSource clock,
      RandomGenerator random,
      Sleeper sleeper) {
    this.lookups = lookups;
    this.passwords = passwords;
    this.limits = limits;
    this.extensions = extensions;
    this.delays = new LoginDelays(limits, clock);
    this.clock = clock;
    this.sleeper = sleeper;
    byte[] octets = new byte[KEY_BYTES];
    random.nextBytes(octets);
    this.key = new SecretKeySpec(octets, "HmacSHA256");
    this.remembered =
        Caffeine.newBuilder()
            .maximumSize(limits.rememberedMax())
            .expireAfterWrite(limits.rememberFor())
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.instant().toEpochMilli()))
            .executor(Runnable::run)
            .build();
  }

  /// Logs a user in by address (primary or alias) and password, to act as himself.
  ///
  /// @throws RefusedException AUTHENTICATION_FAILED
  /// @throws UnavailableException cannot be checked now
  public Principal login(String name, String password, Protocol protocol, InetAddress peer) {
    return login(Credentials.of(name, password), protocol, peer);
  }

  /// Logs a user in by address (primary or alias) and secret. Blocks while the brute-force delay
  /// lasts.
  ///
  /// @throws RefusedException AUTHENTICATION_FAILED, the same text for every cause; FORBIDDEN: name
  ///   and secret are right, but the user may not act as the one named
  /// @throws UnavailableException too many logins wait, or what verifies the secret is away
  public Principal login(Credentials given, Protocol protocol, InetAddress peer) {
    Credentials credentials = separated(given, protocol);
    String name = credentials.name();
    String secret = credentials.secret();
    var attempt = new Attempt(name, protocol, peer, clock.instant());
    if (name.length() > LoginLimits.NAME_CHARS_MAX
        || secret.length() > LoginLimits.PASSWORD_CHARS_MAX) {
      throw refused(attempt, Outcome.TOO_LONG, "name or password too long");
    }
    String account = name.toLowerCase(Locale.ROOT);
    String credential = keyedHash(account, secret);
    Optional<LoginUser> user = find(name);
    if (user.isPresent()) {
      Optional<Attempt> known = remembered(attempt, credential, user.get());
      if (known.isPresent()) return admit(known.get(), user.get(), credentials);
    }
    try {
      await(delays.next(account, peer));
    } catch (UnavailableException e) {
      report(attempt.of(user), Outcome.UNAVAILABLE);
      throw e;
    }
    // Asked again: the user may have changed while the attempt waited.
    user = find(name);
    attempt = attempt.of(user);
    Proof proof = prove(user.filter(LoginUser::mayLogIn), secret, protocol);
    attempt = attempt.by(proof);
    switch (proof) {
      case Proof.Proved _ -> {}
      case Proof.Disproved(_, _, String cause) -> {
        delays.failed(account, peer);
        if (user.isEmpty()) throw refused(attempt, Outcome.UNKNOWN_USER, "unknown");
        if (!user.get().mayLogIn()) throw refused(attempt, Outcome.NOT_ENABLED, "state");
        throw refused(attempt, Outcome.WRONG_SECRET, cause);
      }
      case Proof.Away(_, _, String cause, Duration retryAfter) -> {
        report(attempt, Outcome.UNAVAILABLE);
        throw new UnavailableException(cause, retryAfter);
      }
    }
    LoginUser verified = user.orElseThrow();
    attempt = attempt.decided(decide(verified, protocol, peer));
    if (attempt.isDenied()) {
      // Reads, costs and counts as a wrong password: who is kept out must not learn that it was
      // right.
      delays.failed(account, peer);
      throw refused(attempt, Outcome.ACCESS_DENIED, "access denied by " + attempt.rules());
    }
    delays.succeeded(account, peer);
    remember(credential, verified, proof, protocol);
    return admit(attempt, verified, credentials);
  }

  /// `user*administrator` is how programs that cannot send an authorization identity name a user
  /// and who logs in for him, as with Dovecot's master users. It means that only while the one
  /// behind the asterisk is a migration administrator; otherwise it is a name like any other.
  private Credentials separated(Credentials given, Protocol protocol) {
    String name = given.name();
    int star = name.lastIndexOf('*');
    if (star < 1
        || protocol != Protocol.IMAP
        // Cyrus SASL sends the name twice.
        || given.authorizationIdentity().filter(i -> !i.equals(name)).isPresent()
        || name.length() > 2 * LoginLimits.NAME_CHARS_MAX) {
      return given;
    }
    String administrator = name.substring(star + 1);
    boolean isOne =
        find(administrator)
            .filter(a -> lookups.isMigrationAdministrator(a.organization(), a.user().id()))
            .isPresent();
    return isOne && find(name).isEmpty()
        ? new Credentials(administrator, given.secret(), Optional.of(name.substring(0, star)))
        : given;
  }

  /// Whether a session of this user may go on: it is asked at each request, and answers from
  /// memory. It ends when a rule forbids it, when the user is disabled, or when who acts for the
  /// user is not the migration administrator any more.
  public boolean mayContinue(Principal principal, Protocol protocol, InetAddress peer) {
    OrganizationId organization = principal.organization();
    var request = AccessRequest.ofUser(organization, principal.authenticated(), protocol, peer);
    AccessDecision decision;
    try {
      decision =
          isStanding(principal)
              ? extensions.policy().decide(request)
              : new AccessDecision.Denied("the user is not enabled", List.of());
    } catch (UnavailableException e) {
      // The store does not answer: nor will it to what the session asks next.
      return true;
    }
    if (decision instanceof AccessDecision.Denied(String cause, List<String> rules)) {
      LOG.info(
          "{} session of {} from {} ended: {} {}",
          protocol.workMailName(),
          principal.authenticated(),
          peer.getHostAddress(),
          cause,
          rules);
      for (LoginListener listener : extensions.listeners()) {
        listener.ended(principal, request, decision);
      }
      return false;
    }
    return true;
  }

  private boolean isStanding(Principal principal) {
    OrganizationId organization = principal.organization();
    boolean mayAct =
        principal
            .actor()
            .filter(actor ->
                lookups.enabledUser(organization, actor).isEmpty()
                    || !lookups.isMigrationAdministrator(organization, actor))
            .isEmpty();
    return mayAct && lookups.enabledUser(organization, principal.user()).isPresent();
  }

  /// The password hash, or a source: exactly one hash is computed unless a source says that the
  /// secret is right.
  private Proof prove(Optional<LoginUser> user, String secret, Protocol protocol) {
    Method method = Method.PASSWORD;
    Optional<String> token = Optional.empty();
    String cause = "password";
    boolean decided = false;
    for (CredentialSource source : user.isPresent() ? extensions.sources() : noSources()) {
      switch (source.verify(user.orElseThrow(), secret, protocol)) {
        case CredentialSource.NotMine _ -> {
          continue;
        }
        case CredentialSource.Right(Optional<String> tokenId, Duration rememberFor) -> {
          return new Proof.Proved(Method.SOURCE, tokenId, rememberFor);
        }
        case CredentialSource.Unavailable(String why, Duration retryAfter) -> {
          return new Proof.Away(Method.SOURCE, Optional.empty(), why, retryAfter);
        }
        case CredentialSource.Wrong(String why, Optional<String> tokenId) -> {
          method = Method.SOURCE;
          token = tokenId;
          cause = why;
          decided = true;
        }
      }
      break;
    }
    Optional<String> hash = Optional.empty();
    if (!decided && user.isPresent()) {
      if (allowsPassword(user.get(), protocol)) hash = user.get().passwordHash();
      else cause = "passwords are not accepted for this protocol";
    }
    boolean matches = passwords.verify(secret, hash.orElseGet(passwords::dummy));
    return matches && hash.isPresent()
        ? new Proof.Proved(method, token, limits.rememberFor())
        : new Proof.Disproved(method, token, cause);
  }

  private static List<CredentialSource> noSources() {
    return List.of();
  }

  private boolean allowsPassword(LoginUser user, Protocol protocol) {
    return extensions.sources().stream().allMatch(s -> s.allowsPassword(user, protocol));
  }

  private AccessDecision decide(LoginUser user, Protocol protocol, InetAddress peer) {
    return extensions
        .policy()
        .decide(AccessRequest.ofUser(user.organization(), user.user().id(), protocol, peer));
  }

  /// The last step: as whom the session acts.
  private Principal admit(Attempt attempt, LoginUser user, Credentials credentials) {
    String wanted = credentials.authorizationIdentity().orElse("");
    if (wanted.isEmpty() || wanted.equalsIgnoreCase(credentials.name())) {
      report(attempt, Outcome.SUCCEEDED);
      return principal(user, Optional.empty());
    }
    Optional<LoginUser> target =
        wanted.length() > LoginLimits.NAME_CHARS_MAX ? Optional.empty() : find(wanted);
    Attempt acting = attempt.actingAs(target);
    if (target.filter(t -> t.user().id().equals(user.user().id())).isPresent()) {
      report(attempt, Outcome.SUCCEEDED);
      return principal(user, Optional.empty());
    }
    if (target.isEmpty() || !mayActAs(user, target.get(), attempt.protocol())) {
      report(acting, Outcome.NOT_AUTHORIZED);
      throw new RefusedException(
          Refusal.FORBIDDEN,
          "acting for another user is not possible",
          user.user().id()
              + " may not act as "
              + acting.actingAs().map(EntityId::value).orElse("?"));
    }
    report(acting, Outcome.SUCCEEDED);
    return principal(target.get(), Optional.of(user.user().id()));
  }

  /// RFC 4616 §2. The organization's migration administrator reads every mailbox of it (WorkMail
  /// guide, Migrating), but sends mail only as himself.
  private boolean mayActAs(LoginUser user, LoginUser target, Protocol protocol) {
    return protocol != Protocol.SMTP
        && target.organization().equals(user.organization())
        && target.mayLogIn()
        && lookups.isMigrationAdministrator(user.organization(), user.user().id());
  }

  private Optional<LoginUser> find(String name) {
    try {
      return lookups.findLogin(EmailAddress.parse(name));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  /// Empty also when the policy denies: then the attempt takes the long way, so that it costs what
  /// a wrong password costs.
  private Optional<Attempt> remembered(Attempt attempt, String credential, LoginUser user) {
    Remembered known = remembered.getIfPresent(credential);
    if (known == null
        || !user.mayLogIn()
        || known.stamp != user.stamp()
        || !clock.instant().isBefore(known.until)
        || (known.isPassword && !allowsPassword(user, attempt.protocol))
        || (!known.isPassword && known.protocol != attempt.protocol)) {
      return Optional.empty();
    }
    Attempt again =
        attempt
            .of(Optional.of(user))
            .by(new Proof.Proved(Method.REMEMBERED, known.tokenId, Duration.ZERO))
            .decided(decide(user, attempt.protocol, attempt.peer));
    return again.isDenied() ? Optional.empty() : Optional.of(again);
  }

  private void remember(String credential, LoginUser user, Proof proof, Protocol protocol) {
    if (!(proof instanceof Proof.Proved(Method method, var tokenId, Duration rememberFor))) return;
    if (!rememberFor.isPositive()) return;
    remembered.put(
        credential,
        new Remembered(
            user.stamp(),
            clock.instant().plus(rememberFor),
            method == Method.PASSWORD,
            tokenId,
            protocol));
  }

  private static Principal principal(LoginUser user, Optional<EntityId> actor) {
    return new Principal(
        user.organization(),
        user.user().id(),
        user.user().mailbox().orElseThrow(),
        user.user().email().orElseThrow(),
        actor);
  }

  private void await(Duration delay) {
    if (delay.isZero()) return;
    try {
      sleeper.sleep(delay);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted", Duration.ofSeconds(1), e);
    }
  }

  private String keyedHash(String account, String password) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update(account.getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0);
      return HexFormat.of().formatHex(mac.doFinal(password.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no HMAC-SHA-256", e);
    }
  }

  private RefusedException refused(Attempt attempt, Outcome outcome, String cause) {
    LOG.info(
        "login over {} from {} refused: {}",
        attempt.protocol.workMailName(),
        attempt.peer.getHostAddress(),
        cause);
    report(attempt, outcome);
    return new RefusedException(Refusal.AUTHENTICATION_FAILED, "wrong user name or password");
  }

  private void report(Attempt attempt, Outcome outcome) {
    if (extensions.listeners().isEmpty()) return;
    LoginAttempt told = attempt.ended(outcome);
    for (LoginListener listener : extensions.listeners()) listener.attempted(told);
  }

  /// What was found out about the secret.
  private sealed interface Proof {
    Method method();

    Optional<String> tokenId();

    record Proved(Method method, Optional<String> tokenId, Duration rememberFor) implements Proof {}

    record Disproved(Method method, Optional<String> tokenId, String cause) implements Proof {}

    record Away(Method method, Optional<String> tokenId, String cause, Duration retryAfter)
        implements Proof {}
  }

  /// An attempt on its way.
  private record Attempt(
      String name,
      Protocol protocol,
      InetAddress peer,
      Instant time,
      Optional<LoginUser> user,
      Optional<EntityId> actingAs,
      Method method,
      Optional<String> tokenId,
      Optional<AccessDecision> decision) {

    Attempt(String name, Protocol protocol, InetAddress peer, Instant time) {
      this(
          name,
          protocol,
          peer,
          time,
          Optional.empty(),
          Optional.empty(),
          Method.PASSWORD,
          Optional.empty(),
          Optional.empty());
    }

    Attempt of(Optional<LoginUser> found) {
      return new Attempt(name, protocol, peer, time, found, actingAs, method, tokenId, decision);
    }

    Attempt by(Proof proof) {
      return new Attempt(
          name, protocol, peer, time, user, actingAs, proof.method(), proof.tokenId(), decision);
    }

    Attempt decided(AccessDecision said) {
      return new Attempt(
          name, protocol, peer, time, user, actingAs, method, tokenId, Optional.of(said));
    }

    /// Only users of the same organization are named.
    Attempt actingAs(Optional<LoginUser> target) {
      return new Attempt(
          name,
          protocol,
          peer,
          time,
          user,
          target
              .filter(t -> user.filter(u -> u.organization().equals(t.organization())).isPresent())
              .map(t -> t.user().id()),
          method,
          tokenId,
          decision);
    }

    boolean isDenied() {
      return decision.filter(d -> !d.isAllowed()).isPresent();
    }

    String rules() {
      return decision
          .map(AccessDecision::rules)
          .filter(rules -> !rules.isEmpty())
          .map(rules -> "rule " + String.join(", ", rules))
          .orElse("default: no rule allows it");
    }

    LoginAttempt ended(Outcome outcome) {
      return new LoginAttempt(
          time,
          name.length() > LoginLimits.NAME_CHARS_MAX
              ? name.substring(0, LoginLimits.NAME_CHARS_MAX)
              : name,
          user.map(LoginUser::organization),
          user.map(u -> u.user().id()),
          actingAs,
          protocol,
          peer,
          method,
          tokenId,
          decision,
          outcome);
    }
  }
}
