package org.mailstead.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsTest {
  @TempDir Path folder;

  @Test
  void everyKeyHasACommentAndADefaultOfItsKind() {
    Settings defaults = Settings.load(Optional.empty(), Map.of());
    assertThat(SettingsCatalog.ALL).hasSizeGreaterThan(25);
    assertThat(SettingsCatalog.ALL).extracting(Setting::key).doesNotHaveDuplicates();
    for (Setting setting : SettingsCatalog.ALL) {
      assertThat(setting.comment()).as(setting.key()).endsWith(".");
      assertThat(defaults.print()).contains(setting.name() + " = ", setting.comment());
    }
    assertThat(defaults.number("limits.message-bytes")).isEqualTo(25L << 20);
    assertThat(defaults.isOn("login.plain-without-tls")).isFalse();
    assertThat(defaults.address("listen.imaps")).contains(new InetSocketAddress("127.0.0.1", 2993));
  }

  @Test
  void theFileOverridesTheDefaultAndAVariableTheFile() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("m.toml"),
            "[server]\nhostname = \"file.example\"\n[domains]\nverified = [\"a.example\", \"b.example\"]\n");
    Settings settings = Settings.load(Optional.of(file), Map.of());
    assertThat(settings.text("server.hostname")).isEqualTo("file.example");
    assertThat(settings.texts("domains.verified")).isEqualTo(List.of("a.example", "b.example"));
    settings =
        Settings.load(
            Optional.of(file),
            Map.of(
                "MAILSTEAD_SERVER_HOSTNAME", "env.example",
                "MAILSTEAD_DOMAINS_VERIFIED", "*",
                "MAILSTEAD_LIMITS_RECIPIENTS", "7",
                "MAILSTEAD_LOGIN_PLAIN_WITHOUT_TLS", "true",
                "MAILSTEAD_LISTEN_LMTP", "",
                "MAILSTEAD_JAVA_HOME", "/ignored",
                "PATH", "/bin"));
    assertThat(settings.text("server.hostname")).isEqualTo("env.example");
    assertThat(settings.texts("domains.verified")).containsExactly("*");
    assertThat(settings.number("limits.recipients")).isEqualTo(7);
    assertThat(settings.isOn("login.plain-without-tls")).isTrue();
    assertThat(settings.address("listen.lmtp")).isEmpty();
  }

  @Test
  void whatIsPrintedIsReadBackTheSameAndSecretsAreNotShown() throws Exception {
    Settings settings =
        Settings.load(
            Optional.empty(),
            Map.of(
                "MAILSTEAD_OUTBOUND_SMARTHOST_PASSWORD",
                "hunter2",
                "MAILSTEAD_SERVER_HOSTNAME",
                "a\"b\\c"));
    assertThat(settings.print()).doesNotContain("hunter2").contains("smarthost-password = \"***\"");
    Path file = Files.writeString(folder.resolve("m.toml"), settings.print());
    assertThat(Settings.load(Optional.of(file), Map.of()).print()).isEqualTo(settings.print());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[listen]\\nimpa = \"x:1\" | unknown setting listen.impa",
        "[limits]\\nrecipients = \"many\" | limits.recipients must be a whole number",
        "[limits]\\nrecipients = -1 | limits.recipients must be a whole number",
        "[login]\\nplain-without-tls = 1 | login.plain-without-tls must be true or false",
        "[domains]\\nverified = \"x\" | domains.verified must be a list of texts",
        "[domains]\\nverified = [1] | domains.verified must be a list of texts",
        "[listen | m.toml"
      })
  void aWrongFileIsRefusedByName(String toml, String message) throws Exception {
    Path file = Files.writeString(folder.resolve("m.toml"), toml.replace("\\n", "\n"));
    assertThatThrownBy(() -> Settings.load(Optional.of(file), Map.of()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("m.toml");
  }

  @Test
  void aWrongVariableIsRefusedByName() {
    assertThatThrownBy(
            () -> Settings.load(Optional.empty(), Map.of("MAILSTEAD_LISTEN_GOPHER", "x")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("MAILSTEAD_LISTEN_GOPHER");
    assertThatThrownBy(
            () -> Settings.load(Optional.empty(), Map.of("MAILSTEAD_LIMITS_RECIPIENTS", "x")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("MAILSTEAD_LIMITS_RECIPIENTS");
    Settings settings =
        Settings.load(Optional.empty(), Map.of("MAILSTEAD_LISTEN_IMAP", "localhost"));
    assertThatThrownBy(() -> settings.address("listen.imap"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("listen.imap");
  }

  @Test
  void tablesOfWhichThereMayBeAnyNumber() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("m.toml"),
            """
            [directories.d-0123456789]
            alias = "corp"
            urls = ["ldaps://dc1.corp.test"]
            [directories.d-00000000aa]
            kind = "ldap"
            """);
    Settings settings = Settings.load(Optional.of(file), Map.of());
    assertThat(settings.names("directories")).containsExactly("d-0123456789", "d-00000000aa");
    assertThat(settings.text("directories.d-0123456789.alias")).isEqualTo("corp");
    assertThat(settings.text("directories.d-00000000aa.kind")).isEqualTo("ldap");
    assertThat(settings.number("directories.d-00000000aa.interval-minutes")).isEqualTo(240);
    assertThat(settings.print()).contains("[directories.d-0123456789]", "alias = \"corp\"");
    Path printed = Files.writeString(folder.resolve("p.toml"), settings.print());
    assertThat(Settings.load(Optional.of(printed), Map.of()).print()).isEqualTo(settings.print());
    assertThat(Settings.load(Optional.empty(), Map.of()).print())
        .contains("# Any number of tables [directories.<id>]");
    Path wrong =
        Files.writeString(folder.resolve("w.toml"), "[directories.d-0123456789]\nalais = \"x\"\n");
    assertThatThrownBy(() -> Settings.load(Optional.of(wrong), Map.of()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("unknown setting directories.d-0123456789.alais");
  }
}
