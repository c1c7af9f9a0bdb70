package org.mailstead.store.backup;

import org.mailstead.store.MemoryStore;
import org.mailstead.store.Store;

final class MemoryBackupTest extends BackupContract {
  @Override
  protected Store newStore(String name) {
    return new MemoryStore();
  }
}
