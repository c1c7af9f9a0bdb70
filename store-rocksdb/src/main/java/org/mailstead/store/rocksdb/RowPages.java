package org.mailstead.store.rocksdb;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailstead.store.Collection;
import org.mailstead.store.Page;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;

/// Pages of rows of one snapshot, merged from the family of versioned rows and that of write-once
/// values. A versioned row hides a write-once value under the same key. The snapshot lives only as
/// long as the page is made.
final class RowPages implements AutoCloseable {
  private final Engine.Families families;
  private final long number;
  private final Snapshot snapshot;

  RowPages(Engine.Families families, long number) {
    this.families = families;
    this.number = number;
    this.snapshot = families.db().getSnapshot();
  }

  @Override
  public void close() {
    families.db().releaseSnapshot(snapshot);
  }

  long version() throws RocksDBException {
    try (ReadOptions options = new ReadOptions().setSnapshot(snapshot)) {
      byte @Nullable [] value = families.db().get(families.rows(), options, Keys.version(number));
      return value == null ? 0 : Keys.longValue(value);
    }
  }

  /// A page of a collection that has these [Kinds].
  Page page(Collection collection, int kinds, Range range, int rowsMax) throws RocksDBException {
    long version = version();
    if (range.to().isPresent() && Arrays.compareUnsigned(range.from(), range.to().get()) >= 0) {
      return new Page(version, List.of(), Optional.empty());
    }
    int c = collection.number();
    byte[] from = Keys.row(number, c, range.from());
    byte[] to =
        range.to().isPresent()
            ? Keys.row(number, c, range.to().get())
            : Keys.row(number, c + 1, new byte[0]);
    List<Row> rows = new ArrayList<>();
    long[] octets = {0};
    boolean whole =
        merge(
            from,
            to,
            kinds,
            range.reversed(),
            (key, value, once) -> {
              byte[] own = Keys.keyOfRow(key);
              octets[0] += own.length + value.length;
              if (rows.size() == rowsMax || (!rows.isEmpty() && octets[0] > Store.PAGE_BYTES_MAX)) {
                return false;
              }
              rows.add(new Row(own, value));
              return true;
            });
    return new Page(
        version, rows, whole ? Optional.empty() : Optional.of(range.after(rows.getLast().key())));
  }

  /// A page of all collections. A position is the collection and key of the last row.
  Store.ScanPage scan(Optional<byte[]> after) throws RocksDBException {
    long version = version();
    byte[] from = Keys.row(number, 1, new byte[0]);
    if (after.isPresent()) {
      byte[] position = after.get();
      from =
          Keys.row(
              number, position[0] & 0xFF, Arrays.copyOfRange(position, 1, position.length + 1));
    }
    List<Store.StoredRow> rows = new ArrayList<>();
    long[] octets = {0};
    boolean whole =
        merge(
            from,
            Keys.number(number + 1),
            Kinds.ROWS | Kinds.ONCE,
            false,
            (key, value, once) -> {
              byte[] own = Keys.keyOfRow(key);
              octets[0] += own.length + value.length;
              if (!rows.isEmpty() && octets[0] > Store.PAGE_BYTES_MAX) return false;
              Collection collection = Collection.numbered(key[Keys.NUMBER_BYTES] & 0xFF);
              rows.add(new Store.StoredRow(collection, own, value, once));
              return true;
            });
    if (whole) return new Store.ScanPage(version, rows, Optional.empty());
    Store.StoredRow last = rows.getLast();
    byte[] position = new byte[1 + last.key().length];
    position[0] = (byte) last.collection().number();
    System.arraycopy(last.key(), 0, position, 1, last.key().length);
    return new Store.ScanPage(version, rows, Optional.of(position));
  }

  /// Receives rows, in order; says whether it takes this one and wants more.
  @FunctionalInterface
  private interface Taker {
    boolean take(byte[] key, byte[] value, boolean once);
  }

  /// Hands over rows until the taker has enough; says whether all were taken.
  private boolean merge(byte[] from, byte[] to, int kinds, boolean reversed, Taker taker)
      throws RocksDBException {
    List<Cursor> cursors = new ArrayList<>();
    try {
      if ((kinds & Kinds.ROWS) != 0) {
        cursors.add(new Cursor(families.rows(), false, from, to, reversed));
      }
      if ((kinds & Kinds.ONCE) != 0) {
        cursors.add(new Cursor(families.once(), true, from, to, reversed));
      }
      while (true) {
        Cursor first = null;
        for (Cursor cursor : cursors) {
          if (!cursor.valid) continue;
          if (first == null) {
            first = cursor;
            continue;
          }
          int order = Arrays.compareUnsigned(cursor.key, first.key);
          if (order == 0) cursor.next(); // The versioned row came first and hides this one.
          else if (order < 0 != reversed) first = cursor;
        }
        if (first == null) break;
        if (!taker.take(first.key, first.rows.value(), first.once)) return false;
        first.next();
      }
      return true;
    } finally {
      cursors.forEach(Cursor::close);
    }
  }

  /// One family's rows within bounds, in one direction.
  private final class Cursor {
    final boolean once;
    final RocksIterator rows;
    private final Slice lower;
    private final Slice upper;
    private final ReadOptions options;
    private final boolean reversed;
    boolean valid;
    byte[] key = new byte[0];

    Cursor(ColumnFamilyHandle family, boolean once, byte[] from, byte[] to, boolean reversed)
        throws RocksDBException {
      this.once = once;
      this.reversed = reversed;
      lower = new Slice(from);
      upper = new Slice(to);
      options =
          new ReadOptions()
              .setSnapshot(snapshot)
              .setIterateLowerBound(lower)
              .setIterateUpperBound(upper);
      rows = families.db().newIterator(family, options);
      if (reversed) rows.seekToLast();
      else rows.seekToFirst();
      load();
    }

    void next() throws RocksDBException {
      if (reversed) rows.prev();
      else rows.next();
      load();
    }

    private void load() throws RocksDBException {
      valid = rows.isValid();
      if (valid) key = rows.key();
      else rows.status(); // The end, or a failure?
    }

    void close() {
      rows.close();
      options.close();
      upper.close();
      lower.close();
    }
  }
}
