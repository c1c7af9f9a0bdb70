package org.mailstead.migration.item;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A mailbox to write into. It can be read too: what was written is verified, and an answer that
/// got lost is settled by looking.
///
/// Nothing that is written is ever sent, filtered or answered as if it were new mail.
public interface Target extends Source {
  /// The largest item it takes, in octets; [Long#MAX_VALUE] if it does not say.
  long itemBytesMax() throws IOException;

  /// The folder at this path, made with those above it if it is not there.
  MailFolder ensureFolder(FolderPath path, FolderRole role, boolean subscribed) throws IOException;

  /// Marks the end of a folder: every item written from now on is listed by [#listSince] with it.
  String position(MailFolder folder) throws IOException;

  /// Items that may have come after the position, newest last.
  List<ItemSummary> listSince(MailFolder folder, String position) throws IOException;

  ItemWriter write(MailFolder folder) throws IOException;

  /// Gives items that are still there exactly these flags.
  void setFlags(MailFolder folder, List<String> ids, Set<String> flags) throws IOException;

  /// Removes items for good; those that are not there are passed over.
  void remove(MailFolder folder, List<String> ids) throws IOException;

  /// Makes a folder keep the numbers of the one whose items it gets ([NewItem#origin]).
  ///
  /// @return the folder from now on; empty if the target cannot do that
  /// @throws org.mailstead.base.RefusedException it could, but not in this folder
  default Optional<MailFolder> keepNumbers(MailFolder folder, Numbering numbering)
      throws IOException {
    return Optional.empty();
  }

  /// Ends a run: an archive gets what makes it open without us. The next run may go on with it.
  default void finish() throws IOException {}

  /// The flags that a folder can keep out of a set: what would be lost is reported.
  Set<String> keepable(MailFolder folder, Set<String> flags) throws IOException;
}
