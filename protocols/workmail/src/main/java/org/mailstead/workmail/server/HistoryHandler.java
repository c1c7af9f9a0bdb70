package org.mailstead.workmail.server;

import java.time.Instant;
import java.util.Optional;
import org.mailstead.core.audit.AuditEvent;
import org.mailstead.core.audit.AuditLog;
import org.mailstead.core.audit.AuditQuery;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.workmail.wire.shapes.Event;
import org.mailstead.workmail.wire.shapes.EventResource;
import org.mailstead.workmail.wire.shapes.LookupEventsRequest;
import org.mailstead.workmail.wire.shapes.LookupEventsResponse;

/// The event history (JRN-2), in the shape of CloudTrail's LookupEvents: of one organization, or of
/// the account where no organization is named.
final class HistoryHandler {
  /// After every event that can be.
  private static final Instant END = Instant.parse("9999-01-01T00:00:00Z");

  private final AuditLog audit;
  private final PageTokens tokens;

  HistoryHandler(Directory directory, PageTokens tokens) {
    this.audit = directory.audit();
    this.tokens = tokens;
  }

  LookupEventsResponse lookup(Call call, LookupEventsRequest request) {
    String scope = request.organizationId().orElse(call.account().value());
    Instant from = request.startTime().orElse(Instant.EPOCH);
    Instant to = request.endTime().orElse(END);
    if (from.isAfter(to)) throw Refusals.invalid("StartTime is after EndTime.");
    Optional<AuditQuery.Attribute> attribute =
        request.lookupAttributes().stream()
            .findFirst()
            .flatMap(a ->
                AuditQuery.Key.find(a.attributeKey().name())
                    .map(key -> new AuditQuery.Attribute(key, a.attributeValue())));
    String context = "LookupEvents " + scope + " " + from + " " + to + " " + attribute;
    PageRequest asked = tokens.page(context, request.maxResults(), request.nextToken());
    AuditQuery.Page page =
        audit.find(
            new AuditLog.Scope(scope),
            new AuditQuery(from, to, attribute, asked.countMax(), asked.token()));
    return LookupEventsResponse.builder()
        .events(page.events().stream().map(HistoryHandler::event).toList())
        .nextToken(tokens.seal(context, page.resume()))
        .build();
  }

  private static Event event(AuditEvent event) {
    return Event.builder()
        .eventId(event.id())
        .eventName(event.name())
        .readOnly(Boolean.toString(event.readOnly()))
        .accessKeyId(event.accessKeyId())
        .eventTime(event.time())
        .eventSource(event.source())
        .username(event.userName())
        .resources(
            event.resources().stream()
                .map(r ->
                    EventResource.builder().resourceType(r.type()).resourceName(r.name()).build())
                .toList())
        .cloudTrailEvent(event.json())
        .build();
  }
}
