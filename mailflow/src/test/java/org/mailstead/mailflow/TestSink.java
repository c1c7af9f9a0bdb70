package org.mailstead.mailflow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.smtp.server.Reception;
import org.mailstead.smtp.server.SessionFacts;
import org.mailstead.smtp.server.SmtpLogin;
import org.mailstead.smtp.server.SmtpServer;
import org.mailstead.smtp.server.SmtpServerSettings;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;
import org.mailstead.smtp.wire.SmtpLimits;

/// Somebody else's mail server on a free port of this machine: keeps what it gets, and refuses what
/// it is told to.
final class TestSink implements AutoCloseable {
  /// @param session which connection brought it
  record Message(String session, MailFrom from, List<RcptTo> recipients, String text) {
    List<String> addresses() {
      return recipients.stream().map(to -> to.address().toString()).toList();
    }
  }

  private final List<Message> messages = new CopyOnWriteArrayList<>();
  private final Path spool;
  private final SmtpServer server;
  private volatile Function<EmailAddress, Verdict> recipientVerdict = to -> Verdict.accepted();
  private volatile Verdict dataVerdict = Verdict.accepted();

  TestSink() {
    this(
        SessionFacts.Kind.INBOUND,
        (_, _) -> {
          throw new IllegalStateException("no AUTH here");
        },
        Optional.empty());
  }

  /// @param tls what STARTTLS is answered with
  TestSink(Optional<SSLContext> tls) {
    this(
        SessionFacts.Kind.INBOUND,
        (_, _) -> {
          throw new IllegalStateException("no AUTH here");
        },
        tls.map(context -> () -> context));
  }

  /// A gateway: it wants TLS and a password.
  TestSink(SSLContext tls, SmtpLogin login) {
    this(SessionFacts.Kind.SUBMISSION, login, Optional.of(() -> tls));
  }

  private TestSink(SessionFacts.Kind kind, SmtpLogin login, Optional<Supplier<SSLContext>> tls) {
    try {
      spool = Files.createTempDirectory("sink");
      server =
          SmtpServer.start(
              new SmtpServerSettings(
                  "sink.example",
                  List.of(
                      new SmtpServerSettings.Listener(
                          kind, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), false)),
                  SmtpLimits.standard(),
                  SmtpServerSettings.BareLineEnds.NORMALIZE,
                  false,
                  spool,
                  1 << 20),
              new Recording(),
              login,
              tls,
              InstantSource.system());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return server.addresses().getFirst().getPort();
  }

  List<Message> messages() {
    return List.copyOf(messages);
  }

  void answerRecipients(Function<EmailAddress, Verdict> verdict) {
    recipientVerdict = verdict;
  }

  void answerData(Verdict verdict) {
    dataVerdict = verdict;
  }

  @Override
  public void close() {
    server.close();
    try {
      Files.delete(spool);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Recording implements Reception {
    @Override
    public Transaction begin(SessionFacts session, MailFrom from) {
      List<RcptTo> recipients = new ArrayList<>();
      return new Transaction() {
        @Override
        public Verdict recipient(RcptTo to) {
          Verdict verdict = recipientVerdict.apply(to.address());
          if (verdict instanceof Verdict.Accepted) recipients.add(to);
          return verdict;
        }

        @Override
        public Outcome data(Content content, DataFacts trace) {
          if (dataVerdict instanceof Verdict.Accepted) {
            String text = StandardCharsets.UTF_8.decode(content.buffer()).toString();
            messages.add(new Message(session.id(), from, List.copyOf(recipients), text));
          }
          return new Outcome.All(dataVerdict);
        }

        @Override
        public void close() {}
      };
    }
  }
}
