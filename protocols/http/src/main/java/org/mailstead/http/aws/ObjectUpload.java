package org.mailstead.http.aws;

import java.io.OutputStream;

/// An object on its way into a bucket. Nobody sees it before [#complete] has returned; closing
/// without that leaves nothing behind. Not thread-safe.
///
/// Besides `IOException`s, writing throws what [Bucket] throws.
public abstract class ObjectUpload extends OutputStream {
  /// Makes the object visible and durable, replacing one of the same key.
  ///
  /// @throws org.mailstead.base.UnavailableException the bucket is out of reach; whether the object
  ///   is there is not known
  public abstract void complete();

  /// Gives the upload up unless it is complete. Never throws: what could not be removed is logged.
  @Override
  public abstract void close();
}
