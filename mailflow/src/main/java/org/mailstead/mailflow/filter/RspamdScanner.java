package org.mailstead.mailflow.filter;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mailstead.base.EmailAddress;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Asks Rspamd about a message: `POST /checkv2`, the envelope in header fields of the request.
///
/// What Rspamd's actions mean here: `add header`, `rewrite subject`, `quarantine`, `discard` and
/// `reject` are spam, which goes to the junk folder; the others (`no action`, and `greylist` and
/// `soft reject`, which ask for time and not for a folder) are not.
///
/// Source: https://rspamd.com/doc/developers/protocol.html Rspamd: Protocol
final class RspamdScanner implements SpamScanner {
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3}) ?(.*)");
  private static final Set<String> SPAM =
      Set.of("add header", "rewrite subject", "quarantine", "discard", "reject");
  private static final int LINES_MAX = 100;
  private static final int LINE_BYTES_MAX = 8_000;
  private static final int RECIPIENTS_MAX = 500;

  private final JsonMapper json = new JsonMapper();
  private final FilterAddress address;
  private final String password;
  private final String hostname;
  private final Duration timeout;

  /// @param password of Rspamd; empty for none
  /// @param hostname of this server
  RspamdScanner(FilterAddress address, String password, String hostname, Duration timeout) {
    this.address = address;
    this.password = password;
    this.hostname = hostname;
    this.timeout = timeout;
  }

  @Override
  public SpamScore scan(FilteredMessage message) throws IOException {
    ByteBuffer content = message.content().buffer();
    var request = new StringBuilder("POST /checkv2 HTTP/1.1\r\n");
    field(request, "Host", address.host());
    field(request, "Connection", "close");
    field(request, "Content-Length", Integer.toString(content.remaining()));
    field(request, "Queue-Id", message.id());
    field(request, "IP", message.peer().getHostAddress());
    field(request, "Helo", message.helo());
    field(request, "From", message.sender());
    int count = 0;
    for (EmailAddress recipient : message.recipients()) {
      if (count++ == RECIPIENTS_MAX) break;
      field(request, "Rcpt", recipient.toString());
    }
    message.user().ifPresent(user -> field(request, "User", user));
    field(request, "MTA-Name", hostname);
    if (!password.isEmpty()) field(request, "Password", password);
    request.append("\r\n");
    try (FilterConnection connection = FilterConnection.open(address, timeout)) {
      connection.write(request.toString().getBytes(StandardCharsets.UTF_8));
      connection.write(content);
      return answer(connection);
    }
  }

  /// Values are the peer's words: a line break in one would be a field of its own.
  private static void field(StringBuilder request, String name, String value) {
    request.append(name).append(": ").append(value.replaceAll("[\\p{Cntrl}]", "?")).append("\r\n");
  }

  private SpamScore answer(FilterConnection connection) throws IOException {
    Matcher status = STATUS.matcher(connection.readLine(LINE_BYTES_MAX));
    if (!status.matches()) throw new IOException("not an answer of Rspamd");
    long length = -1;
    String line = connection.readLine(LINE_BYTES_MAX);
    for (int i = 0; !line.isEmpty(); i++) {
      if (i == LINES_MAX) throw new IOException("the answer of Rspamd is too long");
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) length = number(line.substring(15));
      if (lower.startsWith("transfer-encoding:")) {
        throw new IOException("an answer of Rspamd in chunks");
      }
      line = connection.readLine(LINE_BYTES_MAX);
    }
    if (!status.group(1).equals("200")) {
      throw new IOException(
          "Rspamd answers " + status.group(1) + " " + SpamScore.clean(status.group(2)));
    }
    if (length > FilterLimits.SPAM_ANSWER_BYTES_MAX) {
      throw new IOException("the answer of Rspamd is too long");
    }
    byte[] body =
        length >= 0
            ? connection.read((int) length)
            : connection.readUntil(-1, FilterLimits.SPAM_ANSWER_BYTES_MAX);
    return score(body);
  }

  private SpamScore score(byte[] body) throws IOException {
    try {
      JsonNode root = json.readTree(body);
      String action = root.path("action").asString("");
      if (action.isEmpty() || !root.path("score").isNumber()) {
        throw new IOException("an answer of Rspamd without a score");
      }
      List<String> reasons = new ArrayList<>();
      root.path("symbols")
          .properties()
          .forEach(symbol -> {
            double points = symbol.getValue().path("score").asDouble(0);
            if (points != 0)
              reasons.add(symbol.getKey() + String.format(Locale.ROOT, "(%.2f)", points));
          });
      double score = root.path("score").asDouble(0);
      boolean isSpam = SPAM.contains(action);
      // The score of `reject`; what is spam by a milder action has less.
      double required = root.path("required_score").asDouble(15);
      return new SpamScore(isSpam, score, isSpam ? Math.min(required, score) : required, reasons);
    } catch (JacksonException | IllegalArgumentException e) {
      throw new IOException("the answer of Rspamd cannot be read", e);
    }
  }

  private static long number(String text) throws IOException {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw new IOException("not an answer of Rspamd", e);
    }
  }
}
