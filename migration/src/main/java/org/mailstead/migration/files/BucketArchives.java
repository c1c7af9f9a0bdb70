package org.mailstead.migration.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.http.aws.AwsClient;
import org.mailstead.http.aws.AwsLimits;
import org.mailstead.http.aws.Bucket;
import org.mailstead.http.aws.ObjectKey;
import org.mailstead.http.aws.S3Bucket;
import org.mailstead.http.aws.S3Settings;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.Source;
import org.mailstead.migration.item.Target;

/// Zip archives in a bucket of an S3-compatible service.
///
/// Read by ranges, without a copy. Written beside the ledger, where a crash at any moment is
/// harmless, and uploaded (in parts) at the end of each run: an object cannot grow, and nobody ever
/// sees half of one.
///
/// @param folder for archives that are being written
public record BucketArchives(
    S3Settings service,
    String bucket,
    String prefix,
    Path folder,
    InstantSource clock,
    RandomGenerator random) {
  private AwsClient client() {
    return AwsClient.start(clock, random, AwsLimits.STANDARD);
  }

  private String identity(ObjectKey key) {
    return "zip archive s3://" + bucket + "/" + key;
  }

  /// @param name of the object, behind the prefix
  public Source source(String name, ContentSpool spool) throws IOException {
    ObjectKey key = new ObjectKey(prefix + name);
    AwsClient client = client();
    boolean sound = false;
    try {
      Bucket from = new S3Bucket(client, service, bucket);
      Source source = new ZipTree(identity(key), new BucketOctets(from, key, client), spool);
      sound = true;
      return source;
    } finally {
      if (!sound) client.close();
    }
  }

  /// Goes on with the local copy; without one (on another machine) with what is in the bucket.
  public Target target(String name, ContentSpool spool) throws IOException {
    ObjectKey key = new ObjectKey(prefix + name);
    Path file = folder.resolve(FileNames.encode(name));
    AwsClient client = client();
    boolean sound = false;
    try {
      Bucket to = new S3Bucket(client, service, bucket);
      if (!Files.exists(file)) fetch(to, key, file);
      Target target =
          new ZipTarget(
              file,
              identity(key),
              spool,
              new ZipTarget.Publication() {
                @Override
                public void publish(Path sealed) throws IOException {
                  upload(to, key, sealed);
                }

                @Override
                public void close() {
                  client.close();
                }
              });
      sound = true;
      return target;
    } finally {
      if (!sound) client.close();
    }
  }

  private static void fetch(Bucket from, ObjectKey key, Path file) throws IOException {
    Optional<InputStream> object = from.find(key);
    if (object.isEmpty()) return;
    Files.createDirectories(java.util.Objects.requireNonNull(file.getParent(), "no folder"));
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try (InputStream in = object.get()) {
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
    }
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    note(file);
  }

  /// What the bucket has: length and time of the local copy when it was the same.
  private static Path mark(Path file) {
    return file.resolveSibling(file.getFileName() + ".uploaded");
  }

  private static String state(Path file) throws IOException {
    return Files.size(file) + " " + Files.getLastModifiedTime(file).toMillis();
  }

  private static void note(Path file) throws IOException {
    StoredFile.write(
        mark(file).resolveSibling(mark(file).getFileName() + ".part"),
        mark(file),
        Content.of(state(file).getBytes(java.nio.charset.StandardCharsets.US_ASCII)),
        ItemSummary.NO_DATE);
  }

  private static void upload(Bucket to, ObjectKey key, Path file) throws IOException {
    boolean same =
        Files.exists(mark(file))
            && Files.readString(mark(file)).equals(state(file))
            && to.findLength(key).equals(Optional.of(Files.size(file)));
    if (same) return;
    try (InputStream in = Files.newInputStream(file)) {
      to.put(key, in, Bucket.Encryption.OF_THE_BUCKET);
    }
    note(file);
  }

  static void close(AutoCloseable client) {
    try {
      client.close();
    } catch (Exception e) {
      throw new IllegalStateException("it does not close", e);
    }
  }
}
