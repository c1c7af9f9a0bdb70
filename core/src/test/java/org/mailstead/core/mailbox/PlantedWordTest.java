package org.mailstead.core.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.core.mailbox.MailboxFixture.ANN;
import static org.mailstead.core.mailbox.MailboxFixture.message;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.store.TestClock;
import org.mailstead.store.rocksdb.RocksSettings;
import org.mailstead.store.rocksdb.RocksStore;

/// Encryption at rest: what people wrote is in no file of the data folder.
class PlantedWordTest {
  private static final String WORD = "Schnabeltier";

  @TempDir Path folder;

  @Test
  void plantedWordIsInNoFileOfTheDataFolder() throws IOException {
    Path data = folder.resolve("data");
    String text = (WORD + " ").repeat(3_000);
    try (RocksStore store =
        RocksStore.open(
            RocksSettings.in(data), new TestClock(), new java.security.SecureRandom())) {
      MailboxFixture fixture = new MailboxFixture(store, folder, new TestClock());
      Mailbox mailbox = fixture.mailbox(ANN);
      mailbox.createFolder(List.of(WORD, "under " + WORD), Optional.empty());
      mailbox.subscribe(List.of("no " + WORD), true);
      mailbox.append(
          mailbox.inbox(),
          List.of(
              message(WORD, WORD, 0, Set.of(WORD)),
              message("large " + WORD, text, 0, Set.of("k" + WORD))));
      mailbox.deliver(mailbox.inbox(), message(WORD, "d"), "delivery " + WORD);
      assertThat(MailboxFixture.read(mailbox, mailbox.view(mailbox.inbox()), 2))
          .isEqualTo(MailboxFixture.bytes("large " + WORD, text));
      fixture.check();
      assertThat(filesWith(data)).isEmpty();
    }
    assertThat(filesWith(data)).isEmpty();
  }

  private static List<Path> filesWith(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      List<Path> all = files.filter(Files::isRegularFile).toList();
      assertThat(all).hasSizeGreaterThan(3);
      return all.stream().filter(PlantedWordTest::hasWord).toList();
    }
  }

  private static boolean hasWord(Path file) {
    try {
      String octets = Files.readString(file, StandardCharsets.ISO_8859_1);
      return octets.contains(WORD) || octets.contains(WORD.toLowerCase(java.util.Locale.ROOT));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
