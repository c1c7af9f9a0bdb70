package org.mailstead.server.command;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailstead.server.DataFolder;
import org.mailstead.server.Domain;
import org.mailstead.server.FirstRun;
import org.mailstead.server.control.ControlClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `setup`: what `serve` does on an empty folder, without serving; and a new access key at any
/// time.
@Command(
    name = "setup",
    description = {
      "Makes the first organization, administrator and access key without starting the service;",
      "with --new-key: another access key, also while the service runs. Secrets are shown once."
    },
    mixinStandardHelpOptions = true)
public final class SetupCommand implements Callable<Integer> {
  @Mixin private ServiceOptions options = new ServiceOptions();

  @Option(
      names = "--alias",
      paramLabel = "<alias>",
      description = "Alias of the first organization (default: ${DEFAULT-VALUE}).")
  private String alias = FirstRun.ALIAS;

  @Option(names = "--new-key", description = "Only make another access key for the account.")
  private boolean newKey;

  @Override
  public Integer call() throws IOException {
    DataFolder data = options.dataFolder();
    Optional<ControlClient> running = ControlClient.connect(data.root());
    if (running.isPresent()) {
      try (ControlClient client = running.get()) {
        if (!newKey)
          throw new IOException("the service on " + data.root() + " is set up and running");
        var answer = client.ask(Map.of("word", "new-key"), System.err::println);
        answer
            .properties()
            .forEach(e -> System.out.println(e.getKey() + ": " + e.getValue().asString("")));
        return 0;
      }
    }
    try (Domain domain = Domain.open(data.create(), options.settings())) {
      if (newKey) {
        FirstRun.newKey(domain).forEach((name, value) -> System.out.println(name + ": " + value));
        return 0;
      }
      Optional<FirstRun.Secrets> secrets = FirstRun.prepare(domain, alias);
      if (secrets.isEmpty())
        throw new IOException(data.root() + " is set up already; --new-key makes another key");
      secrets.get().print(System.out);
    }
    return 0;
  }
}
