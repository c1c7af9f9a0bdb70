package org.mailstead.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.mailstead.core.directory.AccountId;
import org.mailstead.core.directory.ConnectedDirectory;
import org.mailstead.core.directory.DirectoryId;
import org.mailstead.core.directory.DirectoryKind;
import org.mailstead.core.directory.DirectoryLimits;
import org.mailstead.interop.LdapDirectorySettings;
import org.mailstead.interop.LdapUrl;
import org.mailstead.interop.MappedAttribute;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;

/// The tables `[directories.<id>]` of the settings file. What is wrong in them stops the start,
/// with the key named.
final class ConnectedDirectorySettings {
  private static final String KIND = "directories";

  private final Settings settings;
  private final Map<String, String> environment;

  private ConnectedDirectorySettings(Settings settings, Map<String, String> environment) {
    this.settings = settings;
    this.environment = environment;
  }

  /// @throws SettingsException names table, key and cause
  static List<LdapDirectorySettings> read(Settings settings, Map<String, String> environment) {
    var reader = new ConnectedDirectorySettings(settings, environment);
    return settings.names(KIND).stream().map(reader::read).toList();
  }

  private LdapDirectorySettings read(String id) {
    String table = KIND + "." + id;
    if (!DirectoryId.isWellFormed(id)) {
      throw new SettingsException(
          "[" + table + "]: the id of a directory is d- and ten of 0-9 and a-f");
    }
    String alias = settings.text(table + ".alias");
    if (alias.isEmpty()) throw new SettingsException(table + ".alias: must be given");
    try {
      return new LdapDirectorySettings(
          new ConnectedDirectory(
              new DirectoryId(id), kind(table), alias, account(table), usersMax(table)),
          settings.texts(table + ".urls").stream().map(LdapUrl::parse).toList(),
          settings.isOn(table + ".plaintext-on-loopback"),
          settings.texts(table + ".base-dns"),
          settings.text(table + ".bind-dn"),
          password(table),
          optional(table + ".ca-file").map(Path::of),
          optional(table + ".user-filter"),
          optional(table + ".group-filter"),
          attributes(table),
          interval(table),
          settings.count(table + ".deletions-percent"),
          LdapDirectorySettings.PAGE_ENTRIES_USUAL,
          Duration.ofSeconds(5),
          Duration.ofSeconds(30));
    } catch (IllegalArgumentException e) {
      throw new SettingsException("[" + table + "]: " + e.getMessage());
    }
  }

  private Optional<String> optional(String key) {
    return Optional.of(settings.text(key)).filter(text -> !text.isEmpty());
  }

  private DirectoryKind kind(String table) {
    String text = settings.text(table + ".kind");
    return switch (text) {
      case "active-directory" -> DirectoryKind.ACTIVE_DIRECTORY;
      case "ldap" -> DirectoryKind.LDAP;
      default ->
          throw new SettingsException(table + ".kind: active-directory or ldap, not " + text);
    };
  }

  private Optional<AccountId> account(String table) {
    return optional(table + ".account").map(AccountId::new);
  }

  private long usersMax(String table) {
    String text = settings.text(table + ".size");
    return switch (text) {
      case "small" -> 500;
      case "large" -> 5_000;
      case "unbounded" -> DirectoryLimits.USERS_MAX;
      default ->
          throw new SettingsException(table + ".size: small, large or unbounded, not " + text);
    };
  }

  private Duration interval(String table) {
    long minutes = settings.number(table + ".interval-minutes");
    if (minutes < 1 || minutes > 7 * 24 * 60) {
      throw new SettingsException(table + ".interval-minutes: 1 minute to 7 days");
    }
    return Duration.ofMinutes(minutes);
  }

  private Supplier<String> password(String table) {
    Optional<String> file = optional(table + ".bind-password-file");
    Optional<String> variable = optional(table + ".bind-password-variable");
    if (file.isPresent() == variable.isPresent()) {
      throw new SettingsException(
          table + ": either bind-password-file or bind-password-variable must be given");
    }
    if (variable.isPresent()) {
      String password = environment.getOrDefault(variable.get(), "");
      if (password.isEmpty()) {
        throw new SettingsException(
            table + ".bind-password-variable: " + variable.get() + " is not set");
      }
      return () -> password;
    }
    Path path = Path.of(file.get());
    if (!Files.isReadable(path)) {
      throw new SettingsException(table + ".bind-password-file: cannot read " + path);
    }
    return () -> {
      try {
        return Files.readString(path).replaceAll("\\R\\z", "");
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + path, e);
      }
    };
  }

  private Map<MappedAttribute, String> attributes(String table) {
    var all = new EnumMap<MappedAttribute, String>(MappedAttribute.class);
    for (String text : settings.texts(table + ".attributes")) {
      int at = text.indexOf('=');
      Optional<MappedAttribute> attribute = Optional.empty();
      for (MappedAttribute known : MappedAttribute.values()) {
        if (at > 0 && known.key().equals(text.substring(0, at))) attribute = Optional.of(known);
      }
      String name = text.substring(at + 1);
      if (attribute.isEmpty() || !name.matches("[A-Za-z][A-Za-z0-9-]*")) {
        throw new SettingsException(
            table + ".attributes: not <what>=<LDAP attribute>, or unknown: " + text);
      }
      all.put(attribute.get(), name);
    }
    return all;
  }
}
