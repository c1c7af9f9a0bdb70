package org.mailstead.core.domains;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.core.directory.MailDomainRecord;
import org.mailstead.core.directory.MailDomainRecord.Purpose;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// The last check of a domain as it is stored.
///
/// @param ownershipSeen when the ownership record was there for the last time
record StoredCheck(Instant checked, Optional<Instant> ownershipSeen, List<CheckedRecord> records) {
  private static final int FORMAT = 1;

  byte[] write() {
    var out = new ValueWriter(FORMAT).time(checked).optionalTime(ownershipSeen);
    out.number(records.size());
    for (CheckedRecord each : records) {
      MailDomainRecord record = each.record();
      out.text(record.purpose().name())
          .text(record.type().name())
          .text(record.hostname())
          .text(record.value())
          .number(record.ttlSeconds())
          .text(each.status().name())
          .optionalText(each.found())
          .optionalText(each.hint());
    }
    return out.value();
  }

  static StoredCheck read(byte[] value) {
    var in = new ValueReader(value, FORMAT);
    Instant checked = in.time();
    Optional<Instant> seen = in.optionalTime();
    long count = in.number();
    List<CheckedRecord> records = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      var record =
          new MailDomainRecord(
              Purpose.valueOf(in.text()),
              MailDomainRecord.Type.valueOf(in.text()),
              in.text(),
              in.text(),
              (int) in.number());
      records.add(
          new CheckedRecord(
              record,
              RecordStatus.valueOf(in.text()),
              Optional.of(checked),
              in.optionalText(),
              in.optionalText()));
    }
    return new StoredCheck(checked, seen, List.copyOf(records));
  }
}
