package org.mailstead.formats.mime;

import java.util.List;
import java.util.Optional;

/// One node of a message's structure, with offsets into the whole message. The root is the message
/// itself.
///
/// @param type lower-case, `text` if absent or unreadable
/// @param subtype lower-case
/// @param parameters of Content-Type in order, names in lower case, values as raw octets (RFC 2231
///   continuations joined)
/// @param encoding lower-case Content-Transfer-Encoding, `7bit` if absent
/// @param headerOffset where the part's header begins
/// @param bodyOffset where its body begins, after the empty line
/// @param end where it ends, before the line break that belongs to the boundary (RFC 2046 §5.1.1)
/// @param bodyLines line breaks in the body, as BODYSTRUCTURE counts them
/// @param children parts of a multipart; the one embedded message of a message/rfc822 or
///   message/global
/// @param envelope of the root and of each embedded message
public record MimePart(
    String type,
    String subtype,
    List<Parameter> parameters,
    Optional<Disposition> disposition,
    String encoding,
    Optional<String> contentId,
    Optional<String> description,
    Optional<String> md5,
    List<String> languages,
    Optional<String> location,
    long headerOffset,
    long bodyOffset,
    long end,
    long bodyLines,
    List<MimePart> children,
    Optional<Envelope> envelope) {

  /// A parameter of a structured header field.
  public record Parameter(String name, String value) {}

  /// Content-Disposition (RFC 2183).
  public record Disposition(String value, List<Parameter> parameters) {}

  public boolean isMultipart() {
    return type.equals("multipart");
  }

  /// Octets of the body, transfer encoding and all.
  public long bodyBytes() {
    return end - bodyOffset;
  }

  /// The part that a section number names (RFC 9051 §6.4.5.1), seen from a message; the message
  /// itself for no numbers. The one part of a message that is no multipart is 1: the same node as
  /// the message.
  public Optional<MimePart> find(List<Integer> section) {
    MimePart node = this;
    boolean whole = true;
    for (int number : section) {
      if (!whole && node.isMessage()) {
        node = node.children.getFirst();
        whole = true;
      }
      if (node.isMultipart()) {
        if (number < 1 || number > node.children.size()) return Optional.empty();
        node = node.children.get(number - 1);
      } else if (!whole || number != 1) {
        return Optional.empty();
      }
      whole = false;
    }
    return Optional.of(node);
  }

  /// Whether its one child is an embedded message with an envelope of its own.
  public boolean isMessage() {
    return type.equals("message") && !children.isEmpty();
  }
}
