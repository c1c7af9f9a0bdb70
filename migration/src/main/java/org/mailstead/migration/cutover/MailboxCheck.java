package org.mailstead.migration.cutover;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.mailstead.migration.directory.Inventory;
import org.mailstead.migration.plan.MailboxEntry;
import org.mailstead.migration.plan.MigrationSettings;
import org.mailstead.migration.report.Report;
import org.mailstead.migration.report.Report.MailboxReport;
import org.mailstead.migration.run.LastRun;

/// Whether every mailbox is whole at the target, and lately enough; whether one was forgotten.
final class MailboxCheck {
  /// Lines of one mailbox that are shown: the report has them all.
  private static final int LINES_MAX = 5;

  private final MigrationSettings settings;
  private final boolean isAfter;
  private final Instant now;

  /// @param isAfter after the switch the source itself is looked into: how long ago a run was tells
  ///   nothing more
  MailboxCheck(MigrationSettings settings, boolean isAfter, Instant now) {
    this.settings = settings;
    this.isAfter = isAfter;
    this.now = now;
  }

  List<Finding> check() throws IOException {
    List<Finding> findings = new ArrayList<>();
    Report report = Report.of(settings, now);
    for (int i = 0; i < settings.mailboxes().size(); i++) {
      check(settings.mailboxes().get(i), report.mailboxes().get(i), findings);
    }
    return findings;
  }

  private void check(MailboxEntry mailbox, MailboxReport report, List<Finding> findings)
      throws IOException {
    String about = "mailbox " + mailbox.name();
    if (!report.isStarted()) {
      findings.add(Finding.noGo(about, "was never carried over", "mailstead migrate run"));
      return;
    }
    int before = findings.size();
    List<Report.Line> missing =
        report.lines().stream()
            .filter(line -> !line.kind().equals("left out") && !line.kind().equals("changed"))
            .toList();
    for (Report.Line line : missing.subList(0, Math.min(LINES_MAX, missing.size()))) {
      findings.add(
          Finding.noGo(
              about, "%s %s %s: %s".formatted(line.folder(), line.id(), line.kind(), line.text())));
    }
    if (missing.size() > LINES_MAX) {
      findings.add(
          Finding.noGo(
              about,
              "%d more messages are not whole".formatted(missing.size() - LINES_MAX),
              "mailstead migrate report names them."));
    }
    lastRun(mailbox, about, findings);
    long written = report.folders().stream().mapToLong(Report.FolderReport::written).sum();
    long verified = report.folders().stream().mapToLong(Report.FolderReport::verified).sum();
    if (verified < written) {
      findings.add(
          Finding.warning(
              about,
              "%d of %d messages were not read again".formatted(written - verified, written),
              "mailstead migrate verify"));
    }
    if (findings.size() == before) {
      findings.add(Finding.ok(about, "whole, %d messages, all verified".formatted(written)));
    }
  }

  private void lastRun(MailboxEntry mailbox, String about, List<Finding> findings)
      throws IOException {
    Optional<LastRun> last = LastRun.read(settings, mailbox);
    if (last.isEmpty()) {
      findings.add(
          Finding.noGo(about, "no run of it has ended on this machine", "mailstead migrate run"));
      return;
    }
    if (!last.get().whole()) {
      String why = last.get().problems().isEmpty() ? "" : ": " + last.get().problems().getFirst();
      findings.add(
          Finding.noGo(about, "the last run was not whole" + why, "mailstead migrate run"));
    }
    if (isAfter) return;
    Duration age = Duration.between(Instant.parse(last.get().started()), now);
    if (age.compareTo(settings.cutover().deltaAgeMax()) > 0) {
      findings.add(
          Finding.noGo(
              about,
              "the last run was %d hours ago: what came since would be missing at first"
                  .formatted(age.toHours()),
              "mailstead migrate run"));
    }
  }

  /// Users of the inventory whose mail nobody carries over.
  List<Finding> forgotten(Inventory inventory) {
    Set<String> planned = new HashSet<>();
    for (MailboxEntry each : settings.mailboxes()) {
      planned.add(each.source().toLowerCase(Locale.ROOT));
      planned.add(each.target().toLowerCase(Locale.ROOT));
    }
    List<Finding> findings = new ArrayList<>();
    for (Inventory.User user : inventory.users()) {
      if (!user.email().isEmpty() && !isPlanned(user, planned)) {
        findings.add(
            Finding.noGo(
                "mailbox " + user.email(),
                "is in the inventory and in no [[mailbox]] of the plan"));
      }
    }
    return findings;
  }

  private static boolean isPlanned(Inventory.User user, Set<String> planned) {
    List<String> names = new ArrayList<>(user.aliases());
    names.add(user.email());
    names.add(user.name());
    return names.stream().anyMatch(name -> planned.contains(name.toLowerCase(Locale.ROOT)));
  }
}
