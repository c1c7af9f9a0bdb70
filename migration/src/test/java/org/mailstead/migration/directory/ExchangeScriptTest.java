package org.mailstead.migration.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExchangeScriptTest {
  private static final Inventory INVENTORY =
      new Inventory(
          "2026-11-21T00:00:00Z",
          "acme",
          List.of("example.org"),
          List.of(
              new Inventory.User(
                  "anna",
                  "Anna O'Neil",
                  "Anna",
                  "O'Neil",
                  "anna@example.org",
                  "USER",
                  List.of("a.oneil@example.org"),
                  12.5,
                  51_200,
                  List.of(new Inventory.Permission("boss@example.org", List.of("SEND_AS"))))),
          List.of(
              new Inventory.Group(
                  "O\u2019Neil's list; rm",
                  "list@example.org",
                  true,
                  List.of(),
                  List.of("anna@example.org"),
                  List.of())),
          List.of(
              new Inventory.Resource(
                  "Room 1",
                  "ROOM",
                  "room1@example.org",
                  "",
                  List.of(),
                  List.of("anna@example.org"))),
          List.of());

  @TempDir Path folder;

  @Test
  void namesCannotBreakOutOfTheScript() {
    String script = ExchangeScript.of(INVENTORY);
    assertThat(script)
        .contains("Connect-ExchangeOnline -Device")
        .contains("-Name 'O\u2019\u2019Neil''s list; rm' -PrimarySmtpAddress 'list@example.org'")
        .contains(
            "Set-Mailbox -Identity 'anna@example.org' -EmailAddresses @{Add='smtp:a.oneil@example.org'}")
        .contains(
            "Add-RecipientPermission -Identity 'anna@example.org' -Trustee 'boss@example.org' -AccessRights SendAs")
        .contains(
            "Set-CalendarProcessing -Identity 'room1@example.org' -ResourceDelegates 'anna@example.org'");
    assertThat(ExchangeScript.quoted("a\nb'c")).isEqualTo("'a b''c'");
  }

  @Test
  void anInventoryIsAFile() throws Exception {
    Path file = folder.resolve("inventory.json");
    INVENTORY.write(file);
    assertThat(Inventory.read(file)).isEqualTo(INVENTORY);
  }
}
