package org.mailstead.migration.plan;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.mailstead.migration.imap.ImapServerAddress;
import org.mailstead.migration.imap.Secret;

/// What the table `[cutover]` says.
///
/// @param domains empty: those of the target addresses and of the inventory
/// @param mx hosts that take mail at the target; empty if the target's API or profile tells
/// @param spf the mechanism by which the target may send, `include:…`
/// @param dkim names below the domain at which the target's keys must be, `s1._domainkey`
/// @param autodiscover where the alias must lead
/// @param mxTtlMax the longest life of an MX record that a switch can bear
/// @param deltaAgeMax how long ago the last run of a mailbox may be
/// @param oldHosts names in trace lines by which the old service is known
/// @param inventory the file that `migrate inventory` wrote
/// @param testMail empty: none can be sent
public record CutoverSettings(
    List<String> domains,
    List<String> mx,
    Optional<String> spf,
    List<String> dkim,
    Optional<String> autodiscover,
    Duration mxTtlMax,
    Duration deltaAgeMax,
    List<String> oldHosts,
    Optional<Path> inventory,
    Optional<TestMail> testMail) {
  /// How test mail goes to the target.
  ///
  /// @param login for submission; empty: as a mail server from outside
  /// @param from must be an address that the target takes mail from
  /// @param patience until a message must have arrived
  public record TestMail(
      String host,
      int port,
      ImapServerAddress.Security security,
      Optional<SSLContext> trust,
      Optional<Login> login,
      String from,
      Duration patience) {}

  /// Who submits.
  public record Login(String user, Secret password) {}
}
