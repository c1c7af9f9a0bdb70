package org.mailstead.mailflow;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EmailAddress;
import org.mailstead.mailflow.dns.DnsSettings;
import org.mailstead.smtp.client.ClientSettings;

/// How mail flows.
///
/// @param hostname what this server calls itself in EHLO, Received and reports
/// @param postmaster who gets mail for `postmaster` where nobody else has that address
/// @param retryDelays after the first, second … failed attempt; the last one repeats
/// @param expiry after which an undeliverable message is returned
/// @param delayReportAfter after which the sender is told that a message still waits
/// @param smarthost takes all outgoing mail; without one it goes to the mail exchangers
/// @param dns how the DNS is asked
/// @param remotePort where mail exchangers listen: 25 but in tests
/// @param concurrency entries worked on at once
/// @param concurrencyPerDestination connections to one destination at once
/// @param clientTimeouts towards other servers
/// @param ownListeners addresses and ports of our own inbound listeners: nothing is ever sent there
/// @param authentication of mail from outside
public record MailflowSettings(
    String hostname,
    Optional<EmailAddress> postmaster,
    List<Duration> retryDelays,
    Duration expiry,
    Duration delayReportAfter,
    Optional<Smarthost> smarthost,
    DnsSettings dns,
    int remotePort,
    int concurrency,
    int concurrencyPerDestination,
    ClientSettings.Timeouts clientTimeouts,
    Set<InetSocketAddress> ownListeners,
    AuthenticationSettings authentication) {
  public MailflowSettings {
    retryDelays = List.copyOf(retryDelays);
    ownListeners = Set.copyOf(ownListeners);
    if (retryDelays.isEmpty() || retryDelays.stream().anyMatch(d -> !d.isPositive())) {
      throw new IllegalArgumentException("the retry schedule needs positive delays");
    }
    if (concurrency < 1 || concurrencyPerDestination < 1) {
      throw new IllegalArgumentException("concurrency must be at least 1");
    }
  }

  /// What holds unless the settings file says otherwise.
  public static MailflowSettings of(String hostname) {
    return new MailflowSettings(
        hostname,
        Optional.empty(),
        List.of(
            Duration.ofMinutes(1),
            Duration.ofMinutes(2),
            Duration.ofMinutes(5),
            Duration.ofMinutes(10),
            Duration.ofMinutes(20),
            Duration.ofMinutes(30),
            Duration.ofHours(1),
            Duration.ofHours(2),
            Duration.ofHours(4)),
        Duration.ofDays(4),
        Duration.ofHours(4),
        Optional.empty(),
        DnsSettings.standard(),
        25,
        64,
        4,
        ClientSettings.Timeouts.standard(),
        Set.of(),
        AuthenticationSettings.standard());
  }

  /// The wait after so many finished attempts.
  public Duration retryDelay(int attempts) {
    return retryDelays.get(Math.min(Math.max(attempts, 1), retryDelays.size()) - 1);
  }

  public MailflowSettings withPostmaster(EmailAddress value) {
    return new MailflowSettings(
        hostname,
        Optional.of(value),
        retryDelays,
        expiry,
        delayReportAfter,
        smarthost,
        dns,
        remotePort,
        concurrency,
        concurrencyPerDestination,
        clientTimeouts,
        ownListeners,
        authentication);
  }

  public MailflowSettings withSmarthost(Smarthost value) {
    return new MailflowSettings(
        hostname,
        postmaster,
        retryDelays,
        expiry,
        delayReportAfter,
        Optional.of(value),
        dns,
        remotePort,
        concurrency,
        concurrencyPerDestination,
        clientTimeouts,
        ownListeners,
        authentication);
  }

  public MailflowSettings withResolver(InetSocketAddress value, Duration timeout) {
    return new MailflowSettings(
        hostname,
        postmaster,
        retryDelays,
        expiry,
        delayReportAfter,
        smarthost,
        dns.withResolver(value, timeout),
        remotePort,
        concurrency,
        concurrencyPerDestination,
        clientTimeouts,
        ownListeners,
        authentication);
  }

  public MailflowSettings with(DnsSettings value) {
    return new MailflowSettings(
        hostname,
        postmaster,
        retryDelays,
        expiry,
        delayReportAfter,
        smarthost,
        value,
        remotePort,
        concurrency,
        concurrencyPerDestination,
        clientTimeouts,
        ownListeners,
        authentication);
  }

  public MailflowSettings with(AuthenticationSettings value) {
    return new MailflowSettings(
        hostname,
        postmaster,
        retryDelays,
        expiry,
        delayReportAfter,
        smarthost,
        dns,
        remotePort,
        concurrency,
        concurrencyPerDestination,
        clientTimeouts,
        ownListeners,
        value);
  }

  public MailflowSettings with(ClientSettings.Timeouts value) {
    return new MailflowSettings(
        hostname,
        postmaster,
        retryDelays,
        expiry,
        delayReportAfter,
        smarthost,
        dns,
        remotePort,
        concurrency,
        concurrencyPerDestination,
        value,
        ownListeners,
        authentication);
  }

  public MailflowSettings withRemotePort(int value) {
    return new MailflowSettings(
        hostname,
        postmaster,
        retryDelays,
        expiry,
        delayReportAfter,
        smarthost,
        dns,
        value,
        concurrency,
        concurrencyPerDestination,
        clientTimeouts,
        ownListeners,
        authentication);
  }

  public MailflowSettings withConcurrency(int inAll, int perDestination) {
    return new MailflowSettings(
        hostname,
        postmaster,
        retryDelays,
        expiry,
        delayReportAfter,
        smarthost,
        dns,
        remotePort,
        inAll,
        perDestination,
        clientTimeouts,
        ownListeners,
        authentication);
  }

  public MailflowSettings withOwnListeners(Set<InetSocketAddress> value) {
    return new MailflowSettings(
        hostname,
        postmaster,
        retryDelays,
        expiry,
        delayReportAfter,
        smarthost,
        dns,
        remotePort,
        concurrency,
        concurrencyPerDestination,
        clientTimeouts,
        value,
        authentication);
  }
}
