package org.mailstead.migration.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.RefusedException;
import org.mailstead.http.aws.Credentials;
import org.mailstead.http.aws.FakeS3;
import org.mailstead.http.aws.S3Settings;
import org.mailstead.migration.item.NewItem;
import org.mailstead.migration.item.Source;
import org.mailstead.migration.item.Target;

/// Archives in a bucket, over the wire format of S3.
final class BucketArchivesTest {
  private static final Instant RECEIVED = Instant.ofEpochSecond(1_700_000_000);

  @TempDir Path folder;
  private FakeS3 s3;

  @BeforeEach
  void start() throws IOException {
    s3 = new FakeS3().bucket("archives");
  }

  @AfterEach
  void stop() {
    s3.close();
  }

  private BucketArchives archives(S3Settings settings, String bucket) {
    return new BucketArchives(
        settings, bucket, "2026/", folder.resolve("work"), InstantSource.system(), new Random(1));
  }

  private BucketArchives archives() {
    return archives(s3.settings(), "archives");
  }

  private ContentSpool spool() {
    return new ContentSpool(folder, 1 << 20);
  }

  private static NewItem item(int seed, int length) {
    byte[] noise = new byte[length];
    new Random(seed).nextBytes(noise);
    return new NewItem(Content.of(noise), Set.of("\\Seen", "work"), RECEIVED);
  }

  @Test
  void anArchiveIsUploadedInPartsAndReadByRanges() throws IOException {
    Map<String, List<String>> written;
    try (Target target = archives().target("anna.zip", spool())) {
      ArchiveTargetsTest.write(target, "INBOX", List.of(item(1, 20 << 20), item(2, 10)));
      ArchiveTargetsTest.write(target, "Sent", List.of(item(3, 1_000)));
      assertThat(s3.keys("archives")).isEmpty();
      target.finish();
      written = ArchiveTargetsTest.picture(target);
    }
    assertThat(s3.keys("archives")).containsExactly("2026/anna.zip");
    assertThat(s3.log()).anyMatch(line -> line.contains("partNumber=2"));
    int before = s3.log().size();
    try (Source source = archives().source("anna.zip", spool())) {
      assertThat(ArchiveTargetsTest.picture(source)).isEqualTo(written);
    }
    // 20 MiB in blocks of 4 MiB, each asked for about once.
    assertThat(s3.log().size() - before).isLessThan(12);
  }

  @Test
  void theNextRunGoesOnAndUploadsOnlyWhatChanged() throws IOException {
    try (Target target = archives().target("a.zip", spool())) {
      ArchiveTargetsTest.write(target, "INBOX", List.of(item(1, 10)));
      target.finish();
    }
    int before = s3.log().size();
    try (Target target = archives().target("a.zip", spool())) {
      target.finish();
    }
    assertThat(s3.log().subList(before, s3.log().size())).noneMatch(l -> l.startsWith("PUT"));
    // Another machine: the copy beside the ledger is not there.
    Files.delete(folder.resolve("work/a.zip"));
    try (Target target = archives().target("a.zip", spool())) {
      ArchiveTargetsTest.write(target, "INBOX", List.of(item(2, 10)));
      target.finish();
    }
    try (Source source = archives().source("a.zip", spool())) {
      assertThat(ArchiveTargetsTest.picture(source).get("INBOX")).hasSize(2);
    }
  }

  @Test
  void anUploadThatFailsIsMadeByTheNextRun() throws IOException {
    S3Settings wrong =
        new S3Settings(
            s3.settings().endpoint(),
            FakeS3.REGION,
            true,
            new Credentials(FakeS3.CREDENTIALS.accessKeyId(), "not it"));
    try (Target target = archives().target("a.zip", spool())) {
      ArchiveTargetsTest.write(target, "INBOX", List.of(item(1, 10)));
    }
    try (Target target = archives(wrong, "archives").target("a.zip", spool())) {
      assertThatThrownBy(target::finish)
          .isInstanceOf(RefusedException.class)
          .hasMessageNotContaining("not it");
    }
    try (Target target = archives().target("a.zip", spool())) {
      target.finish();
    }
    assertThat(s3.keys("archives")).containsExactly("2026/a.zip");
  }

  @Test
  void whatIsNotThereIsNamed() {
    assertThatThrownBy(() -> archives().source("none.zip", spool()))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("2026/none.zip");
    assertThatThrownBy(() -> archives(s3.settings(), "nowhere").target("a.zip", spool()))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("NoSuchBucket");
    s3.put("archives", "2026/text.zip", new byte[100]);
    assertThatThrownBy(() -> archives().source("text.zip", spool()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no zip archive");
  }
}
