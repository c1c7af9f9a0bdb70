package org.mailstead.server.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailstead.server.Backups;
import org.mailstead.server.DataFolder;
import org.mailstead.server.Domain;
import org.mailstead.server.KeyFiles;
import org.mailstead.server.control.ControlClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `backup`: a backup of the whole store, while the service runs or not.
@Command(
    name = "backup",
    description = {
      "Writes a backup of the whole store into a folder; into the same folder again, only what has changed.",
      "The key file is never inside: --key-to writes it, sealed with the passphrase in MAILSTEAD_PASSPHRASE."
    },
    mixinStandardHelpOptions = true)
public final class BackupCommand implements Callable<Integer> {
  @Mixin private ServiceOptions options = new ServiceOptions();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "<folder>",
      description = "Where the backup lies.")
  private Path to = Path.of("");

  @Option(
      names = "--key-to",
      paramLabel = "<file>",
      description = "Also write the sealed key file.")
  private Optional<Path> keyTo = Optional.empty();

  @Override
  public Integer call() throws IOException {
    DataFolder data = options.usedDataFolder();
    Optional<ControlClient> running = ControlClient.connect(data.root());
    String summary;
    if (running.isPresent()) {
      try (ControlClient client = running.get()) {
        summary =
            client
                .ask(
                    Map.of("word", "backup", "to", to.toAbsolutePath().toString()),
                    System.err::println)
                .asString("");
      }
    } else {
      try (Domain domain = Domain.open(data, options.settings())) {
        summary = Backups.write(domain, to.toAbsolutePath(), System.err::println);
      }
    }
    System.out.println(summary);
    if (keyTo.isPresent()) {
      KeyFiles.seal(data.masterKey(), keyTo.get(), System.getenv());
      System.out.println("sealed key file: " + keyTo.get());
    }
    return 0;
  }
}
