package org.mailstead.mailflow.reports;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.MailDomains.Owned;
import org.mailstead.core.policy.ReportAddresses;
import org.mailstead.core.reports.ReportFigures;
import org.mailstead.core.reports.ReportFigures.TlsFigure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads reports that come to an organization's address for them into figures, before the message
/// is accepted: what a report says twice counts once, so that a second try of the peer does no
/// harm. Whatever is wrong with a report, the message goes its way.
public final class ReceivedReports {
  private static final Logger LOG = LoggerFactory.getLogger(ReceivedReports.class);
  private static final long DAY_SECONDS = Duration.ofDays(1).toSeconds();

  private final Directory directory;
  private final ReportAddresses addresses;
  private final ReportFigures figures;
  private final InstantSource clock;
  private final Semaphore turns = new Semaphore(ReportBounds.READ_AT_ONCE_MAX);

  ReceivedReports(Directory directory, ReportFigures figures, InstantSource clock) {
    this.directory = directory;
    this.addresses = new ReportAddresses(directory);
    this.figures = figures;
    this.clock = clock;
  }

  /// @param organizations whose recipients the message has
  /// @param named recipients as the peer named them
  public void read(Set<OrganizationId> organizations, List<EmailAddress> named, Content content) {
    for (OrganizationId organization : organizations) {
      try {
        if (addresses.find(organization).filter(named::contains).isEmpty()) continue;
        if (!turns.tryAcquire(ReportBounds.TURN_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
          LOG.warn("a report for {} was not read: too many at once", organization);
          continue;
        }
        try {
          read(organization, content);
        } finally {
          turns.release();
        }
      } catch (MalformedException e) {
        LOG.info("a report for {} was not read: {}", organization, e.getMessage());
      } catch (UnavailableException | RefusedException e) {
        LOG.warn("a report for {} was not read: {}", organization, e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void read(OrganizationId organization, Content content) {
    for (byte[] document : ReportParts.of(content)) {
      if (ReceivedDmarc.isOne(document)) {
        dmarc(organization, ReceivedDmarc.parse(document));
      } else if (isJson(document)) {
        tls(organization, ReceivedTls.parse(document));
      }
    }
  }

  private static boolean isJson(byte[] document) {
    for (byte each : document) {
      if (each == '{') return true;
      if (each == '<') return false;
    }
    return false;
  }

  private void dmarc(OrganizationId organization, ReceivedDmarc report) {
    if (!isOurs(organization, report.domain()) || !isTimely(report.day())) {
      LOG.info("a DMARC report on {} is none of {}", report.domain(), organization);
      return;
    }
    int left =
        figures.addDmarc(
            organization, report.reporter() + "\n" + report.reportId(), report.figures());
    if (left > 0) LOG.warn("{} figures for {} have no room", left, organization);
    LOG.info(
        "a DMARC report on {} with {} rows was read", report.domain(), report.figures().size());
  }

  private void tls(OrganizationId organization, ReceivedTls report) {
    List<TlsFigure> ours =
        report.figures().stream()
            .filter(each -> isOurs(organization, each.domain()) && isTimely(each.day()))
            .toList();
    int left = figures.addTls(organization, report.reporter() + "\n" + report.reportId(), ours);
    if (left > 0) LOG.warn("{} figures for {} have no room", left, organization);
    LOG.info("a TLS report with {} rows of {} was read", ours.size(), organization);
  }

  /// The domain itself or one above it.
  private boolean isOurs(OrganizationId organization, String domain) {
    String at = domain;
    while (at.indexOf('.') > 0) {
      boolean ours =
          directory
              .domains()
              .findOwner(at)
              .map(Owned::organization)
              .filter(organization::equals)
              .isPresent();
      if (ours) return true;
      at = at.substring(at.indexOf('.') + 1);
    }
    return false;
  }

  private boolean isTimely(long day) {
    long today = clock.instant().getEpochSecond() / DAY_SECONDS;
    return day <= today + 1 && day > today - ReportFigures.DAYS_KEPT;
  }
}
