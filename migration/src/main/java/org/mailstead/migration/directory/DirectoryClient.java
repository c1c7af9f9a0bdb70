package org.mailstead.migration.directory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.workmail.client.WorkMailClient;
import org.mailstead.workmail.wire.ApiException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Calls of the WorkMail API for one organization, lists page by page, throttling waited out.
final class DirectoryClient {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int PAGES_MAX = 100_000;
  private static final int TRIES_MAX = 8;

  /// Waits between tries.
  @FunctionalInterface
  interface Pause {
    void millis(long count) throws InterruptedException;
  }

  private final WorkMailClient client;
  private final String organizationId;
  private final Pause pause;

  DirectoryClient(WorkMailClient client, String organizationId, Pause pause) {
    this.client = client;
    this.organizationId = organizationId;
    this.pause = pause;
  }

  /// @param members names and texts in turn
  JsonNode call(String operation, String... members) throws IOException {
    ObjectNode input = JSON.createObjectNode();
    input.put("OrganizationId", organizationId);
    for (int i = 0; i + 1 < members.length; i += 2) input.put(members[i], members[i + 1]);
    return call(operation, input);
  }

  ObjectNode input() {
    return JSON.createObjectNode().put("OrganizationId", organizationId);
  }

  JsonNode call(String operation, ObjectNode input) throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        return client.call(operation, input);
      } catch (ApiException e) {
        boolean throttled = e.code().contains("Throttl") || e.code().contains("TooManyRequests");
        if (!throttled || tries >= TRIES_MAX) throw e;
      }
      try {
        pause.millis(200L << tries);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }

  /// All pages of a list.
  List<JsonNode> list(String operation, String listName, String... members) throws IOException {
    List<JsonNode> all = new ArrayList<>();
    Optional<String> token = Optional.empty();
    for (int page = 0; page < PAGES_MAX; page++) {
      ObjectNode input = input();
      for (int i = 0; i + 1 < members.length; i += 2) input.put(members[i], members[i + 1]);
      token.ifPresent(t -> input.put("NextToken", t));
      JsonNode answer = call(operation, input);
      answer.path(listName).forEach(all::add);
      String next = answer.path("NextToken").asString("");
      if (next.isEmpty()) return all;
      token = Optional.of(next);
    }
    throw new IOException(operation + " has no end");
  }
}
