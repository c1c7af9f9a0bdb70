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
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.directory.Lookups;
import org.mailstead.core.directory.Lookups.LoginUser;
import org.mailstead.core.directory.Passwords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Checks a name and password (design §6): Argon2id, at most two hashes at once behind a bounded
/// queue, a verified credential remembered as a keyed hash for ten minutes, a delay that grows with
/// failures per account and network.
///
/// Every refusal reads the same and costs the same, one hash: whether the user exists, is disabled
/// or has no password cannot be told. What is remembered names the user's stamp, which changes with
/// password and state, so that it ends with either.
public final class Logins {
  private static final Logger LOG = LoggerFactory.getLogger(Logins.class);
  private static final int KEY_BYTES = 32;

  private final Lookups lookups;
  private final Passwords passwords;
  private final LoginLimits limits;
  private final LoginDelays delays;
  private final InstantSource clock;
  private final Sleeper sleeper;
  private final SecretKeySpec key;
  private final Cache<String, Remembered> remembered;

  private record Remembered(long stamp, Instant until) {}

  /// @param random fit for secrets
  public Logins(
      Lookups lookups,
      Passwords passwords,
      LoginLimits limits,
      InstantSource clock,
      RandomGenerator random,
      Sleeper sleeper) {
    this.lookups = lookups;
    this.passwords = passwords;
    this.limits = limits;
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

  /// Logs a user in by address (primary or alias) and password. Blocks while the brute-force delay
  /// lasts.
  ///
  /// @throws RefusedException AUTHENTICATION_FAILED, the same text for every cause
  /// @throws UnavailableException too many logins wait
  public Principal login(String name, String password, Protocol protocol, InetAddress peer) {
    if (name.length() > LoginLimits.NAME_CHARS_MAX
        || password.length() > LoginLimits.PASSWORD_CHARS_MAX) {
      throw refused("name or password too long", protocol, peer);
    }
    String account = name.toLowerCase(Locale.ROOT);
    Optional<LoginUser> user = find(name);
    String credential = keyedHash(account, password);
    if (user.isPresent() && isRemembered(credential, user.get())) return principal(user.get());
    await(delays.next(account, peer));
    // Asked again: the user may have changed while the attempt waited.
    user = find(name);
    boolean possible = user.filter(LoginUser::mayLogIn).isPresent();
    String hash =
        user.filter(_ -> possible).flatMap(LoginUser::passwordHash).orElseGet(passwords::dummy);
    boolean matches = passwords.verify(password, hash);
    if (!matches || !possible) {
      delays.failed(account, peer);
      throw refused(user.isEmpty() ? "unknown" : possible ? "password" : "state", protocol, peer);
    }
    delays.succeeded(account, peer);
    LoginUser verified = user.orElseThrow();
    remembered.put(
        credential, new Remembered(verified.stamp(), clock.instant().plus(limits.rememberFor())));
    return principal(verified);
  }

  private Optional<LoginUser> find(String name) {
    try {
      return lookups.findLogin(EmailAddress.parse(name));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  private boolean isRemembered(String credential, LoginUser user) {
    Remembered known = remembered.getIfPresent(credential);
    return known != null
        && user.mayLogIn()
        && known.stamp == user.stamp()
        && clock.instant().isBefore(known.until);
  }

  private static Principal principal(LoginUser user) {
    return new Principal(
        user.organization(),
        user.user().id(),
        user.user().mailbox().orElseThrow(),
        user.user().email().orElseThrow());
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

  private static RefusedException refused(String cause, Protocol protocol, InetAddress peer) {
    LOG.info(
        "login over {} from {} refused: {}", protocol.workMailName(), peer.getHostAddress(), cause);
    return new RefusedException(Refusal.AUTHENTICATION_FAILED, "wrong user name or password");
  }
}
