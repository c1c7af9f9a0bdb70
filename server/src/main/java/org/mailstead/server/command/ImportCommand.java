package org.mailstead.server.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailstead.server.DataFolder;
import org.mailstead.server.Domain;
import org.mailstead.server.MailboxImport;
import org.mailstead.server.command.migrate.MigrateCommand;
import org.mailstead.server.control.ControlClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `import`: mail from files into a mailbox, while the service runs or not.
@Command(
    name = "import",
    description = {
      "Puts the messages of an export zip, a tree of .eml files, a Maildir or mbox files into a mailbox: octets, folders,",
      "flags and dates as far as the files have them. Only adds; what is there already is not written again. Nothing is",
      "sent, filtered or answered because of it. Exit code 3 if something could not be written."
    },
    mixinStandardHelpOptions = true)
public final class ImportCommand implements Callable<Integer> {
  @Mixin private ServiceOptions options = new ServiceOptions();

  @Parameters(paramLabel = "<mailbox>", description = "An address of the mailbox's owner.")
  private String mailbox = "";

  @Option(
      names = "--from",
      required = true,
      paramLabel = "<path>",
      description = "The file or folder, on the machine of the service.")
  private Path from = Path.of("");

  @Option(
      names = "--kind",
      paramLabel = "<kind>",
      description = "eml, zip, maildir or mbox (default: by what lies there).")
  private String kind = "";

  @Option(
      names = "--into",
      paramLabel = "<folder>",
      description = "Put the whole tree below this folder.")
  private String into = "";

  @Override
  public Integer call() throws IOException {
    DataFolder data = options.usedDataFolder();
    Path path = from.toAbsolutePath().normalize();
    MailboxImport.Options told = MailboxImport.Options.parse(kind, into);
    Optional<ControlClient> running = ControlClient.connect(data.root());
    String line;
    if (running.isPresent()) {
      try (ControlClient client = running.get()) {
        Map<String, Object> request =
            Map.of(
                "word",
                "import",
                "mailbox",
                mailbox,
                "from",
                path.toString(),
                "kind",
                kind,
                "into",
                into);
        line = client.ask(request, System.err::println).asString("");
      }
    } else {
      try (Domain domain = Domain.open(data, options.settings())) {
        line = MailboxImport.run(domain, mailbox, path, told, System.err::println);
      }
    }
    System.out.println(line);
    return line.startsWith("WHOLE") ? MigrateCommand.WHOLE : MigrateCommand.NOT_WHOLE;
  }
}
