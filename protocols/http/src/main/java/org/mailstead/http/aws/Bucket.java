package org.mailstead.http.aws;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.UnavailableException;

/// A flat store of objects by key: a bucket of any S3-compatible service ([S3Bucket]) or a folder
/// ([FolderBucket]). Thread-safe.
///
/// Every method throws [org.mailstead.base.RefusedException] NOT_FOUND when the bucket itself does
/// not exist, FORBIDDEN when the credentials do not allow it, INVALID when the service calls the
/// request wrong, and [UnavailableException] when the service is out of reach or busy after all
/// retries. Streams read from it throw [UnavailableException] too, when they end early, stall or do
/// not have the checksum that the service remembers.
public interface Bucket {
  /// Objects in one page of a listing at the most.
  int PAGE_COUNT_MAX = 1000;

  /// How the service is to encrypt an object: not at all or as the bucket says, or by a key of the
  /// key management service (SSE-KMS).
  ///
  /// @param kmsKeyArn the key; a folder ignores it
  record Encryption(Optional<String> kmsKeyArn) {
    public static final Encryption OF_THE_BUCKET = new Encryption(Optional.empty());

    public static Encryption kms(String keyArn) {
      return new Encryption(Optional.of(keyArn));
    }
  }

  /// What a listing says about an object.
  record ObjectSummary(ObjectKey key, long bytes) {}

  /// @param next what to ask the next page with; empty: this is the last one
  record ObjectPage(List<ObjectSummary> objects, Optional<String> next) {
    public ObjectPage {
      objects = List.copyOf(objects);
    }
  }

  /// Begins an object of unknown length. Memory: one part of at most 16 MiB.
  ObjectUpload upload(ObjectKey key, Encryption encryption);

  /// The object's octets; empty: there is none. The caller closes it.
  Optional<InputStream> find(ObjectKey key);

  /// A piece of the object, shorter only at its end; empty: there is no object.
  ///
  /// @param offset within the object
  /// @param count at least one
  /// @throws UnavailableException also when it breaks off
  Optional<byte[]> findRange(ObjectKey key, long offset, int count);

  /// A version of the object that the service names so; empty: there is none.
  ///
  /// @throws org.mailstead.base.RefusedException INVALID: this bucket knows no versions
  Optional<InputStream> findVersion(ObjectKey key, String version);

  /// Its length; empty: there is none.
  Optional<Long> findLength(ObjectKey key);

  /// Objects whose keys begin with the prefix (any text, also none), in the order of keys. What is
  /// no [ObjectKey] (a folder's mark, for example) is left out, so that a page may be empty before
  /// the last one.
  ///
  /// @param after only keys behind this text
  ObjectPage list(String prefix, Optional<String> after);

  /// Harmless if there is none.
  void delete(ObjectKey key);

  /// Stores an object whole; it is durable when this returns.
  default void put(ObjectKey key, byte[] octets) {
    try (ObjectUpload upload = upload(key, Encryption.OF_THE_BUCKET)) {
      upload.write(octets);
      upload.complete();
    } catch (IOException e) {
      throw new UnavailableException("cannot write " + key, Duration.ofMinutes(1), e);
    }
  }

  /// Stores an object from a stream, which the caller closes.
  ///
  /// @throws IOException the source does not read
  default void put(ObjectKey key, InputStream source, Encryption encryption) throws IOException {
    try (ObjectUpload upload = upload(key, encryption)) {
      source.transferTo(upload);
      upload.complete();
    }
  }
}
