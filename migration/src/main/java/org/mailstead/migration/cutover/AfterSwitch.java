package org.mailstead.migration.cutover;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.mailstead.migration.imap.Arrivals;
import org.mailstead.migration.plan.MailboxEntry;

/// What a target's mailboxes tell about the time since the switch: reports of mail that came back,
/// own mail that still took the old service's way; and whether enough time has gone by.
final class AfterSwitch {
  /// MIG-14: no sooner than a week.
  static final Duration QUIET = Duration.ofDays(7);

  private static final int REPORT_BYTES_MAX = 32_768;

  private AfterSwitch() {}

  static Finding week(Optional<Instant> switched, Instant now) {
    String about = "time";
    if (switched.isEmpty()) {
      return Finding.noGo(
          about,
          "mail was not seen to go to the target",
          "Switch the MX; or say when it was: --switched 2026-01-31T12:00:00Z");
    }
    Instant end = switched.get().plus(QUIET);
    return now.isBefore(end)
        ? Finding.noGo(
            about, "switched since %s; a week is over on %s".formatted(switched.get(), end))
        : Finding.ok(about, "switched since " + switched.get() + ", more than a week ago");
  }

  /// @param oldHosts names by which the old service is known in trace lines
  static List<Finding> arrived(
      MailboxEntry mailbox,
      Arrivals arrivals,
      Set<String> ownDomains,
      Optional<DirectoryCheck> directory,
      List<String> oldHosts,
      Instant switched)
      throws IOException {
    List<Finding> findings = new ArrayList<>();
    String about = "mailbox " + mailbox.target();
    Set<String> failed = new TreeSet<>();
    for (Arrivals.Found found : arrivals.reports(switched)) {
      for (String report : arrivals.read(found, REPORT_BYTES_MAX)) {
        for (String address : HeaderText.failedRecipients(report)) {
          if (ownDomains.contains(HeaderText.domain(address))) failed.add(address);
        }
      }
    }
    // One that the target has now was made since.
    failed.removeIf(address -> directory.filter(each -> each.isKnown(address)).isPresent());
    if (!failed.isEmpty()) {
      String text = "mail to these own addresses came back: " + String.join(", ", failed);
      findings.add(
          directory.isPresent()
              ? Finding.noGo(about, text)
              : Finding.warning(about, text, "See that the target has them now."));
    }
    Set<String> senders = new TreeSet<>();
    for (String host : oldHosts) {
      for (String domain : ownDomains) {
        for (Arrivals.Found found : arrivals.passed(host, domain, switched)) {
          for (String message : arrivals.read(found, REPORT_BYTES_MAX)) {
            senders.addAll(HeaderText.addresses(message, "From"));
          }
        }
      }
    }
    if (!senders.isEmpty()) {
      findings.add(
          Finding.warning(
              about,
              "own mail came through the old service, from " + String.join(", ", senders),
              "An application or printer may still submit there."));
    }
    return findings;
  }
}
