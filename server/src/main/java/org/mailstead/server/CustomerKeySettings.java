package org.mailstead.server;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.RefusedException;
import org.mailstead.core.keys.CustomerKeyFile;
import org.mailstead.core.keys.CustomerKeys;
import org.mailstead.http.aws.AwsClient;
import org.mailstead.http.aws.Credentials;
import org.mailstead.http.aws.KmsKeys;
import org.mailstead.http.aws.KmsSettings;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;

/// The settings under `kms`, read once: which service has which customers' keys.
final class CustomerKeySettings {
  private static final String ALL = "arn:aws:kms:";
  private static final String IN_FILE = "arn:aws:kms:local:";

  private CustomerKeySettings() {}

  /// @throws SettingsException a value makes no sense; the key is named
  static CustomerKeys open(Settings settings, AwsClient client) {
    Map<String, CustomerKeys> services = new HashMap<>();
    String file = settings.text("kms.key-file");
    if (!file.isEmpty()) services.put(IN_FILE, new CustomerKeyFile(Path.of(file)));
    String id = settings.text("kms.access-key-id");
    String secret = settings.text("kms.secret-access-key");
    if (id.isEmpty() != secret.isEmpty()) {
      throw new SettingsException("kms.access-key-id, kms.secret-access-key: both or none");
    }
    if (!id.isEmpty()) {
      try {
        String endpoint = settings.text("kms.endpoint");
        Optional<URI> uri =
            endpoint.isEmpty() ? Optional.empty() : Optional.of(AwsClient.endpoint(endpoint));
        services.put(ALL, new KmsKeys(client, new KmsSettings(uri, new Credentials(id, secret))));
      } catch (RefusedException e) {
        throw new SettingsException("kms.endpoint: " + e.publicText());
      }
    }
    return CustomerKeys.first(services);
  }
}
