package org.mailstead.migration.plan;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.mailstead.migration.imap.ImapServerAddress;
import org.mailstead.migration.imap.Secret;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/// Reads the table `[cutover]`.
final class CutoverReader {
  private static final Set<String> KEYS =
      Set.of(
          "domains",
          "mx",
          "spf",
          "dkim",
          "autodiscover",
          "mx-ttl-max",
          "delta-hours-max",
          "old-hosts",
          "inventory",
          "smtp-host",
          "smtp-port",
          "smtp-security",
          "smtp-ca-file",
          "smtp-user",
          "smtp-password",
          "from",
          "wait-seconds");
  private static final int SMTP_PORT = 25;
  private static final int SUBMISSIONS_PORT = 465;
  private static final long DAY_SECONDS = 86_400;

  private final SettingsReader reader;
  private final TomlTable table;
  private final Path base;

  CutoverReader(SettingsReader reader, TomlTable table, Path base) {
    this.reader = reader;
    this.table = table;
    this.base = base;
  }

  CutoverSettings read(List<String> usualOldHosts) throws IOException {
    SettingsReader.expectKeys(table, KEYS, "cutover.");
    List<String> oldHosts = texts("old-hosts");
    return new CutoverSettings(
        texts("domains"),
        texts("mx"),
        text("spf"),
        texts("dkim"),
        text("autodiscover"),
        Duration.ofSeconds(SettingsReader.number(table, "mx-ttl-max", 3_600, 0, DAY_SECONDS)),
        Duration.ofHours(SettingsReader.number(table, "delta-hours-max", 24, 1, 8_760)),
        oldHosts.isEmpty() ? usualOldHosts : oldHosts,
        text("inventory").map(base::resolve),
        testMail());
  }

  private Optional<String> text(String key) {
    return SettingsReader.text(table, key);
  }

  private List<String> texts(String key) {
    Object value = table.get(List.of(key));
    if (value == null) return List.of();
    List<String> texts = new ArrayList<>();
    if (value instanceof TomlArray array) {
      for (int i = 0; i < array.size(); i++) {
        if (array.get(i) instanceof String text && !text.isBlank()) texts.add(text);
      }
      if (texts.size() == array.size()) return texts;
    }
    throw new SettingsFault("cutover." + key + " is a list of texts: [\"…\"]");
  }

  private Optional<CutoverSettings.TestMail> testMail() throws IOException {
    Optional<String> host = text("smtp-host");
    if (host.isEmpty()) return Optional.empty();
    String from =
        text("from")
            .orElseThrow(() -> new SettingsFault("'cutover.from' is missing: who sends test mail"));
    if (!from.matches("[^@\\s<>]{1,64}@[A-Za-z0-9.-]{1,253}")) {
      throw new SettingsFault("cutover.from is an address: " + from);
    }
    ImapServerAddress.Security security =
        switch (text("smtp-security").orElse("starttls")) {
          case "tls" -> ImapServerAddress.Security.TLS;
          case "starttls" -> ImapServerAddress.Security.STARTTLS;
          case "plain" -> ImapServerAddress.Security.PLAIN;
          default -> throw new SettingsFault("cutover.smtp-security is tls, starttls or plain");
        };
    Optional<Secret> password = reader.secret(table, "smtp-password");
    Optional<String> user = text("smtp-user");
    if (user.isPresent() != password.isPresent()) {
      throw new SettingsFault("cutover.smtp-user and cutover.smtp-password go together");
    }
    Optional<String> ca = text("smtp-ca-file");
    Optional<SSLContext> trust =
        ca.isPresent() ? Optional.of(Trust.of(base.resolve(ca.get()))) : Optional.empty();
    int usual = security == ImapServerAddress.Security.TLS ? SUBMISSIONS_PORT : SMTP_PORT;
    return Optional.of(
        new CutoverSettings.TestMail(
            host.get(),
            (int) SettingsReader.number(table, "smtp-port", usual, 1, 65_535),
            security,
            trust,
            user.map(name -> new CutoverSettings.Login(name, password.orElseThrow())),
            from,
            Duration.ofSeconds(SettingsReader.number(table, "wait-seconds", 120, 1, 3_600))));
  }
}
