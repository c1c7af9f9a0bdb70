package org.mailstead.server.command.migrate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.mailstead.migration.plan.MigrationSettings;
import org.mailstead.migration.report.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `migrate report`: what has been done, by the ledgers.
@Command(
    name = "report",
    description = {
      "Writes report.html and report.json into the work folder: every folder with its counts, every message that was",
      "set aside, changed, left out or differs, by its name. Connects to nothing."
    },
    mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
  @Mixin private SettingsFile file = new SettingsFile();

  @Override
  public Integer call() throws IOException {
    MigrationSettings settings = file.read();
    Report report = Report.of(settings, Instant.now());
    Files.createDirectories(settings.work());
    Path html = settings.work().resolve("report.html");
    Files.writeString(html, report.html());
    Files.writeString(settings.work().resolve("report.json"), report.json());
    System.out.println("written: " + html);
    System.out.println(report.isWhole() ? "WHOLE" : "NOT WHOLE");
    return report.isWhole() ? MigrateCommand.WHOLE : MigrateCommand.NOT_WHOLE;
  }
}
