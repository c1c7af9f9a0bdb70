package org.mailstead.mailflow.srs;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.OrganizationRecords;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// The Sender Rewriting Scheme: `SRS0=hash=day=domain=local@ours` stands for `local@domain`, and
/// `SRS1=hash=first==rest@ours` for somebody else's SRS0 address of `first`, so that addresses do
/// not grow along a chain and bounces skip its middle.
///
/// The hash is HMAC-SHA256 under a key of the organization, made at its first use and sealed with
/// the organization's key; 40 bits of it, in base 32, because local parts lose their case on the
/// way. An address is good for 21 days: only mail that was sent on here can be answered through
/// here, and not for ever.
public final class SenderRewriting {
  private static final String SETTING = "srs-key";
  private static final int FORMAT = 1;
  private static final int KEY_BYTES = 32;
  private static final int HASH_CHARS = 8;
  private static final int DAYS_VALID = 21;
  private static final int DAYS = 1024;
  private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

  private final Directory directory;
  private final OrganizationRecords records;
  private final OrganizationKeys keys;
  private final InstantSource clock;
  private final RandomGenerator random;

  /// @param random must be fit for secrets
  public SenderRewriting(
      Directory directory, OrganizationKeys keys, InstantSource clock, RandomGenerator random) {
    this.directory = directory;
    this.records = directory.records();
    this.keys = keys;
    this.clock = clock;
    this.random = random;
  }

  /// What an address that mail comes back to means.
  public sealed interface Returned {
    /// An address like any other.
    record NotRewritten() implements Returned {}

    /// It looks like one of ours but is not, or is too old.
    record Refused(String reason) implements Returned {}

    /// @param organization whose user sent the mail on
    record Original(OrganizationId organization, EmailAddress address) implements Returned {}
  }

  /// The reverse path of a message that a user of the organization sends on; empty if the address
  /// would be too long.
  public Optional<EmailAddress> rewrite(OrganizationId organization, EmailAddress sender) {
    String domain = directory.organizations().load(organization).defaultMailDomain();
    String local = sender.local();
    String lower = local.toLowerCase(Locale.ROOT);
    try {
      if (isMarked(lower, "srs0")) {
        String rest = sender.domain() + "=" + local.substring(4);
        return Optional.of(
            new EmailAddress("SRS1=" + hash(organization, rest) + "=" + rest, domain));
      }
      int first = lower.indexOf('=', 5);
      if (isMarked(lower, "srs1") && first > 0) {
        String rest = local.substring(first + 1);
        return Optional.of(
            new EmailAddress("SRS1=" + hash(organization, rest) + "=" + rest, domain));
      }
      String rest = day(today()) + "=" + sender.domain() + "=" + local;
      return Optional.of(new EmailAddress("SRS0=" + hash(organization, rest) + "=" + rest, domain));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  /// Whom a bounce to this address is for.
  public Returned original(EmailAddress address) {
    String lower = address.local().toLowerCase(Locale.ROOT);
    boolean first = isMarked(lower, "srs0");
    if (!first && !isMarked(lower, "srs1")) return new Returned.NotRewritten();
    Optional<OrganizationId> owner = directory.recipients().owner(address.domain());
    if (owner.isEmpty()) return new Returned.NotRewritten();
    String[] parts = address.local().substring(5).split("=", 2);
    try {
      if (parts.length < 2 || !isGenuine(owner.get(), parts[0], parts[1])) {
        return new Returned.Refused("This address was not made here");
      }
      return first ? ofFirst(owner.get(), parts[1]) : ofChain(owner.get(), parts[1]);
    } catch (MalformedException e) {
      return new Returned.Refused("This address cannot be read");
    } catch (RefusedException e) {
      return new Returned.Refused("This address is not in use any more");
    }
  }

  private Returned ofFirst(OrganizationId organization, String rest) {
    String[] parts = rest.split("=", 3);
    if (parts.length < 3) return new Returned.Refused("This address cannot be read");
    int made = day(parts[0]);
    if (made < 0 || Math.floorMod(today() - made, DAYS) > DAYS_VALID) {
      return new Returned.Refused("This address is too old");
    }
    return new Returned.Original(organization, new EmailAddress(parts[2], parts[1]));
  }

  /// `host==hash=day=domain=local`: the separator after the host is kept as it was.
  private static Returned ofChain(OrganizationId organization, String rest) {
    int at = rest.indexOf('=');
    if (at <= 0) return new Returned.Refused("This address cannot be read");
    return new Returned.Original(
        organization, new EmailAddress("SRS0" + rest.substring(at + 1), rest.substring(0, at)));
  }

  private static boolean isMarked(String lower, String mark) {
    return lower.length() > 5 && lower.startsWith(mark) && "=+-".indexOf(lower.charAt(4)) >= 0;
  }

  private boolean isGenuine(OrganizationId organization, String given, String rest) {
    byte[] right = hash(organization, rest).getBytes(StandardCharsets.US_ASCII);
    byte[] found = given.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(right, found);
  }

  private String hash(OrganizationId organization, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key(organization), "HmacSHA256"));
      byte[] hash = mac.doFinal(text.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
      long bits = 0;
      for (int i = 0; i < 5; i++) bits = bits << 8 | (hash[i] & 0xff);
      var out = new StringBuilder();
      for (int i = HASH_CHARS - 1; i >= 0; i--) {
        out.append(BASE32.charAt((int) (bits >>> (5 * i)) & 31));
      }
      return out.toString();
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("this JDK has no HMAC-SHA256", e);
    }
  }

  private byte[] key(OrganizationId organization) {
    Optional<byte[]> found = records.find(organization, Kind.SETTING, SETTING);
    if (found.isEmpty()) {
      byte[] fresh = new byte[KEY_BYTES];
      random.nextBytes(fresh);
      byte[] sealed = keys.seal(organization, fresh);
      byte[] value = new ValueWriter(FORMAT).octets(sealed).value();
      found =
          Optional.of(
              records.changeUnasked(
                  organization,
                  edit -> {
                    // Another thread may have been first.
                    Optional<byte[]> other = edit.find(Kind.SETTING, SETTING);
                    if (other.isPresent()) return other.get();
                    edit.put(Kind.SETTING, SETTING, value);
                    return value;
                  }));
    }
    return keys.open(organization, new ValueReader(found.get(), FORMAT).octets());
  }

  private int today() {
    return (int) Math.floorMod(clock.instant().getEpochSecond() / 86_400, (long) DAYS);
  }

  private static String day(int day) {
    return "" + BASE32.charAt(day >>> 5) + BASE32.charAt(day & 31);
  }

  /// -1 if it is none.
  private static int day(String text) {
    if (text.length() != 2) return -1;
    String lower = text.toLowerCase(Locale.ROOT);
    int high = BASE32.indexOf(lower.charAt(0));
    int low = BASE32.indexOf(lower.charAt(1));
    return high < 0 || low < 0 ? -1 : high << 5 | low;
  }
}
