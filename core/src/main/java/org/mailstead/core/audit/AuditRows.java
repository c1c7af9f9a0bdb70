package org.mailstead.core.audit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Collection;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;

/// How the log lies in the store: the rows of one month's partition, and the marks beside them.
final class AuditRows {
  static final Collection RECORDS = new Collection(1, "records");
  static final Collection HEAD = new Collection(2, "head");
  static final Collection SEQUENCE = new Collection(3, "sequence");
  static final Collection TIMES = new Collection(4, "times");
  static final Collection IDS = new Collection(5, "ids");

  /// Hash of an attribute, time, number → key of the record.
  static final Collection ATTRIBUTES = new Collection(6, "attributes");

  /// In `audit-marks/S`: name → position that the log had reached.
  static final Collection MARKS = new Collection(1, "marks");

  static final byte[] ONLY = {0};
  static final int ATTRIBUTE_BYTES = 8;
  private static final int FORMAT = 1;
  private static final int HEAD_FORMAT = 2;

  /// The end of a month's chain.
  ///
  /// @param before the end of the chain before it; empty in the first month, and in months that
  ///   were begun before this was kept
  record Head(long count, byte[] hash, Optional<AuditPosition> before) {
    static Head of(byte[] row) {
      var in = new ValueReader(row, HEAD_FORMAT);
      long count = in.number();
      byte[] hash = in.octets();
      boolean hasBefore = in.format() >= 2 && in.flag();
      return new Head(count, hash, hasBefore ? Optional.of(position(in)) : Optional.empty());
    }

    byte[] value() {
      var out = new ValueWriter(HEAD_FORMAT).number(count).octets(hash).flag(before.isPresent());
      before.ifPresent(position -> write(out, position));
      return out.value();
    }
  }

  /// A record with its links.
  record Chained(Instant eventTime, String eventId, byte[] before, byte[] hash, byte[] json) {
    static Chained of(byte[] row) {
      var in = new ValueReader(row, FORMAT);
      return new Chained(in.time(), in.text(), in.octets(), in.octets(), in.octets());
    }

    byte[] value() {
      return new ValueWriter(FORMAT)
          .time(eventTime)
          .text(eventId)
          .octets(before)
          .octets(hash)
          .octets(json)
          .value();
    }

    AuditLog.Stored stored() {
      return new AuditLog.Stored(eventTime, eventId, new String(json, StandardCharsets.UTF_8));
    }
  }

  private AuditRows() {}

  static PartitionId partition(AuditLog.Scope scope, YearMonth month) {
    return new PartitionId("audit/" + scope.value() + "/" + month);
  }

  static PartitionId marks(AuditLog.Scope scope) {
    return new PartitionId("audit-marks/" + scope.value());
  }

  /// In the order of time.
  static List<PartitionId> partitions(Store store, AuditLog.Scope scope) {
    return store.partitions("audit/" + scope.value() + "/", Optional.empty(), 1200);
  }

  static String month(PartitionId partition) {
    String id = partition.value();
    return id.substring(id.lastIndexOf('/') + 1);
  }

  static Optional<Head> head(Store store, PartitionId partition) {
    return store.get(partition, HEAD, ONLY).map(Head::of);
  }

  static Optional<Chained> record(Store store, PartitionId partition, byte[] key) {
    return store.get(partition, RECORDS, key).map(Chained::of);
  }

  static AuditPosition position(ValueReader in) {
    return new AuditPosition(YearMonth.parse(in.text()), in.number(), in.octets());
  }

  static ValueWriter write(ValueWriter out, AuditPosition position) {
    return out.text(position.month().toString()).number(position.number()).octets(position.hash());
  }

  /// What the first record of a log follows.
  static byte[] beginning(PartitionId partition) {
    return hash(new byte[0], partition.value().getBytes(StandardCharsets.UTF_8));
  }

  static byte[] number(long value) {
    return ByteBuffer.allocate(8).putLong(value).array();
  }

  static byte[] timeKey(Instant time, byte[] id) {
    return ByteBuffer.allocate(8 + id.length).putLong(time.toEpochMilli()).put(id).array();
  }

  static byte[] attributeKey(byte[] attribute, Instant time, long number) {
    return ByteBuffer.allocate(ATTRIBUTE_BYTES + 16)
        .put(attribute)
        .putLong(time.toEpochMilli())
        .putLong(number)
        .array();
  }

  static byte[] attribute(AuditQuery.Attribute attribute) {
    byte[] text =
        (attribute.key().name() + "\0" + attribute.value()).getBytes(StandardCharsets.UTF_8);
    return Arrays.copyOf(hash(new byte[0], text), ATTRIBUTE_BYTES);
  }

  static byte[] hash(byte[] before, byte[] json) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(before);
      return digest.digest(json);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }
}
