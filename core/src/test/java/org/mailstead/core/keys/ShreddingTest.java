package org.mailstead.core.keys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.base.RefusedException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.DirectoryCheck;
import org.mailstead.core.directory.DirectoryLimits;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.NewMessage;
import org.mailstead.store.Collection;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.StoreCheck;
import org.mailstead.store.TestClock;
import org.mailstead.store.rocksdb.RocksSettings;
import org.mailstead.store.rocksdb.RocksStore;

@DisplayName("ORG-5: after a removal nothing can be read any more")
final class ShreddingTest {
  private static final String WORD = "Xylophonkonzert";

  @TempDir Path data;

  private RocksStore open(TestClock clock) {
    return RocksStore.open(RocksSettings.in(data), clock, new SecureRandom());
  }

  @Test
  void theWrappedKeyLeavesEveryFile() throws Exception {
    TestClock clock = new TestClock();
    CoreFixture core =
        new CoreFixture(DirectoryLimits.standard(), clock, open(clock), UnaryOperator.identity());
    var partition = new PartitionId("keys/" + core.organization());
    Mailbox mailbox = core.mailbox(core.anna());
    for (int i = 0; i < 20; i++) {
      byte[] octets =
          ("Subject: " + WORD + "\r\n\r\n" + (WORD + " ").repeat(i * 200)).getBytes(UTF_8);
      mailbox.append(
          mailbox.inbox(),
          List.of(new NewMessage(Content.of(octets), 0, Set.of(WORD), clock.instant())));
    }
    byte[] sealed = core.keys().seal(core.organization(), WORD.getBytes(UTF_8));
    String wrapped = row(core, partition).substring(1);
    assertThat(wrapped).hasSizeGreaterThan(40);
    assertThat(filesWith(wrapped)).as("the test sees files as they are").isNotEmpty();
    assertThat(filesWith(WORD)).isEmpty();

    core.directory()
        .organizations()
        .delete(core.change("DeleteOrganization"), core.organization(), true, true);
    core.runJobs();
    assertThat(row(core, partition)).hasSize(1);
    assertThatThrownBy(() -> core.keys().open(core.organization(), sealed))
        .isInstanceOf(RefusedException.class);
    assertThat(filesWith(wrapped)).isEmpty();
    core.reopen();
    assertThatThrownBy(() -> core.keys().open(core.organization(), sealed))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("destroyed");
    assertThatThrownBy(() -> core.mailboxes().open(mailbox.id()))
        .isInstanceOf(RefusedException.class);
    core.close();

    try (RocksStore again = open(clock)) {
      assertThat(new StoreCheck(again, List.of(new DirectoryCheck())).run().errors()).isEmpty();
      assertThat(filesWith(wrapped)).isEmpty();
      assertThat(filesWith(WORD)).isEmpty();
    }
  }

  private static String row(CoreFixture core, PartitionId partition) {
    return new String(
        core.store()
            .range(partition, new Collection(1, "keys"), Range.all(), 2)
            .rows()
            .getFirst()
            .value(),
        ISO_8859_1);
  }

  private List<Path> filesWith(String text) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      return files.filter(Files::isRegularFile).filter(file -> holds(file, text)).toList();
    }
  }

  private static boolean holds(Path file, String text) {
    try {
      return Files.readString(file, ISO_8859_1).contains(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
