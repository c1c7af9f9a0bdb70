package org.mailstead.core.export;

import java.io.OutputStream;

/// Where finished archives go: buckets, by name. Its methods throw
/// [org.mailstead.base.RefusedException] when the bucket is unknown or forbidden and
/// [org.mailstead.base.UnavailableException] when it is out of reach.
public interface ExportTargets {
  /// @throws org.mailstead.base.RefusedException INVALID: no bucket of this name can be written, or
  ///   the key is none
  void check(String bucket, String key);

  /// Begins an object, encrypted with the key of the key management service where the bucket knows
  /// one.
  Target open(String bucket, String key, String kmsKeyArn);

  void delete(String bucket, String key);

  /// One object under way; closing it without [#complete] leaves nothing behind.
  interface Target extends AutoCloseable {
    OutputStream stream();

    /// Makes the object visible and durable.
    void complete();

    @Override
    void close();
  }
}
