package org.mailstead.server.command;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.server.AccountWords;
import org.mailstead.server.DataFolder;
import org.mailstead.server.Domain;
import org.mailstead.server.DomainWords;
import org.mailstead.server.control.ControlClient;
import org.mailstead.server.control.ControlServer.Word;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One of the [AccountWords] or [DomainWords]: asked of the running service, or carried out on its
/// folder when none runs.
final class OperatorCall {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private OperatorCall() {}

  /// Prints what the word answers.
  ///
  /// @throws IOException the service refused: its text
  static int print(ServiceOptions options, String word, Map<String, Object> request)
      throws IOException {
    JsonNode answer = ask(options, word, request);
    if (answer.isArray()) {
      answer.forEach(line -> System.out.println(line.asString("")));
    } else if (answer.isObject()) {
      answer
          .properties()
          .forEach(e -> System.out.println(e.getKey() + ": " + e.getValue().asString("")));
    } else {
      System.out.println(answer.asString(""));
    }
    return 0;
  }

  private static JsonNode ask(ServiceOptions options, String word, Map<String, Object> request)
      throws IOException {
    DataFolder data = options.usedDataFolder();
    Map<String, Object> whole = new java.util.HashMap<>(request);
    whole.put("word", word);
    Optional<ControlClient> running = ControlClient.connect(data.root());
    if (running.isPresent()) {
      try (ControlClient client = running.get()) {
        return client.ask(whole, System.err::println);
      }
    }
    try (Domain domain = Domain.open(data, options.settings())) {
      Map<String, Word> all = new java.util.HashMap<>(new AccountWords(domain).words());
      all.putAll(new DomainWords(domain).words());
      var known = all.get(word);
      if (known == null) throw new IOException("unknown word: " + word);
      return JSON.valueToTree(known.run(JSON.valueToTree(whole), System.err::println));
    } catch (IOException | RefusedException | UnavailableException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
