package org.mailstead.core.mailbox;

import java.util.Arrays;
import java.util.Optional;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;
import org.mailstead.store.WriteBatch;

/// Which UIDs left a folder at which version (QRESYNC): rows of a time and ranges.
final class VanishedLog {
  private static final int FORMAT = 1;
  private static final int ROW_BYTES_MAX = WriteBatch.ROW_BYTES_MAX - 32;

  private VanishedLog() {}

  static void put(
      WriteBatch batch, long folder, long version, long nowSeconds, FolderContents.UidList list) {
    long[] uids = list.toArray();
    Arrays.sort(uids);
    int part = 0;
    RowWriter out = start(nowSeconds);
    long last = 0;
    for (int i = 0; i < uids.length; ) {
      int end = i + 1;
      while (end < uids.length && uids[end] == uids[end - 1] + 1) end++;
      if (out.length() > ROW_BYTES_MAX) {
        batch.put(Rows.VANISHED, Rows.vanished(folder, version, part++), out.toBytes());
        out = start(nowSeconds);
        last = 0;
      }
      out.varint(uids[i] - last).varint(end - i);
      last = uids[i];
      i = end;
    }
    batch.put(Rows.VANISHED, Rows.vanished(folder, version, part), out.toBytes());
  }

  private static RowWriter start(long nowSeconds) {
    return new RowWriter(64).u8(FORMAT).varint(nowSeconds);
  }

  /// UIDs that left after `version`, ascending.
  static long[] since(Store store, PartitionId partition, long folder, long version) {
    FolderContents.UidList found = new FolderContents.UidList();
    Optional<Range> range =
        Optional.of(
            Range.of(
                Rows.vanished(folder, version + 1, 0),
                Rows.vanished(folder, Long.MAX_VALUE, 0xFFFF)));
    while (range.isPresent()) {
      Page page = store.range(partition, Rows.VANISHED, range.get(), 1_000);
      for (Row row : page.rows()) uids(row.value(), found);
      range = page.next();
    }
    long[] uids = found.toArray();
    Arrays.sort(uids);
    return uids;
  }

  static long seconds(byte[] row) {
    return RowReader.of(row, FORMAT, "vanished UIDs").varint();
  }

  /// The UIDs of one row.
  static long[] uids(byte[] row) {
    FolderContents.UidList found = new FolderContents.UidList();
    uids(row, found);
    return found.toArray();
  }

  private static void uids(byte[] row, FolderContents.UidList found) {
    RowReader in = RowReader.of(row, FORMAT, "vanished UIDs");
    in.varint();
    long last = 0;
    while (!in.isAtEnd()) {
      long start = last + in.varint();
      long count = in.varint();
      for (long i = 0; i < count; i++) found.add(start + i);
      last = start;
    }
  }
}
