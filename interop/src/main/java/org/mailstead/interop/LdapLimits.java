package org.mailstead.interop;

import java.time.Duration;

/// What a directory server can make grow, and how far.
final class LdapLimits {
  /// Connections to one server for searches.
  static final int SEARCH_CONNECTIONS_MAX = 4;

  /// Connections to one server for logins.
  static final int LOGIN_CONNECTIONS_MAX = 16;

  /// How long a login waits for one of them.
  static final Duration LOGIN_WAIT_MAX = Duration.ofSeconds(10);

  /// Octets of one LDAP message.
  static final int MESSAGE_BYTES_MAX = 64 << 20;

  /// Values of `member` that are read of one group.
  static final int MEMBERS_MAX = 100_000;

  /// Distinguished names whose object is remembered during a synchronization.
  static final int NAMES_CACHED_MAX = 200_000;

  /// Problems that a report names; the rest is counted.
  static final int PROBLEMS_MAX = 100;

  /// Groups of one page when members are read.
  static final int GROUPS_PER_PAGE = 100;

  /// Fewer deletions than this are never held back.
  static final int DELETIONS_FREE = 5;

  /// The longest password that is sent to a directory.
  static final int PASSWORD_CHARS_MAX = 256;

  private LdapLimits() {}
}
