package org.mailstead.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.directory.MailDomain;
import org.mailstead.core.directory.MailDomainRecord;
import org.mailstead.core.directory.MailDomains.Owned;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.directory.OrganizationState;
import org.mailstead.core.directory.Recipients.Resolution;
import org.mailstead.core.domains.CheckedRecord;
import org.mailstead.core.domains.RecordStatus;
import org.mailstead.mailflow.filter.FilterSettings;
import org.mailstead.server.DoctorReport.Finding;
import org.mailstead.server.DoctorReport.Level;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.tls.TlsMaterial;

/// Looks at what a domain needs to send and receive mail, and at the installation around it, and
/// says what to do next. Works beside the running service or on a folder that none uses.
public final class Doctor {
  private static final List<String> LISTENERS =
      List.of("smtp", "submission", "submissions", "lmtp", "imap", "imaps", "api");
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration CERTIFICATE_WARNING = Duration.ofDays(21);
  private static final long FREE_BYTES_WARNING = 5L << 30;
  private static final int SMTP_PORT = 25;

  /// RFC 1035 §3.3: a string of a TXT record has 255 octets at the most.
  private static final int TXT_STRING_MAX = 255;

  private final Domain domain;
  private final Settings settings;
  private final List<Finding> findings = new ArrayList<>();

  private Doctor(Domain domain, Settings settings) {
    this.domain = domain;
    this.settings = settings;
  }

  /// @param name the domain; empty: every one that is not a test domain
  /// @param reach a host whose port 25 is tried, to see whether mail can leave
  /// @throws RefusedException NOT_FOUND: no organization has this domain
  public static DoctorReport examine(
      Domain domain, Settings settings, Optional<String> name, Optional<String> reach) {
    var doctor = new Doctor(domain, settings);
    List<Owned> wanted =
        domain.directory().domains().everywhere().stream()
            .filter(each -> name.isEmpty() || each.domain().name().equalsIgnoreCase(name.get()))
            .toList();
    if (name.isPresent() && wanted.isEmpty()) {
      throw new RefusedException(
          Refusal.NOT_FOUND, "no organization that serves has the domain " + name.get());
    }
    wanted.forEach(doctor::examine);
    if (wanted.isEmpty()) {
      doctor.add(
          Level.WARNING,
          "domains",
          "there are only test domains",
          "./mailstead workmail register-mail-domain --organization-id … --domain-name …");
    }
    doctor.examineCertificate();
    doctor.examineListeners();
    doctor.examineOutbound(reach);
    doctor.examineFilters();
    doctor.examineStore(wanted);
    return DoctorReport.of(doctor.findings);
  }

  private void add(Level level, String about, String text, String... next) {
    findings.add(new Finding(level, about, text, List.of(next)));
  }

  private void examine(Owned owned) {
    String about = "domain " + owned.domain().name();
    List<CheckedRecord> records =
        domain.domainChecks().check(Optional.empty(), owned.organization(), owned.domain().name());
    if (records.isEmpty()) {
      add(
          Level.PROBLEM,
          about,
          "no records: others cannot find a host named " + settings.text("server.hostname"),
          "Set server.hostname to the full name under which others reach this machine.");
    }
    MailDomain now = domain.directory().domains().load(owned.organization(), owned.domain().name());
    if (now.verified()) {
      add(
          Level.OK,
          about,
          "verified: mail for it is taken" + (now.defaultDomain() ? "; default domain" : ""));
    } else {
      add(
          Level.PROBLEM,
          about,
          "not verified: mail for it is refused, no address can use it",
          "Publish the ownership record below; it is looked for every few minutes.");
    }
    records.forEach(record -> examine(about, record, now));
    examineAddress(about, "postmaster", now);
    examineAddress(about, "abuse", now);
  }

  private void examine(String about, CheckedRecord checked, MailDomain now) {
    MailDomainRecord record = checked.record();
    String name = record.purpose().name().toLowerCase(java.util.Locale.ROOT);
    String text =
        "%-12s %-12s %s %s".formatted(name, checked.status(), record.type(), record.hostname())
            + checked.found().map(found -> ", found: " + found).orElse("");
    List<String> next = new ArrayList<>();
    boolean verified = checked.status() == RecordStatus.VERIFIED;
    checked.hint().ifPresent(next::add);
    if (!verified) next.add(zoneLine(record));
    findings.add(new Finding(verified ? Level.OK : level(record, now), about, text, next));
  }

  /// Without some records mail does not come or is not believed; without the others it is harder.
  private static Level level(MailDomainRecord record, MailDomain now) {
    return switch (record.purpose()) {
      case OWNERSHIP -> now.verified() ? Level.WARNING : Level.PROBLEM;
      case MX, SPF, DKIM -> Level.PROBLEM;
      case AUTODISCOVER, DMARC, MTA_STS, MTA_STS_HOST, TLS_REPORTS, DMARC_REPORTS -> Level.WARNING;
    };
  }

  /// As in a zone file, names with a dot at the end so that nobody appends the domain to them.
  static String zoneLine(MailDomainRecord record) {
    String value =
        switch (record.type()) {
          case TXT -> quoted(record.value());
          case MX, CNAME -> record.value() + ".";
        };
    return record.hostname() + ". " + record.ttlSeconds() + " IN " + record.type() + " " + value;
  }

  private static String quoted(String text) {
    List<String> parts = new ArrayList<>();
    for (int at = 0; at < text.length(); at += TXT_STRING_MAX) {
      parts.add("\"" + text.substring(at, Math.min(text.length(), at + TXT_STRING_MAX)) + "\"");
    }
    return String.join(" ", parts);
  }

  /// DOM-6; RFC 2142 §4, §5 want both.
  private void examineAddress(String about, String local, MailDomain now) {
    if (!now.verified()) return;
    String text = local + "@" + now.name();
    boolean reached;
    try {
      reached =
          domain.directory().recipients().resolve(EmailAddress.parse(text))
                  instanceof Resolution.Local found
              && !found.recipients().isEmpty();
    } catch (MalformedException e) {
      throw new IllegalStateException("no address: " + text, e);
    }
    if (reached) {
      add(Level.OK, about, text + " reaches somebody");
    } else {
      add(
          Level.WARNING,
          about,
          text + " reaches nobody",
          "Make it an alias of a user or group who reads it.");
    }
  }

  private void examineCertificate() {
    String about = "certificate";
    try {
      Instant now = domain.clock().instant();
      Optional<Instant> end =
          TlsMaterial.expiry(domain.data().tls(), path("tls.certificate"), path("tls.key"));
      if (end.isEmpty()) {
        add(Level.WARNING, about, "none yet: it is made at the first start");
      } else if (end.get().isBefore(now)) {
        add(Level.PROBLEM, about, "expired " + end.get(), "Renew it; it is read again by itself.");
      } else if (end.get().isBefore(now.plus(CERTIFICATE_WARNING))) {
        add(Level.WARNING, about, "expires " + end.get(), "Renew it; it is read again by itself.");
      } else {
        add(Level.OK, about, "valid until " + end.get());
      }
      if (path("tls.certificate").isEmpty()) {
        add(
            Level.WARNING,
            about,
            "self-made: mail clients and other servers do not know who signed it",
            "Set tls.certificate and tls.key to one from a public authority.");
      }
    } catch (IOException e) {
      add(Level.PROBLEM, about, "cannot be used: " + e.getMessage());
    }
  }

  private Optional<Path> path(String key) {
    String text = settings.text(key);
    return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
  }

  private void examineListeners() {
    for (String name : LISTENERS) {
      Optional<InetSocketAddress> address = settings.address("listen." + name);
      if (address.isEmpty() || address.get().getPort() == 0) continue;
      InetSocketAddress at = address.get();
      String text = name + " " + at.getHostString() + ":" + at.getPort();
      boolean any = !at.isUnresolved() && at.getAddress().isAnyLocalAddress();
      Optional<String> failure =
          connect(any ? new InetSocketAddress(InetAddress.getLoopbackAddress(), at.getPort()) : at);
      if (failure.isPresent()) {
        add(Level.PROBLEM, "listeners", text + " does not answer", "Is the service running?");
      } else if (name.equals("smtp") && !any && at.getAddress().isLoopbackAddress()) {
        add(
            Level.WARNING,
            "listeners",
            text + " answers on this machine only: no mail comes from outside",
            "Set listen.smtp to 0.0.0.0:25, or put a mail server in front.");
      } else {
        add(Level.OK, "listeners", text + " answers");
      }
    }
  }

  private void examineOutbound(Optional<String> reach) {
    Optional<InetSocketAddress> smarthost = settings.address("outbound.smarthost");
    Optional<InetSocketAddress> target =
        smarthost.isPresent()
            ? smarthost
            : reach.map(host -> new InetSocketAddress(host, SMTP_PORT));
    if (target.isEmpty()) {
      add(
          Level.OK,
          "outbound",
          "mail goes to the recipients' servers on port 25 (not tried)",
          "Many hosting providers block it. Try: ./mailstead doctor --reach <a mail exchanger>");
      return;
    }
    String text = target.get().getHostString() + ":" + target.get().getPort();
    Optional<String> failure = connect(target.get());
    if (failure.isEmpty()) {
      add(Level.OK, "outbound", text + " answers");
    } else {
      add(
          Level.PROBLEM,
          "outbound",
          text + ": " + failure.get(),
          smarthost.isPresent()
              ? "No mail leaves: look at outbound.smarthost and the network."
              : "Ask your provider to open outgoing port 25, or set outbound.smarthost.");
    }
  }

  private void examineFilters() {
    FilterSettings filters = MessageFilterSettings.read(settings);
    filters
        .addresses()
        .forEach((name, address) -> {
          String text = name + " " + address.text();
          Optional<String> failure = address.probe(CONNECT_TIMEOUT);
          if (failure.isEmpty()) {
            add(Level.OK, "filters", text + " answers");
          } else {
            add(
                Level.PROBLEM,
                "filters",
                text + ": " + failure.get(),
                filters.whenDown() == FilterSettings.WhenDown.ACCEPT
                    ? "Mail is taken in without its verdict: start it, or take it out of the settings."
                    : "No mail is taken in: start it, or take it out of the settings.");
          }
        });
    if (filters.clamd().isEmpty()) {
      add(Level.OK, "filters", "nothing looks for viruses (filters.clamd)");
    }
    if (filters.isBuiltIn()) add(Level.OK, "filters", "the built-in filter looks for spam");
  }

  private static Optional<String> connect(InetSocketAddress address) {
    if (address.isUnresolved()) return Optional.of("unknown host");
    try (Socket socket = new Socket()) {
      socket.connect(address, (int) CONNECT_TIMEOUT.toMillis());
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private void examineStore(List<Owned> owned) {
    try {
      long free = Files.getFileStore(domain.data().root()).getUsableSpace();
      String text = "%.1f GB free on the data folder's disk".formatted(free / 1e9);
      if (free < FREE_BYTES_WARNING) add(Level.WARNING, "store", text, "Make room.");
      else add(Level.OK, "store", text);
    } catch (IOException e) {
      add(Level.PROBLEM, "store", "the data folder cannot be read: " + e.getMessage());
    }
    owned.stream()
        .map(Owned::organization)
        .distinct()
        .map(domain.directory().organizations()::load)
        .filter(organization -> organization.state() == OrganizationState.IMPAIRED)
        .forEach(this::impaired);
    add(Level.OK, "store", "opens", "./mailstead check proves every index and checksum.");
  }

  private void impaired(Organization organization) {
    add(
        Level.PROBLEM,
        "store",
        organization.alias() + " is impaired: " + organization.errorMessage().orElse("no reason"));
  }
}
