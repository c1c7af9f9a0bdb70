package org.mailstead.migration.imap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.imap.client.ClientCommand;
import org.mailstead.imap.client.ImapClient;
import org.mailstead.imap.server.ImapFixture;
import org.mailstead.imap.wire.ImapResponse;
import org.mailstead.imap.wire.MessageSet;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.Numbering;
import org.mailstead.migration.item.ReadItem;
import org.mailstead.migration.ledger.Ledger;
import org.mailstead.migration.ledger.LedgerFile;
import org.mailstead.migration.ledger.LedgerRecord;
import org.mailstead.migration.transfer.FolderPair;
import org.mailstead.migration.transfer.ItemFilter;
import org.mailstead.migration.transfer.MailboxResult;
import org.mailstead.migration.transfer.MailboxTransfer;
import org.mailstead.migration.transfer.StopSignal;
import org.mailstead.migration.transfer.TransferListener;
import org.mailstead.migration.transfer.TransferSettings;

/// From one Mailstead to another: what clients have in their caches stays valid.
final class KeptNumbersTest {
  @TempDir Path folder;
  private ImapFixture from;
  private ImapFixture to;
  private final List<String> problems = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws IOException {
    from = new ImapFixture(Files.createDirectories(folder.resolve("from")));
    to = new ImapFixture(Files.createDirectories(folder.resolve("to")));
    fill(from);
  }

  @AfterEach
  void stop() {
    from.close();
    to.close();
  }

  private static ImapClient client(ImapFixture server) throws IOException {
    ImapClient client =
        ImapClient.connect(
            server.address(), Optional.empty(), Duration.ofSeconds(20), Optional.empty());
    client.execute(new ClientCommand.Login("ann", ImapFixture.PASSWORD));
    return client;
  }

  private static void append(ImapClient client, String box, int number) throws IOException {
    String text = "Subject: " + number + "\r\n\r\n" + box + "\r\n";
    ClientCommand.Message message =
        new ClientCommand.Message(
            number % 2 == 0 ? Set.of("\\Seen") : Set.of("\\Flagged", "work"),
            Optional.of(Instant.ofEpochSecond(1_700_000_000L + number)),
            Content.of(text.getBytes(StandardCharsets.UTF_8)));
    assertThat(client.execute(new ClientCommand.Append(box, List.of(message))).isOk()).isTrue();
  }

  /// Folders with holes in their numbers, one message in two of them, the highest number gone.
  private static void fill(ImapFixture server) throws IOException {
    try (ImapClient client = client(server)) {
      client.execute(new ClientCommand.Create("Old"));
      client.execute(new ClientCommand.Delete("Old"));
      client.execute(new ClientCommand.Create("Projects"));
      for (int i = 1; i <= 90; i++) append(client, i % 3 == 0 ? "Projects" : "INBOX", i);
      client.execute(new ClientCommand.Select("INBOX", false));
      client.execute(new ClientCommand.UidCopy(MessageSet.of(30), "Projects"));
      for (long uid : new long[] {1, 2, 17, 18, 19, 40, 60}) {
        MessageSet one = MessageSet.of(uid);
        client.execute(new ClientCommand.UidStore(one, "+FLAGS.SILENT", Set.of("\\Deleted")));
      }
      client.execute(new ClientCommand.UidExpunge(MessageSet.range(1, MessageSet.STAR)));
    }
  }

  private ImapMailbox open(ImapFixture server, boolean administrator) {
    ImapServerAddress address =
        new ImapServerAddress(
            server.address().getHostString(),
            server.address().getPort(),
            ImapServerAddress.Security.PLAIN,
            Optional.empty(),
            Provider.GENERIC,
            Duration.ofSeconds(20));
    Secret secret = new Secret(ImapFixture.PASSWORD);
    ImapLogin login =
        administrator
            ? new ImapLogin.Administrator("ann", "admin", secret)
            : new ImapLogin.Password("ann", secret);
    return new ImapMailbox(address, login, new ContentSpool(folder, 1 << 20));
  }

  private MailboxResult run(boolean administrator) throws IOException {
    try (ImapMailbox source = open(from, true);
        ImapMailbox target = open(to, administrator);
        Ledger ledger =
            Ledger.open(
                LedgerFile.open(folder.resolve("ledger")),
                new LedgerRecord.Opened(source.identity(), target.identity(), Instant.EPOCH),
                System::nanoTime)) {
      ledger.startCommitter();
      TransferListener listener =
          new TransferListener() {
            @Override
            public void problem(String text) {
              problems.add(text);
            }
          };
      return new MailboxTransfer(
              source,
              target,
              ledger,
              folders ->
                  folders.stream()
                      .map(f -> new FolderPair(f, f.path(), FolderRole.NONE, Optional.empty()))
                      .toList(),
              TransferSettings.standard(),
              ItemFilter.none(),
              (_, _, _, _) -> {},
              listener,
              new StopSignal(),
              new Random(1))
          .run();
    }
  }

  /// What a client that knows a folder would find: by UIDVALIDITY and UID.
  private Map<String, String> cache(ImapFixture server) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (ImapMailbox mailbox = open(server, false)) {
      for (MailFolder box : mailbox.folders()) {
        Numbering numbering = mailbox.numbering(box).orElseThrow();
        FolderListing listing = mailbox.list(box, Optional.empty());
        List<ItemSummary> items = ((FolderListing.Complete) listing).items();
        if (items.isEmpty()) continue;
        all.put(box.path() + " numbers", numbering.toString());
        try (ItemReader reader = mailbox.read(box, items)) {
          for (Optional<ReadItem> next = reader.next(); next.isPresent(); next = reader.next()) {
            ReadItem.Found found = (ReadItem.Found) next.get();
            ItemSummary item = found.summary();
            all.put(
                "%s %d %s".formatted(box.path(), numbering.validity(), item.id()),
                "%s %s %s %s"
                    .formatted(
                        new TreeSet<>(item.flags()),
                        item.received(),
                        item.emailId(),
                        StandardCharsets.UTF_8.decode(found.content().buffer())));
          }
        }
      }
    }
    return all;
  }

  /// A message that is in two folders keeps its email id in one of them.
  private static void expectSame(Map<String, String> found, Map<String, String> wanted) {
    assertThat(found.keySet()).isEqualTo(wanted.keySet());
    int otherIds = 0;
    for (String key : wanted.keySet()) {
      if (wanted.get(key).equals(found.get(key))) continue;
      otherIds++;
      assertThat(found.get(key).replaceAll(" M\\d+ ", " "))
          .isEqualTo(wanted.get(key).replaceAll(" M\\d+ ", " "));
    }
    assertThat(otherIds).isLessThanOrEqualTo(1);
  }

  @Test
  void uidsValiditiesAndEmailIdsAreKept() throws IOException {
    assertThat(run(true).isWhole()).isTrue();
    assertThat(problems).isEmpty();
    expectSame(cache(to), cache(from));
    // And what comes later.
    try (ImapClient client = client(from)) {
      for (int i = 91; i <= 99; i++) append(client, "INBOX", i);
    }
    assertThat(run(true).isWhole()).isTrue();
    assertThat(problems).isEmpty();
    expectSame(cache(to), cache(from));
    assertThat(run(true).isWhole()).isTrue();
  }

  @Test
  void mailThatArrivesMeanwhileTakesNoNumberOfTheSource() throws IOException {
    assertThat(run(true).isWhole()).isTrue();
    Map<String, String> before = cache(to);
    try (ImapClient client = client(to)) {
      append(client, "INBOX", 500);
    }
    try (ImapClient client = client(from)) {
      append(client, "INBOX", 501);
      append(client, "INBOX", 502);
    }
    assertThat(run(true).isWhole()).isTrue();
    Map<String, String> after = cache(to);
    before.keySet().removeIf(key -> key.endsWith("numbers"));
    assertThat(after).containsAllEntriesOf(before);
    assertThat(after.values().stream().filter(t -> t.matches("(?s).*Subject: 50\\d.*"))).hasSize(3);
    // A third run has nothing to do: nothing is there twice.
    assertThat(run(true).isWhole()).isTrue();
    assertThat(cache(to)).isEqualTo(after);
  }

  @Test
  void aFolderThatIsNotNewFallsBackAndSaysSo() throws IOException {
    try (ImapClient client = client(to)) {
      for (int i = 600; i < 605; i++) append(client, "INBOX", i);
      client.execute(new ClientCommand.Create("Taken"));
    }
    assertThat(run(true).isWhole()).isTrue();
    assertThat(problems).hasSize(1).first().asString().contains("INBOX does not keep its UIDs");
    Map<String, String> found = cache(to);
    assertThat(found.keySet().stream().filter(k -> k.startsWith("INBOX ")).count())
        .isEqualTo(1 + 5 + cache(from).keySet().stream().filter(this::isInboxItem).count());
    // The other folder keeps them all the same.
    Map<String, String> wanted = cache(from);
    wanted.keySet().removeIf(k -> !k.startsWith("Projects"));
    found.keySet().removeIf(k -> !k.startsWith("Projects"));
    expectSame(found, wanted);
  }

  private boolean isInboxItem(String key) {
    return key.startsWith("INBOX ") && !key.endsWith("numbers");
  }

  @Test
  void withoutTheAdministratorNumbersAreTheTargetsOwn() throws IOException {
    assertThat(run(false).isWhole()).isTrue();
    assertThat(problems).isEmpty();
    try (ImapClient client = client(to)) {
      ImapClient.Result found =
          client.execute(new ClientCommand.Status("INBOX", List.of("UIDNEXT", "MESSAGES")));
      List<String> texts = new ArrayList<>();
      for (ImapResponse.Data data : found.named("STATUS")) texts.add(data.toString());
      assertThat(found.isOk()).isTrue();
      assertThat(texts).hasSize(1);
    }
    assertThat(cache(to)).hasSameSizeAs(cache(from));
  }
}
