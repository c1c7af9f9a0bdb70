package org.mailstead.smtp.server;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.Invariant;
import org.mailstead.base.MalformedException;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.access.Principal;
import org.mailstead.smtp.server.SessionFacts.Kind;
import org.mailstead.smtp.server.SessionFacts.TlsFacts;
import org.mailstead.smtp.wire.DataDecoder;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;
import org.mailstead.smtp.wire.SmtpCommand;
import org.mailstead.smtp.wire.SmtpConnection;
import org.mailstead.smtp.wire.SmtpConnection.Reading;
import org.mailstead.smtp.wire.SmtpLimits;
import org.mailstead.smtp.wire.SmtpReply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection: reads a command, asks the rules, carries it out, answers. Runs on a thread of
/// its own, which owns everything here but [#isInTransaction] and [#connection].
///
/// Where a session ends, and how: by QUIT; by a limit, with 421; by something that cannot be
/// answered safely (a bare LF among commands, a chunk of unknown size), with 521; by silence, with
/// 421 from the watch; by a bug, with 451. Replies wait in the connection's buffer until it must
/// wait for input, so pipelined commands are answered in one packet (RFC 2920 §3.2).
///
/// One file, because every command reads and changes the same session state, and the order of
/// checks and replies is seen only where they stand together.
final class SmtpSession implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(SmtpSession.class);
  private static final int LIMIT_SHOWN_MAX = 999_999;

  private final SmtpServer server;
  private final SmtpConnection connection;
  private final SmtpServerSettings.Listener listener;
  private final SmtpLimits limits;
  private final String id;
  private final Instant connected;
  private final long endNanos;

  private volatile State state = new State.Fresh();
  private Optional<TlsFacts> tls = Optional.empty();
  private Optional<Principal> principal = Optional.empty();
  private int badCommandCount;
  private int idleCommandCount;
  private int rejectedRecipientCount;
  private int loginFailureCount;
  private int transactionCount;

  SmtpSession(
      SmtpServer server,
      SmtpConnection connection,
      SmtpServerSettings.Listener listener,
      String id,
      Instant connected) {
    this.server = server;
    this.connection = connection;
    this.listener = listener;
    this.id = id;
    this.connected = connected;
    limits = server.settings().limits();
    endNanos = System.nanoTime() + limits.times().session().toNanos();
  }

  SmtpConnection connection() {
    return connection;
  }

  /// May be asked by other threads.
  boolean isInTransaction() {
    return state.isInTransaction();
  }

  @Override
  public void run() {
    try {
      if (listener.isTlsImplicit()) handshake(context());
      connection.write(
          SmtpReply.plain(
              220,
              server.settings().hostName()
                  + (listener.kind() == Kind.LMTP ? " LMTP" : " ESMTP")
                  + " Mailstead"));
      boolean goesOn = true;
      while (goesOn) goesOn = step();
      leaveTransaction();
      connection.closeGently();
    } catch (IOException e) {
      log.debug("session {} ended: {}", id, e.getMessage());
    } catch (RuntimeException | Error e) {
      server.countBug();
      log.error("session {} ended by a bug", id, e);
      sayBug();
    } finally {
      try {
        leaveTransaction();
      } catch (RuntimeException e) {
        server.countBug();
        log.error("session {} could not close its transaction", id, e);
      }
      connection.close();
    }
  }

  private void sayBug() {
    try {
      connection.write(SmtpReplies.BUG);
      connection.closeGently();
    } catch (IOException e) {
      log.debug("session {} ended: {}", id, e.getMessage());
    }
  }

  /// Reads and answers one command. Returns false when the session is over.
  private boolean step() throws IOException {
    if (server.isStopping() && !isInTransaction()) return end(SmtpReplies.STOPPING);
    if (System.nanoTime() - endNanos > 0) return end(SmtpReplies.SESSION_TOO_LONG);
    var sizes = limits.sizes();
    boolean isLong = listener.kind() == Kind.SUBMISSION;
    var line =
        connection.readLine(
            isLong ? sizes.authLineBytesMax() : sizes.commandLineBytesMax(),
            sizes.oversizedLineBytesMax(),
            limits.times().idle(),
            limits.times().command());
    return switch (line) {
      case COMPLETE -> command();
      case TOO_LONG -> bad(SmtpReplies.LINE_TOO_LONG);
      // What follows may have been smuggled past a server that reads lines differently.
      case BARE_LF -> end(SmtpReplies.BARE_LF);
      case ENDLESS -> end(SmtpReplies.TOO_MANY_ERRORS);
      case CLOSED -> false;
    };
  }

  private boolean command() throws IOException {
    SmtpCommand command;
    try {
      command = connection.parseCommand();
    } catch (MalformedException e) {
      if (connection.line().regionMatches(true, 0, "BDAT", 0, 4)) {
        // Its octets follow, and we cannot know how many: they must not be read as commands.
        return end(SmtpReplies.BAD_CHUNK);
      }
      return bad(SmtpReply.of(501, "5.5.4", "Syntax error: " + e.getMessage()));
    }
    if (connection.lineBytes() + 2 > limits.sizes().commandLineBytesMax()
        && !(command instanceof SmtpCommand.Auth)) {
      return bad(SmtpReplies.LINE_TOO_LONG);
    }
    if (!(command instanceof SmtpCommand.Quit) && !mayContinue()) {
      return end(SmtpReplies.ACCESS_ENDED);
    }
    if (CommandRules.isIdle(command) && isTooMuchIdling()) return end(SmtpReplies.TOO_MANY_ERRORS);
    var refusal = CommandRules.refusal(command, standing());
    if (refusal.isPresent()) return bad(refusal.get());
    return switch (command) {
      case SmtpCommand.Ehlo(String name) -> hello(name, true);
      case SmtpCommand.Lhlo(String name) -> hello(name, true);
      case SmtpCommand.Helo(String name) -> hello(name, false);
      case SmtpCommand.Mail(MailFrom from) -> mail(from);
      case SmtpCommand.Rcpt rcpt -> rcpt(rcpt);
      case SmtpCommand.Data _ -> data();
      case SmtpCommand.Bdat bdat -> bdat(bdat);
      case SmtpCommand.Rset _ -> rset();
      case SmtpCommand.Noop _ -> say(SmtpReplies.OK);
      case SmtpCommand.Quit _ -> end(SmtpReplies.BYE);
      case SmtpCommand.Help _ -> say(SmtpReplies.HELP);
      // RFC 5321 §3.5.3, §7.3: 252 neither confirms nor denies.
      case SmtpCommand.Vrfy _ -> say(SmtpReplies.CANNOT_VERIFY);
      case SmtpCommand.StartTls _ -> startTls();
      case SmtpCommand.Auth auth -> auth(auth);
      case SmtpCommand.ForeignProtocol _ -> end(SmtpReplies.FOREIGN_PROTOCOL);
      case SmtpCommand.Expn _, SmtpCommand.Unknown _, SmtpCommand.UnknownParameter _ ->
          throw new IllegalStateException("the rules let through " + command.getClass());
    };
  }

  private CommandRules.Standing standing() {
    return new CommandRules.Standing(
        listener.kind(), state, tls.isPresent(), principal.isPresent(), mayStartTls(), mayLogin());
  }

  /// Rules may change while a session runs: asked at each command and before a message is taken.
  private boolean mayContinue() {
    return principal.filter(who -> !server.login().mayContinue(who, connection.peer())).isEmpty();
  }

  private boolean mayStartTls() {
    return tls.isEmpty() && server.tls().isPresent();
  }

  private boolean mayLogin() {
    return listener.kind() == Kind.SUBMISSION
        && (tls.isPresent()
            || (server.settings().isPlainAuthOnLoopback()
                && connection.peer().isLoopbackAddress()));
  }

  // ---- answers

  private boolean say(SmtpReply reply) throws IOException {
    connection.write(reply);
    return true;
  }

  private boolean end(SmtpReply reply) throws IOException {
    connection.write(reply);
    return false;
  }

  /// A refusal that counts as the client's mistake.
  private boolean bad(SmtpReply reply) throws IOException {
    connection.write(reply);
    log.debug("session {} was told {}", id, reply);
    if (++badCommandCount < limits.counts().badCommandsMax()) return true;
    return end(SmtpReplies.TOO_MANY_ERRORS);
  }

  private boolean isTooMuchIdling() {
    return ++idleCommandCount > limits.counts().idleCommandsMax();
  }

  // ---- greeting, TLS, login

  private boolean hello(String name, boolean extended) throws IOException {
    leaveTransaction();
    state = new State.Ready(new State.Hello(name, extended));
    String greeting = server.settings().hostName();
    if (!extended) return say(SmtpReply.plain(250, greeting));
    List<String> lines = new ArrayList<>();
    lines.add(greeting);
    lines.add("PIPELINING");
    lines.add("SIZE " + limits.sizes().messageBytesMax());
    lines.add("8BITMIME");
    lines.add("SMTPUTF8");
    lines.add("CHUNKING");
    lines.add("DSN");
    lines.add("ENHANCEDSTATUSCODES");
    lines.add(limitsLine());
    // RFC 8689 §2: not before TLS, where it could be taken out.
    if (tls.isPresent()) lines.add("REQUIRETLS");
    if (mayStartTls()) lines.add("STARTTLS");
    if (mayLogin()) lines.add("AUTH PLAIN LOGIN");
    lines.add("HELP");
    return say(new SmtpReply(250, Optional.empty(), lines));
  }

  /// What is enforced below (RFC 9422 §3.2; numbers have six digits at the most).
  private String limitsLine() {
    return "LIMITS MAILMAX="
        + Math.min(limits.counts().transactionsMax(), LIMIT_SHOWN_MAX)
        + " RCPTMAX="
        + Math.min(limits.counts().recipientsMax(), LIMIT_SHOWN_MAX);
  }

  private boolean startTls() throws IOException {
    SSLContext context;
    try {
      context = context();
    } catch (UnavailableException e) {
      log.warn("session {}: no certificate: {}", id, e.getMessage(), e.getCause());
      return say(SmtpReplies.TLS_UNAVAILABLE); // RFC 3207 §4
    }
    connection.write(SmtpReplies.START_TLS);
    handshake(context);
    return true;
  }

  private SSLContext context() {
    return server.tls().orElseThrow(() -> new IllegalStateException("no certificate")).get();
  }

  private void handshake(SSLContext context) throws IOException {
    var secured =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(
                    connection.rawSocket(),
                    connection.peer().getHostAddress(),
                    connection.peerPort(),
                    true);
    secured.setUseClientMode(false);
    connection.startTls(secured, limits.times().handshake());
    tls =
        connection
            .tlsSession()
            .map(session -> new TlsFacts(session.getProtocol(), session.getCipherSuite()));
    // RFC 3207 §4.2: nothing learned in plain text counts any more.
    leaveTransaction();
    state = new State.Fresh();
    principal = Optional.empty();
  }

  private boolean auth(SmtpCommand.Auth command) throws IOException {
    return switch (new AuthExchange(connection, limits, server.login()).run(command)) {
      case AuthExchange.Result.LoggedIn(Principal who) -> {
        principal = Optional.of(who);
        yield say(SmtpReplies.LOGGED_IN);
      }
      case AuthExchange.Result.Failed(SmtpReply reply) -> {
        connection.write(reply);
        yield ++loginFailureCount < limits.counts().loginFailuresMax()
            || end(SmtpReplies.TOO_MANY_ERRORS);
      }
    };
  }

  // ---- transactions

  private boolean mail(MailFrom from) throws IOException {
    if (++transactionCount > limits.counts().transactionsMax()) {
      return end(SmtpReplies.TOO_MANY_TRANSACTIONS);
    }
    if (from.requireTls() && tls.isEmpty()) return say(SmtpReplies.TLS_NEEDED);
    // LIM-1, RFC 1870 §6.1.
    if (from.size().orElse(0) > limits.sizes().messageBytesMax()) {
      return say(SmtpReplies.MESSAGE_TOO_LARGE);
    }
    if (from.reversePath().isPresent() && !from.smtpUtf8() && !isAscii(from.reversePath().get())) {
      return say(SmtpReplies.UTF8_NEEDED);
    }
    State.Hello hello = ready();
    try {
      var transaction = server.reception().begin(facts(hello, from), from);
      state = new State.InTransaction(hello, new State.Envelope(from, transaction));
      return say(SmtpReplies.SENDER_OK);
    } catch (RefusedException e) {
      return say(refused(e));
    } catch (UnavailableException e) {
      return say(unavailable(e));
    }
  }

  private boolean rcpt(SmtpCommand.Rcpt command) throws IOException {
    var envelope = envelope();
    // LIM-1, RFC 5321 §4.5.3.1.10: temporary, so that the rest comes in a second message.
    if (envelope.recipientCount() >= limits.counts().recipientsMax()) {
      return say(SmtpReplies.TOO_MANY_RECIPIENTS);
    }
    EmailAddress address =
        command
            .address()
            .orElseGet(() -> new EmailAddress("postmaster", server.settings().hostName()));
    if (!envelope.from().smtpUtf8() && !isAscii(address)) return say(SmtpReplies.UTF8_NEEDED);
    SmtpReply reply;
    try {
      var to = new RcptTo(address, command.notifications(), command.originalRecipient());
      reply = reply(envelope.transaction().recipient(to), "2.1.5");
    } catch (RefusedException e) {
      reply = refused(e);
    } catch (UnavailableException e) {
      reply = unavailable(e);
    }
    envelope.countRecipient(reply.isPositive());
    connection.write(reply);
    if (!reply.isPermanent()
        || ++rejectedRecipientCount < limits.counts().rejectedRecipientsMax()) {
      return true;
    }
    return end(SmtpReplies.TOO_MANY_ERRORS);
  }

  private boolean rset() throws IOException {
    leaveTransaction();
    return say(SmtpReplies.OK);
  }

  // ---- message data

  private boolean data() throws IOException {
    var envelope = envelope();
    connection.write(SmtpReplies.START_DATA);
    try (var intake = server.newIntake()) {
      var decoder = DataDecoder.dotted(intake);
      var sizes = limits.sizes();
      var times = limits.times();
      Reading reading =
          connection.readData(
              decoder,
              sizes.messageBytesMax() + sizes.excessBytesMax(),
              times.dataIdle(),
              times.data());
      return switch (reading) {
        case ENDED -> {
          deliver(envelope, intake, decoder);
          yield true;
        }
        case TOO_MUCH -> end(SmtpReplies.MESSAGE_TOO_LARGE);
        case CLOSED -> false;
      };
    }
  }

  private boolean bdat(SmtpCommand.Bdat command) throws IOException {
    var sizes = limits.sizes();
    if (command.size() > sizes.messageBytesMax() + sizes.excessBytesMax()) {
      return end(SmtpReplies.MESSAGE_TOO_LARGE);
    }
    // Chunks of nothing would go on for ever.
    if (command.size() == 0 && !command.last() && isTooMuchIdling()) {
      return end(SmtpReplies.TOO_MANY_ERRORS);
    }
    var refusal = chunkRefusal();
    if (refusal.isPresent()) {
      // RFC 3030 §2: the octets come all the same.
      var nowhere = DataDecoder.chunked((_, _, _) -> {});
      if (readChunk(nowhere, command.size()) != Reading.ENDED) return false;
      return bad(refusal.get());
    }
    var envelope = envelope();
    if (envelope.chunks().isEmpty()) {
      var intake = server.newIntake();
      envelope.begin(new State.ChunkedMessage(intake, DataDecoder.chunked(intake)));
    }
    var message = envelope.chunks().orElseThrow();
    if (readChunk(message.decoder(), command.size()) != Reading.ENDED) return false;
    if (command.last()) {
      message.decoder().finish();
      deliver(envelope, message.intake(), message.decoder());
      return true;
    }
    var failure = message.intake().refusal();
    if (failure.isPresent()) {
      envelope.failChunks();
      return say(failure.get());
    }
    return say(SmtpReply.of(250, "2.0.0", command.size() + " octets received"));
  }

  private Optional<SmtpReply> chunkRefusal() {
    if (!(state instanceof State.InTransaction(_, State.Envelope envelope))) {
      return Optional.of(SmtpReplies.NO_TRANSACTION);
    }
    if (envelope.areChunksFailed()) return Optional.of(SmtpReplies.CHUNK_FAILED);
    if (envelope.recipientCount() > 0) return Optional.empty();
    return Optional.of(
        envelope.isAnyTried() ? SmtpReplies.NO_VALID_RECIPIENTS : SmtpReplies.NO_RECIPIENTS);
  }

  private Reading readChunk(DataDecoder decoder, long count) throws IOException {
    return connection.readChunk(decoder, count, limits.times().dataIdle(), limits.times().data());
  }

  /// Hands a whole message over and answers for it; the transaction is over then.
  private void deliver(State.Envelope envelope, MessageIntake intake, DataDecoder decoder)
      throws IOException {
    int recipientCount = listener.kind() == Kind.LMTP ? envelope.recipientCount() : 1;
    List<SmtpReply> replies;
    try {
      replies =
          mayContinue()
              ? answers(envelope, intake, decoder, recipientCount)
              : Collections.nCopies(recipientCount, SmtpReplies.ACCESS_REFUSED);
    } catch (RefusedException e) {
      replies = Collections.nCopies(recipientCount, refused(e));
    } catch (UnavailableException e) {
      replies = Collections.nCopies(recipientCount, unavailable(e));
    }
    leaveTransaction();
    for (SmtpReply reply : replies) {
      if (reply.isPositive()) {
        idleCommandCount = 0;
        rejectedRecipientCount = 0;
      }
      connection.write(reply);
    }
  }

  private List<SmtpReply> answers(
      State.Envelope envelope, MessageIntake intake, DataDecoder decoder, int recipientCount) {
    var refusal = messageRefusal(intake, decoder);
    if (refusal.isPresent()) return Collections.nCopies(recipientCount, refusal.get());
    try (Content content = intake.finish()) {
      int receivedMax = limits.counts().receivedMax();
      int receivedCount = MessageIntake.countReceived(content.buffer(), receivedMax);
      if (receivedCount > receivedMax) {
        return Collections.nCopies(recipientCount, SmtpReplies.MAIL_LOOP);
      }
      var outcome = envelope.transaction().data(content, new Reception.DataFacts(receivedCount));
      return switch (outcome) {
        case Reception.Outcome.All(Verdict verdict) ->
            Collections.nCopies(recipientCount, reply(verdict, "2.0.0"));
        case Reception.Outcome.Each(List<Verdict> verdicts) -> {
          Invariant.check(listener.kind() == Kind.LMTP, "a verdict for each only in LMTP");
          Invariant.check(verdicts.size() == recipientCount, "a verdict for each recipient");
          yield verdicts.stream().map(verdict -> reply(verdict, "2.0.0")).toList();
        }
      };
    }
  }

  private Optional<SmtpReply> messageRefusal(MessageIntake intake, DataDecoder decoder) {
    var refusal = intake.refusal();
    if (refusal.isPresent()) return refusal;
    if (decoder.isBareLineEndSeen()
        && server.settings().bareLineEnds() == SmtpServerSettings.BareLineEnds.REJECT) {
      return Optional.of(SmtpReplies.BARE_LINE_END);
    }
    return decoder.longestLineBytes() > limits.sizes().textLineBytesMax()
        ? Optional.of(SmtpReplies.TEXT_LINE_TOO_LONG)
        : Optional.empty();
  }

  // ---- pieces

  private SmtpReply refused(RefusedException refused) {
    log.debug("session {} refused: {}", id, refused.logText());
    return RefusalReplies.of(refused);
  }

  private SmtpReply unavailable(UnavailableException unavailable) {
    log.warn("session {}: {}", id, unavailable.getMessage(), unavailable.getCause());
    return RefusalReplies.of(unavailable);
  }

  private static SmtpReply reply(Verdict verdict, String enhancedCode) {
    return switch (verdict) {
      case Verdict.Accepted(String text) -> SmtpReply.of(250, enhancedCode, text);
      case Verdict.Rejected(SmtpReply reply) -> reply;
      case Verdict.Deferred(SmtpReply reply) -> reply;
    };
  }

  private State.Hello ready() {
    return switch (state) {
      case State.Ready(State.Hello hello) -> hello;
      case State.InTransaction(State.Hello hello, _) -> hello;
      case State.Fresh _ -> throw new IllegalStateException("not greeted");
    };
  }

  private State.Envelope envelope() {
    if (state instanceof State.InTransaction(_, State.Envelope envelope)) return envelope;
    throw new IllegalStateException("no transaction");
  }

  private void leaveTransaction() {
    if (!(state instanceof State.InTransaction(State.Hello hello, State.Envelope envelope))) return;
    state = new State.Ready(hello);
    envelope.close();
  }

  private SessionFacts facts(State.Hello hello, MailFrom from) {
    return new SessionFacts(
        id,
        listener.kind(),
        connection.peer(),
        connection.peerPort(),
        hello.name(),
        protocolWord(hello, from),
        tls,
        principal,
        connected);
  }

  /// RFC 3848, RFC 6531 §4.3.
  private String protocolWord(State.Hello hello, MailFrom from) {
    if (!hello.isExtended()) return "SMTP";
    String word = listener.kind() == Kind.LMTP ? "LMTP" : from.smtpUtf8() ? "SMTP" : "ESMTP";
    return (from.smtpUtf8() ? "UTF8" : "")
        + word
        + (tls.isPresent() ? "S" : "")
        + (principal.isPresent() ? "A" : "");
  }

  private static boolean isAscii(EmailAddress address) {
    return isAscii(address.local()) && isAscii(address.domain());
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) if (text.charAt(i) >= 0x80) return false;
    return true;
  }
}
