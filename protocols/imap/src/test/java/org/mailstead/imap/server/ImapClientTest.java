package org.mailstead.imap.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.imap.client.ClientCommand;
import org.mailstead.imap.client.ImapClient;
import org.mailstead.imap.wire.ImapResponse;
import org.mailstead.imap.wire.MessageSet;

/// Our client against our server.
@Timeout(60)
final class ImapClientTest {
  @TempDir Path temp = Path.of(".");

  private static ImapClient login(ImapFixture fixture, String user) throws IOException {
    ImapClient client =
        ImapClient.connect(fixture.address(), Optional.empty(), Duration.ofSeconds(20));
    assertThat(client.execute(new ClientCommand.Login(user, ImapFixture.PASSWORD)).isOk()).isTrue();
    return client;
  }

  private static Content content(String text) {
    return Content.of(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void messagesComeBackOctetForOctetWithFlagsAndDate() throws IOException {
    try (ImapFixture fixture = new ImapFixture(temp);
        ImapClient client = login(fixture, "ann")) {
      assertThat(client.capabilities()).contains("LITERAL+", "QRESYNC", "IMAP4REV2");
      String large = "Subject: large\r\n\r\n" + "0123456789\r\n".repeat(200_000);
      String odd = "Subject: odd\r\n\r\n\u00ff\u00fe bare\nline feeds\r and returns";
      Instant received = Instant.parse("2020-02-29T23:59:59Z");
      ImapClient.Result appended =
          client.execute(
              new ClientCommand.Append(
                  "Entwürfe & Co",
                  List.of(
                      new ClientCommand.Message(Set.of(), Optional.empty(), content("x: y\r\n")))));
      assertThat(appended.status().code()).isEqualTo("TRYCREATE");
      assertThat(client.execute(new ClientCommand.Create("Entwürfe & Co")).isOk()).isTrue();
      appended =
          client.execute(
              new ClientCommand.Append(
                  "Entwürfe & Co",
                  List.of(
                      new ClientCommand.Message(
                          Set.of("\\Seen", "$Work"), Optional.of(received), content(large)),
                      new ClientCommand.Message(Set.of(), Optional.empty(), content(odd)))));
      assertThat(appended.status().code()).startsWith("APPENDUID ").endsWith(" 1:2");
      client.execute(new ClientCommand.Select("Entwürfe & Co", true));
      List<String> bodies = new ArrayList<>();
      client.execute(
          new ClientCommand.UidFetch(
              MessageSet.range(1, MessageSet.STAR), List.of("FLAGS", "INTERNALDATE", "BODY[]")),
          response -> bodies.addAll(body(response)));
      assertThat(bodies).containsExactly(large, odd);
      ImapClient.Result found = client.execute(new ClientCommand.UidSearch("KEYWORD $Work"));
      assertThat(found.named("SEARCH").getFirst().text(1)).isEqualTo("1");
      ImapClient.Result list =
          client.execute(new ClientCommand.ListFolders("", "*", List.of("STATUS (MESSAGES)")));
      assertThat(list.named("STATUS")).hasSize(7);
    }
  }

  private static List<String> body(ImapResponse response) {
    if (!(response instanceof ImapResponse.Data data) || !data.text(1).equals("FETCH")) {
      return List.of();
    }
    List<ImapResponse.Value> items = ((ImapResponse.Value.Many) data.values().get(2)).values();
    for (int i = 0; i + 1 < items.size(); i += 2) {
      if (items.get(i).text().equals("BODY[]")
          && items.get(i + 1) instanceof ImapResponse.Value.Text(byte[] octets)) {
        return List.of(new String(octets, StandardCharsets.ISO_8859_1));
      }
    }
    return List.of();
  }

  @Test
  void idleHearsOfNewMail() throws IOException {
    try (ImapFixture fixture = new ImapFixture(temp);
        ImapClient client = login(fixture, "ann")) {
      client.execute(new ClientCommand.Select("INBOX", false));
      Thread delivery =
          Thread.startVirtualThread(
              () -> fixture.append("ann", "INBOX", ImapFixture.message(1), 0));
      List<String> heard = new ArrayList<>();
      ImapResponse.Status status =
          client.idle(response -> {
            if (response instanceof ImapResponse.Data data) heard.add(data.text(1));
            return !heard.contains("EXISTS");
          });
      assertThat(status.isOk()).isTrue();
      assertThat(heard).contains("EXISTS");
      assertThat(delivery.isVirtual()).isTrue();
    }
  }

  @Test
  void aNameThatNeedsALiteralLogsIn() throws IOException {
    try (ImapFixture fixture = new ImapFixture(temp);
        ImapClient client =
            ImapClient.connect(fixture.address(), Optional.empty(), Duration.ofSeconds(20))) {
      ImapClient.Result refused = client.execute(new ClientCommand.Login("jürgen", "falsch\r\n"));
      assertThat(refused.status().word()).isEqualTo("NO");
      assertThat(client.execute(new ClientCommand.Noop()).isOk()).isTrue();
    }
  }
}
