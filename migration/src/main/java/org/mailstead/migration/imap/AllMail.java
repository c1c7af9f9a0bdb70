package org.mailstead.migration.imap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.mailstead.imap.client.ClientCommand;
import org.mailstead.imap.client.ImapClient;
import org.mailstead.imap.wire.ImapResponse;
import org.mailstead.imap.wire.ImapResponse.Value;
import org.mailstead.imap.wire.MessageSet;
import org.mailstead.migration.item.ItemSummary;

/// What becomes of Gmail's All Mail, which has every message once more.
///
/// Source: https://developers.google.com/workspace/gmail/imap/imap-extensions
public enum AllMail {
  /// Only what is in no other folder: archived mail without a label.
  UNLABELLED,
  EVERYTHING,
  SKIP;

  static final String EXTENSION = "X-GM-EXT-1";
  static final String LABELS = "X-GM-LABELS";

  /// Whether a message's labels say that it is in another folder too.
  ///
  /// @param folders raw names of the folders that the server lists: labels that are hidden from
  ///   IMAP are in none of them
  static boolean isElsewhere(Value labels, Set<String> folders) {
    if (!(labels instanceof Value.Many(List<Value> values))) return false;
    for (Value value : values) {
      String label = FolderList.raw(value);
      boolean elsewhere =
          switch (label.toLowerCase(Locale.ROOT)) {
            case "\\inbox", "\\sent", "\\draft", "\\drafts" -> true;
            // Marks, or folders that are never carried over.
            case "\\important", "\\starred", "\\muted", "" -> false;
            default -> folders.contains(label);
          };
      if (elsewhere) return true;
    }
    return false;
  }

  /// What the selected folder holds and no other one.
  static List<ItemSummary> unlabelled(ImapClient client, Set<String> folders) throws IOException {
    List<ItemSummary> items = new ArrayList<>();
    List<String> asked = List.of("UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", LABELS);
    ImapFailures.expectOk(
        "list messages without a label",
        client.execute(
            new ClientCommand.UidFetch(MessageSet.range(1, MessageSet.STAR), asked),
            response -> {
              if (!isElsewhere(labels(response), folders)) {
                ImapMailbox.summary(response).ifPresent(items::add);
              }
            }));
    return items;
  }

  private static Value labels(ImapResponse response) {
    if (response instanceof ImapResponse.Data data
        && data.values().size() > 2
        && data.values().get(2) instanceof Value.Many(List<Value> values)) {
      for (int i = 0; i + 1 < values.size(); i += 2) {
        if (values.get(i).text().equalsIgnoreCase(LABELS)) return values.get(i + 1);
      }
    }
    return new Value.Many(List.of());
  }
}
