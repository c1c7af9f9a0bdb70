package org.mailstead.core.queue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.Invariant;
import org.mailstead.store.Page;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;
import org.mailstead.store.WriteBatch;

/// What one accepted message counts against the limits on recipients (LIM-3). It is written in the
/// commit that accepts the message and stays when the message has gone, so that the sum over a day
/// is what was accepted, whatever crashed when.
///
/// @param day days since 1970-01-01, in UTC
/// @param account of the organization; 12 digits
/// @param user who sent it
/// @param external recipients outside the organization
/// @param test recipients of whatever sort, if a test domain sent it; otherwise 0
public record CountedRecipients(long day, String account, String user, int external, int test) {
  private static final int FORMAT = 1;
  private static final int PAGE_ROWS = 1_000;
  private static final int ACCOUNT_CHARS = 12;

  public CountedRecipients {
    if (account.length() != ACCOUNT_CHARS)
      throw new IllegalArgumentException("account: " + account);
    if (external < 0 || test < 0) throw new IllegalArgumentException("negative counts");
  }

  /// The day of a time.
  public static long dayOf(Instant time) {
    return Math.floorDiv(time.getEpochSecond(), 86_400L);
  }

  /// When a day begins.
  public static Instant startOf(long day) {
    return Instant.ofEpochSecond(day * 86_400L);
  }

  void write(WriteBatch batch, QueueId id) {
    byte[] prefix = prefix(day, account);
    byte[] key =
        ByteBuffer.allocate(prefix.length + QueueId.BYTES)
            .put(prefix)
            .putLong(id.high())
            .putLong(id.low())
            .array();
    batch.put(
        QueueRows.COUNTED,
        key,
        new RowWriter(FORMAT).text(user).int32(external).int32(test).finish());
  }

  /// All of a day and account, over every shard.
  static List<CountedRecipients> load(Store store, long day, String account) {
    List<CountedRecipients> found = new ArrayList<>();
    for (int shard = 0; shard < QueueLimits.SHARD_COUNT; shard++) {
      Optional<Range> range = Optional.of(Range.prefix(prefix(day, account)));
      while (range.isPresent()) {
        Page page =
            store.range(QueueRows.partition(shard), QueueRows.COUNTED, range.get(), PAGE_ROWS);
        for (Row row : page.rows()) found.add(read(row));
        range = page.next();
      }
    }
    return found;
  }

  static CountedRecipients read(Row row) {
    Invariant.check(
        row.key().length == 4 + ACCOUNT_CHARS + QueueId.BYTES, "a count has a wrong key");
    long day = ByteBuffer.wrap(row.key()).getInt();
    String account = new String(row.key(), 4, ACCOUNT_CHARS, StandardCharsets.US_ASCII);
    RowReader value = new RowReader(row.value(), FORMAT);
    var counted = new CountedRecipients(day, account, value.text(), value.int32(), value.int32());
    value.end();
    return counted;
  }

  private static byte[] prefix(long day, String account) {
    return ByteBuffer.allocate(4 + ACCOUNT_CHARS)
        .putInt((int) day)
        .put(account.getBytes(StandardCharsets.US_ASCII))
        .array();
  }
}
