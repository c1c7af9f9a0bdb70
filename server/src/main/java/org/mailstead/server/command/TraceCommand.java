package org.mailstead.server.command;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mailstead.server.control.ControlClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `trace`: what became of messages, and what other mail flow rules would have made of them.
@Command(
    name = "trace",
    description = "Shows what became of messages, and tries mail flow rules on past mail.",
    mixinStandardHelpOptions = true)
public final class TraceCommand {
  /// Whose messages.
  static final class Whose {
    @Option(
        names = "--organization",
        paramLabel = "<id or alias>",
        defaultValue = "",
        description = "Of this organization (default: the first one).")
    private String organization = "";

    private Map<String, Object> request(String word) {
      Map<String, Object> request = new HashMap<>();
      request.put("word", word);
      request.put("organization", organization);
      return request;
    }
  }

  @Command(
      name = "list",
      description = "Messages, the newest first: id, received, sender, recipients, subject.",
      mixinStandardHelpOptions = true)
  int list(
      @Mixin ServiceOptions options,
      @Mixin Whose whose,
      @Option(
              names = "--message",
              paramLabel = "<id>",
              defaultValue = "",
              description = "With this Message-ID or queue id.")
          String message,
      @Option(
              names = "--sender",
              paramLabel = "<address or domain>",
              defaultValue = "",
              description = "In the reverse path, Sender or From.")
          String sender,
      @Option(names = "--recipient", paramLabel = "<address or domain>", defaultValue = "")
          String recipient,
      @Option(
              names = "--since",
              paramLabel = "<time>",
              defaultValue = "",
              description = "2026-11-21T15:00:00Z")
          String since,
      @Option(names = "--until", paramLabel = "<time>", defaultValue = "") String until,
      @Option(
              names = "--count",
              paramLabel = "<n>",
              defaultValue = "50",
              description = "Messages at the most (default: ${DEFAULT-VALUE}).")
          int count)
      throws IOException {
    Map<String, Object> request = whose.request("trace-list");
    request.put("message", message);
    request.put("sender", sender);
    request.put("recipient", recipient);
    request.put("since", since);
    request.put("until", until);
    request.put("count", count);
    return print(options, request);
  }

  @Command(
      name = "show",
      description = "A message: who sent it, what rules and checks said, where each copy went.",
      mixinStandardHelpOptions = true)
  int show(
      @Mixin ServiceOptions options,
      @Mixin Whose whose,
      @Parameters(paramLabel = "<queue id>") String id)
      throws IOException {
    Map<String, Object> request = whose.request("trace-show");
    request.put("id", id);
    return print(options, request);
  }

  @Command(
      name = "rules",
      description = {
        "What the mail flow rules, changed as asked, would have done with the newest messages.",
        "Nothing is delivered and no function is called."
      },
      mixinStandardHelpOptions = true)
  int rules(
      @Mixin ServiceOptions options,
      @Mixin Whose whose,
      @Parameters(paramLabel = "<inbound or outbound>") String direction,
      @Option(
              names = "--without",
              paramLabel = "<rule>",
              defaultValue = "",
              description = "Leave this rule out, named by id or name.")
          String without,
      @Option(
              names = "--action",
              paramLabel = "<action>",
              defaultValue = "",
              description = "Add a rule with this action, as DROP.")
          String action,
      @Option(
              names = "--sender",
              paramLabel = "<pattern>",
              description = "Sender pattern of the added rule (default: *).")
          List<String> senders,
      @Option(
              names = "--recipient",
              paramLabel = "<pattern>",
              description = "Recipient pattern of the added rule (default: *).")
          List<String> recipients,
      @Option(
              names = "--count",
              paramLabel = "<n>",
              defaultValue = "100",
              description = "Messages that are looked at (default: ${DEFAULT-VALUE}).")
          int count)
      throws IOException {
    Map<String, Object> request = whose.request("trace-rules");
    request.put("direction", direction);
    request.put("without", without);
    request.put("action", action);
    request.put("sender", senders == null ? List.of() : senders);
    request.put("recipient", recipients == null ? List.of() : recipients);
    request.put("count", count);
    return print(options, request);
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
