package org.mailstead.core.trace;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.Invariant;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.core.queue.QueueId;
import org.mailstead.store.Collection;
import org.mailstead.store.PartitionId;

/// Keys and values of the partitions `trace/<organization>/<day>`, days in UTC as `20260131`. All
/// values are sealed for the organization; ids and times are plain.
///
/// | collection | key → value |
/// |---|---|
/// | messages | time of arrival, message id → summary; written once |
/// | ids | message id → time of arrival |
/// | events | message id, time, number → one event or several; written once |
final class TraceRows {
  static final String PREFIX = "trace/";
  static final Collection MESSAGES = new Collection(1, "trace-messages");
  static final Collection IDS = new Collection(2, "trace-ids");
  static final Collection EVENTS = new Collection(3, "trace-events");

  private static final int FORMAT = 1;
  private static final DateTimeFormatter DAY = DateTimeFormatter.BASIC_ISO_DATE;

  private TraceRows() {}

  static PartitionId partition(OrganizationId organization, LocalDate day) {
    return new PartitionId(prefix(organization) + DAY.format(day));
  }

  static String prefix(OrganizationId organization) {
    return PREFIX + organization.value() + "/";
  }

  static LocalDate dayOf(Instant time) {
    return time.atOffset(ZoneOffset.UTC).toLocalDate();
  }

  static LocalDate dayOf(PartitionId partition) {
    String name = partition.value();
    return LocalDate.parse(name.substring(name.lastIndexOf('/') + 1), DAY);
  }

  static byte[] idKey(String message) {
    QueueId id = QueueId.parse(message);
    return ByteBuffer.allocate(QueueId.BYTES).putLong(id.high()).putLong(id.low()).array();
  }

  static byte[] timeKey(Instant time) {
    return ByteBuffer.allocate(8).putLong(time.toEpochMilli()).array();
  }

  static byte[] messageKey(Instant received, String message) {
    return ByteBuffer.allocate(8 + QueueId.BYTES)
        .putLong(received.toEpochMilli())
        .put(idKey(message))
        .array();
  }

  static byte[] eventKey(String message, Instant time, long number) {
    return ByteBuffer.allocate(QueueId.BYTES + 16)
        .put(idKey(message))
        .putLong(time.toEpochMilli())
        .putLong(number)
        .array();
  }

  static byte[] value(TraceSummary summary) {
    var out =
        new ValueWriter(FORMAT)
            .text(summary.id())
            .time(summary.received())
            .optionalText(summary.submitter())
            .text(summary.peer())
            .optionalText(summary.sender())
            .optionalText(summary.subject())
            .optionalText(summary.messageId())
            .number(summary.recipientCount());
    texts(out, summary.senderField());
    texts(out, summary.from());
    texts(out, summary.inside());
    texts(out, summary.outside());
    return out.value();
  }

  static TraceSummary summary(byte[] value) {
    var in = new ValueReader(value, FORMAT);
    String id = in.text();
    Instant received = in.time();
    Optional<String> submitter = in.optionalText();
    String peer = in.text();
    Optional<String> sender = in.optionalText();
    Optional<String> subject = in.optionalText();
    Optional<String> messageId = in.optionalText();
    int count = (int) in.number();
    return new TraceSummary(
        id, received, submitter, peer, sender, texts(in), texts(in), subject, messageId, texts(in),
        texts(in), count);
  }

  static byte[] value(List<TraceEvent> events) {
    var out = new ValueWriter(FORMAT).number(events.size());
    for (TraceEvent event : events) {
      out.time(event.time()).text(event.kind().name());
      texts(out, event.recipients());
      out.optionalText(event.rule())
          .optionalText(event.action())
          .optionalText(event.detail())
          .optionalText(event.server());
    }
    return out.value();
  }

  static List<TraceEvent> events(byte[] value) {
    var in = new ValueReader(value, FORMAT);
    long count = in.number();
    Invariant.check(count >= 0 && count <= 10_000, "events of a message");
    List<TraceEvent> events = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      events.add(
          new TraceEvent(
              in.time(),
              TraceEvent.Kind.valueOf(in.text()),
              texts(in),
              in.optionalText(),
              in.optionalText(),
              in.optionalText(),
              in.optionalText()));
    }
    return events;
  }

  private static void texts(ValueWriter out, List<String> texts) {
    out.number(texts.size());
    texts.forEach(out::text);
  }

  private static List<String> texts(ValueReader in) {
    long count = in.number();
    Invariant.check(count >= 0 && count <= 10_000, "texts of a trace");
    List<String> texts = new ArrayList<>();
    for (long i = 0; i < count; i++) texts.add(in.text());
    return texts;
  }
}
