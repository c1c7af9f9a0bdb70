package org.mailstead.core.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.FolderId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.mailbox.Flags;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.NewMessage;

@DisplayName("MIG-10: a mailbox as an archive")
final class MailboxArchiveTest {
  private static final Instant RECEIVED = Instant.parse("2025-12-31T23:59:58Z");

  private final CoreFixture core = new CoreFixture();
  private final Mailbox mailbox = core.mailbox(core.anna());

  @TempDir Path folder;

  @AfterEach
  void close() {
    core.close();
  }

  private MailboxArchive archive() {
    return new MailboxArchive(new ContentSpool(folder, 4096), core.clock());
  }

  private static String message(String subject) {
    return "From: a@example.test\r\nSubject: " + subject + "\r\n\r\nText\r\n";
  }

  private void append(FolderId to, byte[] octets, int flags, String... keywords) {
    mailbox.append(
        to, List.of(new NewMessage(Content.of(octets), flags, Set.of(keywords), RECEIVED)));
  }

  private static String read(ZipFile zip, String name) throws Exception {
    return new String(zip.getInputStream(zip.getEntry(name)).readAllBytes(), UTF_8);
  }

  @Test
  void everyMessageIsThereAsItWasStoredAndTheManifestSaysTheRest() throws Exception {
    append(mailbox.inbox(), message("one").getBytes(UTF_8), Flags.SEEN | Flags.FLAGGED, "$Todo");
    FolderId deep =
        mailbox.createFolder(List.of("Projekte", "2026: \"Q1\"?"), Optional.empty()).id();
    append(deep, message("two").getBytes(UTF_8), 0);
    byte[] large = new byte[3_000_000];
    new Random(7).nextBytes(large);
    append(deep, large, Flags.DRAFT);
    Path file = folder.resolve("out.zip");
    MailboxArchive.Summary summary;
    try (var out = Files.newOutputStream(file)) {
      summary = archive().write(mailbox, "anna", out, _ -> true);
    }
    assertThat(summary.messages()).isEqualTo(3);
    assertThat(summary.nonExportable()).isZero();
    assertThat(summary.folders()).isEqualTo(mailbox.folders().size());
    assertThat(summary.bytes()).isEqualTo(Files.size(file));
    assertThat(summary.sha384())
        .isEqualTo(
            HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-384").digest(Files.readAllBytes(file))));
    try (ZipFile zip = new ZipFile(file.toFile())) {
      assertThat(read(zip, "INBOX/0000000001.eml")).isEqualTo(message("one"));
      assertThat(read(zip, "Projekte/2026_ _Q1__/0000000001.eml")).isEqualTo(message("two"));
      assertThat(
              zip.getInputStream(zip.getEntry("Projekte/2026_ _Q1__/0000000002.eml"))
                  .readAllBytes())
          .isEqualTo(large);
      String manifest = read(zip, "manifest.jsonl");
      assertThat(manifest.lines())
          .anySatisfy(line ->
              assertThat(line)
                  .contains(
                      "\"file\":\"INBOX/0000000001.eml\"",
                      "\"flags\":[\"\\\\Seen\",\"\\\\Flagged\"]",
                      "\"keywords\":[\"$Todo\"]",
                      "\"received\":\"2025-12-31T23:59:58Z\""))
          .anySatisfy(line ->
              assertThat(line)
                  .contains(
                      "\"type\":\"folder\"", "\"path\":[\"Projekte\",\"2026: \\\"Q1\\\"?\"]"));
      assertThat(manifest.lines().reduce((_, last) -> last).orElseThrow())
          .contains("\"type\":\"end\"", "\"messages\":3", "\"removedMeanwhile\":0");
      assertThat(zip.getEntry("INBOX/0000000001.eml").getLastModifiedTime().toInstant())
          .isEqualTo(RECEIVED);
    }
  }

  @Test
  void whatChangesMeanwhileIsConsistentFolderByFolder() throws Exception {
    for (int i = 0; i < 5; i++)
      append(mailbox.inbox(), message("m" + i).getBytes(UTF_8), Flags.DELETED);
    AtomicInteger asked = new AtomicInteger();
    var out = new ByteArrayOutputStream();
    MailboxArchive.Summary summary =
        archive()
            .write(
                mailbox,
                "anna",
                out,
                _ -> {
                  if (asked.getAndIncrement() == 0) {
                    // A new message is not in the folder's view; a removed one can be recovered
                    // still, and so is still read.
                    append(mailbox.inbox(), message("late").getBytes(UTF_8), 0);
                    mailbox.expunge(mailbox.inbox(), new long[] {5});
                  }
                  return true;
                });
    assertThat(summary.messages() + summary.removedMeanwhile()).isEqualTo(5);
    assertThat(summary.nonExportable()).isZero();
  }

  @Test
  void itStopsWhenToldTo() {
    append(mailbox.inbox(), message("x").getBytes(UTF_8), 0);
    assertThatThrownBy(
            () -> archive().write(mailbox, "anna", new ByteArrayOutputStream(), _ -> false))
        .isInstanceOf(MailboxArchive.StoppedException.class);
    assertThat(folder).isEmptyDirectory();
  }
}
