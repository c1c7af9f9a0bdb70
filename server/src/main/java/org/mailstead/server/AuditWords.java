package org.mailstead.server;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.audit.AuditEntry;
import org.mailstead.core.audit.AuditEvent;
import org.mailstead.core.audit.AuditIdentity;
import org.mailstead.core.audit.AuditLog;
import org.mailstead.core.audit.AuditQuery;
import org.mailstead.core.directory.AccountId;
import org.mailstead.server.control.ControlServer.Word;
import tools.jackson.databind.JsonNode;

/// The audit log for the machine's operator: what the control socket is asked is recorded in it
/// (JRN-2, any door), and it can be searched.
final class AuditWords {
  private static final Duration NINETY_DAYS = Duration.ofDays(90);

  private AuditWords() {}

  /// The word with a record of each use, carried out or refused; what was asked may hold a path but
  /// no secret, and is left out all the same.
  static Word recorded(Domain domain, String name, Word word) {
    return (request, progress) -> {
      AuditEntry entry = entry(domain, name);
      try {
        Object answer = word.run(request, progress);
        record(domain, entry);
        return answer;
      } catch (Exception e) {
        record(domain, entry.failed("Failed", e.getClass().getSimpleName()));
        throw e;
      }
    };
  }

  private static void record(Domain domain, AuditEntry entry) {
    String account = entry.identity().accountId();
    domain.directory().audit().record(new AuditLog.Scope(account), entry);
  }

  private static AuditEntry entry(Domain domain, String word) {
    String account =
        domain.directory().accounts().accounts().stream()
            .findFirst()
            .map(AccountId::value)
            .orElse("000000000000");
    StringBuilder name = new StringBuilder("Operator");
    for (String part : word.split("-")) {
      if (part.isEmpty()) continue;
      name.append(Character.toUpperCase(part.charAt(0))).append(part.substring(1));
    }
    return new AuditEntry(
        AuditIdentity.root(account, Optional.empty()),
        domain.clock().instant(),
        AuditEntry.WORKMAIL_SOURCE,
        name.toString(),
        "local",
        "127.0.0.1",
        "mailstead control socket",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        uuid(domain),
        uuid(domain));
  }

  /// A page of the event history, in the shape of CloudTrail's LookupEvents.
  static Map<String, Object> lookup(Domain domain, JsonNode request) {
    String scope =
        request.path("scope").asString(domain.directory().accounts().accounts().getFirst().value());
    Instant now = domain.clock().instant();
    String asked = request.path("attributeKey").asString("");
    if (!asked.isEmpty() && AuditQuery.Key.find(asked).isEmpty()) {
      throw new RefusedException(Refusal.INVALID, "events have no attribute " + asked);
    }
    Optional<AuditQuery.Attribute> attribute =
        AuditQuery.Key.find(request.path("attributeKey").asString(""))
            .map(key -> new AuditQuery.Attribute(key, request.path("attributeValue").asString("")));
    String token = request.path("nextToken").asString("");
    AuditQuery.Page page =
        domain
            .directory()
            .audit()
            .find(
                new AuditLog.Scope(scope),
                new AuditQuery(
                    time(request, "startTime", now.minus(NINETY_DAYS)),
                    time(request, "endTime", now.plusSeconds(60)),
                    attribute,
                    Math.clamp(request.path("maxResults").asInt(50), 1, 100),
                    token.isEmpty() ? Optional.empty() : Optional.of(token)));
    List<Map<String, Object>> events = new ArrayList<>();
    for (AuditEvent event : page.events()) events.add(event(event));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("Events", events);
    page.resume().ifPresent(next -> answer.put("NextToken", next));
    return answer;
  }

  private static Map<String, Object> event(AuditEvent event) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("EventId", event.id());
    all.put("EventName", event.name());
    all.put("ReadOnly", Boolean.toString(event.readOnly()));
    event.accessKeyId().ifPresent(key -> all.put("AccessKeyId", key));
    all.put("EventTime", event.time().toString());
    all.put("EventSource", event.source());
    all.put("Username", event.userName());
    all.put(
        "Resources",
        event.resources().stream()
            .map(r -> Map.of("ResourceType", r.type(), "ResourceName", r.name()))
            .toList());
    all.put("CloudTrailEvent", event.json());
    return all;
  }

  private static Instant time(JsonNode request, String member, Instant otherwise) {
    String text = request.path(member).asString("");
    try {
      return text.isEmpty() ? otherwise : Instant.parse(text);
    } catch (DateTimeException e) {
      throw new RefusedException(
          Refusal.INVALID, "not a time such as 2026-11-21T15:00:00Z: " + text);
    }
  }

  private static String uuid(Domain domain) {
    return new UUID(domain.random().nextLong(), domain.random().nextLong()).toString();
  }
}
