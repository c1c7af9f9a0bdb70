package org.mailstead.core.signing;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// The DKIM keys of each domain (DOM-5): two pairs, one of which signs while the other one waits,
/// each of an RSA key with 2048 bits and an Ed25519 key. Both pairs are published, so that a
/// rotation needs no change in the DNS at that moment. Made at the first use; private keys are
/// sealed with the organization's key.
///
/// [#rotate] signs with the other pair from then on. [#renew] replaces the pair that does not sign,
/// but not before what was signed with it has had time to arrive.
public final class DkimKeys {
  /// How long a pair stays published after it signed for the last time (RFC 6376 §3.6.1 leaves it
  /// to the signer; mail is tried for four days here, and others verify when they like).
  public static final Duration RETIRED_KEPT = Duration.ofDays(7);

  private static final int FORMAT = 1;
  private static final int RSA_BITS = 2_048;
  private static final int PAIRS = 2;
  private static final List<DkimKey.Algorithm> ALGORITHMS =
      List.of(DkimKey.Algorithm.RSA, DkimKey.Algorithm.ED25519);

  /// What an Ed25519 key's SubjectPublicKeyInfo has before the key (RFC 8410 §4).
  private static final int ED25519_PREFIX_BYTES = 12;

  private final Directory directory;
  private final OrganizationKeys keys;
  private final InstantSource clock;

  public DkimKeys(Directory directory, OrganizationKeys keys, InstantSource clock) {
    this.directory = directory;
    this.keys = keys;
    this.clock = clock;
  }

  /// One key as stored.
  private record Stored(byte[] publicKey, byte[] sealedPrivate) {}

  /// @param retired when the pair that does not sign did so last
  /// @param stored RSA and Ed25519 of the first pair, then of the second
  private record Pairs(int active, Optional<Instant> retired, List<Stored> stored) {
    byte[] write() {
      var out = new ValueWriter(FORMAT).number(active).optionalTime(retired);
      for (Stored each : stored) out.octets(each.publicKey()).octets(each.sealedPrivate());
      return out.value();
    }

    static Pairs read(byte[] value) {
      var in = new ValueReader(value, FORMAT);
      int active = (int) in.number();
      Optional<Instant> retired = in.optionalTime();
      List<Stored> stored = new ArrayList<>();
      for (int i = 0; i < PAIRS * ALGORITHMS.size(); i++) {
        stored.add(new Stored(in.octets(), in.octets()));
      }
      return new Pairs(active, retired, List.copyOf(stored));
    }
  }

  /// All keys of a domain; they are made if there are none.
  ///
  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND, MAIL_DOMAIN_NOT_FOUND
  public List<DkimKey> keys(OrganizationId organization, String domain) {
    String name = directory.domains().load(organization, domain).name();
    Pairs pairs = load(organization, name);
    List<DkimKey> all = new ArrayList<>();
    for (int i = 0; i < pairs.stored().size(); i++) {
      DkimKey.Algorithm algorithm = ALGORITHMS.get(i % ALGORITHMS.size());
      all.add(
          new DkimKey(
              selector(i),
              algorithm,
              record(algorithm, pairs.stored().get(i).publicKey()),
              i / ALGORITHMS.size() == pairs.active()));
    }
    return List.copyOf(all);
  }

  /// What the domain's owner must publish: the keys themselves, or, where the operator runs a zone
  /// for that, aliases into it, so that later keys need no change at the domain.
  ///
  /// @param zone under which the operator publishes the keys as `<selector>.<domain>.<zone>`
  /// @throws DirectoryRefusedException as of [#keys]
  public List<PublishedRecord> records(
      OrganizationId organization, String domain, Optional<String> zone) {
    List<PublishedRecord> records = new ArrayList<>();
    for (DkimKey key : keys(organization, domain)) {
      String name = key.selector() + "._domainkey." + domain;
      records.add(
          zone.isPresent()
              ? new PublishedRecord("CNAME", name, key.selector() + "." + domain + "." + zone.get())
              : new PublishedRecord("TXT", name, key.record()));
    }
    return List.copyOf(records);
  }

  /// A private key.
  ///
  /// @throws DirectoryRefusedException as of [#keys]
  /// @throws RefusedException WRONG_STATE: the organization's key was destroyed; NOT_FOUND: there
  ///   is no such selector
  public PrivateKey privateKey(OrganizationId organization, String domain, String selector) {
    String name = directory.domains().load(organization, domain).name();
    Pairs pairs = load(organization, name);
    for (int i = 0; i < pairs.stored().size(); i++) {
      if (!selector(i).equals(selector)) continue;
      byte[] plain = keys.open(organization, pairs.stored().get(i).sealedPrivate());
      try {
        return KeyFactory.getInstance(javaName(ALGORITHMS.get(i % ALGORITHMS.size())))
            .generatePrivate(new PKCS8EncodedKeySpec(plain));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("a stored signing key cannot be read", e);
      } finally {
        Arrays.fill(plain, (byte) 0);
      }
    }
    throw new RefusedException(Refusal.NOT_FOUND, "There is no such DKIM selector");
  }

  /// From now on the other pair signs.
  public void rotate(Change change, OrganizationId organization, String domain) {
    String name = directory.domains().load(organization, domain).name();
    load(organization, name);
    Instant now = clock.instant();
    directory
        .records()
        .change(
            change,
            organization,
            edit -> {
              Pairs before = Pairs.read(edit.find(Kind.DKIM_KEY, name).orElseThrow());
              Pairs after =
                  new Pairs((before.active() + 1) % PAIRS, Optional.of(now), before.stored());
              edit.put(Kind.DKIM_KEY, name, after.write());
              return true;
            });
  }

  /// New keys for the pair that does not sign; their records must be published anew unless they are
  /// aliases.
  ///
  /// @throws RefusedException IN_USE: mail that this pair signed may still be on its way
  public void renew(Change change, OrganizationId organization, String domain) {
    String name = directory.domains().load(organization, domain).name();
    load(organization, name);
    List<Stored> fresh = freshPair(organization);
    Instant now = clock.instant();
    directory
        .records()
        .change(
            change,
            organization,
            edit -> {
              Pairs before = Pairs.read(edit.find(Kind.DKIM_KEY, name).orElseThrow());
              if (before.retired().isPresent()
                  && now.isBefore(before.retired().get().plus(RETIRED_KEPT))) {
                throw new RefusedException(
                    Refusal.IN_USE,
                    "Mail signed with these DKIM keys may still be on its way, until "
                        + before.retired().get().plus(RETIRED_KEPT));
              }
              List<Stored> stored = new ArrayList<>(before.stored());
              int first = (before.active() + 1) % PAIRS * ALGORITHMS.size();
              for (int i = 0; i < fresh.size(); i++) stored.set(first + i, fresh.get(i));
              Pairs after = new Pairs(before.active(), Optional.empty(), stored);
              edit.put(Kind.DKIM_KEY, name, after.write());
              return true;
            });
  }

  private Pairs load(OrganizationId organization, String name) {
    Optional<byte[]> known = directory.records().find(organization, Kind.DKIM_KEY, name);
    if (known.isPresent()) return Pairs.read(known.get());
    List<Stored> stored = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) stored.addAll(freshPair(organization));
    byte[] value = new Pairs(0, Optional.empty(), stored).write();
    // Of two that come at once the first one's keys count.
    return Pairs.read(
        directory
            .records()
            .changeUnasked(
                organization,
                edit -> {
                  Optional<byte[]> other = edit.find(Kind.DKIM_KEY, name);
                  if (other.isPresent()) return other.get();
                  edit.put(Kind.DKIM_KEY, name, value);
                  return value;
                }));
  }

  private List<Stored> freshPair(OrganizationId organization) {
    List<Stored> pair = new ArrayList<>();
    for (DkimKey.Algorithm algorithm : ALGORITHMS) {
      KeyPair made = generate(algorithm);
      byte[] plain = made.getPrivate().getEncoded();
      pair.add(new Stored(made.getPublic().getEncoded(), keys.seal(organization, plain)));
      Arrays.fill(plain, (byte) 0);
    }
    return pair;
  }

  private static KeyPair generate(DkimKey.Algorithm algorithm) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(javaName(algorithm));
      if (algorithm == DkimKey.Algorithm.RSA) generator.initialize(RSA_BITS);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK makes no " + algorithm + " keys", e);
    }
  }

  private static String javaName(DkimKey.Algorithm algorithm) {
    return switch (algorithm) {
      case RSA -> "RSA";
      case ED25519 -> "Ed25519";
    };
  }

  private static String selector(int index) {
    DkimKey.Algorithm algorithm = ALGORITHMS.get(index % ALGORITHMS.size());
    String kind =
        switch (algorithm) {
          case RSA -> "rsa";
          case ED25519 -> "ed";
        };
    return "mailstead-" + kind + (index / ALGORITHMS.size() + 1);
  }

  private static String record(DkimKey.Algorithm algorithm, byte[] encoded) {
    return switch (algorithm) {
      case RSA -> "v=DKIM1; k=rsa; p=" + Base64.getEncoder().encodeToString(encoded);
      case ED25519 ->
          "v=DKIM1; k=ed25519; p="
              + Base64.getEncoder()
                  .encodeToString(
                      Arrays.copyOfRange(encoded, ED25519_PREFIX_BYTES, encoded.length));
    };
  }
}
