package org.mailstead.migration.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SettingsReaderTest {
  private static final String ENDS =
      """
      [source]
      host = "old.example.org"
      [target]
      host = "new.example.org"
      """;

  @TempDir Path folder;

  private MigrationSettings read(String text) throws IOException {
    Path file = folder.resolve("migration.toml");
    Files.writeString(file, text);
    return SettingsReader.read(
        file,
        Map.of("ANNA", "from the environment"),
        InstantSource.fixed(Instant.ofEpochSecond(1_800_000_000)));
  }

  @Test
  void theTemplateCanBeRead() throws IOException {
    Path file = folder.resolve("migration.toml");
    Files.writeString(file, Template.text());
    MigrationSettings settings =
        SettingsReader.read(
            file,
            Map.of("ANNA_SOURCE_PASSWORD", "a", "ANNA_TARGET_PASSWORD", "b"),
            InstantSource.system());
    assertThat(settings.mailboxes()).hasSize(1);
  }

  @Test
  void quotedSecretsStayWhatTheyAre() throws IOException {
    Files.writeString(folder.resolve("secret"), "from a file\n");
    MigrationSettings settings =
        read(
            ENDS
                + """
                [[mailbox]]
                source = "a"
                source-password = '~x!y#z\\n"'
                target-password = { env = "ANNA" }
                [[mailbox]]
                source = "b"
                source-password = { file = "secret" }
                """);
    assertThat(settings.mailboxes().get(0).sourcePassword().orElseThrow().value())
        .isEqualTo("~x!y#z\\n\"");
    assertThat(settings.mailboxes().get(0).targetPassword().orElseThrow().value())
        .isEqualTo("from the environment");
    assertThat(settings.mailboxes().get(1).sourcePassword().orElseThrow().value())
        .isEqualTo("from a file");
    assertThat(settings.toString()).doesNotContain("~x!y").doesNotContain("from");
  }

  @Test
  void aSecretIdInPlaceOfItsValueIsRecognised() {
    assertThatThrownBy(() ->
            read(
                """
                [source]
                host = "x"
                [target]
                profile = "microsoft365"
                tenant-id = "t"
                client-id = "c"
                client-secret = '0b6a2f5e-94b0-4d6f-9c5e-1f2f7d1f6a11'
                """))
        .isInstanceOf(SettingsFault.class)
        .hasMessageContaining("that is the secret's ID");
  }

  @Test
  void unknownKeysAndMissingVariablesAreNamed() {
    assertThatThrownBy(() -> read(ENDS + "[options]\nparalel = 3\n"))
        .hasMessageContaining("unknown key 'options.paralel'");
    assertThatThrownBy(() ->
            read(ENDS + "[[mailbox]]\nsource = \"a\"\nsource-password = { env = \"NOPE\" }\n"))
        .hasMessageContaining("NOPE is not set");
    assertThatThrownBy(
            () -> read(ENDS + "[[mailbox]]\nsource = \"a\"\n[[mailbox]]\nsource = \"A\"\n"))
        .hasMessageContaining("two mailboxes go to A");
  }

  @Test
  void aListOfMailboxesIsCsv() throws IOException {
    Files.writeString(
        folder.resolve("list.csv"),
        "source,target,source-password\r\na@x,b@y,\"p,\"\"q\"\"\"\r\nc@x,,secret #1\r\n");
    MigrationSettings settings = read("mailboxes = \"list.csv\"\n" + ENDS);
    assertThat(settings.mailboxes()).hasSize(2);
    assertThat(settings.mailboxes().get(0).sourcePassword().orElseThrow().value())
        .isEqualTo("p,\"q\"");
    assertThat(settings.mailboxes().get(1).target()).isEqualTo("c@x");
    assertThat(settings.mailboxes().get(1).sourcePassword().orElseThrow().value())
        .isEqualTo("secret #1");
  }

  @Test
  void theCutOverTableIsCheckedBeforeAnythingIsConnectedTo() throws IOException {
    CutoverSettings none = read(ENDS).cutover();
    assertThat(none.testMail()).isEmpty();
    assertThat(none.oldHosts()).isEmpty();
    assertThat(read("[source]\nprofile = 'workmail'\nhost = 'w'\n[target]\nhost = 't'\n").cutover())
        .extracting(CutoverSettings::oldHosts)
        .isEqualTo(java.util.List.of("amazonses.com", "awsapps.com"));
    CutoverSettings.TestMail mail =
        read(ENDS
                + "[cutover]\nsmtp-host = 'mx'\nsmtp-security = 'tls'\nfrom = 'a@b.example'\nsmtp-user = 'u'\nsmtp-password = '~p'\n")
            .cutover()
            .testMail()
            .orElseThrow();
    assertThat(mail.port()).isEqualTo(465);
    assertThat(mail.toString()).doesNotContain("~p");
    for (String[] wrong :
        new String[][] {
          {"mxx = ['a']", "unknown key 'cutover.mxx'"},
          {"mx = 'a'", "cutover.mx is a list of texts"},
          {"smtp-host = 'mx'", "'cutover.from' is missing"},
          {"smtp-host = 'mx'\nfrom = 'nobody'", "cutover.from is an address"},
          {"smtp-host = 'mx'\nfrom = 'a@b'\nsmtp-user = 'u'", "go together"},
          {"mx-ttl-max = 100000", "'mx-ttl-max' is a number from 0 to 86400"},
        }) {
      assertThatThrownBy(() -> read(ENDS + "[cutover]\n" + wrong[0]))
          .isInstanceOf(SettingsFault.class)
          .hasMessageContaining(wrong[1]);
    }
  }
}
