package org.mailstead.core.mailbox;

import java.time.Instant;
import java.util.Set;
import org.mailstead.base.Content;

/// A message to be stored, bytes as they arrived.
///
/// @param flags bits of [Flags]
/// @param keywords names
public record NewMessage(Content content, int flags, Set<String> keywords, Instant received) {}
