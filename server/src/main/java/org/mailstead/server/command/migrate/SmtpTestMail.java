package org.mailstead.server.command.migrate;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.migration.cutover.TestMailSender;
import org.mailstead.migration.plan.CutoverSettings;
import org.mailstead.smtp.client.ClientSettings;
import org.mailstead.smtp.client.ClientSettings.Timeouts;
import org.mailstead.smtp.client.Delivery;
import org.mailstead.smtp.client.PeerRefusedException;
import org.mailstead.smtp.client.SmtpClient;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;
import org.mailstead.smtp.wire.SmtpReply;

/// Test mail over one SMTP connection, opened again when it breaks.
final class SmtpTestMail implements TestMailSender, AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final CutoverSettings.TestMail settings;
  private Optional<SmtpClient> open = Optional.empty();

  SmtpTestMail(CutoverSettings.TestMail settings) {
    this.settings = settings;
  }

  @Override
  public Outcome send(String from, String to, byte[] message) {
    boolean sound = false;
    try (Content content = Content.of(message)) {
      EmailAddress recipient = EmailAddress.parse(to);
      Delivery delivery =
          client()
              .send(
                  MailFrom.of(Optional.of(EmailAddress.parse(from))),
                  List.of(RcptTo.of(recipient)),
                  content);
      Delivery.RecipientOutcome outcome = delivery.outcomes().getFirst();
      sound = true;
      return outcome.isDelivered() ? new Outcome.Accepted() : refused(outcome.reply());
    } catch (MalformedException e) {
      sound = true;
      return new Outcome.Refused("it is no address that SMTP can carry: " + e.getMessage());
    } catch (PeerRefusedException e) {
      return e.reply().isPermanent()
          ? new Outcome.Refused(String.valueOf(e.getMessage()))
          : new Outcome.Later(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return new Outcome.Later(settings.host() + ": " + e.getMessage());
    } finally {
      if (!sound) close();
    }
  }

  private static Outcome refused(SmtpReply reply) {
    return reply.isPermanent()
        ? new Outcome.Refused(reply.toString())
        : new Outcome.Later(reply.toString());
  }

  private SmtpClient client() throws IOException {
    if (open.isPresent()) return open.get();
    InetSocketAddress address = new InetSocketAddress(settings.host(), settings.port());
    if (address.isUnresolved()) throw new IOException("no address for it");
    SmtpClient client =
        SmtpClient.connect(
            address,
            settings.host(),
            new ClientSettings(
                hello(),
                false,
                switch (settings.security()) {
                  case TLS -> ClientSettings.Tls.IMPLICIT_VERIFIED;
                  case STARTTLS -> ClientSettings.Tls.VERIFIED;
                  case PLAIN -> ClientSettings.Tls.NONE;
                },
                trust(),
                new Timeouts(
                    Duration.ofSeconds(10), PATIENCE, PATIENCE, PATIENCE, PATIENCE, PATIENCE),
                false));
    open = Optional.of(client);
    if (settings.login().isPresent()) {
      CutoverSettings.Login login = settings.login().get();
      client.authenticate(login.user(), login.password().value());
    }
    return client;
  }

  /// RFC 5321 §4.1.3: a machine that has no name to tell says its address.
  private static String hello() throws UnknownHostException {
    return "[" + InetAddress.getLocalHost().getHostAddress() + "]";
  }

  private SSLContext trust() throws IOException {
    if (settings.trust().isPresent()) return settings.trust().get();
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IOException("no TLS", e);
    }
  }

  @Override
  public void close() {
    open.ifPresent(SmtpClient::close);
    open = Optional.empty();
  }
}
