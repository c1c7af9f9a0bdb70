package org.mailstead.server;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.mailstead.server.control.ControlServer.Word;
import org.mailstead.server.settings.Settings;
import tools.jackson.databind.JsonNode;

/// What the machine's operator may ask of a running service over the control socket.
final class OperatorWords {
  private final Domain domain;
  private final Settings settings;
  private final Supplier<Map<String, Object>> deliveries;
  private final QueueWords queue;
  private final TraceWords traces;

  OperatorWords(
      Domain domain,
      Settings settings,
      QueueWords queue,
      TraceWords traces,
      Supplier<Map<String, Object>> deliveries) {
    this.domain = domain;
    this.settings = settings;
    this.queue = queue;
    this.traces = traces;
    this.deliveries = deliveries;
  }

  Map<String, Word> words() {
    Map<String, Word> words = new HashMap<>(new AccountWords(domain).words());
    words.putAll(ofService());
    words.putAll(queue.words());
    words.putAll(traces.words());
    words.putAll(new DomainWords(domain).words());
    words.put("audit", (request, _) -> AuditWords.lookup(domain, request));
    words.put(
        "doctor",
        (request, _) ->
            Doctor.examine(domain, settings, text(request, "domain"), text(request, "reach")));
    words.put("deliveries", (_, _) -> deliveries.get());
    Map<String, Word> recorded = new HashMap<>();
    words.forEach((name, word) -> recorded.put(name, AuditWords.recorded(domain, name, word)));
    return recorded;
  }

  private static Optional<String> text(JsonNode request, String member) {
    return Optional.of(request.path(member).asString("")).filter(text -> !text.isEmpty());
  }

  private Map<String, Word> ofService() {
    return Map.of(
        "new-key",
        (_, _) -> FirstRun.newKey(domain),
        "check",
        (_, _) -> CheckReport.of(domain.check()),
        "backup",
        (request, progress) ->
            Backups.write(domain, Path.of(request.path("to").asString("")), progress),
        "export",
        (request, progress) ->
            MailboxExport.write(
                domain,
                request.path("mailbox").asString(""),
                Path.of(request.path("to").asString("")),
                progress),
        "import",
        (request, progress) ->
            MailboxImport.run(
                domain,
                request.path("mailbox").asString(""),
                Path.of(request.path("from").asString("")),
                MailboxImport.Options.parse(
                    request.path("kind").asString(""), request.path("into").asString("")),
                progress),
        "rotate-key",
        (_, _) -> KeyRotation.run(domain),
        "directory-sync",
        (request, progress) ->
            DirectoryWords.synchronize(
                domain,
                request.path("organization").asString(""),
                request.path("full").asBoolean(false),
                request.path("force").asBoolean(false),
                progress),
        "directory-status",
        (request, _) -> DirectoryWords.status(domain, request.path("organization").asString("")),
        "restore-mailbox",
        (request, progress) ->
            Backups.restoreMailbox(
                domain,
                Path.of(request.path("from").asString("")),
                request.path("mailbox").asString(""),
                request.path("folder").asString(""),
                progress));
  }
}
