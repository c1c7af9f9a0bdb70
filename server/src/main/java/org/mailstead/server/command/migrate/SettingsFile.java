package org.mailstead.server.command.migrate;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.mailstead.migration.plan.MigrationSettings;
import org.mailstead.migration.plan.SettingsReader;
import picocli.CommandLine.Parameters;

/// The settings file that every word but `init` takes.
final class SettingsFile {
  @Parameters(
      paramLabel = "<file>",
      defaultValue = "migration.toml",
      description = "The settings (default: ${DEFAULT-VALUE}).")
  private Path file = Path.of("migration.toml");

  MigrationSettings read() throws IOException {
    return SettingsReader.read(file, System.getenv(), InstantSource.system());
  }

  Path path() {
    return file;
  }
}
