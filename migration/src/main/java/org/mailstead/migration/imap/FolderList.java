package org.mailstead.migration.imap;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mailstead.imap.client.ClientCommand;
import org.mailstead.imap.client.ImapClient;
import org.mailstead.imap.wire.ImapResponse;
import org.mailstead.imap.wire.ImapResponse.Value;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.MailFolder;

/// The folders of a mailbox with their STATUS: one command where the server has LIST-STATUS,
/// pipelined ones where it has not.
final class FolderList {
  /// A server that lists more is not believed.
  private static final int FOLDERS_MAX = 100_000;

  /// @param modSeq 0 if the server does not say
  record FolderStatus(long validity, long uidNext, long messages, long modSeq) {}

  record Listed(FolderNames names, List<MailFolder> folders, Map<String, FolderStatus> statuses) {}

  private final ImapClient client;
  private final Map<String, FolderStatus> statuses = new HashMap<>();
  private final Map<String, Value.Many> attributes = new LinkedHashMap<>();
  private final Set<String> subscribed = new HashSet<>();
  private String delimiter = "";

  private FolderList(ImapClient client) {
    this.client = client;
  }

  static Listed read(ImapClient client, Provider provider) throws IOException {
    return new FolderList(client).read(provider);
  }

  private Listed read(Provider provider) throws IOException {
    Set<String> can = client.capabilities();
    boolean extended = can.contains("LIST-EXTENDED") || can.contains("IMAP4REV2");
    List<String> returns = new ArrayList<>();
    List<String> items = new ArrayList<>(List.of("UIDVALIDITY", "UIDNEXT", "MESSAGES"));
    if (can.contains("CONDSTORE") || can.contains("QRESYNC")) items.add("HIGHESTMODSEQ");
    if (extended) returns.add("SUBSCRIBED");
    if (extended && can.contains("SPECIAL-USE")) returns.add("SPECIAL-USE");
    boolean withStatus = can.contains("LIST-STATUS") && extended;
    if (withStatus) returns.add("STATUS (" + String.join(" ", items) + ")");
    ImapFailures.expectOk(
        "list folders",
        client.execute(new ClientCommand.ListFolders("", "*", returns), this::take));
    if (!extended) {
      // Subscriptions are a convenience: a server without LSUB loses them only.
      ImapResponse.Status ignored =
          client.execute(new ClientCommand.Lsub("", "*"), this::takeSubscribed);
      if (ignored.word().equals("BYE")) throw new IOException(ignored.text());
    }
    if (!withStatus) askStatuses(items);
    FolderNames names = new FolderNames(delimiter, prefix(can));
    List<MailFolder> folders = new ArrayList<>();
    attributes.forEach((raw, flags) -> folders.add(folder(raw, flags, names, extended)));
    folders.removeIf(f -> !f.isSelectable() && isPassedOver(f.path(), provider));
    folders.removeIf(f -> isPassedOver(f.path(), provider));
    folders.sort(java.util.Comparator.comparing(MailFolder::path));
    return new Listed(names, folders, statuses);
  }

  private static boolean isPassedOver(FolderPath path, Provider provider) {
    for (String text : provider.passedOver()) {
      FolderPath over = FolderPath.parse(text);
      if (path.equals(over) || path.isBelow(over)) return true;
    }
    return false;
  }

  /// The prefix of the personal namespace (RFC 2342), such as `INBOX.`.
  private String prefix(Set<String> can) throws IOException {
    if (!can.contains("NAMESPACE")) return "";
    ImapClient.Result result = client.execute(new ClientCommand.Namespace());
    for (ImapResponse.Data data : result.named("NAMESPACE")) {
      if (data.values().size() > 1
          && data.values().get(1) instanceof Value.Many(List<Value> personal)
          && !personal.isEmpty()
          && personal.getFirst() instanceof Value.Many(List<Value> first)
          && !first.isEmpty()) {
        return raw(first.getFirst());
      }
    }
    return "";
  }

  private void askStatuses(List<String> items) throws IOException {
    List<String> tags = new ArrayList<>();
    for (Map.Entry<String, Value.Many> each : attributes.entrySet()) {
      if (!FolderNames.isSelectable(texts(each.getValue()))) continue;
      tags.add(client.send(new ClientCommand.Status(each.getKey(), items)));
      // Not too many at once: a server that reads only after it has written would wait for us.
      if (tags.size() >= 50) awaitAll(tags);
    }
    awaitAll(tags);
  }

  private void awaitAll(List<String> tags) throws IOException {
    for (String tag : tags) {
      // A folder that cannot be asked is found out when it is listed.
      ImapResponse.Status status = client.await(tag, this::take);
      ImapFailures.throwIfThrottled("status", status);
    }
    tags.clear();
  }

  private void take(ImapResponse response) {
    if (!(response instanceof ImapResponse.Data data)) return;
    switch (data.text(0)) {
      case "LIST" -> takeFolder(data);
      case "STATUS" -> takeStatus(data);
      default -> {}
    }
  }

  private void takeFolder(ImapResponse.Data data) {
    if (data.values().size() < 4 || attributes.size() >= FOLDERS_MAX) return;
    if (data.values().get(1) instanceof Value.Many flags) {
      String separator = raw(data.values().get(2));
      if (!separator.isEmpty()) delimiter = separator;
      attributes.put(raw(data.values().get(3)), flags);
    }
  }

  private void takeSubscribed(ImapResponse response) {
    if (response instanceof ImapResponse.Data data
        && data.text(0).equals("LSUB")
        && data.values().size() >= 4) {
      subscribed.add(raw(data.values().get(3)));
    }
  }

  private void takeStatus(ImapResponse.Data data) {
    if (data.values().size() < 3
        || !(data.values().get(2) instanceof Value.Many(List<Value> values))) {
      return;
    }
    statuses.put(raw(data.values().get(1)), status(values));
  }

  static FolderStatus status(List<Value> values) {
    Map<String, Long> numbers = new HashMap<>();
    for (int i = 0; i + 1 < values.size(); i += 2) {
      numbers.put(
          values.get(i).text().toUpperCase(java.util.Locale.ROOT),
          ImapFailures.number(values.get(i + 1).text()));
    }
    return new FolderStatus(
        numbers.getOrDefault("UIDVALIDITY", 0L),
        numbers.getOrDefault("UIDNEXT", 0L),
        numbers.getOrDefault("MESSAGES", -1L),
        numbers.getOrDefault("HIGHESTMODSEQ", 0L));
  }

  /// Octets, one char each.
  static String raw(Value value) {
    return switch (value) {
      case Value.Text(byte[] octets) -> new String(octets, StandardCharsets.ISO_8859_1);
      case Value.Atom(String name) -> name;
      case Value.Nil _, Value.Many _, Value.Large _ -> "";
    };
  }

  static List<String> texts(Value.Many many) {
    return many.values().stream().map(Value::text).toList();
  }

  private MailFolder folder(String raw, Value.Many flags, FolderNames names, boolean extended) {
    List<String> words = texts(flags);
    FolderPath path = names.path(raw);
    FolderStatus status = statuses.get(raw);
    boolean isSubscribed =
        extended
            ? words.stream().anyMatch(w -> w.equalsIgnoreCase("\\Subscribed"))
            : subscribed.contains(raw);
    return new MailFolder(
        raw,
        path,
        FolderNames.role(words, path),
        status == null ? "" : Long.toString(status.validity()),
        status == null ? -1 : status.messages(),
        -1,
        FolderNames.isSelectable(words),
        isSubscribed);
  }
}
