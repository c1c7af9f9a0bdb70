package org.mailstead.core.directory;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.mailstead.base.UnavailableException;

/// Hashes passwords with Argon2id (RFC 9106) and checks them; knows the policy (USR-5).
///
/// A hash costs tens of milliseconds and 19 MiB, so at most two run at once, on threads of their
/// own (a virtual thread would hold its carrier all the while), and only so many wait.
public final class Passwords implements AutoCloseable {
  public static final int CHARS_MIN = 8;
  public static final int CHARS_MAX = 63;
  public static final int CLASSES_MIN = 3;
  public static final int RUNNING_MAX = 2;
  public static final int WAITING_MAX = 64;

  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;
  private static final Pattern PHC =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=(\\d{1,8}),t=(\\d{1,3}),p=(\\d{1,2})\\$([A-Za-z0-9+/]+)\\$([A-Za-z0-9+/]+)");

  private final Cost cost;
  private final RandomGenerator random;
  private final AtomicLong hashCount = new AtomicLong();
  private final ThreadPoolExecutor workers;
  private final String dummy;

  /// What a hash costs.
  public record Cost(int memoryKibibytes, int iterations) {
    /// OWASP's smallest recommended memory for Argon2id.
    public static Cost standard() {
      return new Cost(19 * 1024, 2);
    }
  }

  public Passwords(Cost cost, RandomGenerator random) {
    this.cost = cost;
    this.random = random;
    this.workers =
        new ThreadPoolExecutor(
            RUNNING_MAX,
            RUNNING_MAX,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().daemon().name("passwords-", 0).factory());
    workers.allowCoreThreadTimeOut(true);
    this.dummy = phc(new byte[SALT_BYTES], new byte[HASH_BYTES]);
  }

  /// Refuses a password that breaks the policy, naming the rule.
  ///
  /// @throws DirectoryRefusedException INVALID_PASSWORD
  public static void checkPolicy(String password) {
    if (password.length() < CHARS_MIN || password.length() > CHARS_MAX) {
      throw refused(
          "The password must have between " + CHARS_MIN + " and " + CHARS_MAX + " characters.");
    }
    boolean upper = false;
    boolean lower = false;
    boolean digit = false;
    boolean special = false;
    boolean latin1 = false;
    for (int i = 0; i < password.length(); i++) {
      char c = password.charAt(i);
      if (c < ' ' || c > 0xFF || (c >= 0x7F && c < 0xA0)) {
        throw refused("The password may only have characters of ISO 8859-1 (Latin-1).");
      }
      if (c >= 'A' && c <= 'Z') upper = true;
      else if (c >= 'a' && c <= 'z') lower = true;
      else if (c >= '0' && c <= '9') digit = true;
      else if (c < 0x7F) special = true;
      else latin1 = true;
    }
    int classes = 0;
    for (boolean has : new boolean[] {upper, lower, digit, special, latin1}) classes += has ? 1 : 0;
    if (classes < CLASSES_MIN) {
      throw refused(
          "The password must have characters of at least "
              + CLASSES_MIN
              + " of these classes: upper case, lower case, digits, special characters, other"
              + " Latin-1 characters.");
    }
  }

  private static DirectoryRefusedException refused(String text) {
    return new DirectoryRefusedException(DirectoryRefusal.INVALID_PASSWORD, text);
  }

  /// The hash in PHC form.
  ///
  /// @throws UnavailableException too many wait
  public String hash(String password) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    return run(() -> phc(salt, argon2(password, salt, cost, HASH_BYTES)));
  }

  /// Whether the hash is of this password. Takes as long whatever the answer.
  ///
  /// @throws UnavailableException too many wait
  public boolean verify(String password, String phc) {
    Matcher parts = PHC.matcher(phc);
    if (!parts.matches()) throw new IllegalStateException("a password hash of an unknown form");
    var stored = new Cost(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
    byte[] salt = Base64.getDecoder().decode(parts.group(4));
    byte[] hash = Base64.getDecoder().decode(parts.group(5));
    return run(() -> MessageDigest.isEqual(hash, argon2(password, salt, stored, hash.length)));
  }

  /// A hash that nothing fits, for users that do not exist: checking it takes as long as checking a
  /// real one.
  public String dummy() {
    return dummy;
  }

  /// Hashes made since the start.
  public long hashCount() {
    return hashCount.get();
  }

  private <T> T run(Callable<T> work) {
    Future<T> result;
    try {
      result = workers.submit(work);
    } catch (RejectedExecutionException e) {
      throw new UnavailableException("too many logins wait", Duration.ofSeconds(5), e);
    }
    try {
      return result.get();
    } catch (InterruptedException e) {
      result.cancel(false);
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted", Duration.ofSeconds(1), e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("hashing failed", e.getCause());
    }
  }

  private byte[] argon2(String password, byte[] salt, Cost at, int bytes) {
    hashCount.incrementAndGet();
    var generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(at.memoryKibibytes)
            .withIterations(at.iterations)
            .withParallelism(1)
            .withSalt(salt)
            .build());
    byte[] hash = new byte[bytes];
    byte[] octets = password.getBytes(StandardCharsets.UTF_8);
    generator.generateBytes(octets, hash);
    Arrays.fill(octets, (byte) 0);
    return hash;
  }

  private String phc(byte[] salt, byte[] hash) {
    var base64 = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m="
        + cost.memoryKibibytes
        + ",t="
        + cost.iterations
        + ",p=1$"
        + base64.encodeToString(salt)
        + "$"
        + base64.encodeToString(hash);
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }
}
