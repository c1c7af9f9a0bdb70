package org.mailstead.core.audit;

import java.util.Map;
import java.util.Optional;

/// Writes audit records as JSON (RFC 8259) without a library: text members and members that are
/// JSON already.
final class AuditJson {
  private AuditJson() {}

  static String object(Map<String, String> members) {
    var out = new StringBuilder("{");
    members.forEach((name, value) -> text(out, name, Optional.of(value)));
    return out.append('}').toString();
  }

  static String write(AuditEntry entry) {
    AuditIdentity who = entry.identity();
    var identity = new StringBuilder("{");
    text(identity, "type", Optional.of(who.type().text()));
    text(identity, "principalId", Optional.of(who.principalId()));
    text(identity, "arn", Optional.of(who.arn()));
    text(identity, "accountId", Optional.of(who.accountId()));
    text(identity, "accessKeyId", who.accessKeyId());
    text(identity, "userName", who.userName());
    text(identity, "invokedBy", who.invokedBy());
    identity.append('}');
    var out = new StringBuilder("{");
    text(out, "eventVersion", Optional.of("1.05"));
    raw(out, "userIdentity", Optional.of(identity.toString()));
    text(
        out,
        "eventTime",
        Optional.of(
            entry.eventTime().truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString()));
    text(out, "eventSource", Optional.of(entry.eventSource()));
    text(out, "eventName", Optional.of(entry.eventName()));
    text(out, "awsRegion", Optional.of(entry.awsRegion()));
    text(out, "sourceIPAddress", Optional.of(entry.sourceIpAddress()));
    text(out, "userAgent", Optional.of(entry.userAgent()));
    text(out, "errorCode", entry.errorCode());
    text(out, "errorMessage", entry.errorMessage());
    raw(out, "requestParameters", entry.requestParameters());
    raw(out, "responseElements", entry.responseElements());
    text(out, "requestID", Optional.of(entry.requestId()));
    text(out, "eventID", Optional.of(entry.eventId()));
    text(out, "eventType", Optional.of("AwsApiCall"));
    text(out, "recipientAccountId", Optional.of(who.accountId()));
    return out.append('}').toString();
  }

  /// CloudTrail leaves absent texts out.
  private static void text(StringBuilder out, String name, Optional<String> value) {
    if (value.isEmpty()) return;
    name(out, name);
    quote(out, value.get());
  }

  /// CloudTrail writes absent objects as null.
  private static void raw(StringBuilder out, String name, Optional<String> json) {
    name(out, name);
    out.append(json.orElse("null"));
  }

  private static void name(StringBuilder out, String name) {
    if (out.charAt(out.length() - 1) != '{') out.append(',');
    quote(out, name);
    out.append(':');
  }

  private static void quote(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ' || Character.isSurrogate(c)) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
