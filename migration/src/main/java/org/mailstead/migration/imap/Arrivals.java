package org.mailstead.migration.imap;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.ContentSpool;
import org.mailstead.imap.client.ClientCommand;
import org.mailstead.imap.client.ImapClient;
import org.mailstead.imap.wire.ImapResponse;
import org.mailstead.imap.wire.ImapResponse.Value;
import org.mailstead.imap.wire.MessageSet;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.MailFolder;

/// Looks into one user's mailbox for what has arrived there, by searching on the server. For one
/// thread.
public final class Arrivals implements AutoCloseable {
  /// Messages that are read of one folder; the rest is counted.
  private static final int READ_MAX = 200;

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("d-MMM-uuuu", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Provider provider;
  private final ImapConnections connections;
  private Optional<List<MailFolder>> folders = Optional.empty();

  public Arrivals(ImapServerAddress server, ImapLogin login, ContentSpool spool) {
    this.provider = server.provider();
    this.connections = new ImapConnections(server, login, spool);
  }

  /// Messages of one folder.
  public record Found(MailFolder folder, List<Long> uids) {}

  /// Messages with a word in their subject.
  ///
  /// @param word of letters and digits only
  /// @param everywhere in every folder; otherwise in the inbox and the junk folder
  public List<Found> withSubject(String word, boolean everywhere) throws IOException {
    if (!word.matches("[A-Za-z0-9]{1,100}")) throw new IllegalArgumentException(word);
    return search("SUBJECT \"" + word + "\"", everywhere);
  }

  /// Non-delivery reports that came since a day.
  public List<Found> reports(Instant since) throws IOException {
    return search(
        "SINCE " + DATE.format(since) + " HEADER \"Content-Type\" \"delivery-status\"", true);
  }

  /// Messages from a domain that passed a server, since a day.
  ///
  /// @param domain and `server`: names in the DNS
  public List<Found> passed(String server, String domain, Instant since) throws IOException {
    if (!(server + domain).matches("[A-Za-z0-9._-]{1,500}")) {
      throw new IllegalArgumentException("no name: " + server + " " + domain);
    }
    return search(
        "SINCE %s FROM \"@%s\" HEADER \"Received\" \"%s\""
            .formatted(DATE.format(since), domain, server),
        true);
  }

  private List<Found> search(String keys, boolean everywhere) throws IOException {
    return connections.use(client -> {
      if (folders.isEmpty()) {
        folders = Optional.of(FolderList.read(client, provider).folders());
      }
      List<Found> all = new ArrayList<>();
      for (MailFolder folder : folders.get()) {
        boolean likely = folder.role() == FolderRole.INBOX || folder.role() == FolderRole.JUNK;
        if (!folder.isSelectable() || (!everywhere && !likely)) continue;
        // Selected anew each time, so that what has come since is seen.
        ImapResponse.Status selected =
            client.execute(new ClientCommand.Select(folder.key(), true)).status();
        if (!selected.isOk()) {
          ImapFailures.throwIfThrottled("select", selected);
          continue;
        }
        ImapClient.Result result = client.execute(new ClientCommand.UidSearch(keys));
        ImapFailures.expectOk("search in " + folder.path(), result.status());
        List<Long> uids = new ArrayList<>();
        for (ImapResponse.Data data : result.named("SEARCH")) {
          for (Value value : data.values().subList(1, data.values().size())) {
            if (value instanceof Value.Atom(String text) && text.matches("\\d{1,10}")) {
              uids.add(Long.parseLong(text));
            }
          }
        }
        if (!uids.isEmpty()) all.add(new Found(folder, List.copyOf(uids)));
      }
      return all;
    });
  }

  /// The first octets of the first messages, one char each.
  ///
  /// @param bytesMax of each message
  public List<String> read(Found found, int bytesMax) throws IOException {
    List<String> texts = new ArrayList<>();
    String item = "BODY.PEEK[]<0." + bytesMax + ">";
    return connections.use(client -> {
      ImapFailures.expectOk(
          "select " + found.folder().path(),
          client.execute(new ClientCommand.Select(found.folder().key(), true)).status());
      ImapClient.Result result =
          client.execute(
              new ClientCommand.UidFetch(
                  set(found.uids().subList(0, Math.min(READ_MAX, found.uids().size()))),
                  List.of("UID", item)));
      ImapFailures.expectOk("fetch", result.status());
      for (ImapResponse each : result.data()) {
        if (each instanceof ImapResponse.Data data
            && data.text(1).equals("FETCH")
            && data.values().size() > 2
            && data.values().get(2) instanceof Value.Many(List<Value> values)) {
          for (Value value : values) {
            if (value instanceof Value.Text) texts.add(FolderList.raw(value));
          }
        }
      }
      return texts;
    });
  }

  /// Removes messages for good; on servers without UIDPLUS they are only marked as deleted.
  public void remove(Found found) throws IOException {
    connections.use(client -> {
      ImapFailures.expectOk(
          "select " + found.folder().path(),
          client.execute(new ClientCommand.Select(found.folder().key(), false)).status());
      MessageSet uids = set(found.uids());
      ImapResponse.Status marked =
          client
              .execute(
                  new ClientCommand.UidStore(uids, "+FLAGS.SILENT", java.util.Set.of("\\Deleted")))
              .status();
      ImapFailures.expectOk("mark", marked);
      if (client.capabilities().contains("UIDPLUS")) {
        ImapFailures.expectOk(
            "expunge", client.execute(new ClientCommand.UidExpunge(uids)).status());
      }
      return marked;
    });
  }

  private static MessageSet set(List<Long> uids) {
    return MessageSet.of(uids.stream().mapToLong(Long::longValue).sorted().toArray());
  }

  @Override
  public void close() {
    connections.close();
  }
}
