package org.mailstead.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.domains.EditableZone;
import org.mailstead.core.domains.ZoneEditor;
import org.mailstead.http.aws.AwsClient;
import org.mailstead.http.aws.Credentials;
import org.mailstead.http.aws.Route53Settings;
import org.mailstead.http.aws.Route53Zone;
import org.mailstead.mailflow.dns.DnsSettings;
import org.mailstead.mailflow.dns.DynamicZone;
import org.mailstead.mailflow.dns.TsigKey;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;

/// The tables `[zones.<id>]`: zones that domains' records may be written into. What is wrong in
/// them stops the start, with the key named.
final class DnsZoneSettings {
  private static final String KIND = "zones";
  private static final int SECRET_BYTES_MAX = 4_096;

  private final Settings settings;
  private final AwsClient client;
  private final InstantSource clock;

  private DnsZoneSettings(Settings settings, AwsClient client, InstantSource clock) {
    this.settings = settings;
    this.client = client;
    this.clock = clock;
  }

  /// @throws SettingsException names table, key and cause, never a secret
  static List<EditableZone> read(Settings settings, AwsClient client, InstantSource clock) {
    var reader = new DnsZoneSettings(settings, client, clock);
    return settings.names(KIND).stream().map(reader::read).toList();
  }

  private EditableZone read(String id) {
    String table = KIND + "." + id;
    String name = text(table + ".name").toLowerCase(Locale.ROOT);
    Set<OrganizationId> organizations = new HashSet<>();
    for (String each : settings.texts(table + ".organizations")) {
      if (!each.matches("m-[0-9a-f]{32}")) {
        throw new SettingsException(table + ".organizations: not the id of one: " + each);
      }
      organizations.add(new OrganizationId(each));
    }
    try {
      ZoneEditor editor =
          switch (settings.text(table + ".kind")) {
            case "rfc2136" -> dynamic(table, name);
            case "route53" -> route53(table, name);
            default ->
                throw new SettingsException(
                    table + ".kind: rfc2136 or route53, not " + settings.text(table + ".kind"));
          };
      return new EditableZone(editor, organizations);
    } catch (IllegalArgumentException | RefusedException e) {
      throw new SettingsException("[" + table + "]: " + e.getMessage());
    }
  }

  private ZoneEditor dynamic(String table, String name) {
    InetSocketAddress server =
        settings
            .address(table + ".server")
            .orElseThrow(() -> new SettingsException(table + ".server: must be given"));
    if (server.isUnresolved()) {
      throw new SettingsException(table + ".server: unknown host " + server.getHostString());
    }
    TsigKey key =
        new TsigKey(text(table + ".tsig-key"), text(table + ".tsig-algorithm"), secret(table));
    return new DynamicZone(name, server, key, DnsSettings.standard().timeout());
  }

  private ZoneEditor route53(String table, String name) {
    String endpoint = settings.text(table + ".endpoint");
    Optional<URI> uri =
        endpoint.isEmpty() ? Optional.empty() : Optional.of(AwsClient.endpoint(endpoint));
    return new Route53Zone(
        client,
        new Route53Settings(
            name,
            uri,
            new Credentials(text(table + ".access-key-id"), secret(table)),
            Route53Settings.INSYNC_USUAL),
        clock,
        Thread::sleep);
  }

  private String text(String key) {
    String text = settings.text(key);
    if (text.isEmpty()) throw new SettingsException(key + ": must be given");
    return text;
  }

  private String secret(String table) {
    String key = table + ".secret-file";
    Path file = Path.of(text(key));
    try {
      if (Files.size(file) > SECRET_BYTES_MAX) throw new SettingsException(key + ": too long");
      String secret = Files.readString(file).strip();
      if (secret.isEmpty()) throw new SettingsException(key + ": the file is empty");
      return secret;
    } catch (IOException e) {
      throw new SettingsException(key + ": cannot be read: " + file);
    }
  }
}
