package org.mailstead.imap.wire;

import java.util.List;

/// One data item of FETCH.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9051 RFC 9051 §6.4.5
public sealed interface FetchItem {
  record Flags() implements FetchItem {}

  record InternalDate() implements FetchItem {}

  record Size() implements FetchItem {}

  record Envelope() implements FetchItem {}

  /// BODY without extension data.
  record Body() implements FetchItem {}

  record BodyStructure() implements FetchItem {}

  record Uid() implements FetchItem {}

  record ModSeq() implements FetchItem {}

  record EmailId() implements FetchItem {}

  record ThreadId() implements FetchItem {}

  record SaveDate() implements FetchItem {}

  /// BODY[…], BODY.PEEK[…] and the old RFC822 forms.
  ///
  /// @param name as the response repeats it, without `.PEEK`, partial origin included
  record Section(String name, boolean peek, SectionPath path, Partial partial)
      implements FetchItem {}

  record Binary(String name, boolean peek, List<Integer> part, Partial partial)
      implements FetchItem {}

  record BinarySize(String name, List<Integer> part) implements FetchItem {}

  /// @param part numbers of nested parts, none for the message itself
  record SectionPath(List<Integer> part, SectionText text, List<String> fields) {}

  enum SectionText {
    /// All of the message, or the body of the part.
    WHOLE,
    HEADER,
    HEADER_FIELDS,
    HEADER_FIELDS_NOT,
    TEXT,
    MIME
  }

  /// `<offset.count>`.
  record Partial(long offset, long count) {
    public static final Partial ALL = new Partial(0, Long.MAX_VALUE);

    public boolean isAll() {
      return count == Long.MAX_VALUE;
    }
  }
}
