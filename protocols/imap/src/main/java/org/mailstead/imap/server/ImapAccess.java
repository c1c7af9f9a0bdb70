package org.mailstead.imap.server;

import java.net.InetAddress;
import java.util.Optional;
import org.mailstead.core.access.Principal;

/// What a user did with a mailbox by one command, for the mailbox access log: one of these for a
/// command, however many messages it touches.
///
/// @param action by WorkMail's words: read, read_hierarchy, read_summary, read_permissions, create,
///   update, update_permissions, update_read_state, delete, move, copy
/// @param objectType Folder or Message
/// @param folder its name as the client has it
/// @param allowed whether the command was carried out
public record ImapAccess(
    Principal principal,
    InetAddress peer,
    String action,
    String objectType,
    Optional<String> folder,
    Optional<String> folderId,
    boolean allowed) {

  /// Hears of every such command, after it is done and before the client is told. It runs on the
  /// session's thread: it must neither wait nor throw.
  @FunctionalInterface
  public interface Listener {
    void accessed(ImapAccess access);
  }
}
