package org.mailstead.store.rocksdb;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/// Which kinds of values each collection ever had, so that reads and deletes need not look in a
/// family that cannot have the key. Only the commit thread adds.
final class Kinds {
  static final int ROWS = 1;
  static final int ONCE = 2;

  private final AtomicIntegerArray kinds = new AtomicIntegerArray(256);
  private final int[] stored = new int[256];

  void load(Engine.Families families) throws RocksDBException {
    byte[] prefix = Keys.meta(Keys.META_KINDS);
    try (RocksIterator all = families.db().newIterator(families.meta())) {
      for (all.seek(prefix); all.isValid(); all.next()) {
        byte[] key = all.key();
        if (key[0] != Keys.META_KINDS) break;
        byte[] value = all.value();
        Keys.checkFormat(value[0]);
        kinds.set(key[1] & 0xFF, value[1]);
        stored[key[1] & 0xFF] = value[1];
      }
      all.status();
    }
  }

  int of(int collection) {
    return kinds.get(collection);
  }

  /// All kinds of the collection, this one included.
  int add(int collection, int kind) {
    int all = kinds.get(collection) | kind;
    kinds.set(collection, all);
    return all;
  }

  boolean isStored(int collection, int all) {
    return stored[collection] == all;
  }

  void stored(int collection, int all) {
    stored[collection] = all;
  }
}
