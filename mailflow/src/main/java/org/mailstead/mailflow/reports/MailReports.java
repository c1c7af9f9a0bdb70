package org.mailstead.mailflow.reports;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.MailDomains.Owned;
import org.mailstead.core.directory.Recipients;
import org.mailstead.core.queue.Claim;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.NewEntry;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.core.reports.DailyCounts;
import org.mailstead.core.reports.DailyCounts.Counted;
import org.mailstead.core.reports.DailyCounts.Due;
import org.mailstead.core.reports.ReportFigures;
import org.mailstead.core.reports.ReportLimits;
import org.mailstead.mailflow.dkim.DkimResult;
import org.mailstead.mailflow.dkim.TagList;
import org.mailstead.mailflow.dmarc.DmarcPolicy;
import org.mailstead.mailflow.dmarc.DmarcRecord;
import org.mailstead.mailflow.dmarc.DmarcResult;
import org.mailstead.mailflow.dmarc.ReportDestinations;
import org.mailstead.mailflow.dns.DnsAnswer;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.spf.SpfResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts what other domains want reports on, and sends them the day after. Reports are mail of
/// ours in the queue, signed like it; a crash between queue and forgetting sends one twice, with
/// the same id. Thread-safe.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9990 RFC 9990
/// @spec https://www.rfc-editor.org/rfc/rfc8460 RFC 8460
public final class MailReports implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MailReports.class);
  private static final long DAY_SECONDS = Duration.ofDays(1).toSeconds();

  /// Somebody else's choice that stands in a header field: nothing that would need quotes.
  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+");

  private static final Duration EXPIRY = Duration.ofDays(2);
  private static final String NULL_RETURN_PATH = "Return-Path: <>\r\n";

  private final ReportSettings settings;
  private final Directory directory;
  private final MailQueue queue;
  private final DnsResolver dns;
  private final ReportDestinations destinations;
  private final ReportPost post;
  private final InstantSource clock;
  private final DailyCounts dmarcCounts;
  private final DailyCounts tlsCounts;
  private final ReportBuffer dmarcBuffer;
  private final ReportBuffer tlsBuffer;
  private final TlsObservations tls;
  private final ReceivedReports received;

  public MailReports(
      ReportSettings settings,
      Directory directory,
      MailQueue queue,
      DnsResolver dns,
      ReportPost post,
      ReportLimits limits,
      InstantSource clock) {
    this.settings = settings;
    this.directory = directory;
    this.queue = queue;
    this.dns = dns;
    this.destinations = new ReportDestinations(dns);
    this.post = post;
    this.clock = clock;
    this.dmarcCounts = new DailyCounts(directory, "dmarc", limits);
    this.tlsCounts = new DailyCounts(directory, "tls", limits);
    this.dmarcBuffer = new ReportBuffer(dmarcCounts);
    this.tlsBuffer = new ReportBuffer(tlsCounts);
    this.tls = new TlsObservations(tlsBuffer, clock);
    this.received = new ReceivedReports(directory, new ReportFigures(directory, limits), clock);
  }

  /// What others report to us.
  public ReceivedReports received() {
    return received;
  }

  /// Where sessions with other servers are told; empty: nobody counts them.
  public Optional<TlsObservations> tls() {
    return settings.from().isPresent() ? Optional.of(tls) : Optional.empty();
  }

  /// Counts a message from outside.
  ///
  /// @param applied what was done to it
  public void dmarc(
      InetAddress peer,
      Optional<EmailAddress> reversePath,
      SpfResult spf,
      List<DkimResult> dkim,
      DmarcResult dmarc,
      DmarcPolicy applied,
      boolean isExcused) {
    // A domain that names nobody is not counted.
    if (settings.from().isEmpty()
        || dmarc.record().filter(record -> !record.reportsTo().isEmpty()).isEmpty()) {
      return;
    }
    DmarcRow.of(peer, reversePath, spf, dkim, dmarc, applied, isExcused)
        .ifPresent(row -> dmarcBuffer.add(today(), dmarc.policyDomain(), row.write()));
  }

  /// Writes down what waits in memory. To be called every few seconds.
  public void flush() {
    dmarcBuffer.flush();
    tlsBuffer.flush();
  }

  private long today() {
    return clock.instant().getEpochSecond() / DAY_SECONDS;
  }

  /// Sends the reports of days that are over. To be called now and then.
  ///
  /// @return claims on the messages, for the queue's runner
  public List<Claim> sendDue() {
    flush();
    if (settings.from().isEmpty()) return List.of();
    EmailAddress from = settings.from().get();
    Optional<OrganizationId> organization =
        directory
            .domains()
            .findOwner(from.domain())
            .filter(owned -> owned.domain().verified())
            .map(Owned::organization);
    if (organization.isEmpty()) {
      LOG.warn("no reports are sent: {} is not a verified domain of ours", from.domain());
      return List.of();
    }
    List<Claim> claims = new ArrayList<>();
    for (Due due : dmarcCounts.due(today(), ReportBounds.SENT_PER_RUN_MAX)) {
      claims.addAll(sendDmarc(due, from, organization.get()));
    }
    for (Due due : tlsCounts.due(today(), ReportBounds.SENT_PER_RUN_MAX)) {
      claims.addAll(sendTls(due, from, organization.get()));
    }
    return claims;
  }

  private List<Claim> sendDmarc(Due due, EmailAddress from, OrganizationId organization) {
    return switch (destinations.find(due.subject(), DnsBudget.ofMessage())) {
      case ReportDestinations.Found.Unknown() -> {
        if (isTooOld(due)) dmarcCounts.forget(due);
        yield List.of();
      }
      case ReportDestinations.Found.None() -> {
        dmarcCounts.forget(due);
        yield List.of();
      }
      case ReportDestinations.Found.Policy(DmarcRecord record, List<EmailAddress> to) -> {
        List<Claim> claims =
            to.isEmpty() ? List.of() : sendDmarc(due, from, organization, record, to);
        dmarcCounts.forget(due);
        yield claims;
      }
    };
  }

  private List<Claim> sendDmarc(
      Due due,
      EmailAddress from,
      OrganizationId organization,
      DmarcRecord record,
      List<EmailAddress> to) {
    Map<DmarcRow, Long> rows = new LinkedHashMap<>();
    for (Counted each : dmarcCounts.rows(due)) {
      rows.put(DmarcRow.read(each.row()), each.count());
    }
    if (rows.isEmpty()) return List.of();
    String id = reportId("d", due);
    byte[] packed =
        ReportMail.packed(
            DmarcReport.write(
                settings, from, id, begin(due), end(due), due.subject(), record, rows));
    // RFC 9990 §3.5.2.
    String name = fileName(due) + ".xml.gz";
    List<Message> messages = new ArrayList<>();
    for (EmailAddress each : to) {
      messages.add(
          new Message(
              each,
              ReportMail.write(
                  clock.instant(),
                  from,
                  each,
                  settings.hostname(),
                  due.subject(),
                  id,
                  "",
                  "multipart/mixed",
                  "application/gzip; name=\"" + name + "\"",
                  name,
                  packed)));
    }
    LOG.info("a DMARC report on {} goes to {} addresses", due.subject(), to.size());
    return queue(organization, messages);
  }

  private record Message(EmailAddress to, byte[] octets) {}

  private List<Claim> sendTls(Due due, EmailAddress from, OrganizationId organization) {
    DnsAnswer<String> answer = dns.txt("_smtp._tls." + due.subject(), DnsBudget.ofMessage());
    if (answer.isFailed()) {
      if (isTooOld(due)) tlsCounts.forget(due);
      return List.of();
    }
    List<String> addresses = addresses(answer.values());
    if (addresses.isEmpty()) {
      tlsCounts.forget(due);
      return List.of();
    }
    Map<TlsRow, Long> rows = new LinkedHashMap<>();
    for (Counted each : tlsCounts.rows(due)) rows.put(TlsRow.read(each.row()), each.count());
    String id = reportId("t", due);
    byte[] packed =
        ReportMail.packed(
            TlsReport.write(settings, from, id, begin(due), end(due), due.subject(), rows));
    List<Message> messages = new ArrayList<>();
    boolean again = false;
    for (String each : addresses) {
      if (each.regionMatches(true, 0, "https:", 0, 6)) {
        try {
          post.post(each, packed);
        } catch (IOException e) {
          LOG.info("a TLS report on {} was not taken: {}", due.subject(), e.getMessage());
          again = addresses.size() == 1;
        }
      } else {
        mailto(each)
            .ifPresent(to -> messages.add(new Message(to, tlsMail(due, from, to, id, packed))));
      }
    }
    // RFC 8460 §5.3: tried again for a day, here until it is too old.
    if (again && !isTooOld(due)) return List.of();
    LOG.info("a TLS report on {} was made for {} addresses", due.subject(), addresses.size());
    List<Claim> claims = queue(organization, messages);
    tlsCounts.forget(due);
    return claims;
  }

  private byte[] tlsMail(Due due, EmailAddress from, EmailAddress to, String id, byte[] packed) {
    String name = fileName(due) + ".json.gz";
    return ReportMail.write(
        clock.instant(),
        from,
        to,
        settings.hostname(),
        due.subject(),
        id,
        // RFC 8460 §5.3; §3: what keeps mail away must not keep the report away.
        "TLS-Report-Domain: "
            + due.subject()
            + "\r\nTLS-Report-Submitter: "
            + settings.hostname()
            + "\r\nTLS-Required: No\r\n",
        "multipart/report; report-type=\"tlsrpt\"",
        "application/tlsrpt+gzip",
        name,
        packed);
  }

  /// RFC 8460 §3: exactly one record.
  private static List<String> addresses(List<String> texts) {
    List<String> records = texts.stream().filter(text -> text.startsWith("v=TLSRPTv1;")).toList();
    if (records.size() != 1) return List.of();
    try {
      List<String> found = new ArrayList<>();
      for (String each :
          TagList.parse(records.getFirst()).findPacked("rua").orElse("").split(",")) {
        String lower = each.toLowerCase(Locale.ROOT);
        boolean known = lower.startsWith("mailto:") || lower.startsWith("https:");
        if (known && found.size() < ReportBounds.DESTINATIONS_MAX) found.add(each);
      }
      return found;
    } catch (MalformedException e) {
      return List.of();
    }
  }

  private static Optional<EmailAddress> mailto(String address) {
    try {
      return Optional.of(EmailAddress.parse(address.substring(7).split("[?]", 2)[0]));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  private boolean isTooOld(Due due) {
    return today() - due.day() > ReportBounds.DAYS_TRIED_MAX;
  }

  private static Instant begin(Due due) {
    return Instant.ofEpochSecond(due.day() * DAY_SECONDS);
  }

  private static Instant end(Due due) {
    return begin(due).plusSeconds(DAY_SECONDS - 1);
  }

  /// The same for the same day and domain, so that a second one can be told from a new one.
  private String reportId(String kind, Due due) {
    return kind + due.day() + "." + due.subject() + "." + settings.hostname();
  }

  private String fileName(Due due) {
    return settings.hostname()
        + "!"
        + due.subject()
        + "!"
        + begin(due).getEpochSecond()
        + "!"
        + end(due).getEpochSecond();
  }

  private List<Claim> queue(OrganizationId organization, List<Message> messages) {
    if (messages.isEmpty()) return List.of();
    QueueId first = queue.newId();
    List<NewEntry> entries = new ArrayList<>();
    for (Message each : messages) {
      List<QueueRecipient> targets = targets(each.to());
      if (targets.isEmpty() || !PLAIN.matcher(each.to().toString()).matches()) continue;
      boolean local = targets.getFirst().isLocal();
      byte[] prefix = (local ? NULL_RETURN_PATH : "").getBytes(StandardCharsets.US_ASCII);
      byte[] octets = new byte[prefix.length + each.octets().length];
      System.arraycopy(prefix, 0, octets, 0, prefix.length);
      System.arraycopy(each.octets(), 0, octets, prefix.length, each.octets().length);
      QueueId id = entries.isEmpty() ? first : queue.newId(first.shard());
      Instant now = clock.instant();
      try (Content content = Content.of(octets)) {
        entries.add(
            new NewEntry(
                id,
                new QueueEnvelope(
                    organization,
                    Optional.empty(),
                    Optional.empty(),
                    QueueEnvelope.Origin.REPORT,
                    QueueEnvelope.Priority.BULK,
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    prefix.length,
                    now,
                    now.plus(EXPIRY)),
                targets,
                queue.stage(id, organization, content)));
      }
    }
    return entries.isEmpty() ? List.of() : queue.accept(entries);
  }

  /// A report asks for no reports.
  private List<QueueRecipient> targets(EmailAddress to) {
    Set<QueueRecipient.Notify> never = Set.of(QueueRecipient.Notify.NEVER);
    return switch (directory.recipients().resolve(to)) {
      case Recipients.Resolution.Local(var _, var _, var members) ->
          members.stream()
              .map(member ->
                  new QueueRecipient(
                      member.address(),
                      Optional.empty(),
                      never,
                      new QueueRecipient.Target.Local(member.mailbox(), member.entity())))
              .toList();
      case Recipients.Resolution.Foreign() ->
          List.of(
              new QueueRecipient(to, Optional.empty(), never, new QueueRecipient.Target.Remote()));
      case Recipients.Resolution.Unknown(), Recipients.Resolution.Disabled() -> List.of();
    };
  }

  @Override
  public void close() {
    flush();
  }
}
