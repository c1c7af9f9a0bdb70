package org.mailstead.imap.wire;

import java.time.Duration;

/// Whatever an IMAP peer can make grow, with its bound. Zero never means unlimited.
///
/// @param lineBytesMax octets of one command without its literals, after login
/// @param lineBytesMaxBeforeLogin the same before login
/// @param literalBytesMax one literal that is not a message (a name, a search text)
/// @param literalBytesMaxBeforeLogin any literal before login
/// @param appendBytesMax one message (LIM-1; RFC 7889 APPENDLIMIT)
/// @param skippedBytesMax octets of refused LITERAL+ literals that are read and thrown away; a
///   larger one ends the connection (RFC 7888 §4)
/// @param multiappendCountMax messages of one APPEND
/// @param spoolMemoryBytes messages above this size go to a temporary file while they arrive
/// @param searchDepthMax nesting of SEARCH keys
/// @param searchKeyCountMax keys of one SEARCH
/// @param setRangeCountMax ranges of one message set
/// @param listCountMax elements of any other list (flags, patterns, header names)
/// @param badCountMax commands in a row answered BAD before the connection ends
/// @param commandCountMaxBeforeLogin commands that one connection may send before it logs in
/// @param loginFailureCountMax failed logins before the connection ends
/// @param commandsPerSecondMax above this a session is slowed down
/// @param sessionCountMax connections in all
/// @param sessionCountMaxPerAddress connections of one address
/// @param loginTimeout how long a connection may stay without logging in
/// @param idleTimeout how long a logged-in client may be silent (RFC 9051 §5.4: at least 30
///   minutes)
/// @param writeTimeout how long one write may wait for a client that does not read
// Deviates: RFC 9051 §9 — deviations.md#imap-limits
public record ImapLimits(
    int lineBytesMax,
    int lineBytesMaxBeforeLogin,
    int literalBytesMax,
    int literalBytesMaxBeforeLogin,
    long appendBytesMax,
    long skippedBytesMax,
    int multiappendCountMax,
    int spoolMemoryBytes,
    int searchDepthMax,
    int searchKeyCountMax,
    int setRangeCountMax,
    int listCountMax,
    int badCountMax,
    int commandCountMaxBeforeLogin,
    int loginFailureCountMax,
    int commandsPerSecondMax,
    int sessionCountMax,
    int sessionCountMaxPerAddress,
    Duration loginTimeout,
    Duration idleTimeout,
    Duration writeTimeout) {

  /// Longest LIST pattern, reference included: matching costs its length times the name's.
  public static final int PATTERN_LENGTH_MAX = 1_000;

  public static final ImapLimits STANDARD =
      new ImapLimits(
          1 << 16,
          // RFC 2971 §3.3: an ID of 30 fields with values of 1024 octets is legal, also before
          // LOGIN.
          32 << 10,
          1 << 16,
          8 << 10,
          150L << 20,
          256L << 20,
          5_000,
          1 << 18,
          64,
          10_000,
          100_000,
          5_000,
          20,
          100,
          5,
          50_000,
          50_000,
          20_000,
          Duration.ofMinutes(1),
          Duration.ofMinutes(30),
          Duration.ofMinutes(2));

  public ImapLimits withAppendBytesMax(long value) {
    return new ImapLimits(
        lineBytesMax,
        lineBytesMaxBeforeLogin,
        literalBytesMax,
        literalBytesMaxBeforeLogin,
        value,
        skippedBytesMax,
        multiappendCountMax,
        spoolMemoryBytes,
        searchDepthMax,
        searchKeyCountMax,
        setRangeCountMax,
        listCountMax,
        badCountMax,
        commandCountMaxBeforeLogin,
        loginFailureCountMax,
        commandsPerSecondMax,
        sessionCountMax,
        sessionCountMaxPerAddress,
        loginTimeout,
        idleTimeout,
        writeTimeout);
  }

  public ImapLimits withSessionCounts(int all, int perAddress) {
    return new ImapLimits(
        lineBytesMax,
        lineBytesMaxBeforeLogin,
        literalBytesMax,
        literalBytesMaxBeforeLogin,
        appendBytesMax,
        skippedBytesMax,
        multiappendCountMax,
        spoolMemoryBytes,
        searchDepthMax,
        searchKeyCountMax,
        setRangeCountMax,
        listCountMax,
        badCountMax,
        commandCountMaxBeforeLogin,
        loginFailureCountMax,
        commandsPerSecondMax,
        all,
        perAddress,
        loginTimeout,
        idleTimeout,
        writeTimeout);
  }

  public ImapLimits withTimeouts(Duration login, Duration idle, Duration write) {
    return new ImapLimits(
        lineBytesMax,
        lineBytesMaxBeforeLogin,
        literalBytesMax,
        literalBytesMaxBeforeLogin,
        appendBytesMax,
        skippedBytesMax,
        multiappendCountMax,
        spoolMemoryBytes,
        searchDepthMax,
        searchKeyCountMax,
        setRangeCountMax,
        listCountMax,
        badCountMax,
        commandCountMaxBeforeLogin,
        loginFailureCountMax,
        commandsPerSecondMax,
        sessionCountMax,
        sessionCountMaxPerAddress,
        login,
        idle,
        write);
  }
}
