package org.mailstead.core.search;

import java.util.Optional;
import org.mailstead.base.MailboxId;
import org.mailstead.core.keys.SealingKey;

/// What an index needs of its mailbox. Email ids grow with time and are never reused, so that the
/// highest indexed one says how far an index has come.
public interface IndexedMailbox {
  MailboxId id();

  /// The key for the index's files.
  SealingKey searchKey();

  long emailCount();

  /// The highest email id given out so far; 0 for none.
  long lastEmail();

  /// Email ids greater than this one, ascending.
  long[] emailsAfter(long email, int countMax);

  /// The text of a message; empty if it is gone or cannot be read, which then counts as a candidate
  /// for every search.
  Optional<IndexedText> text(long email);

  /// The text of one message, folded as [org.mailstead.formats.mime.SearchText] does.
  ///
  /// @param complete false if a bound cut it: the message is a candidate for every search
  record IndexedText(String folded, boolean complete) {}
}
