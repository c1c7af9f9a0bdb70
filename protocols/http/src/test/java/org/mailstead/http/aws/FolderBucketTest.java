package org.mailstead.http.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.RefusedException;

final class FolderBucketTest extends BucketContract {
  @TempDir Path folder;

  @Override
  protected Bucket bucket() {
    return new FolderBucket(folder);
  }

  @Override
  protected Bucket missing() {
    return new FolderBucket(folder.resolve("none"));
  }

  @Test
  void uploadsUnderWayAreNeitherListedNorReachable() throws Exception {
    try (ObjectUpload upload =
        bucket().upload(new ObjectKey("k"), Bucket.Encryption.OF_THE_BUCKET)) {
      upload.write(1);
      assertThat(bucket().list("", Optional.empty()).objects()).isEmpty();
      try (var files = Files.list(folder.resolve(".uploads"))) {
        assertThat(files).hasSize(1);
      }
    }
    try (var files = Files.list(folder.resolve(".uploads"))) {
      assertThat(files).isEmpty();
    }
    assertThatThrownBy(() -> bucket().find(new ObjectKey(".uploads/x")))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void linksOutOfTheFolderAreNotListed() throws Exception {
    Files.createSymbolicLink(folder.resolve("link"), Path.of("/etc"));
    assertThat(bucket().list("", Optional.empty()).objects()).isEmpty();
  }
}
