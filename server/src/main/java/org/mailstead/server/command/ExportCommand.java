package org.mailstead.server.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailstead.server.DataFolder;
import org.mailstead.server.Domain;
import org.mailstead.server.MailboxExport;
import org.mailstead.server.control.ControlClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `export`: a mailbox as a zip file, while the service runs or not.
@Command(
    name = "export",
    description = {
      "Writes a mailbox into a zip file: each message as an .eml file in its folder, and manifest.jsonl with",
      "flags and times. Any program opens it; the mailbox may be in use."
    },
    mixinStandardHelpOptions = true)
public final class ExportCommand implements Callable<Integer> {
  @Mixin private ServiceOptions options = new ServiceOptions();

  @Parameters(paramLabel = "<mailbox>", description = "An address of the mailbox's owner.")
  private String mailbox = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "<file>",
      description = "The zip file; it must not exist yet.")
  private Path to = Path.of("");

  @Override
  public Integer call() throws IOException {
    DataFolder data = options.usedDataFolder();
    Optional<ControlClient> running = ControlClient.connect(data.root());
    Path file = to.toAbsolutePath();
    if (running.isPresent()) {
      try (ControlClient client = running.get()) {
        Map<String, Object> request =
            Map.of("word", "export", "mailbox", mailbox, "to", file.toString());
        System.out.println(client.ask(request, System.err::println).asString(""));
      }
    } else {
      try (Domain domain = Domain.open(data, options.settings())) {
        System.out.println(MailboxExport.write(domain, mailbox, file, System.err::println));
      }
    }
    return 0;
  }
}
