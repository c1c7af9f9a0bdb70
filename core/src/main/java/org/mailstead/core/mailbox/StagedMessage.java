package org.mailstead.core.mailbox;

import java.time.Instant;
import java.util.Set;
import org.mailstead.core.content.StagedContent;

/// A message whose bytes are encrypted and scanned already: to many recipients of one organization
/// it is one blob, one encryption and one scan. The mailbox becomes a holder of the content by
/// itself.
///
/// @param flags bits of [Flags]
/// @param keywords names
public record StagedMessage(
    StagedContent content, MessageIndex index, int flags, Set<String> keywords, Instant received) {}
