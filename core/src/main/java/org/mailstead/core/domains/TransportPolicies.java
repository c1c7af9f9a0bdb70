package org.mailstead.core.domains;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// The MTA-STS policies of our own domains: what other servers are told about encryption on the way
/// to us.
///
/// @spec https://www.rfc-editor.org/rfc/rfc8461#section-3.2 RFC 8461 §3.2
public final class TransportPolicies {
  /// RFC 8461 §3.2: about a year.
  public static final Duration AGE_MAX = Duration.ofHours(8_766);

  /// A shorter one protects nobody: it is gone before the next message.
  public static final Duration AGE_MIN = Duration.ofHours(1);

  /// What RFC 8461 §10.2 advises at least: weeks.
  public static final Duration AGE_USUAL = Duration.ofDays(14);

  private static final int FORMAT = 1;

  private final Directory directory;

  public TransportPolicies(Directory directory) {
    this.directory = directory;
  }

  /// How serious it is.
  public enum Mode {
    /// Failures are reported, mail goes all the same.
    TESTING,
    /// Mail does not go over connections that are not as the policy wants them.
    ENFORCE,
    /// There is none any more: how one is taken back (RFC 8461 §8.3).
    NONE
  }

  /// A policy.
  ///
  /// @param maxAge how long others remember it
  public record TransportPolicy(Mode mode, Duration maxAge) {
    /// @throws RefusedException INVALID: the age is out of bounds
    public TransportPolicy {
      if (maxAge.compareTo(AGE_MIN) < 0 || maxAge.compareTo(AGE_MAX) > 0) {
        throw new RefusedException(
            Refusal.INVALID,
            "A policy's age is " + AGE_MIN.toSeconds() + " to " + AGE_MAX.toSeconds() + " seconds");
      }
    }

    /// The file as it is served.
    ///
    /// @param host the one mail exchanger
    public String text(String host) {
      return "version: STSv1\r\nmode: "
          + mode.name().toLowerCase(Locale.ROOT)
          + "\r\nmx: "
          + host
          + "\r\nmax_age: "
          + maxAge.toSeconds()
          + "\r\n";
    }

    /// Names this content: another one has another id (RFC 8461 §3.1).
    public String id(String host) {
      try {
        byte[] digest =
            MessageDigest.getInstance("SHA-256")
                .digest(text(host).getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(digest, 0, 12);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has SHA-256", e);
      }
    }
  }

  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND, ORGANIZATION_STATE
  public Optional<TransportPolicy> find(OrganizationId organization, String domain) {
    return directory
        .records()
        .find(organization, Kind.TRANSPORT_POLICY, domain)
        .map(value -> {
          var in = new ValueReader(value, FORMAT);
          return new TransportPolicy(Mode.valueOf(in.text()), Duration.ofSeconds(in.number()));
        });
  }

  /// @throws DirectoryRefusedException MAIL_DOMAIN_NOT_FOUND, RESOURCE_NOT_FOUND
  public TransportPolicy load(OrganizationId organization, String domain) {
    String name = directory.domains().load(organization, domain).name();
    return find(organization, name)
        .orElseThrow(() ->
            new DirectoryRefusedException(
                DirectoryRefusal.RESOURCE_NOT_FOUND,
                "The domain " + name + " has no MTA-STS policy."));
  }

  /// @throws DirectoryRefusedException MAIL_DOMAIN_NOT_FOUND
  public void put(
      Change change, OrganizationId organization, String domain, TransportPolicy policy) {
    String name = directory.domains().load(organization, domain).name();
    byte[] value =
        new ValueWriter(FORMAT)
            .text(policy.mode().name())
            .number(policy.maxAge().toSeconds())
            .value();
    directory
        .records()
        .change(
            change,
            organization,
            edit -> {
              edit.put(Kind.TRANSPORT_POLICY, name, value);
              return true;
            });
  }

  /// Harmless if there is none. Who remembers it goes by it until its age is over: mode NONE before
  /// that takes it back.
  ///
  /// @throws DirectoryRefusedException MAIL_DOMAIN_NOT_FOUND
  public void delete(Change change, OrganizationId organization, String domain) {
    String name = directory.domains().load(organization, domain).name();
    directory
        .records()
        .change(change, organization, edit -> edit.delete(Kind.TRANSPORT_POLICY, name));
  }

  /// What is served for a domain of whatever organization: nothing for one that is not verified, as
  /// its mail is refused.
  public Optional<TransportPolicy> served(String domain) {
    try {
      return directory
          .domains()
          .findOwner(domain)
          .filter(owned -> owned.domain().verified() && !owned.domain().testDomain())
          .flatMap(owned -> find(owned.organization(), owned.domain().name()));
    } catch (DirectoryRefusedException e) {
      return Optional.empty();
    }
  }
}
