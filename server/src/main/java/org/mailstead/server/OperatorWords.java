package org.mailstead.server;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.mailstead.server.control.ControlServer.Word;

/// What the machine's operator may ask of a running service over the control socket.
final class OperatorWords {
  private final Domain domain;

  OperatorWords(Domain domain) {
    this.domain = domain;
  }

  Map<String, Word> words() {
    Map<String, Word> words = new HashMap<>(new AccountWords(domain).words());
    words.putAll(ofService());
    return words;
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
        "rotate-key",
        (_, _) -> KeyRotation.run(domain),
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
