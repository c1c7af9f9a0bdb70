package org.mailstead.migration.imap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
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
import org.mailstead.migration.item.WriteResult;

/// A message larger than the heap, among other mailboxes in work at the same time: the engine is a
/// process with a small heap. `-Dmailstead.large-megabytes=1024 -Dmailstead.large-mailboxes=20
/// -Dmailstead.large-heap=256m` for the size that is promised.
final class LargeMessageTest {
  private static final int MEGABYTES = Integer.getInteger("mailstead.large-megabytes", 96);
  private static final int MAILBOXES = Integer.getInteger("mailstead.large-mailboxes", 4);
  private static final String HEAP = System.getProperty("mailstead.large-heap", "48m");

  @TempDir private static Path folder;

  @Test
  void aMessageLargerThanTheHeapPassesBesideOthers() throws IOException, InterruptedException {
    assumeTrue(DovecotProcess.isInstalled(), "dovecot is not installed");
    try (DovecotProcess source = DovecotProcess.start();
        DovecotProcess target = DovecotProcess.start()) {
      Map<String, String> mailboxes = new TreeMap<>();
      for (int i = 0; i < MAILBOXES; i++) {
        mailboxes.put("box" + i, "new" + i);
        try (ImapMailbox mailbox = source.mailbox("box" + i, spool())) {
          DovecotTransferTest.fill(mailbox, "INBOX", 60, 100_000);
          DovecotTransferTest.fill(mailbox, "Sent", 60, 100_000);
        }
      }
      Fingerprint large;
      try (ImapMailbox mailbox = source.mailbox("box0", spool());
          Content content = large()) {
        large = Fingerprint.of(content);
        MailFolder inbox = inbox(mailbox);
        try (ItemWriter writer = mailbox.write(inbox)) {
          writer.send(List.of(new NewItem(content, Set.of("\\Flagged"), Instant.EPOCH)));
          assertThat(writer.receive()).allMatch(WriteResult.Written.class::isInstance);
        }
      }
      Path settings = EngineProcess.settings(folder, source, target, mailboxes);
      Path output = folder.resolve("out");
      long start = System.nanoTime();
      Process engine = EngineProcess.start(settings, output, "-Xmx" + HEAP);
      assertThat(EngineProcess.ends(engine, Duration.ofMinutes(20))).isTrue();
      assertThat(engine.exitValue()).as(Files.readString(output)).isZero();
      System.out.printf(
          "%d mailboxes, one message of %d MiB, heap %s: %d s%n",
          MAILBOXES, MEGABYTES, HEAP, (System.nanoTime() - start) / 1_000_000_000);
      for (Map.Entry<String, String> each : mailboxes.entrySet()) {
        try (ImapMailbox before = source.mailbox(each.getKey(), spool());
            ImapMailbox after = target.mailbox(each.getValue(), spool())) {
          if (each.getKey().equals("box0")) {
            assertThat(fingerprintOfTheLargest(after)).isEqualTo(large);
          } else {
            assertThat(DovecotTransferTest.picture(after))
                .isEqualTo(DovecotTransferTest.picture(before))
                .hasSizeGreaterThan(119);
          }
        }
      }
    }
  }

  private static MailFolder inbox(ImapMailbox mailbox) throws IOException {
    return mailbox.ensureFolder(FolderPath.INBOX, FolderRole.INBOX, true);
  }

  private static Fingerprint fingerprintOfTheLargest(ImapMailbox mailbox) throws IOException {
    MailFolder inbox = inbox(mailbox);
    FolderListing.Complete listed = (FolderListing.Complete) mailbox.list(inbox, Optional.empty());
    var largest =
        listed.items().stream()
            .max(java.util.Comparator.comparingLong(item -> item.sizeBytes()))
            .orElseThrow();
    try (ItemReader reader = mailbox.read(inbox, List.of(largest));
        Content content = ((ReadItem.Found) reader.next().orElseThrow()).content()) {
      return Fingerprint.of(content);
    }
  }

  private static Content large() throws IOException {
    Random random = new Random(7);
    byte[] line = new byte[76];
    var writer = spool().newWriter();
    byte[] header =
        "From: a@example.org\r\nSubject: large\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    try (OutputStream out =
        new BufferedOutputStream(
            new OutputStream() {
              @Override
              public void write(int octet) {
                write(new byte[] {(byte) octet}, 0, 1);
              }

              @Override
              public void write(byte[] octets, int offset, int count) {
                writer.write(octets, offset, count);
              }
            },
            1 << 16)) {
      out.write(header);
      for (long left = MEGABYTES * 1_048_576L; left > 0; left -= line.length + 2) {
        for (int i = 0; i < line.length; i++) line[i] = (byte) ('A' + random.nextInt(26));
        out.write(line);
        out.write('\r');
        out.write('\n');
      }
    }
    return writer.finish();
  }

  private static ContentSpool spool() {
    return new ContentSpool(folder, 1 << 16);
  }
}
