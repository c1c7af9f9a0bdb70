package org.mailstead.imap.server;

import java.util.Optional;
import org.mailstead.core.mailbox.Flags;
import org.mailstead.imap.wire.FetchItem;
import org.mailstead.imap.wire.ImapCommand;

/// Which commands touch a mailbox, and how, in the words of the mailbox access log.
final class AccessKinds {
  private static final String FOLDER = "Folder";
  private static final String MESSAGE = "Message";

  /// @param folder the one that the command names; empty: the selected one
  record Kind(String action, String objectType, Optional<String> folder) {}

  private AccessKinds() {}

  /// Empty for a command that touches nothing of a mailbox.
  static Optional<Kind> of(ImapCommand command) {
    return switch (command) {
      case ImapCommand.Select c -> folder("read_hierarchy", c.mailbox());
      case ImapCommand.Status c -> folder("read_hierarchy", c.mailbox());
      case ImapCommand.ListFolders _, ImapCommand.Lsub _ -> folder("read_hierarchy", "");
      case ImapCommand.Create c -> folder("create", c.mailbox());
      case ImapCommand.Delete c -> folder("delete", c.mailbox());
      case ImapCommand.Rename c -> folder("update", c.from());
      case ImapCommand.Restore c -> folder("update", c.mailbox());
      case ImapCommand.Subscribe c -> folder("update", c.mailbox());
      case ImapCommand.Unsubscribe c -> folder("update", c.mailbox());
      case ImapCommand.SetAcl c -> folder("update_permissions", c.mailbox());
      case ImapCommand.DeleteAcl c -> folder("update_permissions", c.mailbox());
      case ImapCommand.GetAcl c -> folder("read_permissions", c.mailbox());
      case ImapCommand.ListRights c -> folder("read_permissions", c.mailbox());
      case ImapCommand.MyRights c -> folder("read_permissions", c.mailbox());
      case ImapCommand.Append c -> Optional.of(new Kind("create", MESSAGE, named(c.mailbox())));
      case ImapCommand.Fetch c -> messages(readsContents(c) ? "read" : "read_summary");
      case ImapCommand.Search _, ImapCommand.Sort _, ImapCommand.Threads _ ->
          messages("read_summary");
      case ImapCommand.Store c ->
          messages(
              c.flags().keywords().isEmpty() && isSeenOnly(c) ? "update_read_state" : "update");
      case ImapCommand.Copy _ -> messages("copy");
      case ImapCommand.Move _ -> messages("move");
      case ImapCommand.Expunge _, ImapCommand.Close _ -> messages("delete");
      case ImapCommand.Capability _,
          ImapCommand.Noop _,
          ImapCommand.Logout _,
          ImapCommand.Id _,
          ImapCommand.StartTls _,
          ImapCommand.Authenticate _,
          ImapCommand.Login _,
          ImapCommand.Enable _,
          ImapCommand.Namespace _,
          ImapCommand.Idle _,
          ImapCommand.GetQuota _,
          ImapCommand.GetQuotaRoot _,
          ImapCommand.SetQuota _,
          ImapCommand.Check _,
          ImapCommand.Unselect _ ->
          Optional.empty();
    };
  }

  private static boolean isSeenOnly(ImapCommand.Store store) {
    return store.flags().flags() == Flags.SEEN;
  }

  private static boolean readsContents(ImapCommand.Fetch fetch) {
    return fetch.items().stream()
        .anyMatch(item ->
            item instanceof FetchItem.Binary
                || (item instanceof FetchItem.Section section && isContent(section)));
  }

  private static boolean isContent(FetchItem.Section section) {
    return switch (section.path().text()) {
      case WHOLE, TEXT -> true;
      case HEADER, HEADER_FIELDS, HEADER_FIELDS_NOT, MIME -> false;
    };
  }

  private static Optional<Kind> folder(String action, String name) {
    return Optional.of(new Kind(action, FOLDER, named(name)));
  }

  private static Optional<Kind> messages(String action) {
    return Optional.of(new Kind(action, MESSAGE, Optional.empty()));
  }

  private static Optional<String> named(String name) {
    return name.isEmpty() ? Optional.empty() : Optional.of(name);
  }
}
