package org.mailstead.server.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailstead.server.Backups;
import org.mailstead.server.DataFolder;
import org.mailstead.server.control.ControlClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `restore`: a whole store into an empty folder, or one mailbox into a running service.
@Command(
    name = "restore",
    description = {
      "Restores a backup: the whole store into an empty data folder, or, with --mailbox, one mailbox (or one folder",
      "of it) into the running service, where its messages appear in a folder named after the backup."
    },
    mixinStandardHelpOptions = true)
public final class RestoreCommand implements Callable<Integer> {
  @Mixin private ServiceOptions options = new ServiceOptions();

  @Option(names = "--from", required = true, paramLabel = "<folder>", description = "The backup.")
  private Path from = Path.of("");

  @Option(
      names = "--key",
      paramLabel = "<file>",
      description =
          "The key file, plain or sealed (passphrase in MAILSTEAD_PASSPHRASE); not needed if it lies in the data folder.")
  private Optional<Path> key = Optional.empty();

  @Option(
      names = "--mailbox",
      paramLabel = "<address>",
      description = "Only this mailbox, into the running service.")
  private Optional<String> mailbox = Optional.empty();

  @Option(
      names = "--folder",
      paramLabel = "<path>",
      description = "Only this folder of the mailbox, as INBOX or Projects/2026.")
  private Optional<String> folder = Optional.empty();

  @Override
  public Integer call() throws IOException {
    DataFolder data = options.dataFolder();
    Optional<ControlClient> running = ControlClient.connect(data.root());
    if (mailbox.isPresent()) {
      try (ControlClient client =
          running.orElseThrow(() -> new IOException("no service is running on " + data.root()))) {
        Map<String, Object> request =
            Map.of(
                "word", "restore-mailbox",
                "from", from.toAbsolutePath().toString(),
                "mailbox", mailbox.get(),
                "folder", folder.orElse(""));
        System.out.println(client.ask(request, System.err::println).asString(""));
      }
      return 0;
    }
    if (running.isPresent()) {
      running.get().close();
      throw new IOException(
          "a service is running on " + data.root() + ": stop it before you restore over it");
    }
    System.out.println(
        Backups.restore(from.toAbsolutePath(), data, key, options.settings(), System.err::println));
    return 0;
  }
}
