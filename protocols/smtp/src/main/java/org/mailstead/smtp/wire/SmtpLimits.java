package org.mailstead.smtp.wire;

import java.time.Duration;

/// Everything that a peer can make grow, and how far (LIM-1, style §6).
public record SmtpLimits(Sizes sizes, Counts counts, Times times) {

  /// @param commandLineBytesMax with its CRLF. RFC 5321 §4.5.3.1.4 asks for 512 and the extensions
  ///   here for up to 1,600 more; one number for all verbs
  /// @param authLineBytesMax RFC 4954 §4: 12,288, for AUTH and its answers
  /// @param oversizedLineBytesMax how much of an over-long line is skipped before the session ends
  /// @param textLineBytesMax RFC 5321 §4.5.3.1.6 asks for 1,000; programs send more, and a refusal
  ///   would lose mail, so the standard setting is lenient and bounded
  /// @param messageBytesMax LIM-1: announced as SIZE
  /// @param excessBytesMax how much beyond that is read and thrown away so that the peer can hear
  ///   552; then the session ends
  public record Sizes(
      int commandLineBytesMax,
      int authLineBytesMax,
      int oversizedLineBytesMax,
      // Deviates: RFC 5321 §4.5.3.1.6 — deviations.md#text-line
      int textLineBytesMax,
      long messageBytesMax,
      long excessBytesMax) {

    public static Sizes standard() {
      return new Sizes(2048, 12_288, 65_536, 1024 * 1024, 25L * 1024 * 1024, 25L * 1024 * 1024);
    }

    public Sizes withMessageBytesMax(long bytes) {
      return new Sizes(
          commandLineBytesMax,
          authLineBytesMax,
          oversizedLineBytesMax,
          textLineBytesMax,
          bytes,
          bytes);
    }

    public Sizes withTextLineBytesMax(int bytes) {
      return new Sizes(
          commandLineBytesMax,
          authLineBytesMax,
          oversizedLineBytesMax,
          bytes,
          messageBytesMax,
          excessBytesMax);
    }
  }

  /// @param recipientsMax LIM-1: per message
  /// @param receivedMax Received fields of a message; more is a loop (RFC 5321 §6.3)
  /// @param badCommandsMax unknown, malformed or out of order, per session
  /// @param idleCommandsMax commands that move nothing (NOOP, RSET, VRFY, HELP, EHLO), since the
  ///   last message
  /// @param rejectedRecipientsMax since the last accepted message: somebody tries out names
  /// @param loginFailuresMax failed or broken AUTH exchanges, per session
  /// @param transactionsMax MAIL commands per session
  /// @param sessionsMax of all listeners together
  /// @param sessionsPerAddressMax of one peer address
  /// @param messagesInMemoryMax messages being received that may use spool memory; more go straight
  ///   to files
  public record Counts(
      int recipientsMax,
      int receivedMax,
      int badCommandsMax,
      int idleCommandsMax,
      int rejectedRecipientsMax,
      int loginFailuresMax,
      int transactionsMax,
      int sessionsMax,
      int sessionsPerAddressMax,
      int messagesInMemoryMax) {

    public static Counts standard() {
      return new Counts(500, 100, 20, 200, 100, 3, 100_000, 10_000, 200, 200);
    }

    public Counts withRecipientsMax(int count) {
      return new Counts(
          count,
          receivedMax,
          badCommandsMax,
          idleCommandsMax,
          rejectedRecipientsMax,
          loginFailuresMax,
          transactionsMax,
          sessionsMax,
          sessionsPerAddressMax,
          messagesInMemoryMax);
    }

    public Counts withTransactionsMax(int count) {
      return new Counts(
          recipientsMax,
          receivedMax,
          badCommandsMax,
          idleCommandsMax,
          rejectedRecipientsMax,
          loginFailuresMax,
          count,
          sessionsMax,
          sessionsPerAddressMax,
          messagesInMemoryMax);
    }

    public Counts withSessions(int all, int perAddress) {
      return new Counts(
          recipientsMax,
          receivedMax,
          badCommandsMax,
          idleCommandsMax,
          rejectedRecipientsMax,
          loginFailuresMax,
          transactionsMax,
          all,
          perAddress,
          messagesInMemoryMax);
    }
  }

  /// @param idle silence between commands; RFC 5321 §4.5.3.2.7: at least five minutes
  /// @param command from a command's first byte to its end
  /// @param dataIdle silence within message data
  /// @param data from 354, or a BDAT command, to the end of the data
  /// @param write until a peer takes a reply
  /// @param handshake TLS
  /// @param session in all
  /// @param stop how long running transactions may go on after the server was told to stop
  public record Times(
      Duration idle,
      Duration command,
      Duration dataIdle,
      Duration data,
      Duration write,
      Duration handshake,
      Duration session,
      Duration stop) {

    public static Times standard() {
      return new Times(
          Duration.ofMinutes(5),
          Duration.ofMinutes(1),
          Duration.ofMinutes(3),
          Duration.ofMinutes(30),
          Duration.ofMinutes(1),
          Duration.ofSeconds(30),
          Duration.ofHours(4),
          Duration.ofSeconds(3));
    }
  }

  public static SmtpLimits standard() {
    return new SmtpLimits(Sizes.standard(), Counts.standard(), Times.standard());
  }

  public SmtpLimits with(Sizes other) {
    return new SmtpLimits(other, counts, times);
  }

  public SmtpLimits with(Counts other) {
    return new SmtpLimits(sizes, other, times);
  }

  public SmtpLimits with(Times other) {
    return new SmtpLimits(sizes, counts, other);
  }
}
