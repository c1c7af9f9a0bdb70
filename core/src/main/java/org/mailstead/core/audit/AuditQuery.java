package org.mailstead.core.audit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What is looked for in the event history: a time range and, as in CloudTrail, at most one
/// attribute.
///
/// @param from inclusive
/// @param to exclusive
/// @param resume where an earlier page ended
/// @spec https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html AWS
///   CloudTrail: LookupEvents
public record AuditQuery(
    Instant from,
    Instant to,
    Optional<Attribute> attribute,
    int countMax,
    Optional<String> resume) {
  public record Attribute(Key key, String value) {}

  /// By the names of CloudTrail's lookup attributes.
  public enum Key {
    EVENT_ID("EventId"),
    EVENT_NAME("EventName"),
    READ_ONLY("ReadOnly"),
    USERNAME("Username"),
    RESOURCE_TYPE("ResourceType"),
    RESOURCE_NAME("ResourceName"),
    EVENT_SOURCE("EventSource"),
    ACCESS_KEY_ID("AccessKeyId");

    private final String text;

    Key(String text) {
      this.text = text;
    }

    public static Optional<Key> find(String text) {
      for (Key key : values()) if (key.text.equals(text)) return Optional.of(key);
      return Optional.empty();
    }

    public String text() {
      return text;
    }
  }

  /// A page of what was found, newest first.
  ///
  /// @param resume there may be more; a page may be short, even empty, and still not the last,
  ///   because one page looks at a bounded number of records
  public record Page(List<AuditEvent> events, Optional<String> resume) {}
}
