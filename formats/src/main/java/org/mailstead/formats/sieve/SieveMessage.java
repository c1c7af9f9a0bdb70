package org.mailstead.formats.sieve;

import java.util.List;
import java.util.Optional;

/// What a script sees of a message.
public interface SieveMessage {
  /// Values of the fields of a name in order, decoded, without white space around them.
  List<String> header(String name);

  /// The addresses of each field of a name: one list for each field, in order. What is no address
  /// is left out.
  List<List<Address>> addresses(String name);

  /// Octets.
  long size();

  /// The undecoded body.
  String rawBody();

  /// The text that people read.
  String bodyText();

  /// Decoded parts by media type (RFC 5173 §5.2).
  List<Part> bodyParts();

  /// Whether it holds something that people see as an attachment.
  boolean hasAttachment();

  /// An address as its parts.
  record Address(String local, String domain) {
    public String whole() {
      return domain.isEmpty() ? local : local + "@" + domain;
    }
  }

  /// @param type `text/plain`, in lower case
  record Part(String type, String text) {}

  /// The SMTP envelope.
  ///
  /// @param from empty for the null reverse path
  record Envelope(Optional<String> from, Optional<String> to) {}
}
