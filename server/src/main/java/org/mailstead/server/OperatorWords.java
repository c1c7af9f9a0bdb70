package org.mailstead.server;

import java.util.Map;
import org.mailstead.server.control.ControlServer.Word;

/// What the machine's operator may ask of a running service over the control socket.
final class OperatorWords {
  private final Domain domain;

  OperatorWords(Domain domain) {
    this.domain = domain;
  }

  Map<String, Word> words() {
    return Map.of("new-key", (_, _) -> FirstRun.newKey(domain));
  }
}
