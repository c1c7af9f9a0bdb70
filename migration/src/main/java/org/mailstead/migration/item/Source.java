package org.mailstead.migration.item;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// A mailbox to read from. Methods may be called by several threads.
///
/// An [IOException] means that the way is broken and another try may help; an
/// [org.mailstead.base.UnavailableException] says when; a [org.mailstead.base.RefusedException] is
/// final.
public interface Source extends AutoCloseable {
  /// Names the mailbox in ledgers and reports, `anna@imap.example.org`: the same in every run.
  String identity();

  List<MailFolder> folders() throws IOException;

  /// What the folder holds; with a token of an earlier listing, what has changed since, if the
  /// mailbox can tell, or everything if not.
  FolderListing list(MailFolder folder, Optional<String> token) throws IOException;

  ItemReader read(MailFolder folder, List<ItemSummary> items) throws IOException;

  /// How the folder numbers its items, whose ids are those numbers; empty if it does not.
  default Optional<Numbering> numbering(MailFolder folder) throws IOException {
    return Optional.empty();
  }

  @Override
  void close();
}
