package org.mailstead.migration.imap;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.MalformedException;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.imap.client.ClientCommand;
import org.mailstead.imap.client.ImapClient;
import org.mailstead.imap.wire.ImapDates;
import org.mailstead.imap.wire.ImapResponse;
import org.mailstead.imap.wire.ImapResponse.Value;
import org.mailstead.imap.wire.MessageSet;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.ItemWriter;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.Numbering;
import org.mailstead.migration.item.Target;

/// One user's mailbox behind an IMAP server, as a source and as a target. An item's id is its UID,
/// a folder's validity its UIDVALIDITY, a token `validity:modseq:uidnext:count` (RFC 7162).
public final class ImapMailbox implements Target {
  private static final List<String> SUMMARY =
      List.of("UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE");
  private static final List<String> SUMMARY_WITH_ID =
      List.of("UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "EMAILID");
  private static final int IDS_PER_COMMAND = 1_000;

  private final String identity;
  private final Provider provider;
  private final AllMail allMail;
  private final ImapConnections connections;
  private final Map<String, Set<String>> permanentFlags = new HashMap<>();
  private final KeptNumbers kept = new KeptNumbers();
  private Optional<FolderNames> names = Optional.empty();
  private Map<String, FolderList.FolderStatus> statuses = Map.of();

  public ImapMailbox(ImapServerAddress server, ImapLogin login, ContentSpool spool) {
    this.identity = login.user() + " on " + server.host();
    this.provider = server.provider();
    this.allMail = server.allMail();
    this.connections = new ImapConnections(server, login, spool);
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public List<MailFolder> folders() throws IOException {
    FolderList.Listed listed = connections.use(client -> FolderList.read(client, provider));
    synchronized (this) {
      names = Optional.of(listed.names());
      statuses = Map.copyOf(listed.statuses());
    }
    if (provider != Provider.GMAIL || allMail != AllMail.SKIP) return listed.folders();
    return listed.folders().stream().filter(f -> f.role() != FolderRole.ALL).toList();
  }

  private FolderNames names() throws IOException {
    synchronized (this) {
      if (names.isPresent()) return names.get();
    }
    List<MailFolder> ignored = folders();
    synchronized (this) {
      return names.orElseThrow(() -> new IOException(ignored.size() + " folders, no delimiter"));
    }
  }

  private record Selected(long validity, long uidNext, long count, long modSeq) {
    String token() {
      return modSeq == 0 ? "" : "%d:%d:%d:%d".formatted(validity, modSeq, uidNext, count);
    }

    static Optional<Selected> parse(String token) {
      String[] parts = token.split(":", -1);
      if (parts.length != 4) return Optional.empty();
      return Optional.of(
          new Selected(
              ImapFailures.number(parts[0]),
              ImapFailures.number(parts[2]),
              ImapFailures.number(parts[3]),
              ImapFailures.number(parts[1])));
    }
  }

  @Override
  public FolderListing list(MailFolder folder, Optional<String> token) throws IOException {
    Optional<Selected> then = token.flatMap(Selected::parse);
    FolderList.FolderStatus status;
    synchronized (this) {
      status = statuses.get(folder.key());
    }
    if (then.isPresent()
        && status != null
        && status.modSeq() > 0
        && then.get()
            .equals(
                new Selected(
                    status.validity(), status.uidNext(), status.messages(), status.modSeq()))) {
      return new FolderListing.Unchanged(then.get().token());
    }
    return connections.use(client -> list(client, folder, then));
  }

  private FolderListing list(ImapClient client, MailFolder folder, Optional<Selected> then)
      throws IOException {
    Selected now = select(client, folder, true);
    if (now.count() == 0 && then.isEmpty())
      return new FolderListing.Complete(List.of(), now.token());
    if (then.isPresent() && then.get().equals(now)) return new FolderListing.Unchanged(now.token());
    if (provider == Provider.GMAIL
        && allMail == AllMail.UNLABELLED
        && folder.role() == FolderRole.ALL
        && client.capabilities().contains(AllMail.EXTENSION)) {
      Set<String> others;
      synchronized (this) {
        others = new HashSet<>(statuses.keySet());
      }
      others.remove(folder.key());
      return new FolderListing.Complete(AllMail.unlabelled(client, others), now.token());
    }
    boolean vanished = client.capabilities().contains("QRESYNC");
    if (then.isPresent() && now.modSeq() > 0 && vanished) {
      List<ItemSummary> changed = new ArrayList<>();
      List<String> gone = new ArrayList<>();
      ImapFailures.expectOk(
          "list changes",
          client.execute(
              new ClientCommand.UidFetchChanged(
                  MessageSet.range(1, MessageSet.STAR),
                  summaryItems(client),
                  then.get().modSeq(),
                  true),
              response -> {
                summary(response).ifPresent(changed::add);
                vanished(response, then.get().uidNext(), gone);
              }));
      return new FolderListing.Changes(changed, gone, now.token());
    }
    return new FolderListing.Complete(fetchSummaries(client, 1), now.token());
  }

  private static List<String> summaryItems(ImapClient client) throws IOException {
    return client.capabilities().contains("OBJECTID") ? SUMMARY_WITH_ID : SUMMARY;
  }

  private static List<ItemSummary> fetchSummaries(ImapClient client, long firstUid)
      throws IOException {
    List<ItemSummary> items = new ArrayList<>();
    ImapFailures.expectOk(
        "list messages",
        client.execute(
            new ClientCommand.UidFetch(
                MessageSet.range(firstUid, MessageSet.STAR), summaryItems(client)),
            response -> summary(response).ifPresent(items::add)));
    // RFC 9051 §6.4.9: `n:*` names the last message too, even if its UID is less than n.
    items.removeIf(item -> firstUid != MessageSet.STAR && Long.parseLong(item.id()) < firstUid);
    return items;
  }

  static Optional<ItemSummary> summary(ImapResponse response) {
    if (!(response instanceof ImapResponse.Data data)
        || !data.text(1).equals("FETCH")
        || data.values().size() < 3
        || !(data.values().get(2) instanceof Value.Many(List<Value> values))) {
      return Optional.empty();
    }
    String uid = "";
    String email = "";
    long size = -1;
    Set<String> flags = new HashSet<>();
    Instant received = ItemSummary.NO_DATE;
    for (int i = 0; i + 1 < values.size(); i += 2) {
      Value value = values.get(i + 1);
      switch (values.get(i).text().toUpperCase(Locale.ROOT)) {
        case "UID" -> uid = value.text();
        case "RFC822.SIZE" -> size = ImapFailures.number(value.text());
        case "EMAILID" -> {
          if (value instanceof Value.Many(List<Value> ids) && !ids.isEmpty()) {
            email = ids.getFirst().text();
          }
        }
        case "INTERNALDATE" -> received = date(value.text());
        case "FLAGS" -> {
          if (value instanceof Value.Many(List<Value> words)) {
            for (Value word : words) flags.add(word.text().intern());
          }
        }
        default -> {}
      }
    }
    flags.removeIf(flag -> flag.equalsIgnoreCase("\\Recent"));
    if (uid.isEmpty()) return Optional.empty();
    return Optional.of(
        new ItemSummary(Long.toString(ImapFailures.number(uid)), size, flags, received, email));
  }

  private static Instant date(String text) {
    try {
      return ImapDates.parseDateTime(text);
    } catch (MalformedException e) {
      return ItemSummary.NO_DATE;
    }
  }

  /// RFC 7162 §3.2.10: `VANISHED (EARLIER) 41,43:116`. UIDs that the folder never had may be in it.
  private static void vanished(ImapResponse response, long uidNext, List<String> gone) {
    if (!(response instanceof ImapResponse.Data data) || !data.text(0).equals("VANISHED")) return;
    String set = data.values().getLast().text();
    for (String range : set.split(",", -1)) {
      String[] ends = range.split(":", 2);
      long first = ImapFailures.number(ends[0]);
      long last = ends.length > 1 ? ImapFailures.number(ends[1]) : first;
      for (long uid = first; uid <= Math.min(last, uidNext); uid++) gone.add(Long.toString(uid));
    }
  }

  /// @throws RefusedException the folder was made anew since it was listed
  private Selected select(ImapClient client, MailFolder folder, boolean readOnly)
      throws IOException {
    boolean condstore = client.capabilities().contains("CONDSTORE");
    ClientCommand command =
        condstore
            ? new ClientCommand.SelectWith(folder.key(), readOnly, "(CONDSTORE)")
            : new ClientCommand.Select(folder.key(), readOnly);
    ImapClient.Result result = client.execute(command);
    ImapFailures.expectOk("open " + folder.path(), result.status());
    long validity = 0;
    long uidNext = 0;
    long modSeq = 0;
    long count = 0;
    for (ImapResponse response : result.data()) {
      if (response instanceof ImapResponse.Status status) {
        String[] words = status.code().split(" ", 2);
        if (words.length < 2) continue;
        switch (words[0].toUpperCase(Locale.ROOT)) {
          case "UIDVALIDITY" -> validity = ImapFailures.number(words[1]);
          case "UIDNEXT" -> uidNext = ImapFailures.number(words[1]);
          case "HIGHESTMODSEQ" -> modSeq = ImapFailures.number(words[1]);
          case "PERMANENTFLAGS" -> keep(folder.key(), words[1]);
          default -> {}
        }
      } else if (response instanceof ImapResponse.Data data && data.text(1).equals("EXISTS")) {
        count = ImapFailures.number(data.text(0));
      }
    }
    if (!folder.validity().isEmpty() && !folder.validity().equals(Long.toString(validity))) {
      throw new RefusedException(
          Refusal.WRONG_STATE,
          "%s was made anew: UIDVALIDITY %s, now %d"
              .formatted(folder.path(), folder.validity(), validity));
    }
    return new Selected(validity, uidNext, count, modSeq);
  }

  private synchronized void keep(String key, String list) {
    Set<String> flags = new HashSet<>();
    for (String flag : list.replace("(", "").replace(")", "").split(" ", -1)) {
      if (!flag.isEmpty()) flags.add(flag.toLowerCase(Locale.ROOT));
    }
    if (!flags.isEmpty()) permanentFlags.put(key, Set.copyOf(flags));
  }

  @Override
  public ItemReader read(MailFolder folder, List<ItemSummary> items) throws IOException {
    ImapClient client = connections.take();
    boolean sound = false;
    try {
      Selected ignored = select(client, folder, true);
      if (ignored.validity() < 0) throw new IOException("no UIDVALIDITY");
      sound = true;
      return new ImapReader(connections, client, items);
    } catch (MalformedException e) {
      throw new IOException("the server does not keep to the protocol: " + e.getMessage(), e);
    } finally {
      if (!sound) connections.discard(client);
    }
  }

  @Override
  public long itemBytesMax() throws IOException {
    return connections.use(client -> {
      for (String capability : client.capabilities()) {
        if (capability.startsWith("APPENDLIMIT=")) {
          return ImapFailures.number(capability.substring("APPENDLIMIT=".length()));
        }
      }
      return Long.MAX_VALUE;
    });
  }

  @Override
  public MailFolder ensureFolder(FolderPath path, FolderRole role, boolean subscribed)
      throws IOException {
    FolderNames known = names();
    String raw = known.raw(path);
    return connections.use(client -> {
      Optional<MailFolder> folder = find(client, raw, known, role, subscribed);
      if (folder.isPresent()) return folder.get();
      ImapResponse.Status created = client.execute(new ClientCommand.Create(raw)).status();
      if (!created.isOk() && !created.code().toUpperCase(Locale.ROOT).startsWith("ALREADYEXISTS")) {
        ImapFailures.expectOk("make folder " + path, created);
      }
      if (subscribed) {
        ImapResponse.Status done = client.execute(new ClientCommand.Subscribe(raw)).status();
        ImapFailures.throwIfThrottled("subscribe", done);
      }
      return find(client, raw, known, role, subscribed)
          .orElseThrow(() ->
              new RefusedException(
                  Refusal.NOT_FOUND, "the folder %s was made and is not there".formatted(path)));
    });
  }

  private Optional<MailFolder> find(
      ImapClient client, String raw, FolderNames known, FolderRole role, boolean subscribed)
      throws IOException {
    ImapClient.Result result =
        client.execute(
            new ClientCommand.Status(raw, List.of("UIDVALIDITY", "UIDNEXT", "MESSAGES")));
    if (!result.isOk()) {
      ImapFailures.throwIfThrottled("status", result.status());
      return Optional.empty();
    }
    for (ImapResponse.Data data : result.named("STATUS")) {
      if (data.values().size() > 2
          && data.values().get(2) instanceof Value.Many(List<Value> values)) {
        FolderList.FolderStatus status = FolderList.status(values);
        return Optional.of(
            new MailFolder(
                raw,
                known.path(raw),
                role,
                Long.toString(status.validity()),
                status.messages(),
                -1,
                true,
                subscribed));
      }
    }
    throw new IOException("STATUS without an answer");
  }

  @Override
  public Optional<Numbering> numbering(MailFolder folder) throws IOException {
    return connections.use(client -> KeptNumbers.of(client, folder));
  }

  @Override
  public Optional<MailFolder> keepNumbers(MailFolder folder, Numbering numbering)
      throws IOException {
    return connections.use(client -> kept.keep(client, folder, numbering));
  }

  @Override
  public String position(MailFolder folder) throws IOException {
    return connections.use(client -> {
      if (kept.contains(folder)) {
        // Its UIDNEXT is that of the source: what is restored stays below it.
        Selected now = select(client, folder, true);
        if (now.count() == 0) return "1";
        return Long.toString(
            1 + Long.parseLong(fetchSummaries(client, MessageSet.STAR).getLast().id()));
      }
      ImapClient.Result result =
          client.execute(new ClientCommand.Status(folder.key(), List.of("UIDNEXT")));
      ImapFailures.expectOk("status of " + folder.path(), result.status());
      for (ImapResponse.Data data : result.named("STATUS")) {
        if (data.values().size() > 2
            && data.values().get(2) instanceof Value.Many(List<Value> values)) {
          return Long.toString(FolderList.status(values).uidNext());
        }
      }
      throw new IOException("STATUS without an answer");
    });
  }

  @Override
  public List<ItemSummary> listSince(MailFolder folder, String position) throws IOException {
    long first = position.isEmpty() ? 1 : Math.max(1, ImapFailures.number(position));
    return connections.use(client -> {
      Selected now = select(client, folder, true);
      return now.count() == 0 ? List.of() : fetchSummaries(client, first);
    });
  }

  @Override
  public ItemWriter write(MailFolder folder) throws IOException {
    Set<String> flags = permanentFlags(folder);
    ImapClient client = connections.take();
    return new ImapWriter(
        connections, client, folder.key(), flags, provider, kept.contains(folder));
  }

  private Set<String> permanentFlags(MailFolder folder) throws IOException {
    synchronized (this) {
      @Nullable Set<String> known = permanentFlags.get(folder.key());
      if (known != null) return known;
    }
    connections.use(client -> {
      Selected selected = select(client, folder, false);
      // A selected folder would be told of every message that is appended to it.
      if (client.capabilities().contains("UNSELECT")) {
        ImapFailures.expectOk("unselect", client.execute(new ClientCommand.Unselect()).status());
      }
      return selected;
    });
    synchronized (this) {
      return permanentFlags.computeIfAbsent(folder.key(), _ -> Set.of());
    }
  }

  @Override
  public Set<String> keepable(MailFolder folder, Set<String> flags) throws IOException {
    Set<String> permanent = permanentFlags(folder);
    boolean any = permanent.isEmpty() || permanent.contains("\\*");
    Set<String> kept = new HashSet<>();
    for (String flag : flags) if (ImapWriter.isKeepable(flag, permanent, any)) kept.add(flag);
    return kept;
  }

  @Override
  public void setFlags(MailFolder folder, List<String> ids, Set<String> flags) throws IOException {
    if (ids.isEmpty()) return;
    Set<String> kept = keepable(folder, flags);
    connections.use(client -> {
      Selected selected = select(client, folder, false);
      for (MessageSet set : sets(ids)) {
        ImapFailures.expectOk(
            "set flags",
            client.execute(new ClientCommand.UidStore(set, "FLAGS.SILENT", kept)).status());
      }
      return selected;
    });
  }

  @Override
  public void remove(MailFolder folder, List<String> ids) throws IOException {
    if (ids.isEmpty()) return;
    connections.use(client -> {
      Selected selected = select(client, folder, false);
      boolean byUid = client.capabilities().contains("UIDPLUS");
      for (MessageSet set : sets(ids)) {
        ImapFailures.expectOk(
            "remove",
            client
                .execute(new ClientCommand.UidStore(set, "+FLAGS.SILENT", Set.of("\\Deleted")))
                .status());
        // Without UIDPLUS an EXPUNGE would take what the user has marked too: marking must do.
        if (byUid) {
          ImapFailures.expectOk(
              "expunge", client.execute(new ClientCommand.UidExpunge(set)).status());
        }
      }
      return selected;
    });
  }

  private static List<MessageSet> sets(List<String> ids) {
    List<Long> uids = new ArrayList<>();
    for (String id : ids) uids.add(Long.parseLong(id));
    Collections.sort(uids);
    List<MessageSet> sets = new ArrayList<>();
    for (int i = 0; i < uids.size(); i += IDS_PER_COMMAND) {
      List<Long> part = uids.subList(i, Math.min(uids.size(), i + IDS_PER_COMMAND));
      sets.add(MessageSet.of(part.stream().mapToLong(Long::longValue).toArray()));
    }
    return sets;
  }

  @Override
  public void close() {
    connections.close();
  }
}
