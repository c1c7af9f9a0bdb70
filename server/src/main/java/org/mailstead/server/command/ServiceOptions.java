package org.mailstead.server.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.mailstead.server.DataFolder;
import org.mailstead.server.settings.Settings;
import picocli.CommandLine.Option;

/// The options of every word that works on a service: which data, which settings.
final class ServiceOptions {
  @Option(
      names = "--data",
      paramLabel = "<folder>",
      description = "The data folder (default: ./data).")
  private Path data = Path.of("data");

  @Option(
      names = "--settings",
      paramLabel = "<file>",
      description =
          "The settings file (default: mailstead.toml in the data folder, if it is there).")
  private Optional<Path> settings = Optional.empty();

  DataFolder dataFolder() {
    return new DataFolder(data);
  }

  /// The data folder, which must have been used by a service.
  ///
  /// @throws IOException it was not
  DataFolder usedDataFolder() throws IOException {
    DataFolder folder = dataFolder();
    if (!folder.isUsed()) throw new IOException("no service has ever run on " + folder.root());
    return folder;
  }

  Settings settings() {
    Path inside = data.resolve("mailstead.toml");
    Optional<Path> file =
        settings.isPresent() || !inside.toFile().isFile() ? settings : Optional.of(inside);
    return Settings.load(file, System.getenv());
  }
}
