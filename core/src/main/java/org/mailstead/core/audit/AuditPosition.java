package org.mailstead.core.audit;

import java.time.YearMonth;

/// A place in the log of one scope: the last record before it.
///
/// @param number of that record in its month, from 1
/// @param hash of that record
public record AuditPosition(YearMonth month, long number, byte[] hash) {}
