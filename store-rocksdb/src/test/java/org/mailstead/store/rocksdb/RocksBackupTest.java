package org.mailstead.store.rocksdb;

import java.util.Random;
import org.mailstead.store.Store;
import org.mailstead.store.TestClock;
import org.mailstead.store.backup.BackupContract;

final class RocksBackupTest extends BackupContract {
  @Override
  protected Store newStore(String name) {
    return RocksStore.open(
        CrashChild.settings(folder.resolve(name)), new TestClock(), new Random(1));
  }
}
