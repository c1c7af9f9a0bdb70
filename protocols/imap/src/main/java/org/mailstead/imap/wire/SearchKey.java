package org.mailstead.imap.wire;

import java.time.LocalDate;
import java.util.List;

/// One condition of SEARCH.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9051 RFC 9051 §6.4.4
public sealed interface SearchKey {
  record All() implements SearchKey {}

  record And(List<SearchKey> keys) implements SearchKey {}

  record Or(SearchKey left, SearchKey right) implements SearchKey {}

  record Not(SearchKey key) implements SearchKey {}

  /// @param flag one bit of core's `Flags`
  record Flag(int flag, boolean set) implements SearchKey {}

  record Keyword(String name, boolean set) implements SearchKey {}

  /// RECENT (true), OLD (false).
  record Recent(boolean recent) implements SearchKey {}

  record Numbers(boolean byUid, MessageSet numbers) implements SearchKey {}

  record Larger(long bytes) implements SearchKey {}

  record Smaller(long bytes) implements SearchKey {}

  /// A date condition: BEFORE, ON, SINCE of one of three dates.
  record Date(DateField field, DateRelation relation, LocalDate date) implements SearchKey {}

  /// OLDER and YOUNGER are not offered (RFC 5032 is not announced).
  enum DateField {
    RECEIVED,
    SENT,
    SAVED
  }

  enum DateRelation {
    BEFORE,
    ON,
    SINCE
  }

  record Address(AddressField field, String text) implements SearchKey {}

  enum AddressField {
    FROM,
    TO,
    CC,
    BCC
  }

  record Subject(String text) implements SearchKey {}

  record Header(String name, String text) implements SearchKey {}

  record Body(String text) implements SearchKey {}

  record Text(String text) implements SearchKey {}

  record ModSeq(long atLeast) implements SearchKey {}

  record EmailId(String id) implements SearchKey {}

  record ThreadId(String id) implements SearchKey {}

  /// RFC 8514: true for every message here.
  record SaveDateSupported() implements SearchKey {}
}
