package org.mailstead.formats.mime;

import java.nio.charset.Charset;
import java.util.Optional;

/// Charsets by the names that occur in mail.
@SuppressWarnings("DoNotCallSuggester")
public final class Charsets {
  private Charsets() {}

  public static Optional<Charset> find(String name) {
    throw new UnsupportedOperationException("skeleton");
  }
}
