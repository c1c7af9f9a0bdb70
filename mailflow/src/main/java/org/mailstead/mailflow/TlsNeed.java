package org.mailstead.mailflow;

import java.util.List;
import org.mailstead.base.Content;

/// What a message's sender says about encryption on its way.
///
/// @spec https://www.rfc-editor.org/rfc/rfc8689 RFC 8689
enum TlsNeed {
  /// As the recipient's domain wants it.
  USUAL,
  /// Verified TLS to a server that goes on the same way, or back to the sender (REQUIRETLS).
  REQUIRED,
  /// Arriving counts more, whatever the recipient's domain wants (`TLS-Required: No`).
  RELAXED;

  private static final String FIELD = "TLS-Required";

  /// RFC 8689 §4.1: the envelope's word goes before the header's.
  static TlsNeed of(boolean isRequired, Content content) {
    if (isRequired) return REQUIRED;
    List<String> values = MessageHeader.of(content).findAll(FIELD);
    // RFC 8689 §5: one field; several are none.
    return values.size() == 1 && values.getFirst().strip().equalsIgnoreCase("no") ? RELAXED : USUAL;
  }
}
