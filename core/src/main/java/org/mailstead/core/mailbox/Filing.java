package org.mailstead.core.mailbox;

import java.util.Set;
import org.mailstead.base.FolderId;

/// A place in a mailbox that a delivery goes to.
///
/// @param flags bits of [Flags]
/// @param keywords names
public record Filing(FolderId folder, int flags, Set<String> keywords) {
  public Filing {
    keywords = Set.copyOf(keywords);
  }
}
