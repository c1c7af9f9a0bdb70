package org.mailstead.store;

import java.util.List;
import java.util.Optional;

/// Part of a range, read at one version of the partition: at most [Store#PAGE_BYTES_MAX] of keys
/// and values.
///
/// @param next where to go on, for a range in the same direction; empty at the end
public record Page(long version, List<Row> rows, Optional<Range> next) {}
