package org.mailstead.formats.mime;

import java.util.List;

/// Address lists (RFC 5322 §3.4, §4.4) as lenient as stored mail needs.
@SuppressWarnings("DoNotCallSuggester")
public final class AddressParser {
  private AddressParser() {}

  public static List<MimeAddress> parse(String raw) {
    throw new UnsupportedOperationException("skeleton");
  }
}
