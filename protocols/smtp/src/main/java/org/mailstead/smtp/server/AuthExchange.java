package org.mailstead.smtp.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.access.Credentials;
import org.mailstead.core.access.Principal;
import org.mailstead.smtp.wire.SmtpCommand;
import org.mailstead.smtp.wire.SmtpConnection;
import org.mailstead.smtp.wire.SmtpLimits;
import org.mailstead.smtp.wire.SmtpReply;

/// One AUTH command with its challenges and responses: PLAIN (RFC 4616) and LOGIN.
///
/// @spec https://www.rfc-editor.org/rfc/rfc4954#section-4 RFC 4954 §4
final class AuthExchange {
  /// How it ended.
  sealed interface Result {
    record LoggedIn(Principal principal) implements Result {}

    record Failed(SmtpReply reply) implements Result {}
  }

  /// Ends the exchange with a reply.
  private static final class EndException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient SmtpReply reply;

    EndException(SmtpReply reply) {
      super(reply.toString(), null, false, false);
      this.reply = reply;
    }
  }

  private static final String NAME_PROMPT = "VXNlcm5hbWU6"; // Username:
  private static final String PASSWORD_PROMPT = "UGFzc3dvcmQ6"; // Password:

  private final SmtpConnection connection;
  private final SmtpLimits limits;
  private final SmtpLogin login;

  AuthExchange(SmtpConnection connection, SmtpLimits limits, SmtpLogin login) {
    this.connection = connection;
    this.limits = limits;
    this.login = login;
  }

  Result run(SmtpCommand.Auth command) throws IOException {
    try {
      Credentials credentials =
          switch (command.mechanism()) {
            case "PLAIN" -> plain(command.initialResponse());
            case "LOGIN" -> login(command.initialResponse());
            default -> throw new EndException(SmtpReplies.UNKNOWN_MECHANISM);
          };
      // The peer must not learn sooner that a name alone was wrong: login decides, always.
      return new Result.LoggedIn(login.login(credentials, connection.peer()));
    } catch (EndException e) {
      return new Result.Failed(e.reply);
    } catch (RefusedException e) {
      return new Result.Failed(SmtpReplies.LOGIN_FAILED);
    } catch (UnavailableException e) {
      return new Result.Failed(SmtpReplies.LOGIN_UNAVAILABLE);
    }
  }

  private Credentials plain(Optional<String> initial) throws IOException, EndException {
    String message = decode(initial.isPresent() ? initial(initial.get()) : ask(""));
    int first = message.indexOf('\0');
    int second = message.indexOf('\0', first + 1);
    if (first < 0 || second < 0 || message.indexOf('\0', second + 1) >= 0) {
      throw new EndException(SmtpReplies.BAD_BASE64);
    }
    String authorization = message.substring(0, first);
    String name = message.substring(first + 1, second);
    return credentials(name, message.substring(second + 1), authorization);
  }

  private Credentials login(Optional<String> initial) throws IOException, EndException {
    String name = decode(initial.isPresent() ? initial(initial.get()) : ask(NAME_PROMPT));
    String password = decode(ask(PASSWORD_PROMPT));
    return credentials(name, password, "");
  }

  private static Credentials credentials(String name, String password, String authorization)
      throws EndException {
    if (name.isEmpty() || password.isEmpty()) throw new EndException(SmtpReplies.LOGIN_FAILED);
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) < ' ') throw new EndException(SmtpReplies.BAD_BASE64);
    }
    // RFC 4616 §2: empty stands for the user himself.
    return new Credentials(
        name, password, Optional.of(authorization).filter(identity -> !identity.isEmpty()));
  }

  /// RFC 4954 §4: `=` is an empty initial response.
  private static String initial(String response) {
    return response.equals("=") ? "" : response;
  }

  private String ask(String challenge) throws IOException, EndException {
    connection.write(SmtpReply.plain(334, challenge));
    var line =
        connection.readLine(
            limits.sizes().authLineBytesMax(),
            limits.sizes().oversizedLineBytesMax(),
            limits.times().command(),
            limits.times().command());
    return switch (line) {
      case COMPLETE -> {
        String response = connection.line();
        if (response.equals("*")) throw new EndException(SmtpReplies.LOGIN_CANCELLED);
        yield response;
      }
      case TOO_LONG -> throw new EndException(SmtpReplies.AUTH_LINE_TOO_LONG);
      case BARE_LF, ENDLESS, CLOSED -> throw new IOException("broken off while logging in");
    };
  }

  private static String decode(String base64) throws EndException {
    try {
      byte[] bytes = Base64.getDecoder().decode(base64.getBytes(StandardCharsets.ISO_8859_1));
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new EndException(SmtpReplies.BAD_BASE64);
    }
  }
}
