package org.mailstead.http.aws;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;

/// Buckets by name, as the operator's settings have them: some names are folders, all others are
/// buckets of the one S3-compatible service, if there is one. Thread-safe.
public final class Buckets implements AutoCloseable {
  private final Map<String, Path> folders;
  private final Optional<S3Settings> service;
  private final AwsClient client;
  private final Map<String, Bucket> opened = new ConcurrentHashMap<>();

  /// @param folders by bucket name
  /// @param client closed with this
  public Buckets(Map<String, Path> folders, Optional<S3Settings> service, AwsClient client) {
    this.folders = Map.copyOf(folders);
    this.service = service;
    this.client = client;
  }

  /// Asks nobody: a bucket that does not exist is noticed when it is used.
  ///
  /// @throws RefusedException INVALID: no folder has this name and no S3 service is set, or it is
  ///   no name of a bucket
  public Bucket bucket(String name) {
    Path folder = folders.get(name);
    if (folder != null) return new FolderBucket(folder);
    if (service.isEmpty()) {
      throw new RefusedException(
          Refusal.INVALID,
          "The bucket " + name + " is not known here: the service has no S3 settings for it.");
    }
    Bucket known = opened.get(name);
    // Names come from callers: what is remembered of them is bounded by not remembering many.
    if (known != null) return known;
    Bucket made = new S3Bucket(client, service.get(), name);
    if (opened.size() < 1000) opened.put(name, made);
    return made;
  }

  @Override
  public void close() {
    client.close();
  }
}
