package org.mailstead.migration.item;

/// How a folder numbers its items (RFC 9051 §2.3.1.1): what the caches of clients hang on.
///
/// @param validity UIDVALIDITY
/// @param next UIDNEXT
public record Numbering(long validity, long next) {}
