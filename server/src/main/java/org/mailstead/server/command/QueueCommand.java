package org.mailstead.server.command;

import java.io.IOException;
import java.util.Map;
import org.mailstead.server.control.ControlClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `queue`: the mail queue of the running service.
@Command(
    name = "queue",
    description = "Shows and changes the mail queue, and shows what is used of the sending limits.",
    mixinStandardHelpOptions = true)
public final class QueueCommand {
  @Command(
      name = "list",
      description = "Messages: id, state, received, recipients left, sender, next attempt.",
      mixinStandardHelpOptions = true)
  int list(
      @Mixin ServiceOptions options,
      @Option(
              names = "--state",
              paramLabel = "<state>",
              defaultValue = "",
              description = "Only waiting, delivering or held ones.")
          String state,
      @Option(
              names = "--count",
              paramLabel = "<n>",
              defaultValue = "100",
              description = "Messages at the most (default: ${DEFAULT-VALUE}).")
          int count)
      throws IOException {
    return print(options, Map.of("word", "queue-list", "state", state, "count", count));
  }

  @Command(name = "count", description = "The queue in numbers.", mixinStandardHelpOptions = true)
  int count(@Mixin ServiceOptions options) throws IOException {
    return print(options, Map.of("word", "queue-count"));
  }

  @Command(
      name = "show",
      description = "A message with its recipients and the last answers.",
      mixinStandardHelpOptions = true)
  int show(@Mixin ServiceOptions options, @Parameters(paramLabel = "<id>") String id)
      throws IOException {
    return change(options, "queue-show", id);
  }

  @Command(
      name = "hold",
      description = "Keeps a message from being tried until it is released.",
      mixinStandardHelpOptions = true)
  int hold(@Mixin ServiceOptions options, @Parameters(paramLabel = "<id>") String id)
      throws IOException {
    return change(options, "queue-hold", id);
  }

  @Command(
      name = "release",
      description = "Ends the hold of a message and tries it now.",
      mixinStandardHelpOptions = true)
  int release(@Mixin ServiceOptions options, @Parameters(paramLabel = "<id>") String id)
      throws IOException {
    return change(options, "queue-release", id);
  }

  @Command(
      name = "retry",
      description = "Tries a waiting message now.",
      mixinStandardHelpOptions = true)
  int retry(@Mixin ServiceOptions options, @Parameters(paramLabel = "<id>") String id)
      throws IOException {
    return change(options, "queue-retry", id);
  }

  @Command(
      name = "delete",
      description = "Removes a message. Nobody hears of it.",
      mixinStandardHelpOptions = true)
  int delete(@Mixin ServiceOptions options, @Parameters(paramLabel = "<id>") String id)
      throws IOException {
    return change(options, "queue-delete", id);
  }

  @Command(
      name = "usage",
      description = "Recipients of today against the limits, by account and user.",
      mixinStandardHelpOptions = true)
  int usage(@Mixin ServiceOptions options) throws IOException {
    return print(options, Map.of("word", "sending-usage"));
  }

  private static int change(ServiceOptions options, String word, String id) throws IOException {
    return print(options, Map.of("word", word, "id", id));
  }

  private static int print(ServiceOptions options, Map<String, Object> request) throws IOException {
    try (ControlClient client =
        ControlClient.connect(options.usedDataFolder().root())
            .orElseThrow(() -> new IOException("the service is not running"))) {
      JsonNode answer = client.ask(request, System.err::println);
      if (answer.isArray()) answer.forEach(line -> System.out.println(line.asString("")));
      else System.out.println(answer.asString(""));
    }
    return 0;
  }
}
