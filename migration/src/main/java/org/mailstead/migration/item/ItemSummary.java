package org.mailstead.migration.item;

import java.time.Instant;
import java.util.Set;

/// What is known of an item without its bytes.
///
/// @param id stable within its folder and the folder's validity
/// @param sizeBytes as the mailbox says, which may be wrong; -1 if it does not say
/// @param flags system flags with a backslash (`\Seen`), keywords without; never `\Recent`
/// @param received the received date; [#NO_DATE] if the mailbox has none
/// @param emailId what the mailbox calls the content in all folders (RFC 8474); empty if it does
///   not
public record ItemSummary(
    String id, long sizeBytes, Set<String> flags, Instant received, String emailId) {
  public static final Instant NO_DATE = Instant.EPOCH;

  public ItemSummary {
    flags = Set.copyOf(flags);
  }

  public ItemSummary(String id, long sizeBytes, Set<String> flags, Instant received) {
    this(id, sizeBytes, flags, received, "");
  }
}
