package org.mailstead.core.directory;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.outbox.Commits;
import org.mailstead.core.outbox.EffectKind;
import org.mailstead.core.outbox.Outbox;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Collection;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;

/// Names that only one may have: each in a small partition of its own, `claim/<hash>`, taken before
/// the thing that has the name is written (design §3).
///
/// The thing is the truth, the claim only the right to become it. So a claim whose claimer crashed
/// is recognised by its claimer not having the name, and a later claimer takes it over once
/// [#LEASE] has passed; a claimer writes its thing within half of that or gives up. Every claim
/// carries a fresh number, and is released by that number only: a release that was delayed cannot
/// hit a later claim by the same claimer.
final class Claims {
  static final Duration LEASE = Duration.ofMinutes(1);

  private static final EffectKind RELEASE = new EffectKind(10, "release claim", false);
  private static final Collection CLAIM = new Collection(1, "claim");
  private static final byte[] ONLY = {0};
  private static final int FORMAT = 1;

  private final Commits commits;
  private final InstantSource clock;
  private final RandomGenerator random;

  /// What is claimed. Numbers are stored in hashes: never change one.
  enum Kind {
    /// Alias of an organization; scope: account, owner: organization.
    ALIAS(1),
    /// Mail domain; scope: account, owner: organization.
    DOMAIN(2),
    /// Address; scope: directory, owner: entity. Those of remote users outside the organization's
    /// domains are claimed inside the directory only.
    ADDRESS(3),
    /// Entity name inside a directory; scope: directory, owner: entity.
    NAME(4),
    /// Access key id; scope and owner: account.
    ACCESS_KEY(5),
    /// Directory id; scope: account, owner: the organization on it.
    DIRECTORY(6);

    final int number;

    Kind(int number) {
      this.number = number;
    }
  }

  record Claim(Kind kind, String name, String scope, String owner, long nonce, Instant time) {
    boolean isBy(String claimScope, String claimOwner) {
      return scope.equals(claimScope) && owner.equals(claimOwner);
    }
  }

  Claims(Outbox outbox, InstantSource clock, RandomGenerator random) {
    this.commits = outbox.commits();
    this.clock = clock;
    this.random = random;
    outbox.handle(
        RELEASE,
        effect -> {
          var in = new ValueReader(effect.payload(), FORMAT);
          release(kind((int) in.number()), in.text(), in.number());
        });
  }

  Optional<Claim> find(Kind kind, String name) {
    return commits
        .store()
        .get(partition(kind, name), CLAIM, ONLY)
        .map(row -> read(kind, row))
        .filter(claim -> claim.name.equals(name));
  }

  /// Takes a name, or takes it again for the same claimer.
  ///
  /// @param uses whether the claimer of a claim really has the name
  /// @return empty if somebody else has it or is about to
  Optional<Claim> take(Kind kind, String name, String scope, String owner, Predicate<Claim> uses) {
    var fresh = new Claim(kind, name, scope, owner, random.nextLong(), clock.instant());
    return commits.change(
        partition(kind, name),
        change -> {
          Optional<Claim> present = change.get(CLAIM, ONLY).map(row -> read(kind, row));
          if (present.isPresent() && !present.get().isBy(scope, owner)) {
            if (uses.test(present.get())) return Optional.empty();
            if (present.get().time.plus(LEASE).isAfter(clock.instant())) return Optional.empty();
          }
          change.put(CLAIM, ONLY, write(fresh));
          return Optional.of(fresh);
        });
  }

  /// Gives a claim to another owner.
  ///
  /// @return false if it is not this claim any more
  boolean handOver(Claim claim, String scope, String owner) {
    var fresh = new Claim(claim.kind, claim.name, scope, owner, random.nextLong(), clock.instant());
    return commits.change(
        partition(claim.kind, claim.name),
        change -> {
          if (!isStill(change, claim.kind, claim.nonce)) return false;
          change.put(CLAIM, ONLY, write(fresh));
          return true;
        });
  }

  /// Called right before the claimer writes its thing.
  ///
  /// @throws UnavailableException it took so long that somebody may take the claim over
  void checkTimely(Claim claim) {
    if (clock.instant().isAfter(claim.time.plus(LEASE.dividedBy(2)))) {
      throw new UnavailableException("a claim took too long", Duration.ofSeconds(1));
    }
  }

  /// Gives a claim back after the claimer failed, unless it turns out to use the name.
  void abandon(Claim claim, Predicate<Claim> uses, RuntimeException because) {
    try {
      if (!uses.test(claim)) release(claim.kind, claim.name, claim.nonce);
    } catch (RuntimeException e) {
      // It stays until somebody takes it over.
      because.addSuppressed(e);
    }
  }

  void release(Kind kind, String name, long nonce) {
    commits.change(
        partition(kind, name),
        change -> {
          if (isStill(change, kind, nonce)) change.delete(CLAIM, ONLY);
          return true;
        });
  }

  /// Gives the claim back as an effect of the change that ends its use; read before that change.
  static void release(PartitionChange change, Claim claim) {
    change.effect(
        RELEASE,
        new ValueWriter(FORMAT)
            .number(claim.kind.number)
            .text(claim.name)
            .number(claim.nonce)
            .value());
  }

  private static boolean isStill(PartitionChange change, Kind kind, long nonce) {
    return change
        .get(CLAIM, ONLY)
        .map(row -> read(kind, row))
        .filter(c -> c.nonce == nonce)
        .isPresent();
  }

  static Claim read(Kind kind, byte[] row) {
    var in = new ValueReader(row, FORMAT);
    in.number();
    return new Claim(kind, in.text(), in.text(), in.text(), in.number(), in.time());
  }

  /// Claims as they lie in the store, for checks.
  static Optional<Claim> readAny(Store store, PartitionId partition) {
    return store
        .get(partition, CLAIM, ONLY)
        .map(row -> {
          int number = (int) new ValueReader(row, FORMAT).number();
          return read(kind(number), row);
        });
  }

  private static Kind kind(int number) {
    for (Kind kind : Kind.values()) if (kind.number == number) return kind;
    throw new IllegalStateException("a claim of an unknown kind");
  }

  private static byte[] write(Claim claim) {
    return new ValueWriter(FORMAT)
        .number(claim.kind.number)
        .text(claim.name)
        .text(claim.scope)
        .text(claim.owner)
        .number(claim.nonce)
        .time(claim.time)
        .value();
  }

  static PartitionId partition(Kind kind, String name) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((byte) kind.number);
      byte[] hash = digest.digest(name.getBytes(StandardCharsets.UTF_8));
      return new PartitionId("claim/" + HexFormat.of().formatHex(hash, 0, 20));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }
}
