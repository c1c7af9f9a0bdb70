package org.mailstead.migration.imap;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.mailstead.imap.client.ClientCommand;
import org.mailstead.imap.client.ImapClient;
import org.mailstead.imap.wire.ImapResponse.Value;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.NewItem;
import org.mailstead.migration.item.Numbering;

/// Folders of a Mailstead target that keep the UIDVALIDITY and the UIDs of their source, so that
/// the caches of clients stay valid (`XMAILSTEAD-RESTORE`, which a migration administrator sees).
final class KeptNumbers {
  static final String CAPABILITY = "XMAILSTEAD-RESTORE";

  private final Set<String> keys = ConcurrentHashMap.newKeySet();

  static Optional<Numbering> of(ImapClient client, MailFolder folder) throws IOException {
    ImapClient.Result result =
        client.execute(new ClientCommand.Status(folder.key(), List.of("UIDVALIDITY", "UIDNEXT")));
    ImapFailures.expectOk("status of " + folder.path(), result.status());
    for (var data : result.named("STATUS")) {
      if (data.values().size() > 2
          && data.values().get(2) instanceof Value.Many(List<Value> values)) {
        FolderList.FolderStatus status = FolderList.status(values);
        if (status.validity() > 0 && status.uidNext() > 0) {
          return Optional.of(new Numbering(status.validity(), status.uidNext()));
        }
      }
    }
    return Optional.empty();
  }

  /// @throws org.mailstead.base.RefusedException the folder is not new
  Optional<MailFolder> keep(ImapClient client, MailFolder folder, Numbering numbering)
      throws IOException {
    if (!client.capabilities().contains(CAPABILITY)) return Optional.empty();
    ImapFailures.expectOk(
        "keep numbers",
        client
            .execute(
                new ClientCommand.Restore(folder.key(), numbering.validity(), numbering.next()))
            .status());
    keys.add(folder.key());
    return Optional.of(
        new MailFolder(
            folder.key(),
            folder.path(),
            folder.role(),
            Long.toString(numbering.validity()),
            folder.itemCount(),
            folder.sizeBytes(),
            folder.isSelectable(),
            folder.isSubscribed()));
  }

  boolean contains(MailFolder folder) {
    return keys.contains(folder.key());
  }

  /// What an APPEND says behind the date; empty for nothing.
  static String extension(NewItem item) {
    if (item.origin().isEmpty()) return "";
    String uid = item.origin().get().id();
    String email = item.origin().get().emailId();
    if (!uid.matches("[1-9]\\d{0,9}")) return "";
    return email.matches("[A-Za-z0-9_-]{1,255}")
        ? CAPABILITY + " (UID " + uid + " EMAILID " + email + ")"
        : CAPABILITY + " (UID " + uid + ")";
  }
}
