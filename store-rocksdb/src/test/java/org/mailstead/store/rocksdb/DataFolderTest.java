package org.mailstead.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.store.TestClock;

final class DataFolderTest {
  @TempDir Path folder;

  private RocksStore open() {
    return RocksStore.open(CrashChild.settings(folder), new TestClock(), new Random(1));
  }

  @Test
  void aFolderThatIsOpenIsRefused() {
    try (RocksStore store = open()) {
      assertThatThrownBy(this::open)
          .isInstanceOf(DataFolderException.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("in use");
      assertThat(store.version(Ledger.partition(1))).isZero();
    }
    open().close();
  }

  @Test
  void aFolderOfANewerVersionIsRefusedAndLeftAlone() throws Exception {
    open().close();
    Files.writeString(folder.resolve("FORMAT"), "mailstead store 2\n");
    assertThatThrownBy(this::open)
        .isInstanceOf(DataFolderException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("newer Mailstead (format 2");
    Files.writeString(folder.resolve("FORMAT"), "something else");
    assertThatThrownBy(this::open)
        .isInstanceOf(DataFolderException.class)
        .hasMessageContaining("not ours");
    Files.delete(folder.resolve("FORMAT"));
    assertThatThrownBy(this::open)
        .isInstanceOf(DataFolderException.class)
        .hasMessageContaining("no FORMAT file");
    Files.writeString(folder.resolve("FORMAT"), "mailstead store 1\n");
    open().close();
  }

  @Test
  void aFileInPlaceOfTheFolderIsRefused() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertThatThrownBy(
            () -> RocksStore.open(CrashChild.settings(file), new TestClock(), new Random(1)))
        .isInstanceOf(DataFolderException.class)
        .hasMessageContaining(file.toString());
  }
}
