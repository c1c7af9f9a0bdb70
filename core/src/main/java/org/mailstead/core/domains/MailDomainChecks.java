package org.mailstead.core.domains;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.Invariant;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.MailDomain;
import org.mailstead.core.directory.MailDomainRecord;
import org.mailstead.core.directory.MailDomainRecord.Purpose;
import org.mailstead.core.directory.MailDomains.Owned;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.policy.ReportAddresses;
import org.mailstead.core.signing.DkimKey;
import org.mailstead.core.signing.DkimKeys;
import org.mailstead.core.signing.PublishedRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The records that a domain needs and their checks (DOM-1, DOM-2; WorkMail guide, Adding a
/// domain).
///
/// A domain whose ownership record was found counts as verified. A record that is gone does not
/// take that back at once, because mail would bounce for a slip of a hand: only when every check
/// for [#OWNERSHIP_KEPT] said that it is not there. Checks that nobody answered do not count. What
/// was verified in another way ([org.mailstead.core.directory.MailDomains#verified], the operator's
/// settings) is never taken back here.
public final class MailDomainChecks {
  /// WorkMail guide: "Updates to DNS records can take up to 72 hours". So long a record that is not
  /// there is pending, and a domain whose ownership record is gone stays verified.
  public static final Duration OWNERSHIP_KEPT = Duration.ofDays(3);

  /// Other domains whose reports a domain says one by one that it takes; more get a wildcard.
  static final int REPORTED_MAX = 50;

  /// Domains that the job checks at a time.
  static final int CONCURRENT_MAX = 8;

  private static final Logger LOG = LoggerFactory.getLogger(MailDomainChecks.class);

  private final Directory directory;
  private final DkimKeys keys;
  private final TransportPolicies policies;
  private final ReportAddresses reportAddresses;
  private final DomainCheckSettings settings;
  private final InstantSource clock;

  public MailDomainChecks(
      Directory directory, DkimKeys keys, DomainCheckSettings settings, InstantSource clock) {
    this.directory = directory;
    this.keys = keys;
    this.policies = new TransportPolicies(directory);
    this.reportAddresses = new ReportAddresses(directory);
    this.settings = settings;
    this.clock = clock;
  }

  /// The records that a domain needs, if this installation knows its own name. A test domain is the
  /// operator's: it needs none.
  ///
  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND, ORGANIZATION_STATE,
  ///   MAIL_DOMAIN_NOT_FOUND
  public List<MailDomainRecord> wanted(OrganizationId organization, String domain) {
    MailDomain found = directory.domains().load(organization, domain);
    if (found.testDomain() || settings.mailHost().isEmpty()) return List.of();
    List<MailDomainRecord> records = new ArrayList<>();
    for (MailDomainRecord record :
        MailDomainRecord.of(organization, found.name(), settings.mailHost().get())) {
      // WorkMail shows DKIM before what follows from it.
      if (record.purpose() == Purpose.SPF) records.addAll(dkim(organization, found.name()));
      records.add(record.purpose() == Purpose.DMARC ? withReports(organization, record) : record);
    }
    records.addAll(transport(organization, found.name(), settings.mailHost().get()));
    records.addAll(reports(organization, found.name()));
    return List.copyOf(records);
  }

  /// The policy with the address to which reports go, if the organization wants any.
  private MailDomainRecord withReports(OrganizationId organization, MailDomainRecord record) {
    return reportAddresses
        .find(organization)
        .map(address ->
            new MailDomainRecord(
                record.purpose(),
                record.type(),
                record.hostname(),
                record.value() + ";rua=mailto:" + address,
                record.ttlSeconds()))
        .orElse(record);
  }

  /// Of the domain's MTA-STS policy, if it has one.
  private List<MailDomainRecord> transport(
      OrganizationId organization, String domain, String host) {
    Optional<TransportPolicies.TransportPolicy> policy = policies.find(organization, domain);
    if (policy.isEmpty()) return List.of();
    return List.of(
        new MailDomainRecord(
            Purpose.MTA_STS,
            MailDomainRecord.Type.TXT,
            "_mta-sts." + domain,
            "v=STSv1; id=" + policy.get().id(host) + ";",
            MailDomainRecord.TTL_SECONDS),
        new MailDomainRecord(
            Purpose.MTA_STS_HOST,
            MailDomainRecord.Type.CNAME,
            "mta-sts." + domain,
            host,
            MailDomainRecord.TTL_SECONDS));
  }

  /// Where reports go, and at the domain of that address, that it takes those on the others.
  private List<MailDomainRecord> reports(OrganizationId organization, String domain) {
    Optional<EmailAddress> address = reportAddresses.find(organization);
    if (address.isEmpty()) return List.of();
    List<MailDomainRecord> records = new ArrayList<>();
    records.add(
        text(
            Purpose.TLS_REPORTS,
            "_smtp._tls." + domain,
            "v=TLSRPTv1; rua=mailto:" + address.get()));
    if (!address.get().domain().equals(domain)) return records;
    List<MailDomain> others =
        directory
            .domains()
            .list(organization, new Listing.PageRequest(REPORTED_MAX + 2, Optional.empty()))
            .items()
            .stream()
            .filter(each -> !each.testDomain() && !each.name().equals(domain))
            .filter(each -> !each.name().endsWith("." + domain))
            .toList();
    if (others.size() > REPORTED_MAX) {
      records.add(text(Purpose.DMARC_REPORTS, "*._report._dmarc." + domain, "v=DMARC1"));
    } else {
      others.forEach(each ->
          records.add(
              text(Purpose.DMARC_REPORTS, each.name() + "._report._dmarc." + domain, "v=DMARC1")));
    }
    return records;
  }

  private static MailDomainRecord text(Purpose purpose, String name, String value) {
    return new MailDomainRecord(
        purpose, MailDomainRecord.Type.TXT, name, value, MailDomainRecord.TTL_SECONDS);
  }

  private List<MailDomainRecord> dkim(OrganizationId organization, String domain) {
    List<MailDomainRecord> records = new ArrayList<>();
    for (PublishedRecord key : keys.records(organization, domain, settings.dkimZone())) {
      records.add(
          new MailDomainRecord(
              Purpose.DKIM,
              MailDomainRecord.Type.valueOf(key.type()),
              key.name(),
              key.value(),
              MailDomainRecord.TTL_SECONDS));
    }
    return records;
  }

  /// The wanted records with what the last check found. One that is wanted otherwise since then, as
  /// after a change of DKIM keys, has not been asked for yet.
  ///
  /// @throws DirectoryRefusedException as of [#wanted]
  public List<CheckedRecord> records(OrganizationId organization, String domain) {
    List<MailDomainRecord> wanted = wanted(organization, domain);
    String name = directory.domains().load(organization, domain).name();
    List<CheckedRecord> known =
        find(organization, name).map(StoredCheck::records).orElse(List.of());
    return wanted.stream()
        .map(record ->
            known.stream()
                .filter(each -> each.record().equals(record))
                .findFirst()
                .orElseGet(() -> CheckedRecord.unasked(record)))
        .toList();
  }

  /// What the last check of a domain found, without a look at what is wanted now; for lists.
  ///
  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND, ORGANIZATION_STATE
  public List<CheckedRecord> known(OrganizationId organization, String domain) {
    return find(organization, domain).map(StoredCheck::records).orElse(List.of());
  }

  /// Asks the DNS now, remembers what it said, and verifies the domain if it is there.
  ///
  /// @param change who asked, for the audit log; empty: the service itself
  /// @throws DirectoryRefusedException as of [#wanted]
  public List<CheckedRecord> check(
      Optional<Change> change, OrganizationId organization, String domain) {
    MailDomain found = directory.domains().load(organization, domain);
    List<MailDomainRecord> wanted = wanted(organization, found.name());
    List<RecordFinding> findings = settings.inspection().inspect(found.name(), wanted);
    Invariant.check(findings.size() == wanted.size(), "a finding for each record");
    Instant now = clock.instant();
    Optional<StoredCheck> before = find(organization, found.name());
    List<CheckedRecord> checked = new ArrayList<>();
    Optional<Instant> seen = before.flatMap(StoredCheck::ownershipSeen);
    Optional<Boolean> verified = Optional.empty();
    for (int i = 0; i < wanted.size(); i++) {
      RecordFinding finding = findings.get(i);
      RecordStatus status = status(wanted.get(i).purpose(), finding.outcome(), found, now);
      checked.add(
          new CheckedRecord(
              wanted.get(i), status, Optional.of(now), finding.found(), finding.hint()));
      if (wanted.get(i).purpose() != Purpose.OWNERSHIP) continue;
      if (finding.outcome() == RecordFinding.Outcome.MATCHED) {
        seen = Optional.of(now);
        verified = Optional.of(true);
      } else if (finding.outcome() != RecordFinding.Outcome.UNREACHABLE
          && seen.isPresent()
          && !now.isBefore(seen.get().plus(OWNERSHIP_KEPT))) {
        verified = Optional.of(false);
      }
    }
    write(change, organization, found.name(), new StoredCheck(now, seen, checked));
    if (verified.isPresent()
        && directory.domains().checked(organization, found.name(), verified.get())) {
      LOG.info(
          "domain {} of {} is {}",
          found.name(),
          organization,
          verified.get() ? "verified" : "not verified any more: its ownership record is gone");
    }
    return List.copyOf(checked);
  }

  private void write(
      Optional<Change> change, OrganizationId organization, String name, StoredCheck check) {
    byte[] value = check.write();
    if (change.isPresent()) {
      directory
          .records()
          .change(
              change.get(),
              organization,
              edit -> {
                edit.put(Kind.MAIL_DOMAIN_CHECK, name, value);
                return true;
              });
    } else {
      directory
          .records()
          .changeUnasked(
              organization,
              edit -> {
                edit.put(Kind.MAIL_DOMAIN_CHECK, name, value);
                return true;
              });
    }
  }

  /// The guide's table.
  private static RecordStatus status(
      Purpose purpose, RecordFinding.Outcome outcome, MailDomain domain, Instant now) {
    boolean waits =
        switch (purpose) {
          case OWNERSHIP, DKIM -> true;
          case MX, AUTODISCOVER, SPF, DMARC, MTA_STS, MTA_STS_HOST, TLS_REPORTS, DMARC_REPORTS ->
              false;
        };
    return switch (outcome) {
      case MATCHED -> RecordStatus.VERIFIED;
      case ABSENT -> {
        if (!waits) yield RecordStatus.MISSING;
        yield now.isBefore(domain.registered().plus(OWNERSHIP_KEPT))
            ? RecordStatus.PENDING
            : RecordStatus.FAILED;
      }
      case DIFFERENT -> waits ? RecordStatus.FAILED : RecordStatus.INCONSISTENT;
      case UNREACHABLE -> waits ? RecordStatus.FAILED : RecordStatus.MISSING;
    };
  }

  /// The keys that the domains publish.
  public DkimKeys keys() {
    return keys;
  }

  /// Signs with the other pair of DKIM keys from now on.
  ///
  /// @param force although the DNS does not show that pair: mail goes unsigned until it does
  /// @throws DirectoryRefusedException as of [#wanted]
  /// @throws RefusedException WRONG_STATE: the DNS does not show the other pair
  public void rotateKeys(Change change, OrganizationId organization, String domain, boolean force) {
    String name = directory.domains().load(organization, domain).name();
    if (!force) {
      List<DkimKey> all = keys.keys(organization, name);
      List<MailDomainRecord> records = dkim(organization, name);
      List<MailDomainRecord> next = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        if (!all.get(i).isActive()) next.add(records.get(i));
      }
      List<RecordFinding> findings = settings.inspection().inspect(name, next);
      for (int i = 0; i < next.size(); i++) {
        if (findings.get(i).isMatched()) continue;
        throw new RefusedException(
            Refusal.WRONG_STATE,
            "The DNS does not show "
                + next.get(i).hostname()
                + " as it must be, so mail would go unsigned: publish it first. "
                + findings.get(i).hint().orElse(""));
      }
    }
    keys.rotate(change, organization, name);
  }

  /// Of the domain as a whole: verified however that came about, otherwise as its record.
  public static RecordStatus ownership(MailDomain domain, List<CheckedRecord> records) {
    if (domain.verified()) return RecordStatus.VERIFIED;
    return records.stream()
        .filter(each -> each.record().purpose() == Purpose.OWNERSHIP)
        .map(CheckedRecord::status)
        // Found a moment ago: the domain follows.
        .filter(status -> status == RecordStatus.FAILED)
        .findFirst()
        .orElse(RecordStatus.PENDING);
  }

  /// Of all DKIM records together: verified when all are, failed when one is.
  public static RecordStatus dkim(List<CheckedRecord> records) {
    List<RecordStatus> all =
        records.stream()
            .filter(each -> each.record().purpose() == Purpose.DKIM)
            .map(CheckedRecord::status)
            .toList();
    if (all.contains(RecordStatus.FAILED)) return RecordStatus.FAILED;
    boolean verified = !all.isEmpty() && all.stream().allMatch(RecordStatus.VERIFIED::equals);
    return verified ? RecordStatus.VERIFIED : RecordStatus.PENDING;
  }

  private Optional<StoredCheck> find(OrganizationId organization, String name) {
    return directory
        .records()
        .find(organization, Kind.MAIL_DOMAIN_CHECK, name)
        .map(StoredCheck::read);
  }

  /// Checks every domain whose time has come: often while its owner is at work on it, daily once
  /// everything is in order. A scheduler calls this about once a minute.
  ///
  /// @return how many were checked
  public int runDue() {
    if (settings.mailHost().isEmpty()) return 0;
    var turns = new Semaphore(CONCURRENT_MAX);
    var count = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    try {
      for (Owned each : directory.domains().everywhere()) {
        if (!isDue(each)) continue;
        turns.acquire();
        threads.add(
            Thread.ofVirtual()
                .name("domain-check")
                .start(() -> {
                  try {
                    if (checkQuietly(each)) count.incrementAndGet();
                  } finally {
                    turns.release();
                  }
                }));
      }
      for (Thread thread : threads) thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return count.get();
  }

  private boolean checkQuietly(Owned each) {
    try {
      check(Optional.empty(), each.organization(), each.domain().name());
      return true;
    } catch (RefusedException e) {
      // Domain or organization went meanwhile.
      LOG.debug("domain {} not checked: {}", each.domain().name(), e.getMessage());
      return false;
    } catch (RuntimeException e) {
      LOG.warn("domain {} not checked, will be tried again", each.domain().name(), e);
      return false;
    }
  }

  private boolean isDue(Owned each) {
    Optional<StoredCheck> last;
    try {
      last = find(each.organization(), each.domain().name());
    } catch (RefusedException e) {
      return false;
    }
    if (last.isEmpty()) return true;
    Instant now = clock.instant();
    return !now.isBefore(last.get().checked().plus(pause(each.domain(), last.get(), now)));
  }

  private static Duration pause(MailDomain domain, StoredCheck last, Instant now) {
    boolean settled =
        last.records().stream().allMatch(each -> each.status() == RecordStatus.VERIFIED);
    if (settled) return Duration.ofDays(1);
    Duration age = Duration.between(domain.registered(), now);
    if (age.compareTo(Duration.ofDays(1)) < 0) return Duration.ofMinutes(5);
    return age.compareTo(OWNERSHIP_KEPT) < 0 ? Duration.ofHours(1) : Duration.ofHours(6);
  }
}
