package org.mailstead.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContentSpoolTest {
  @TempDir Path folder;

  @Test
  void smallContentStaysInMemoryAndLargeContentGoesToAFileThatCloseRemoves() throws Exception {
    for (int size : new int[] {0, 1, 100, 101, 100_000}) {
      byte[] bytes = new byte[size];
      new Random(size).nextBytes(bytes);
      Content content;
      try (var writer = new ContentSpool(folder, 100).newWriter()) {
        for (int at = 0; at < size; at += 7) writer.write(bytes, at, Math.min(7, size - at));
        content = writer.finish();
      }
      try (content) {
        byte[] back = new byte[size];
        content.buffer().get(back);
        assertThat(back).isEqualTo(bytes);
        assertThat(content.open().readAllBytes()).isEqualTo(bytes);
        assertThat(count()).isEqualTo(size > 100 ? 1 : 0);
      }
      assertThat(count()).isZero();
    }
  }

  @Test
  void aWriterThatIsClosedBeforeItIsFinishedLeavesNothing() throws Exception {
    try (var writer = new ContentSpool(folder, 10).newWriter()) {
      writer.write(new byte[1000], 0, 1000);
      assertThat(count()).isEqualTo(1);
    }
    assertThat(count()).isZero();
  }

  private long count() throws Exception {
    try (var files = Files.list(folder)) {
      return files.count();
    }
  }
}
