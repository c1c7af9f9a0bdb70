package org.mailstead.migration.imap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.migration.item.Fingerprint;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemWriter;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.NewItem;
import org.mailstead.migration.item.ReadItem;
import org.mailstead.migration.item.Source;
import org.mailstead.migration.item.Target;
import org.mailstead.migration.item.WriteResult;
import org.mailstead.migration.ledger.Ledger;
import org.mailstead.migration.ledger.LedgerFile;
import org.mailstead.migration.ledger.LedgerRecord;
import org.mailstead.migration.transfer.FolderPair;
import org.mailstead.migration.transfer.ItemFilter;
import org.mailstead.migration.transfer.MailboxResult;
import org.mailstead.migration.transfer.MailboxTransfer;
import org.mailstead.migration.transfer.StopSignal;
import org.mailstead.migration.transfer.TransferListener;
import org.mailstead.migration.transfer.TransferSettings;

/// Between mailboxes of a real Dovecot: every octet, flag, keyword and date, over good lines and
/// bad ones.
final class DovecotTransferTest {
  private static Optional<DovecotProcess> dovecot = Optional.empty();

  @TempDir static Path folder;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(DovecotProcess.isInstalled(), "dovecot is not installed");
    dovecot = Optional.of(DovecotProcess.start());
  }

  @AfterAll
  static void stop() throws IOException {
    if (dovecot.isPresent()) dovecot.get().close();
  }

  private static ContentSpool spool() {
    return new ContentSpool(folder, 1 << 16);
  }

  private static ImapMailbox mailbox(String user) {
    return dovecot.orElseThrow().mailbox(user, spool());
  }

  private static MailboxResult transfer(
      Source source, Target target, String name, TransferListener listener) throws IOException {
    try (Ledger ledger =
        Ledger.open(
            LedgerFile.open(folder.resolve(name + ".ledger")),
            new LedgerRecord.Opened(source.identity(), target.identity(), Instant.EPOCH),
            System::nanoTime)) {
      ledger.startCommitter();
      TransferSettings settings = TransferSettings.standard();
      return new MailboxTransfer(
              source,
              target,
              ledger,
              DovecotTransferTest::pairs,
              new TransferSettings(
                  settings.folderLanes(),
                  settings.hostLanesMax(),
                  settings.heldBytesMax(),
                  100,
                  Duration.ofMillis(1),
                  Duration.ofMillis(20),
                  Duration.ZERO,
                  Long.MAX_VALUE,
                  true,
                  0.5,
                  Optional.empty(),
                  true),
              ItemFilter.none(),
              (_, _, _, _) -> {},
              listener,
              new StopSignal(),
              new Random(1))
          .run();
    }
  }

  private static List<FolderPair> pairs(List<MailFolder> folders) {
    List<FolderPair> pairs = new ArrayList<>();
    for (MailFolder each : folders) {
      if (each.isSelectable()) {
        pairs.add(new FolderPair(each, each.path(), each.role(), Optional.empty()));
      }
    }
    return pairs;
  }

  static void fill(Target mailbox, String path, int count, int bytes) throws IOException {
    MailFolder box = mailbox.ensureFolder(FolderPath.parse(path), FolderRole.NONE, true);
    Random random = new Random(path.hashCode());
    try (ItemWriter writer = mailbox.write(box)) {
      for (int i = 0; i < count; i += 10) {
        List<NewItem> batch = new ArrayList<>();
        for (int j = i; j < Math.min(count, i + 10); j++) {
          Set<String> flags =
              j % 3 == 0 ? Set.of("\\Seen", "$Label" + j % 5) : Set.of("\\Flagged", "\\Answered");
          byte[] message = message(random, path, j, bytes);
          batch.add(
              new NewItem(Content.of(message), flags, Instant.ofEpochSecond(1_500_000_000L + j)));
        }
        writer.send(batch);
        assertThat(writer.receive()).allMatch(WriteResult.Written.class::isInstance);
      }
    }
  }

  private static byte[] message(Random random, String path, int number, int bytes) {
    StringBuilder text = new StringBuilder();
    text.append("From: =?iso-8859-1?Q?J=FCrgen?= <j@example.org>\r\nTo: a@example.org\r\nSubject: ")
        .append(path)
        .append(' ')
        .append(number)
        .append("\r\nMessage-ID: <same@example.org>\r\n\r\n");
    int lines = random.nextInt(1 + bytes / 40);
    for (int i = 0; i < lines; i++) text.append(Long.toHexString(random.nextLong())).append("\r\n");
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /// Everything that can be read of a mailbox, sorted.
  static TreeSet<String> picture(Source mailbox) throws IOException {
    TreeSet<String> all = new TreeSet<>();
    for (MailFolder box : mailbox.folders()) {
      all.add(box.path() + " " + box.role());
      if (!box.isSelectable()) continue;
      if (!(mailbox.list(box, Optional.empty()) instanceof FolderListing.Complete complete))
        continue;
      try (ItemReader reader = mailbox.read(box, complete.items())) {
        int number = 0;
        for (Optional<ReadItem> next = reader.next(); next.isPresent(); next = reader.next()) {
          ReadItem.Found found = (ReadItem.Found) next.get();
          all.add(
              box.path()
                  + " "
                  + Fingerprint.of(found.content())
                  + " "
                  + new TreeSet<>(found.summary().flags())
                  + " "
                  + found.summary().received()
                  + (number++ < 0 ? "" : ""));
        }
      }
    }
    return all;
  }

  @Test
  void aMailboxArrivesWholeAndDeltasFollow() throws IOException {
    try (ImapMailbox source = mailbox("anna");
        ImapMailbox target = mailbox("anna2")) {
      fill(source, "INBOX", 120, 4_000);
      fill(source, "Projekte/Größe & Gewicht", 45, 30_000);
      fill(source, "Sent", 7, 400);
      source.ensureFolder(FolderPath.parse("Leer"), FolderRole.NONE, false);
      assertThat(transfer(source, target, "anna", TransferListener.none()).isWhole()).isTrue();
      assertThat(picture(target)).isEqualTo(picture(source)).hasSizeGreaterThan(172);

      // Nothing to do.
      Counting nothing = new Counting();
      assertThat(transfer(source, target, "anna", nothing).isWhole()).isTrue();
      assertThat(nothing.written).isZero();

      // New, changed, moved, gone.
      List<MailFolder> folders = source.folders();
      MailFolder inbox = folders.getFirst();
      source.remove(inbox, List.of("5", "6"));
      source.setFlags(inbox, List.of("7", "8"), Set.of("\\Seen", "$Forwarded"));
      fill(source, "Neu", 12, 100);
      Counting delta = new Counting();
      assertThat(transfer(source, target, "anna", delta).isWhole()).isTrue();
      assertThat(delta.written).isEqualTo(12);
      assertThat(picture(target)).isEqualTo(picture(source));
    }
  }

  @Test
  void aConnectionThatBreaksEveryFiftyMessagesCostsOnlyTime() throws IOException {
    DovecotProcess server = dovecot.orElseThrow();
    try (DroppingProxy badSource = new DroppingProxy(server.port, 40, 50);
        DroppingProxy badTarget = new DroppingProxy(server.port, 40, 120);
        ImapMailbox before = server.mailbox("berta", spool());
        ImapMailbox after = server.mailbox("berta2", spool());
        ImapMailbox source = server.mailbox("berta", spool(), badSource.port());
        ImapMailbox target = server.mailbox("berta2", spool(), badTarget.port())) {
      fill(before, "INBOX", 400, 2_000);
      fill(before, "Archive/2020", 90, 2_000);
      MailboxResult result = transfer(source, target, "berta", TransferListener.none());
      assertThat(result.problems()).isEmpty();
      assertThat(result.isWhole()).isTrue();
      assertThat(badSource.drops.get()).isGreaterThan(5);
      assertThat(badTarget.drops.get()).isGreaterThan(2);
      assertThat(picture(after)).isEqualTo(picture(before)).hasSizeGreaterThan(490);
    }
  }

  @Test
  void anAttemptWithoutALedgerIsRecognised() throws IOException {
    try (ImapMailbox source = mailbox("cora");
        ImapMailbox target = mailbox("cora2")) {
      fill(source, "INBOX", 60, 500);
      assertThat(transfer(source, target, "cora", TransferListener.none()).isWhole()).isTrue();
      // The ledger is lost, as when another machine goes on without it.
      Counting again = new Counting();
      assertThat(transfer(source, target, "cora-again", again).isWhole()).isTrue();
      assertThat(again.written).isZero();
      assertThat(picture(target)).isEqualTo(picture(source));
    }
  }

  /// Counts what was written.
  static final class Counting implements TransferListener {
    private int written;

    @Override
    public synchronized void written(FolderPath path, long sizeBytes) {
      written++;
    }
  }
}
