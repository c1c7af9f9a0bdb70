package org.mailstead.core.audit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A record of the history with what one may look for in it.
///
/// @param userName `root` for the account's root, the service for Mailstead itself
/// @param json the CloudTrail-shaped record
public record AuditEvent(
    Instant time,
    String id,
    String name,
    String source,
    String userName,
    Optional<String> accessKeyId,
    boolean readOnly,
    List<Resource> resources,
    String json) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int RESOURCES_MAX = 8;
  private static final List<String> READING_WORDS =
      List.of("Describe", "List", "Get", "Lookup", "Search", "Test");

  /// Something that the call named or made.
  ///
  /// @param type `AWS::WorkMail::Organization` and the like
  public record Resource(String type, String name) {}

  static AuditEvent of(AuditLog.Stored stored) {
    JsonNode record = JSON.readTree(stored.json());
    JsonNode identity = record.path("userIdentity");
    String name = record.path("eventName").asString("");
    Set<Resource> resources = new LinkedHashSet<>();
    collect(resources, record.path("requestParameters"));
    collect(resources, record.path("responseElements"));
    String user =
        identity
            .path("userName")
            .asString(
                identity.path("type").asString("").equals("Root")
                    ? "root"
                    : identity.path("invokedBy").asString(""));
    String key = identity.path("accessKeyId").asString("");
    return new AuditEvent(
        stored.eventTime(),
        stored.eventId(),
        name,
        record.path("eventSource").asString(""),
        user,
        key.isEmpty() ? Optional.empty() : Optional.of(key),
        isReadOnly(name),
        List.copyOf(resources),
        stored.json());
  }

  /// Whether an operation of this name changes nothing.
  public static boolean isReadOnly(String eventName) {
    return READING_WORDS.stream().anyMatch(eventName::startsWith);
  }

  boolean has(AuditQuery.Attribute attribute) {
    String value = attribute.value();
    return switch (attribute.key()) {
      case EVENT_ID -> id.equals(value);
      case EVENT_NAME -> name.equals(value);
      case READ_ONLY -> Boolean.toString(readOnly).equals(value);
      case USERNAME -> userName.equals(value);
      case RESOURCE_TYPE -> resources.stream().anyMatch(r -> r.type.equals(value));
      case RESOURCE_NAME -> resources.stream().anyMatch(r -> r.name.equals(value));
      case EVENT_SOURCE -> source.equals(value);
      case ACCESS_KEY_ID -> accessKeyId.filter(value::equals).isPresent();
    };
  }

  /// The attributes that the index knows; the others are found by looking at every record of the
  /// time range.
  List<AuditQuery.Attribute> indexed() {
    List<AuditQuery.Attribute> all = new ArrayList<>();
    all.add(new AuditQuery.Attribute(AuditQuery.Key.EVENT_NAME, name));
    all.add(new AuditQuery.Attribute(AuditQuery.Key.USERNAME, userName));
    accessKeyId.ifPresent(
        key -> all.add(new AuditQuery.Attribute(AuditQuery.Key.ACCESS_KEY_ID, key)));
    if (!readOnly) all.add(new AuditQuery.Attribute(AuditQuery.Key.READ_ONLY, "false"));
    for (Resource each : resources) {
      all.add(new AuditQuery.Attribute(AuditQuery.Key.RESOURCE_NAME, each.name));
    }
    return all;
  }

  static boolean isIndexed(AuditQuery.Attribute attribute) {
    return switch (attribute.key()) {
      case EVENT_NAME, USERNAME, ACCESS_KEY_ID, RESOURCE_NAME -> true;
      case READ_ONLY -> attribute.value().equals("false");
      case EVENT_ID, RESOURCE_TYPE, EVENT_SOURCE -> false;
    };
  }

  private static void collect(Set<Resource> found, JsonNode members) {
    for (var member : members.properties()) {
      if (!member.getValue().isString() || found.size() >= RESOURCES_MAX) continue;
      String type =
          switch (member.getKey()) {
            case "organizationId" -> "Organization";
            case "userId" -> "User";
            case "groupId" -> "Group";
            case "resourceId" -> "Resource";
            case "entityId", "memberId", "granteeId" -> "Entity";
            case "email", "alias" -> "Address";
            case "domainName" -> "MailDomain";
            case "impersonationRoleId" -> "ImpersonationRole";
            case "jobId" -> "MailboxExportJob";
            case "name" -> "Name";
            default -> "";
          };
      String value = member.getValue().stringValue();
      if (type.isEmpty() || value.isEmpty() || value.length() > 256) continue;
      if (value.equals("HIDDEN_DUE_TO_SECURITY_REASONS")) continue;
      found.add(new Resource("AWS::WorkMail::" + type, value));
    }
  }
}
