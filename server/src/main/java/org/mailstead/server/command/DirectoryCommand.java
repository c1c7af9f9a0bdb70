package org.mailstead.server.command;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import org.mailstead.server.control.ControlClient;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `directory`: organizations on Active Directory or LDAP, asked of the running service.
@Command(
    name = "directory",
    description = "Organizations on Active Directory or another LDAP server.",
    subcommands = {
      DirectoryCommand.Sync.class,
      DirectoryCommand.Status.class,
      CommandLine.HelpCommand.class
    })
public final class DirectoryCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    CommandLine.usage(this, System.out);
    return 2;
  }

  private static void ask(ServiceOptions options, Map<String, Object> request) throws IOException {
    try (ControlClient client =
        ControlClient.connect(options.usedDataFolder().root())
            .orElseThrow(() -> new IOException("the service is not running"))) {
      System.out.println(client.ask(request, System.err::println).asString(""));
    }
  }

  /// `directory sync`.
  @Command(
      name = "sync",
      description = {
        "Synchronizes an organization with its directory now and waits for the end.",
        "It stops before changing anything when too many users or groups would be removed."
      },
      mixinStandardHelpOptions = true)
  static final class Sync implements Callable<Integer> {
    @Mixin private ServiceOptions options = new ServiceOptions();

    @Parameters(paramLabel = "<organization>", description = "Its id or alias.")
    private String organization = "";

    @Option(names = "--full", description = "Compare everything, not only what changed.")
    private boolean full;

    @Option(names = "--force", description = "Remove however many are gone from the directory.")
    private boolean force;

    @Override
    public Integer call() throws IOException {
      ask(
          options,
          Map.of(
              "word",
              "directory-sync",
              "organization",
              organization,
              "full",
              full,
              "force",
              force));
      return 0;
    }
  }

  /// `directory status`.
  @Command(
      name = "status",
      description = "How the last synchronizations of an organization went.",
      mixinStandardHelpOptions = true)
  static final class Status implements Callable<Integer> {
    @Mixin private ServiceOptions options = new ServiceOptions();

    @Parameters(paramLabel = "<organization>", description = "Its id or alias.")
    private String organization = "";

    @Override
    public Integer call() throws IOException {
      ask(options, Map.of("word", "directory-status", "organization", organization));
      return 0;
    }
  }
}
