package org.mailstead.smtp.server;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailstead.smtp.server.SessionFacts.Kind;
import org.mailstead.smtp.wire.SmtpCommand;
import org.mailstead.smtp.wire.SmtpReply;

/// When each command may come: listener, state, encryption, login. Such rules live nowhere else.
final class CommandRules {
  private CommandRules() {}

  /// What the rules ask about a session.
  ///
  /// @param mayStartTls a certificate is there
  /// @param mayLogin AUTH is offered: the listener has it, and the connection is safe enough
  record Standing(
      Kind kind,
      State state,
      boolean isEncrypted,
      boolean isLoggedIn,
      boolean mayStartTls,
      boolean mayLogin) {}

  /// Why the command may not come now; empty if it may.
  static Optional<SmtpReply> refusal(SmtpCommand command, Standing now) {
    return Optional.ofNullable(
        switch (command) {
          case SmtpCommand.Helo _, SmtpCommand.Ehlo _ ->
              // RFC 2033 §4.1: an LMTP server must not answer these kindly.
              now.kind() == Kind.LMTP ? SmtpReplies.UNKNOWN_COMMAND : null;
          case SmtpCommand.Lhlo _ -> now.kind() == Kind.LMTP ? null : SmtpReplies.UNKNOWN_COMMAND;
          case SmtpCommand.Mail _ -> mail(now);
          case SmtpCommand.Rcpt _ -> {
            if (!(now.state() instanceof State.InTransaction(_, State.Envelope envelope))) {
              yield SmtpReplies.NO_TRANSACTION;
            }
            yield envelope.chunks().isPresent() || envelope.areChunksFailed()
                ? SmtpReplies.NOT_AFTER_BDAT
                : null;
          }
          case SmtpCommand.Data _ -> data(now);
          // BDAT's octets follow whatever we think of it: refused where they are read.
          case SmtpCommand.Bdat _ -> null;
          case SmtpCommand.StartTls _ -> {
            if (now.isEncrypted()) yield SmtpReplies.TLS_ALREADY;
            if (!now.mayStartTls()) yield SmtpReplies.NOT_HERE;
            yield now.state().isInTransaction() ? SmtpReplies.IN_TRANSACTION : null;
          }
          case SmtpCommand.Auth _ -> auth(now);
          // RFC 5321 §3.5.3: refused, it would tell who is in a group.
          case SmtpCommand.Expn _ -> SmtpReplies.NOT_HERE;
          case SmtpCommand.Unknown _ -> SmtpReplies.UNKNOWN_COMMAND;
          case SmtpCommand.UnknownParameter(String verb, String parameter) ->
              // RFC 5321 §4.1.1.11.
              SmtpReply.of(555, "5.5.4", verb + " parameter not known: " + parameter);
          case SmtpCommand.ForeignProtocol _ -> null;
          case SmtpCommand.Rset _,
              SmtpCommand.Noop _,
              SmtpCommand.Quit _,
              SmtpCommand.Help _,
              SmtpCommand.Vrfy _ ->
              null;
        });
  }

  private static @Nullable SmtpReply mail(Standing now) {
    return switch (now.state()) {
      case State.Fresh _ -> SmtpReplies.HELLO_FIRST;
      case State.InTransaction _ -> SmtpReplies.IN_TRANSACTION;
      case State.Ready _ -> {
        if (now.kind() != Kind.SUBMISSION || now.isLoggedIn()) yield null;
        // RFC 3207 §4, RFC 6409 §4.3.
        yield now.mayLogin() || !now.mayStartTls()
            ? SmtpReplies.LOGIN_FIRST
            : SmtpReplies.TLS_FIRST;
      }
    };
  }

  private static @Nullable SmtpReply data(Standing now) {
    if (!(now.state() instanceof State.InTransaction(_, State.Envelope envelope))) {
      return SmtpReplies.NO_TRANSACTION;
    }
    // RFC 3030 §2: DATA and BDAT do not mix.
    if (envelope.chunks().isPresent() || envelope.areChunksFailed()) {
      return SmtpReplies.NOT_AFTER_BDAT;
    }
    if (envelope.recipientCount() > 0) return null;
    return envelope.isAnyTried() ? SmtpReplies.NO_VALID_RECIPIENTS : SmtpReplies.NO_RECIPIENTS;
  }

  private static @Nullable SmtpReply auth(Standing now) {
    if (now.kind() != Kind.SUBMISSION) return SmtpReplies.NOT_HERE;
    if (!now.mayLogin()) return SmtpReplies.TLS_FOR_AUTH;
    if (now.isLoggedIn()) return SmtpReplies.LOGGED_IN_ALREADY;
    return switch (now.state()) {
      case State.Fresh _ -> SmtpReplies.HELLO_FIRST;
      case State.Ready _ -> null;
      // RFC 4954 §4.
      case State.InTransaction _ -> SmtpReplies.IN_TRANSACTION;
    };
  }

  /// Whether a command moves nothing: too many of them in a row are somebody's game.
  static boolean isIdle(SmtpCommand command) {
    return switch (command) {
      case SmtpCommand.Helo _,
          SmtpCommand.Ehlo _,
          SmtpCommand.Lhlo _,
          SmtpCommand.Rset _,
          SmtpCommand.Noop _,
          SmtpCommand.Help _,
          SmtpCommand.Vrfy _ ->
          true;
      case SmtpCommand.Mail _,
          SmtpCommand.Rcpt _,
          SmtpCommand.Data _,
          SmtpCommand.Bdat _,
          SmtpCommand.Quit _,
          SmtpCommand.Expn _,
          SmtpCommand.StartTls _,
          SmtpCommand.Auth _,
          SmtpCommand.Unknown _,
          SmtpCommand.UnknownParameter _,
          SmtpCommand.ForeignProtocol _ ->
          false;
    };
  }
}
