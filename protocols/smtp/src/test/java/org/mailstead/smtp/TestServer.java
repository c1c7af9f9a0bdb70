package org.mailstead.smtp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.access.Credentials;
import org.mailstead.core.access.Principal;
import org.mailstead.smtp.server.SessionFacts.Kind;
import org.mailstead.smtp.server.SmtpLogin;
import org.mailstead.smtp.server.SmtpServer;
import org.mailstead.smtp.server.SmtpServerSettings;
import org.mailstead.smtp.server.SmtpServerSettings.BareLineEnds;
import org.mailstead.smtp.server.SmtpServerSettings.Listener;
import org.mailstead.smtp.wire.SmtpLimits;

/// A server on free ports of this machine with a [RecordingReception]. Closing checks that nothing
/// was left open and that no bug was counted.
public final class TestServer implements AutoCloseable {
  public static final int INBOUND = 0;
  public static final int SUBMISSION = 1;
  public static final int SUBMISSIONS = 2;
  public static final int LMTP = 3;

  private final RecordingReception reception = new RecordingReception();
  private final Path spool;
  private final SmtpServer server;
  private volatile boolean accessEnded;
  private int expectedBugs;

  private TestServer(UnaryOperator<SmtpServerSettings> change) throws IOException {
    spool = Files.createTempDirectory("smtp-spool");
    var settings =
        new SmtpServerSettings(
            "mx.example.org",
            List.of(
                listener(Kind.INBOUND, false),
                listener(Kind.SUBMISSION, false),
                listener(Kind.SUBMISSION, true),
                listener(Kind.LMTP, false)),
            SmtpLimits.standard(),
            BareLineEnds.NORMALIZE,
            false,
            spool,
            64 * 1024);
    server =
        SmtpServer.start(
            change.apply(settings),
            reception,
            new SmtpLogin() {
              @Override
              public Principal login(Credentials credentials, InetAddress peer) {
                return TestServer.login().login(credentials, peer);
              }

              @Override
              public boolean mayContinue(Principal principal, InetAddress peer) {
                return !accessEnded;
              }
            },
            Optional.of(TestTls::context),
            InstantSource.system());
  }

  public static TestServer start() throws IOException {
    return new TestServer(settings -> settings);
  }

  public static TestServer start(SmtpLimits limits) throws IOException {
    return new TestServer(settings -> with(settings, limits, settings.bareLineEnds()));
  }

  public static TestServer startRejectingBareLineEnds() throws IOException {
    return new TestServer(settings -> with(settings, settings.limits(), BareLineEnds.REJECT));
  }

  public static TestServer start(UnaryOperator<SmtpServerSettings> change) throws IOException {
    return new TestServer(change);
  }

  private static SmtpServerSettings with(
      SmtpServerSettings old, SmtpLimits limits, BareLineEnds bareLineEnds) {
    return new SmtpServerSettings(
        old.hostName(),
        old.listeners(),
        limits,
        bareLineEnds,
        old.isPlainAuthOnLoopback(),
        old.spoolFolder(),
        old.spoolMemoryBytesMax());
  }

  private static Listener listener(Kind kind, boolean implicitTls) {
    return new Listener(
        kind, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), implicitTls);
  }

  /// Knows one user, `alice@example.org` with the password `secret`, who acts for nobody else.
  public static SmtpLogin login() {
    return (credentials, _) -> {
      String name = credentials.name();
      if (!name.equals("alice@example.org") || !credentials.secret().equals("secret")) {
        throw new RefusedException(Refusal.AUTHENTICATION_FAILED, "wrong name or password");
      }
      if (!credentials.authorizationIdentity().orElse(name).equalsIgnoreCase(name)) {
        throw new RefusedException(Refusal.FORBIDDEN, "acting for another user is not possible");
      }
      return new Principal(
          new OrganizationId("m-0123456789abcdef0123456789abcdef"),
          new EntityId("alice"),
          new MailboxId("alice"),
          EmailAddress.parse(name));
    };
  }

  /// From now on nobody who is logged in may go on.
  public void endAccess() {
    accessEnded = true;
  }

  public SmtpServer server() {
    return server;
  }

  public RecordingReception reception() {
    return reception;
  }

  public InetSocketAddress address(int listenerIndex) {
    return server.addresses().get(listenerIndex);
  }

  public TestPeer connect(int listenerIndex) throws IOException {
    return new TestPeer(address(listenerIndex));
  }

  /// Files in the spool folder.
  public long spooledCount() throws IOException {
    try (var files = Files.list(spool)) {
      return files.count();
    }
  }

  public void expectBugs(int count) {
    expectedBugs = count;
  }

  @Override
  public void close() throws IOException {
    server.close();
    Waiting.until("all sessions end", () -> server.sessionCount() == 0);
    if (server.bugCount() != expectedBugs) {
      throw new AssertionError(server.bugCount() + " bugs counted, expected " + expectedBugs);
    }
    if (reception.openCount() != 0) throw new AssertionError("transactions left open");
    if (spooledCount() != 0) throw new AssertionError("spool files left");
    Files.delete(spool);
  }
}
