package org.mailstead.managesieve.wire;

import java.time.Duration;
import org.mailstead.formats.sieve.SieveLimits;

/// Bounds of a session.
///
/// @param loginTimeout from the connection to the end of the login
/// @param idleTimeout between commands (RFC 5804 §1.2 wants 30 minutes)
/// @param commandTimeout from a command's first octet to its last
/// @param writeTimeout how long a peer may not read
public record ManageSieveLimits(
    int sessionCountMax,
    int sessionCountMaxPerAddress,
    Duration loginTimeout,
    Duration idleTimeout,
    Duration commandTimeout,
    Duration writeTimeout) {
  /// Octets of one command without its literals.
  public static final int LINE_BYTES_MAX = 8_192;

  /// Octets of a quoted string (RFC 5804 §4).
  public static final int QUOTED_BYTES_MAX = 1_024;

  /// Octets of a literal that is read to its end and refused; a longer one ends the session.
  public static final int LITERAL_BYTES_MAX = 16 * SieveLimits.SCRIPT_BYTES_MAX;

  /// Strings and numbers of one command.
  public static final int ARGUMENTS_MAX = 4;

  /// Logins that may fail before the session ends.
  public static final int LOGINS_FAILED_MAX = 3;

  /// Commands that may be malformed before the session ends.
  public static final int ERRORS_MAX = 20;

  public static final ManageSieveLimits STANDARD =
      new ManageSieveLimits(
          1_000,
          50,
          Duration.ofMinutes(1),
          Duration.ofMinutes(30),
          Duration.ofMinutes(2),
          Duration.ofMinutes(1));

  public ManageSieveLimits withSessionCounts(int all, int perAddress) {
    return new ManageSieveLimits(
        all, perAddress, loginTimeout, idleTimeout, commandTimeout, writeTimeout);
  }

  public ManageSieveLimits withLoginTimeout(Duration timeout) {
    return new ManageSieveLimits(
        sessionCountMax,
        sessionCountMaxPerAddress,
        timeout,
        idleTimeout,
        commandTimeout,
        writeTimeout);
  }
}
