package org.mailstead.store.rocksdb;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.store.Store;
import org.mailstead.store.StoreContract;

final class RocksStoreTest extends StoreContract {
  @TempDir Path folder;

  @Override
  protected Store newStore() {
    RocksSettings settings = new RocksSettings(folder.resolve("data"), 16 << 20, 1 << 20);
    return RocksStore.open(settings, clock, random);
  }
}
