package org.mailstead.smtp.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.mailstead.base.Content;
import org.mailstead.smtp.TestServer;
import org.mailstead.smtp.TestTls;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;
import org.mailstead.smtp.wire.SmtpLimits;

/// For measuring by hand: a server that accepts everything and keeps nothing. Arguments: the ports
/// of inbound and LMTP.
final class DiscardingServer {
  private DiscardingServer() {}

  private static final class Discarding implements Reception {
    @Override
    public Transaction begin(SessionFacts session, MailFrom from) {
      return new Transaction() {
        @Override
        public Verdict recipient(RcptTo to) {
          return Verdict.accepted();
        }

        @Override
        public Outcome data(Content content, DataFacts trace) {
          return new Outcome.All(Verdict.accepted());
        }

        @Override
        public void close() {}
      };
    }
  }

  public static void main(String[] arguments) throws Exception {
    Path spool = Files.createTempDirectory("smtp-spool");
    var loopback = InetAddress.getLoopbackAddress();
    var settings =
        new SmtpServerSettings(
            "bench.test",
            List.of(
                new SmtpServerSettings.Listener(
                    SessionFacts.Kind.INBOUND,
                    new InetSocketAddress(loopback, Integer.parseInt(arguments[0])),
                    false),
                new SmtpServerSettings.Listener(
                    SessionFacts.Kind.LMTP,
                    new InetSocketAddress(loopback, Integer.parseInt(arguments[1])),
                    false)),
            SmtpLimits.standard().with(SmtpLimits.Counts.standard().withSessions(30_000, 30_000)),
            SmtpServerSettings.BareLineEnds.NORMALIZE,
            false,
            spool,
            256 * 1024);
    try (var server =
        SmtpServer.start(
            settings,
            new Discarding(),
            TestServer.login(),
            Optional.of(TestTls::context),
            InstantSource.system())) {
      System.out.println("ready " + server.addresses());
      new CountDownLatch(1).await();
    }
  }
}
