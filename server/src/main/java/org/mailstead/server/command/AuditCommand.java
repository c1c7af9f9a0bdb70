package org.mailstead.server.command;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailstead.server.DataFolder;
import org.mailstead.server.control.ControlClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `audit`: the event history of the running service, newest first.
@Command(
    name = "audit",
    description = {
      "Shows who called what, newest first: of the account, or with --organization of one organization.",
      "One of the filters at a time, as in CloudTrail. --deliveries shows how the delivery of logs goes."
    },
    mixinStandardHelpOptions = true)
public final class AuditCommand implements Callable<Integer> {
  private static final int PAGES_MAX = 1_000;

  @Mixin private ServiceOptions options = new ServiceOptions();

  @Option(names = "--organization", paramLabel = "<id>", description = "Of this organization.")
  private Optional<String> organization = Optional.empty();

  @Option(
      names = "--filter",
      paramLabel = "<key=value>",
      description =
          "EventId, EventName, ReadOnly, Username, ResourceType, ResourceName, EventSource or AccessKeyId.")
  private Optional<String> filter = Optional.empty();

  @Option(
      names = "--from",
      paramLabel = "<time>",
      description = "2026-11-21T15:00:00Z (default: 90 days ago).")
  private Optional<String> from = Optional.empty();

  @Option(names = "--to", paramLabel = "<time>", description = "(default: now)")
  private Optional<String> to = Optional.empty();

  @Option(
      names = "--count",
      paramLabel = "<n>",
      description = "Events at the most (default: ${DEFAULT-VALUE}).")
  private int count = 50;

  @Option(names = "--json", description = "The records, one JSON object a line.")
  private boolean json;

  @Option(names = "--deliveries", description = "How far the delivery of the logs is.")
  private boolean deliveries;

  @Override
  public Integer call() throws IOException {
    DataFolder data = options.usedDataFolder();
    if (deliveries) {
      System.out.println(ask(data, Map.of("word", "deliveries")).toPrettyString());
      return 0;
    }
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("word", "audit");
    organization.ifPresent(id -> request.put("scope", id));
    from.ifPresent(time -> request.put("startTime", time));
    to.ifPresent(time -> request.put("endTime", time));
    if (filter.isPresent()) {
      int equals = filter.get().indexOf('=');
      if (equals < 1) throw new IOException("--filter: of the form key=value");
      request.put("attributeKey", filter.get().substring(0, equals));
      request.put("attributeValue", filter.get().substring(equals + 1));
    }
    int left = count;
    for (int pages = 0; left > 0 && pages < PAGES_MAX; pages++) {
      request.put("maxResults", Math.min(left, 100));
      JsonNode page = ask(data, request);
      for (JsonNode event : page.path("Events")) {
        left--;
        System.out.println(json ? event.path("CloudTrailEvent").asString("") : line(event));
      }
      String next = page.path("NextToken").asString("");
      if (next.isEmpty()) break;
      request.put("nextToken", next);
    }
    return 0;
  }

  private static String line(JsonNode event) {
    StringBuilder resources = new StringBuilder();
    for (JsonNode each : event.path("Resources")) {
      resources.append(' ').append(each.path("ResourceName").asString(""));
    }
    return "%-24s  %-16s  %-36s %s"
        .formatted(
            event.path("EventTime").asString(""),
            event.path("Username").asString(""),
            event.path("EventName").asString(""),
            resources.toString().strip());
  }

  private static JsonNode ask(DataFolder data, Map<String, Object> request) throws IOException {
    Optional<ControlClient> running = ControlClient.connect(data.root());
    if (running.isEmpty()) throw new IOException("no service is running on " + data.root());
    try (ControlClient client = running.get()) {
      return client.ask(request, System.err::println);
    }
  }
}
