package org.mailstead.formats.sieve;

import java.util.List;
import java.util.Optional;

/// A checked test. Strings may still hold variables.
sealed interface Condition {
  record Fixed(boolean value) implements Condition {}

  record Not(Condition condition) implements Condition {}

  record AllOf(List<Condition> conditions) implements Condition {}

  record AnyOf(List<Condition> conditions) implements Condition {}

  record Address(
      Matching matching,
      AddressPart part,
      List<String> headers,
      List<String> keys,
      Optional<Index> index)
      implements Condition {}

  record Envelope(Matching matching, AddressPart part, List<String> parts, List<String> keys)
      implements Condition {}

  record Header(Matching matching, List<String> headers, List<String> keys, Optional<Index> index)
      implements Condition {}

  record Exists(List<String> headers) implements Condition {}

  record Size(boolean over, long bytes) implements Condition {}

  /// RFC 5173.
  record Body(Matching matching, Transform transform, List<String> types, List<String> keys)
      implements Condition {
    enum Transform {
      RAW,
      CONTENT,
      TEXT
    }
  }

  /// RFC 5232 §4.
  record HasFlag(Matching matching, List<String> variables, List<String> keys)
      implements Condition {}

  /// RFC 5229 §5.
  record StringTest(Matching matching, List<String> sources, List<String> keys)
      implements Condition {}

  /// RFC 5260 §4.
  ///
  /// @param header empty for currentdate
  record Date(
      Matching matching,
      Optional<String> header,
      Zone zone,
      String part,
      List<String> keys,
      Optional<Index> index)
      implements Condition {
    sealed interface Zone {
      record Local() implements Zone {}

      record Original() implements Zone {}

      /// @param offset `+hhmm`
      record Given(String offset) implements Zone {}
    }
  }

  /// RFC 5490 §3.1.
  record MailboxExists(List<String> names) implements Condition {}

  /// RFC 8579 §3.
  record SpecialUseExists(Optional<String> mailbox, List<String> flags) implements Condition {}

  /// RFC 7352.
  ///
  /// @param value the header or the value that is unique; empty for Message-ID
  record Duplicate(
      String handle, boolean isHeader, Optional<String> value, long seconds, boolean last)
      implements Condition {}

  /// Ours: whether there is a part that people see as an attachment.
  record HasAttachment() implements Condition {}

  /// Ours: whether To (or also Cc) names the owner of the mailbox.
  ///
  /// @param only nobody else stands in To or Cc
  record AddressedToMe(boolean toOnly, boolean only) implements Condition {}

  /// Ours: whether the sender is of the owner's organization.
  record InternalSender() implements Condition {}

  /// RFC 5260 §6: one of several fields of a name, counted from 1, or from the end.
  record Index(int number, boolean last) {}

  /// RFC 5228 §2.7.4, RFC 5233.
  enum AddressPart {
    ALL,
    LOCALPART,
    DOMAIN,
    USER,
    DETAIL
  }
}
