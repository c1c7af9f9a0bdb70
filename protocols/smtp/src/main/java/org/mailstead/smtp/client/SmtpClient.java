package org.mailstead.smtp.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.smtp.client.ClientSettings.Tls;
import org.mailstead.smtp.client.Delivery.RecipientOutcome;
import org.mailstead.smtp.client.Delivery.Stage;
import org.mailstead.smtp.wire.ConnectionWatch;
import org.mailstead.smtp.wire.DataEncoder;
import org.mailstead.smtp.wire.Extensions;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.PathText;
import org.mailstead.smtp.wire.RcptTo;
import org.mailstead.smtp.wire.ReplyReader;
import org.mailstead.smtp.wire.SmtpConnection;
import org.mailstead.smtp.wire.SmtpReply;
import org.mailstead.smtp.wire.XText;

/// One connection to an SMTP or LMTP server. Not for use by two threads.
///
/// An `IOException` means that the connection is of no more use; whatever had no final reply may be
/// tried again elsewhere. A peer's refusal of a message or of a recipient is a result.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5321#section-3 RFC 5321 §3
public final class SmtpClient implements AutoCloseable {
  /// RCPT commands in one packet: their replies fit into any socket buffer, so that neither side
  /// blocks the other (RFC 2920 §3.1).
  private static final int PIPELINED_MAX = 100;

  private static final Duration QUIT_TIME = Duration.ofSeconds(5);
  private static final SmtpReply NO_FAREWELL = SmtpReply.plain(221, "timeout");

  private final ClientSettings settings;
  private final String peerName;
  private final SmtpConnection connection;
  private final ConnectionWatch watch;
  private Extensions extensions = Extensions.none();
  private boolean transactionOpen;

  private SmtpClient(
      ClientSettings settings, String peerName, SmtpConnection connection, ConnectionWatch watch) {
    this.settings = settings;
    this.peerName = peerName;
    this.connection = connection;
    this.watch = watch;
  }

  /// Connects, reads the greeting, says EHLO (HELO where EHLO is unknown), and STARTTLS as the
  /// settings say.
  ///
  /// @param peerName the name that the certificate must carry, and SNI
  /// @throws PeerRefusedException the peer says no
  public static SmtpClient connect(
      InetSocketAddress address, String peerName, ClientSettings settings) throws IOException {
    var socket = new Socket();
    SmtpConnection connection;
    try {
      socket.connect(address, Math.toIntExact(settings.timeouts().connect().toMillis()));
      connection = new SmtpConnection(socket, settings.timeouts().dataBlock());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
    // The watch closes a silent connection; a client says nothing then.
    var watch = new ConnectionWatch(NO_FAREWELL);
    watch.add(connection);
    var client = new SmtpClient(settings, peerName, connection, watch);
    try {
      client.begin();
      return client;
    } catch (IOException | RuntimeException e) {
      client.close();
      throw e;
    }
  }

  private void begin() throws IOException {
    if (settings.tls() == Tls.IMPLICIT_VERIFIED) startHandshake();
    SmtpReply greeting = read(settings.timeouts().greeting());
    if (greeting.code() != 220) throw new PeerRefusedException("connection", greeting);
    hello();
    switch (settings.tls()) {
      case NONE, IMPLICIT_VERIFIED -> {}
      case OPPORTUNISTIC -> {
        if (extensions.isOffered("STARTTLS") && command("STARTTLS").code() == 220) secure();
      }
      case REQUIRED, VERIFIED, DANE -> {
        // Whether it is offered is not asked: somebody in between may have taken it out.
        SmtpReply reply = command("STARTTLS");
        if (reply.code() != 220) throw new PeerRefusedException("STARTTLS", reply);
        secure();
      }
    }
  }

  private void hello() throws IOException {
    SmtpReply reply = command((settings.isLmtp() ? "LHLO " : "EHLO ") + settings.helloName());
    if (reply.code() == 250) {
      extensions = Extensions.parse(reply);
      return;
    }
    // RFC 5321 §3.2: an old server says 500 or 502, and others of the kind.
    if (settings.isLmtp() || !reply.isPermanent()) throw new PeerRefusedException("EHLO", reply);
    SmtpReply old = command("HELO " + settings.helloName());
    if (old.code() != 250) throw new PeerRefusedException("HELO", old);
    extensions = Extensions.none();
  }

  private void secure() throws IOException {
    // What follows the reply in plain text was not said by the peer that we are about to trust.
    if (connection.discardInput() > 0) throw new IOException("data after the reply to STARTTLS");
    startHandshake();
    // RFC 3207 §4.2: what was offered in plain text does not count.
    hello();
  }

  private void startHandshake() throws IOException {
    boolean verified = settings.tls() == Tls.VERIFIED || settings.tls() == Tls.IMPLICIT_VERIFIED;
    boolean checked = verified || settings.tls() == Tls.DANE;
    SSLContext context = checked ? settings.sslContext() : UncheckedTrust.CONTEXT;
    var secured =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(connection.rawSocket(), peerName, connection.peerPort(), true);
    secured.setUseClientMode(true);
    if (verified) {
      var parameters = secured.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS"); // RFC 6125, as RFC 8461 §4.1 wants
      secured.setSSLParameters(parameters);
    }
    connection.startTls(secured, settings.timeouts().command());
  }

  /// What the peer offers.
  public Extensions extensions() {
    return extensions;
  }

  public boolean isEncrypted() {
    return connection.tlsSession().isPresent();
  }

  /// Whether the peer passes DSN requests on (RFC 3461); where not, the sender of this message
  /// reports for itself.
  public boolean isDsnOffered() {
    return extensions.isOffered("DSN");
  }

  /// AUTH PLAIN or LOGIN; only over TLS.
  ///
  /// @throws PeerRefusedException wrong name or password, no AUTH offered, or no TLS
  public void authenticate(String name, String password) throws IOException {
    if (!isEncrypted()) {
      throw new PeerRefusedException(
          "AUTH", SmtpReply.of(538, "5.7.11", "a password is not sent without TLS"));
    }
    Set<String> mechanisms = extensions.mechanisms();
    SmtpReply reply;
    if (mechanisms.contains("PLAIN")) {
      reply = command("AUTH PLAIN " + base64("\0" + name + "\0" + password));
    } else if (mechanisms.contains("LOGIN")) {
      reply = command("AUTH LOGIN");
      if (reply.code() == 334) reply = command(base64(name));
      if (reply.code() == 334) reply = command(base64(password));
    } else {
      throw new PeerRefusedException(
          "AUTH", SmtpReply.of(504, "5.5.4", "no known mechanism is offered"));
    }
    if (reply.code() != 235) throw new PeerRefusedException("AUTH", reply);
  }

  // ---- a message

  /// Sends one message to all the recipients. May be called again for the next message.
  public Delivery send(MailFrom from, List<RcptTo> recipients, Content content) throws IOException {
    if (recipients.isEmpty()) throw new IllegalArgumentException("a message needs a recipient");
    boolean utf8 = from.smtpUtf8() || !isAscii(from, recipients);
    Optional<SmtpReply> lacking = lacking(utf8, from.requireTls(), content);
    if (lacking.isPresent()) return all(recipients, Stage.REQUIREMENTS, lacking.get());
    if (transactionOpen) {
      SmtpReply reset = command("RSET");
      if (!reset.isPositive()) return all(recipients, Stage.MAIL, reset);
      transactionOpen = false;
    }
    return new Sending(recipients, content).run(mailLine(from, utf8, content.length()));
  }

  /// One message on its way.
  private final class Sending {
    private final List<RcptTo> recipients;
    private final Content content;
    private final List<SmtpReply> rcptReplies = new ArrayList<>();
    private final boolean pipelined = extensions.isOffered("PIPELINING");
    private final boolean chunked = settings.isChunkingUsed() && extensions.isOffered("CHUNKING");
    private boolean dataWritten;

    Sending(List<RcptTo> recipients, Content content) {
      this.recipients = recipients;
      this.content = content;
    }

    Delivery run(String mailLine) throws IOException {
      connection.writeLine(mailLine);
      Optional<SmtpReply> mail = Optional.empty();
      for (int i = 0; i < recipients.size(); ) {
        if (!pipelined && mail.isEmpty()) {
          mail = Optional.of(read(settings.timeouts().command()));
          if (!mail.get().isPositive()) return all(recipients, Stage.MAIL, mail.get());
        }
        int to = pipelined ? Math.min(recipients.size(), i + PIPELINED_MAX) : i + 1;
        for (RcptTo recipient : recipients.subList(i, to)) {
          connection.writeLine(rcptLine(recipient));
        }
        if (pipelined && !chunked && to == recipients.size()) writeData();
        if (mail.isEmpty()) mail = Optional.of(read(settings.timeouts().command()));
        for (; i < to; i++) rcptReplies.add(read(settings.timeouts().command()));
        if (!mail.get().isPositive()) {
          giveUp();
          return all(recipients, Stage.MAIL, mail.get());
        }
      }
      transactionOpen = true;
      int accepted = (int) rcptReplies.stream().filter(SmtpReply::isPositive).count();
      if (accepted == 0) {
        giveUp();
        return outcomes(List.of());
      }
      List<SmtpReply> last = chunked ? sendChunks(accepted) : sendData(accepted);
      return outcomes(last);
    }

    private void writeData() throws IOException {
      connection.writeLine("DATA");
      dataWritten = true;
    }

    /// RFC 2920 §3.1: DATA was sent with the rest and may have been accepted all the same.
    private void giveUp() throws IOException {
      if (!dataWritten) return;
      SmtpReply reply = read(settings.timeouts().dataInitiation());
      if (reply.code() != 354) return;
      connection.writeLine(".");
      if (!settings.isLmtp()) {
        var _ = read(settings.timeouts().dataTermination());
      }
      transactionOpen = false;
    }

    private List<SmtpReply> sendData(int accepted) throws IOException {
      if (!dataWritten) writeData();
      SmtpReply start = read(settings.timeouts().dataInitiation());
      if (start.code() != 354) return Collections.nCopies(accepted, refusalOf(start));
      try {
        DataEncoder.writeDotted(content.buffer(), connection::write);
        connection.writeLine(".");
        connection.flush();
      } catch (IOException e) {
        return Collections.nCopies(accepted, earlyReply(e));
      }
      return finalReplies(accepted);
    }

    private List<SmtpReply> sendChunks(int accepted) throws IOException {
      List<SmtpReply> failures = new ArrayList<>();
      DataEncoder.writeChunked(
          content.buffer(),
          (bytes, offset, count) -> {
            if (!failures.isEmpty()) return;
            connection.writeLine("BDAT " + count);
            connection.write(bytes, offset, count);
            SmtpReply reply = read(settings.timeouts().dataBlock());
            if (!reply.isPositive()) failures.add(reply);
          });
      if (!failures.isEmpty()) return Collections.nCopies(accepted, failures.getFirst());
      connection.writeLine("BDAT 0 LAST");
      return finalReplies(accepted);
    }

    private List<SmtpReply> finalReplies(int accepted) throws IOException {
      Duration time = settings.timeouts().dataTermination();
      List<SmtpReply> replies = new ArrayList<>();
      if (settings.isLmtp()) {
        // RFC 2033 §4.2.
        for (int i = 0; i < accepted; i++) replies.add(refuseOdd(read(time)));
      } else {
        replies.addAll(Collections.nCopies(accepted, refuseOdd(read(time))));
      }
      transactionOpen = false;
      return replies;
    }

    /// A peer that breaks off in the middle of the data often says why.
    private SmtpReply earlyReply(IOException broken) throws IOException {
      try {
        SmtpReply reply = read(QUIT_TIME);
        if (!reply.isPositive()) return reply;
      } catch (IOException e) {
        broken.addSuppressed(e);
      }
      throw broken;
    }

    private Delivery outcomes(List<SmtpReply> dataReplies) {
      List<RecipientOutcome> outcomes = new ArrayList<>();
      int accepted = 0;
      for (int i = 0; i < recipients.size(); i++) {
        SmtpReply rcpt = rcptReplies.get(i);
        outcomes.add(
            rcpt.isPositive()
                ? new RecipientOutcome(recipients.get(i), Stage.DATA, dataReplies.get(accepted++))
                : new RecipientOutcome(recipients.get(i), Stage.RCPT, rcpt));
      }
      return new Delivery(outcomes);
    }
  }

  /// A positive reply where only a refusal makes sense would count as delivered.
  private static SmtpReply refusalOf(SmtpReply reply) throws IOException {
    if (reply.isPositive()) throw new IOException("the peer answered DATA with " + reply.code());
    return reply;
  }

  private static SmtpReply refuseOdd(SmtpReply reply) throws IOException {
    if (reply.isPositive() && reply.code() / 100 != 2) {
      throw new IOException("the peer answered the end of data with " + reply.code());
    }
    return reply;
  }

  private Optional<SmtpReply> lacking(boolean utf8, boolean requireTls, Content content) {
    // RFC 8689 §4.2.1: nor where it would go on without what was promised to the sender.
    if (requireTls && !(isEncrypted() && extensions.isOffered("REQUIRETLS"))) {
      return Optional.of(SmtpReply.of(550, "5.7.30", peerName + " does not offer REQUIRETLS"));
    }
    // RFC 6531 §3.1: such a message must not go where it is not understood.
    if (utf8 && !extensions.isOffered("SMTPUTF8")) {
      return Optional.of(SmtpReply.of(550, "5.6.7", peerName + " does not offer SMTPUTF8"));
    }
    var sizeMax = extensions.sizeMax();
    if (sizeMax.isPresent() && content.length() > sizeMax.getAsLong()) {
      return Optional.of(
          SmtpReply.of(
              552, "5.3.4", peerName + " takes messages of " + sizeMax.getAsLong() + " octets"));
    }
    return Optional.empty();
  }

  private String mailLine(MailFrom from, boolean utf8, long size) {
    var line = new StringBuilder("MAIL FROM:<");
    line.append(from.reversePath().map(PathText::write).orElse("")).append('>');
    if (extensions.isOffered("SIZE")) line.append(" SIZE=").append(size);
    if (from.body() == MailFrom.BodyKind.EIGHT_BIT_MIME && extensions.isOffered("8BITMIME")) {
      line.append(" BODY=8BITMIME");
    }
    if (utf8) line.append(" SMTPUTF8");
    if (from.requireTls()) line.append(" REQUIRETLS");
    if (isDsnOffered()) {
      from.returned()
          .ifPresent(returned ->
              line.append(
                  switch (returned) {
                    case FULL -> " RET=FULL";
                    case HEADERS -> " RET=HDRS";
                  }));
      from.envelopeId().ifPresent(id -> line.append(" ENVID=").append(XText.encode(id)));
    }
    return line.toString();
  }

  private String rcptLine(RcptTo recipient) {
    var line = new StringBuilder("RCPT TO:<").append(PathText.write(recipient.address()));
    line.append('>');
    if (isDsnOffered()) {
      if (!recipient.notifications().isEmpty()) {
        line.append(" NOTIFY=")
            .append(
                recipient.notifications().stream()
                    .sorted()
                    .map(Enum::name)
                    .collect(Collectors.joining(",")));
      }
      recipient
          .originalRecipient()
          .ifPresent(original ->
              line.append(" ORCPT=")
                  .append(original.type().toLowerCase(Locale.ROOT))
                  .append(';')
                  .append(XText.encode(original.address())));
    }
    return line.toString();
  }

  private static Delivery all(List<RcptTo> recipients, Stage stage, SmtpReply reply) {
    return new Delivery(
        recipients.stream()
            .map(recipient -> new RecipientOutcome(recipient, stage, reply))
            .toList());
  }

  private static boolean isAscii(MailFrom from, List<RcptTo> recipients) {
    return from.reversePath().map(SmtpClient::isAscii).orElse(true)
        && recipients.stream().allMatch(recipient -> isAscii(recipient.address()));
  }

  private static boolean isAscii(EmailAddress address) {
    return address.toString().chars().allMatch(c -> c < 0x80);
  }

  // ---- pieces

  private SmtpReply command(String line) throws IOException {
    connection.writeLine(line);
    return read(settings.timeouts().command());
  }

  private SmtpReply read(Duration time) throws IOException {
    return ReplyReader.read(connection, time);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Ends a session politely. The connection is closed in every case.
  public void quit() {
    try (this) {
      connection.writeLine("QUIT");
      var _ = read(QUIT_TIME);
    } catch (IOException e) {
      // The peer was faster; nothing is lost.
    }
  }

  /// Closes the connection at once.
  @Override
  public void close() {
    watch.close();
    connection.close();
  }
}
