package org.mailstead.core.mailbox;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Content;

/// A message to be stored, bytes as they arrived.
///
/// @param flags bits of [Flags]
/// @param keywords names
/// @param kept numbers of its own; empty lets the mailbox choose, as for every ordinary message
public record NewMessage(
    Content content, int flags, Set<String> keywords, Instant received, Optional<KeptIds> kept) {
  public NewMessage(Content content, int flags, Set<String> keywords, Instant received) {
    this(content, flags, keywords, received, Optional.empty());
  }
}
