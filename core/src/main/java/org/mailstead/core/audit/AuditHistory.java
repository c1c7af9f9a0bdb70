package org.mailstead.core.audit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.store.Collection;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// Finds events, newest first. Event names, users, keys, resources and changes have an index; the
/// rest is looked for record by record, at most [#SCANNED_MAX] of them a page.
final class AuditHistory {
  static final int SCANNED_MAX = 1_000;

  private final Store store;

  AuditHistory(Store store) {
    this.store = store;
  }

  /// Where a page ended: the month, and the last key that was looked at in it.
  private record Place(String month, byte[] key) {
    static Place parse(String text) {
      int colon = text.indexOf(':');
      try {
        if (colon < 0) throw new IllegalArgumentException();
        return new Place(
            YearMonth.parse(text.substring(0, colon)).toString(),
            HexFormat.of().parseHex(text.substring(colon + 1)));
      } catch (IllegalArgumentException | java.time.DateTimeException e) {
        throw new RefusedException(Refusal.INVALID, "The token is not valid.");
      }
    }

    String text() {
      return month + ":" + HexFormat.of().formatHex(key);
    }
  }

  AuditQuery.Page find(AuditLog.Scope scope, AuditQuery query) {
    Optional<AuditQuery.Attribute> attribute = query.attribute();
    if (attribute.filter(a -> a.key() == AuditQuery.Key.EVENT_ID).isPresent()) {
      return new AuditQuery.Page(byId(scope, query, attribute.get().value()), Optional.empty());
    }
    Optional<byte[]> index = attribute.filter(AuditEvent::isIndexed).map(AuditRows::attribute);
    Collection collection = index.isPresent() ? AuditRows.ATTRIBUTES : AuditRows.TIMES;
    byte[] prefix = index.orElse(new byte[0]);
    Range range = Range.of(key(prefix, query.from()), key(prefix, query.to())).backwards();
    Optional<Place> resume = query.resume().map(Place::parse);
    String first = YearMonth.from(query.from().atOffset(ZoneOffset.UTC)).toString();
    List<AuditEvent> found = new ArrayList<>();
    int scanned = 0;
    for (PartitionId partition : AuditRows.partitions(store, scope).reversed()) {
      String month = AuditRows.month(partition);
      // A record may arrive in a later month than its event, never in an earlier one.
      if (month.compareTo(first) < 0) break;
      if (resume.isPresent() && month.compareTo(resume.get().month) > 0) continue;
      Optional<Range> next =
          Optional.of(
              resume.isPresent() && month.equals(resume.get().month)
                  ? range.after(resume.get().key)
                  : range);
      while (next.isPresent()) {
        Page page = store.range(partition, collection, next.get(), 100);
        for (Row row : page.rows()) {
          scanned++;
          AuditRows.record(store, partition, row.value())
              .map(AuditRows.Chained::stored)
              .map(AuditEvent::of)
              .filter(event -> attribute.isEmpty() || event.has(attribute.get()))
              .ifPresent(found::add);
          if (found.size() >= query.countMax() || scanned >= SCANNED_MAX) {
            return new AuditQuery.Page(found, Optional.of(new Place(month, row.key()).text()));
          }
        }
        next = page.next();
      }
    }
    return new AuditQuery.Page(found, Optional.empty());
  }

  private List<AuditEvent> byId(AuditLog.Scope scope, AuditQuery query, String id) {
    for (PartitionId partition : AuditRows.partitions(store, scope).reversed()) {
      Optional<AuditEvent> found =
          store
              .get(partition, AuditRows.IDS, id.getBytes(StandardCharsets.UTF_8))
              .flatMap(number -> store.get(partition, AuditRows.SEQUENCE, number))
              .flatMap(key -> AuditRows.record(store, partition, key))
              .map(AuditRows.Chained::stored)
              .map(AuditEvent::of)
              .filter(e -> !e.time().isBefore(query.from()) && e.time().isBefore(query.to()));
      if (found.isPresent()) return List.of(found.get());
    }
    return List.of();
  }

  private static byte[] key(byte[] prefix, Instant time) {
    byte[] number = AuditRows.number(Math.max(0, time.toEpochMilli()));
    byte[] key = new byte[prefix.length + number.length];
    System.arraycopy(prefix, 0, key, 0, prefix.length);
    System.arraycopy(number, 0, key, prefix.length, number.length);
    return key;
  }
}
