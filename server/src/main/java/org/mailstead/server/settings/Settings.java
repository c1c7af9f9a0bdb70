package org.mailstead.server.settings;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;

/// The settings of one start: defaults, then the file, then `MAILSTEAD_…` environment variables. An
/// unknown key or variable, or a value of the wrong kind, stops the start with a
/// [SettingsException].
public final class Settings {
  /// Variables that are no settings: the launcher and single words read them.
  private static final List<String> OTHER_VARIABLES =
      List.of(
          "MAILSTEAD_JAVA_HOME", "MAILSTEAD_JAVA_OPTS", "MAILSTEAD_HOME", "MAILSTEAD_PASSPHRASE");

  private final Map<String, Object> values = new LinkedHashMap<>();

  private Settings() {}

  /// @throws SettingsException unreadable file, unknown key, or a value of the wrong kind
  public static Settings load(Optional<Path> file, Map<String, String> environment) {
    Settings settings = new Settings();
    for (Setting setting : SettingsCatalog.ALL) {
      settings.values.put(setting.key(), value(setting, setting.value(), "the default"));
    }
    file.ifPresent(settings::readFile);
    settings.readEnvironment(environment);
    return settings;
  }

  /// Names of the tables of a kind that the file has: for `directories` those of
  /// `[directories.<name>]`, in their order. Their keys are `directories.<name>.<key>`.
  public List<String> names(String kind) {
    return values.keySet().stream()
        .map(key -> key.split("\\.", 3))
        .filter(words -> words.length == 3 && words[0].equals(kind))
        .map(words -> words[1])
        .distinct()
        .toList();
  }

  public String text(String key) {
    return (String) value(key);
  }

  public long number(String key) {
    return (Long) value(key);
  }

  /// A number of things.
  ///
  /// @throws SettingsException it is larger than an `int` holds
  public int count(String key) {
    long number = number(key);
    if (number > Integer.MAX_VALUE) {
      throw new SettingsException(key + ": at most " + Integer.MAX_VALUE);
    }
    return (int) number;
  }

  public boolean isOn(String key) {
    return (Boolean) value(key);
  }

  @SuppressWarnings("unchecked")
  public List<String> texts(String key) {
    return (List<String>) value(key);
  }

  /// A `host:port` value; empty when the text is.
  ///
  /// @throws SettingsException not of that form
  public Optional<InetSocketAddress> address(String key) {
    String text = text(key);
    if (text.isEmpty()) return Optional.empty();
    int colon = text.lastIndexOf(':');
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      String host = text.substring(0, Math.max(colon, 0)).replaceAll("^\\[|\\]$", "");
      if (colon <= 0 || port < 0 || port > 65535) throw new NumberFormatException();
      return Optional.of(new InetSocketAddress(host, port));
    } catch (NumberFormatException e) {
      throw new SettingsException(key + ": not of the form host:port: " + text);
    }
  }

  /// The whole file with the values in force, ready to be saved and edited. Secrets print as `***`.
  public String print() {
    StringBuilder out = new StringBuilder();
    out.append("# Mailstead settings. Every key stands here with the value in force.\n");
    out.append("# A variable MAILSTEAD_<SECTION>_<KEY> overrides its key.\n");
    String section = "";
    for (Setting setting : SettingsCatalog.ALL) {
      if (!setting.section().equals(section)) {
        section = setting.section();
        out.append("\n[").append(section).append("]\n");
      }
      out.append("\n# ").append(setting.comment()).append('\n');
      out.append("# Default: ").append(setting.value()).append('\n');
      out.append(setting.name()).append(" = ").append(printed(setting)).append('\n');
    }
    printTables(out);
    return out.toString();
  }

  private void printTables(StringBuilder out) {
    for (String kind : SettingsCatalog.TABLES.stream().map(Setting::section).distinct().toList()) {
      List<String> names = names(kind);
      for (String name : names) {
        out.append("\n[").append(kind).append('.').append(name).append("]\n");
        for (Setting setting : SettingsCatalog.tables(kind)) {
          Setting here = setting.in(name);
          out.append("\n# ").append(here.comment()).append('\n');
          out.append("# Default: ").append(here.value()).append('\n');
          out.append(setting.name()).append(" = ").append(printed(here)).append('\n');
        }
      }
      if (!names.isEmpty()) continue;
      out.append("\n# Any number of tables [").append(kind).append(".<id>] with these keys:\n");
      for (Setting setting : SettingsCatalog.tables(kind)) {
        out.append("#\n# ").append(setting.comment()).append('\n');
        out.append("# ").append(setting.name()).append(" = ").append(setting.value()).append('\n');
      }
    }
  }

  private String printed(Setting setting) {
    Object value = value(setting.key());
    return switch (setting.kind()) {
      case SECRET -> ((String) value).isEmpty() ? "\"\"" : "\"***\"";
      case TEXT -> quoted((String) value);
      case NUMBER, YES_NO -> value.toString();
      case TEXTS ->
          "["
              + String.join(", ", texts(setting.key()).stream().map(Settings::quoted).toList())
              + "]";
    };
  }

  private static String quoted(String text) {
    return "\"" + Toml.tomlEscape(text) + "\"";
  }

  private Object value(String key) {
    Object value = values.get(key);
    if (value == null) throw new IllegalStateException("no such setting: " + key);
    return value;
  }

  private void readFile(Path file) {
    TomlParseResult toml;
    try {
      toml = Toml.parse(Files.readString(file));
    } catch (IOException e) {
      throw new SettingsException("cannot read the settings file " + file + ": " + e.getMessage());
    }
    if (toml.hasErrors()) {
      throw new SettingsException(file + ": " + toml.errors().getFirst());
    }
    for (List<String> path : toml.keyPathSet()) {
      String key = String.join(".", path);
      Setting setting =
          find(key).orElseThrow(() -> new SettingsException(file + ": unknown setting " + key));
      Object value = toml.get(path);
      values.put(key, checked(setting, value == null ? "" : value, file.toString()));
    }
    for (Setting setting : SettingsCatalog.TABLES) {
      for (String name : names(setting.section())) {
        Setting here = setting.in(name);
        values.computeIfAbsent(here.key(), _ -> value(here, here.value(), "the default"));
      }
    }
  }

  private void readEnvironment(Map<String, String> environment) {
    for (Map.Entry<String, String> entry : environment.entrySet()) {
      String name = entry.getKey();
      if (!name.startsWith("MAILSTEAD_") || OTHER_VARIABLES.contains(name)) continue;
      Setting setting =
          SettingsCatalog.ALL.stream()
              .filter(s -> s.variable().equals(name))
              .findFirst()
              .orElseThrow(() -> new SettingsException("unknown setting: variable " + name));
      values.put(setting.key(), fromVariable(setting, entry.getValue()));
    }
  }

  private static Object fromVariable(Setting setting, String text) {
    return switch (setting.kind()) {
      case TEXT, SECRET -> text;
      case NUMBER, YES_NO -> value(setting, text, "variable " + setting.variable());
      case TEXTS ->
          text.isBlank()
              ? List.of()
              : java.util.Arrays.stream(text.split(",")).map(String::strip).toList();
    };
  }

  private static Object value(Setting setting, String toml, String where) {
    TomlParseResult parsed = Toml.parse("v = " + toml);
    Object value = parsed.hasErrors() ? null : parsed.get("v");
    return checked(setting, value == null ? toml : value, where);
  }

  private static Object checked(Setting setting, Object value, String where) {
    return switch (setting.kind()) {
      case TEXT, SECRET -> {
        if (value instanceof String text) yield text;
        throw wrong(setting, where, "a text in quotes");
      }
      case NUMBER -> {
        if (value instanceof Long number && number >= 0) yield number;
        throw wrong(setting, where, "a whole number");
      }
      case YES_NO -> {
        if (value instanceof Boolean yes) yield yes;
        throw wrong(setting, where, "true or false");
      }
      case TEXTS -> {
        if (!(value instanceof TomlArray array)) {
          throw wrong(setting, where, "a list of texts");
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
          if (!(array.get(i) instanceof String text))
            throw wrong(setting, where, "a list of texts");
          texts.add(text);
        }
        yield List.copyOf(texts);
      }
    };
  }

  private static SettingsException wrong(Setting setting, String where, String kind) {
    return new SettingsException(where + ": " + setting.key() + " must be " + kind);
  }

  private static Optional<Setting> find(String key) {
    Optional<Setting> plain =
        SettingsCatalog.ALL.stream().filter(s -> s.key().equals(key)).findFirst();
    if (plain.isPresent()) return plain;
    String[] words = key.split("\\.", 3);
    if (words.length != 3) return Optional.empty();
    return SettingsCatalog.tables(words[0]).stream()
        .filter(s -> s.name().equals(words[2]))
        .findFirst()
        .map(s -> s.in(words[1]));
  }
}
