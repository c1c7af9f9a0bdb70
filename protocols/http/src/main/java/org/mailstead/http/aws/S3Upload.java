package org.mailstead.http.aws;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Collects a part, then sends it: one PUT for an object of one part, a multipart upload for a
/// longer one.
final class S3Upload extends ObjectUpload {
  private static final Logger LOG = LoggerFactory.getLogger(S3Upload.class);

  private final S3Bucket bucket;
  private final ObjectKey key;
  private final Bucket.Encryption encryption;
  private final List<String> tags = new ArrayList<>();
  private Optional<String> multipart = Optional.empty();
  private byte[] part = new byte[8192];
  private int count;
  private long bytes;
  private boolean ended;

  S3Upload(S3Bucket bucket, ObjectKey key, Bucket.Encryption encryption) {
    this.bucket = bucket;
    this.key = key;
    this.encryption = encryption;
  }

  @Override
  public void write(int octet) {
    write(new byte[] {(byte) octet}, 0, 1);
  }

  @Override
  public void write(byte[] octets, int offset, int length) {
    if (ended) throw new IllegalStateException("the upload has ended");
    int done = 0;
    while (done < length) {
      // A full part waits for the next octet: an object of exactly one part is one PUT.
      if (count == S3Bucket.PART_BYTES) sendPart();
      int now = Math.min(length - done, S3Bucket.PART_BYTES - count);
      if (count + now > part.length) {
        part =
            Arrays.copyOf(
                part, Math.min(S3Bucket.PART_BYTES, Math.max(count + now, part.length * 2)));
      }
      System.arraycopy(octets, offset + done, part, count, now);
      count += now;
      done += now;
      bytes += now;
    }
  }

  private void sendPart() {
    if (tags.size() == S3Bucket.PART_COUNT_MAX) {
      throw new RefusedException(Refusal.TOO_LARGE, "object " + key + " is too large for S3");
    }
    String upload = multipart.orElseGet(() -> bucket.createUpload(key, encryption));
    multipart = Optional.of(upload);
    tags.add(bucket.putPart(key, upload, tags.size() + 1, part, count));
    count = 0;
  }

  @Override
  public void complete() {
    if (ended) throw new IllegalStateException("the upload has ended");
    if (multipart.isEmpty()) {
      bucket.put(key, encryption, part, count);
    } else {
      if (count > 0) sendPart();
      bucket.completeUpload(key, multipart.get(), tags, bytes);
    }
    ended = true;
  }

  @Override
  public void close() {
    if (ended) return;
    ended = true;
    if (multipart.isEmpty()) return;
    try {
      bucket.abortUpload(key, multipart.get());
    } catch (RuntimeException e) {
      // Parts cost money until they are removed; a life-cycle rule of the bucket removes them.
      LOG.warn("parts of {} are left in the bucket: {}", key, e.getMessage());
    }
  }
}
