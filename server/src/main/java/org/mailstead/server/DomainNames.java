package org.mailstead.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.core.domains.DomainCheckSettings;
import org.mailstead.http.aws.AwsClient;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.dns.DnsSettings;
import org.mailstead.mailflow.dns.ZoneServers;
import org.mailstead.mailflow.domains.AutodiscoverProbe;
import org.mailstead.mailflow.domains.DomainInspector;
import org.mailstead.mailflow.outside.OutsideRequest;
import org.mailstead.mailflow.reports.ReportSettings;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;

/// The settings of the DNS and of domains' records.
final class DomainNames {
  private static final int PORT_MAX = 65_535;

  private DomainNames() {}

  static DnsSettings dnsSettings(Settings settings) {
    DnsSettings usual = DnsSettings.standard();
    Optional<InetSocketAddress> resolver =
        settings.address("dns.resolver").or(() -> settings.address("outbound.resolver"));
    String anchors = settings.text("dns.trust-anchors");
    try {
      return new DnsSettings(
          resolver,
          usual.timeout(),
          switch (settings.text("dns.dnssec")) {
            case "validate" -> DnsSettings.Validation.OWN;
            case "trust-resolver" -> DnsSettings.Validation.RESOLVER;
            case "off" -> DnsSettings.Validation.OFF;
            default ->
                throw new SettingsException(
                    "dns.dnssec: validate, trust-resolver or off, not "
                        + settings.text("dns.dnssec"));
          },
          anchors.isEmpty() ? Optional.empty() : Optional.of(Files.readString(Path.of(anchors))));
    } catch (IOException e) {
      throw new SettingsException("dns.trust-anchors: cannot be read: " + e.getMessage());
    }
  }

  private static SSLContext defaultTrust() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }

  /// Who reports to other domains.
  static ReportSettings reportSettings(Settings settings) {
    String hostname = settings.text("server.hostname");
    String from = settings.text("reports.from");
    String name = settings.text("reports.organization-name");
    try {
      return new ReportSettings(
          from.isEmpty() ? Optional.empty() : Optional.of(EmailAddress.parse(from)),
          name.isEmpty() ? hostname : name,
          hostname);
    } catch (MalformedException e) {
      throw new SettingsException("reports.from: " + e.getMessage());
    }
  }

  /// The records of domains, looked for at their own name servers.
  static DomainCheckSettings checkSettings(
      Settings settings, AwsClient client, InstantSource clock) {
    int port = settings.count("dns.authoritative-port");
    if (port < 1 || port > PORT_MAX) {
      throw new SettingsException("dns.authoritative-port: 1 to " + PORT_MAX);
    }
    DnsSettings dns = dnsSettings(settings);
    var resolver = new DnsResolver(dns, clock);
    String zone = settings.text("domains.dkim-zone");
    return new DomainCheckSettings(
        // A name without a dot is nothing that others could look up.
        Optional.of(settings.text("server.hostname")).filter(name -> name.contains(".")),
        zone.isEmpty() ? Optional.empty() : Optional.of(zone),
        new DomainInspector(
            resolver,
            new ZoneServers(resolver, port, dns.timeout()),
            Optional.of(new AutodiscoverProbe(new OutsideRequest(defaultTrust())))),
        DnsZoneSettings.read(settings, client, clock));
  }
}
