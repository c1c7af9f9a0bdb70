package org.mailstead.http.aws;

import java.io.OutputStream;
import org.mailstead.core.export.ExportTargets;

/// Mailbox exports into [Buckets].
public final class BucketTargets implements ExportTargets {
  private final Buckets buckets;

  public BucketTargets(Buckets buckets) {
    this.buckets = buckets;
  }

  @Override
  public void check(String bucket, String key) {
    buckets.bucket(bucket);
    new ObjectKey(key);
  }

  @Override
  public Target open(String bucket, String key, String kmsKeyArn) {
    ObjectUpload upload =
        buckets.bucket(bucket).upload(new ObjectKey(key), Bucket.Encryption.kms(kmsKeyArn));
    return new Target() {
      @Override
      public OutputStream stream() {
        return upload;
      }

      @Override
      public void complete() {
        upload.complete();
      }

      @Override
      public void close() {
        upload.close();
      }
    };
  }

  @Override
  public void delete(String bucket, String key) {
    buckets.bucket(bucket).delete(new ObjectKey(key));
  }
}
