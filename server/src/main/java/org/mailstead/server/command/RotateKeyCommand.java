package org.mailstead.server.command;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailstead.server.DataFolder;
import org.mailstead.server.Domain;
import org.mailstead.server.KeyRotation;
import org.mailstead.server.control.ControlClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `rotate-key`: a new master key, while the service runs or not.
@Command(
    name = "rotate-key",
    description = {
      "Makes a new master key and wraps the key of each organization by it. Contents are not touched. Customers' own",
      "keys (kms) are rotated where they are."
    },
    mixinStandardHelpOptions = true)
public final class RotateKeyCommand implements Callable<Integer> {
  @Mixin private ServiceOptions options = new ServiceOptions();

  @Override
  public Integer call() throws IOException {
    DataFolder data = options.usedDataFolder();
    Optional<ControlClient> running = ControlClient.connect(data.root());
    if (running.isPresent()) {
      try (ControlClient client = running.get()) {
        System.out.println(
            client.ask(Map.of("word", "rotate-key"), System.err::println).asString(""));
      }
    } else {
      try (Domain domain = Domain.open(data, options.settings())) {
        System.out.println(KeyRotation.run(domain));
      }
    }
    return 0;
  }
}
