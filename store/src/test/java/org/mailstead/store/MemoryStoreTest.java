package org.mailstead.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class MemoryStoreTest extends StoreContract {
  @Override
  protected Store newStore() {
    return new MemoryStore(clock);
  }

  @Test
  void aWriteOnceKeyThatExistsIsReportedAsABug() {
    commit(BOX, new WriteBatch().putOnce(VALUES, bytes("a"), bytes("1")));
    assertThatThrownBy(() -> commit(BOX, new WriteBatch().putOnce(VALUES, bytes("a"), bytes("2"))))
        .isInstanceOf(IllegalStateException.class);
  }
}
