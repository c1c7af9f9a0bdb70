package org.mailstead.imap.wire;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.Content;

/// What a server sends, as a client reads it.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9051 RFC 9051 §7
public sealed interface ImapResponse {
  /// OK, NO, BAD, BYE or PREAUTH.
  ///
  /// @param tag empty for an untagged one
  /// @param code without brackets, perhaps empty
  record Status(Optional<String> tag, String word, String code, String text)
      implements ImapResponse {
    public boolean isOk() {
      return word.equals("OK");
    }
  }

  /// `+ …`.
  record Continuation(String text) implements ImapResponse {}

  /// Any other untagged response, as its values: `3`, `EXISTS`.
  record Data(List<Value> values) implements ImapResponse {
    /// The value at this place as text; empty if it is none.
    public String text(int index) {
      return index < values.size() ? values.get(index).text() : "";
    }
  }

  /// One value of a response.
  sealed interface Value {
    /// An atom's or string's text; empty for NIL and lists.
    default String text() {
      return switch (this) {
        case Atom(String text) -> text;
        case Text(byte[] octets) -> new String(octets, StandardCharsets.UTF_8);
        case Large _, Many _, Nil _ -> "";
      };
    }

    record Atom(String name) implements Value {}

    record Text(byte[] octets) implements Value {}

    /// A literal too large for memory; whoever takes the response closes it.
    record Large(Content content) implements Value {}

    record Many(List<Value> values) implements Value {}

    record Nil() implements Value {}
  }
}
