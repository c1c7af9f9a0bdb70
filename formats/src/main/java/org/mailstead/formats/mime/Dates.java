package org.mailstead.formats.mime;

import java.time.OffsetDateTime;
import java.util.Optional;

/// Dates of header fields (RFC 5322 §3.3, §4.3 and what occurs in practice).
@SuppressWarnings("DoNotCallSuggester")
public final class Dates {
  private Dates() {}

  public static Optional<OffsetDateTime> parse(String raw) {
    throw new UnsupportedOperationException("skeleton");
  }
}
