package org.mailstead.migration.imap;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mailstead.base.MalformedException;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.imap.wire.ImapResponse;
import org.mailstead.migration.item.WriteResult;

/// What servers mean by NO, BAD and BYE.
final class ImapFailures {
  /// Exchange: `Request is throttled. Suggested Backoff Time: 299961 milliseconds`.
  private static final Pattern BACKOFF =
      Pattern.compile("Backoff Time:?\\s*(\\d{1,9})\\s*milliseconds", Pattern.CASE_INSENSITIVE);

  /// A hint longer than an hour is not believed.
  private static final Duration BACKOFF_MAX = Duration.ofHours(1);

  private static final Duration TRY_LATER = Duration.ofSeconds(15);

  /// Gmail counts bandwidth by the day: minutes do not help, an hour may.
  private static final Duration BANDWIDTH = Duration.ofMinutes(10);

  private ImapFailures() {}

  /// A number that the server wrote.
  static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new MalformedException("not a number: " + text);
    }
  }

  /// How long the server asks to wait, if that is what it says.
  static Optional<Duration> throttled(ImapResponse.Status status) {
    String code = status.code().toUpperCase(Locale.ROOT);
    String text = status.text().toLowerCase(Locale.ROOT);
    Matcher hint = BACKOFF.matcher(status.text());
    if (hint.find()) {
      Duration asked = Duration.ofMillis(Long.parseLong(hint.group(1)));
      return Optional.of(asked.compareTo(BACKOFF_MAX) > 0 ? BACKOFF_MAX : asked);
    }
    if (text.contains("bandwidth limit") || text.contains("exceeded command")) {
      return Optional.of(BANDWIDTH);
    }
    boolean later =
        code.startsWith("THROTTLED")
            || code.startsWith("UNAVAILABLE")
            || code.startsWith("INUSE")
            || code.startsWith("SERVERBUG")
            || code.startsWith("LIMIT")
            || text.contains("throttl")
            || text.contains("rate exceeded")
            || text.contains("too many requests")
            || text.contains("server unavailable")
            || text.contains("connection is closed")
            || text.contains("too many simultaneous")
            || text.contains("too many connections")
            || text.contains("maximum number of connections")
            || text.contains("try again")
            || text.contains("server busy")
            || text.contains("temporar");
    return later ? Optional.of(TRY_LATER) : Optional.empty();
  }

  /// @throws UnavailableException if the server asks to wait
  static void throwIfThrottled(String what, ImapResponse.Status status) {
    Optional<Duration> wait = throttled(status);
    if (wait.isPresent()) {
      throw new UnavailableException(what + ": " + status.text(), wait.get());
    }
  }

  /// A command that must succeed.
  static void expectOk(String what, ImapResponse.Status status) throws IOException {
    if (status.isOk()) return;
    throwIfThrottled(what, status);
    if (status.word().equals("BYE")) throw new IOException(what + ": " + status.text());
    String code = status.code().toUpperCase(Locale.ROOT);
    throw new RefusedException(
        code.startsWith("NONEXISTENT") ? Refusal.NOT_FOUND : Refusal.FORBIDDEN,
        "%s: %s %s".formatted(what, status.word(), status.text()));
  }

  static RuntimeException loginRefused(ImapResponse.Status status) {
    Optional<Duration> wait = throttled(status);
    String text = status.text();
    if (text.toLowerCase(Locale.ROOT).contains("authenticated but not connected")) {
      text +=
          " (the application may log in, but has no right to this mailbox: look at the service principal's object id and at its FullAccess permission)";
    }
    if (wait.isPresent()) return new UnavailableException("login: " + text, wait.get());
    return new RefusedException(
        Refusal.AUTHENTICATION_FAILED, "the server refuses the login: " + text);
  }

  /// Why an APPEND of one message was refused.
  static WriteResult.Reason appendRefused(ImapResponse.Status status) {
    String code = status.code().toUpperCase(Locale.ROOT);
    String text = status.text().toLowerCase(Locale.ROOT);
    if (code.startsWith("TRYCREATE") || code.startsWith("NONEXISTENT")) {
      return WriteResult.Reason.NO_FOLDER;
    }
    if (code.startsWith("OVERQUOTA") || text.contains("quota")) {
      return WriteResult.Reason.OVER_QUOTA;
    }
    if (code.startsWith("TOOBIG")
        || text.contains("too large")
        || text.contains("too big")
        || text.contains("maximum size")
        || text.contains("size limit")) {
      return WriteResult.Reason.TOO_LARGE;
    }
    return WriteResult.Reason.CONTENT;
  }
}
