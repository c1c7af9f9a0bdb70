package org.mailstead.server.settings;

/// One key of the settings file.
///
/// @param key `section.name`
/// @param value the default, in TOML
/// @param comment what it is for, unit and allowed values included
record Setting(String key, Kind kind, String value, String comment) {
  /// What the value must be.
  enum Kind {
    TEXT,
    /// A text that is never printed.
    SECRET,
    NUMBER,
    YES_NO,
    TEXTS
  }

  String section() {
    return key.substring(0, key.indexOf('.'));
  }

  String name() {
    return key.substring(key.indexOf('.') + 1);
  }

  /// The same key of one table among several of its kind.
  Setting in(String table) {
    return new Setting(section() + "." + table + "." + name(), kind, value, comment);
  }

  /// The environment variable that overrides it: `listen.imaps` is `MAILSTEAD_LISTEN_IMAPS`.
  String variable() {
    return "MAILSTEAD_"
        + key.toUpperCase(java.util.Locale.ROOT).replace('.', '_').replace('-', '_');
  }
}
