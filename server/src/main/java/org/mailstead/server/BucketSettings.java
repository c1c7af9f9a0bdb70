package org.mailstead.server;

import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.mailstead.base.RefusedException;
import org.mailstead.http.aws.AwsClient;
import org.mailstead.http.aws.AwsLimits;
import org.mailstead.http.aws.Buckets;
import org.mailstead.http.aws.Credentials;
import org.mailstead.http.aws.S3Settings;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;

/// The settings under `s3`, read once.
final class BucketSettings {
  private BucketSettings() {}

  /// @throws SettingsException a value makes no sense; the key is named
  static Buckets open(Settings settings, InstantSource clock, RandomGenerator random) {
    Map<String, Path> folders = new HashMap<>();
    for (String text : settings.texts("s3.folders")) {
      int equals = text.indexOf('=');
      Path folder = Path.of(equals < 0 ? "" : text.substring(equals + 1));
      if (equals < 1 || !folder.isAbsolute()) {
        throw new SettingsException("s3.folders: not name=/absolute/path: " + text);
      }
      if (folders.put(text.substring(0, equals), folder) != null) {
        throw new SettingsException("s3.folders: twice: " + text.substring(0, equals));
      }
    }
    return new Buckets(
        folders,
        service(settings),
        new AwsClient(clock, random, Thread::sleep, AwsLimits.STANDARD));
  }

  private static Optional<S3Settings> service(Settings settings) {
    String id = settings.text("s3.access-key-id");
    String secret = settings.text("s3.secret-access-key");
    if (id.isEmpty() != secret.isEmpty()) {
      throw new SettingsException("s3.access-key-id, s3.secret-access-key: both or none");
    }
    if (id.isEmpty()) return Optional.empty();
    String region = settings.text("s3.region");
    try {
      String endpoint = settings.text("s3.endpoint");
      Optional<URI> uri =
          endpoint.isEmpty() ? Optional.empty() : Optional.of(AwsClient.endpoint(endpoint));
      return Optional.of(
          new S3Settings(
              uri,
              region.isEmpty() ? settings.text("server.region") : region,
              settings.isOn("s3.path-style"),
              new Credentials(id, secret)));
    } catch (RefusedException | IllegalArgumentException e) {
      throw new SettingsException("s3.endpoint, s3.region: " + e.getMessage());
    }
  }
}
