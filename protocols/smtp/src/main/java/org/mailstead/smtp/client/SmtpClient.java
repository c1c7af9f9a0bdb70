package org.mailstead.smtp.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.mailstead.base.Content;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;

/// One connection to an SMTP or LMTP server. Not for use by two threads.
///
/// An `IOException` means that the connection is of no more use; whatever had no final reply may be
/// tried again elsewhere. A peer's refusal of a message or of a recipient is a result.
public final class SmtpClient implements AutoCloseable {
  private SmtpClient() {}

  /// Connects, reads the greeting, says EHLO (HELO where EHLO is unknown), and STARTTLS as the
  /// settings say.
  ///
  /// @param peerName the name that the certificate must carry, and SNI
  /// @throws PeerRefusedException the peer says no
  public static SmtpClient connect(
      InetSocketAddress address, String peerName, ClientSettings settings) throws IOException {
    throw new UnsupportedOperationException("skeleton");
  }

  public boolean isEncrypted() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Whether the peer passes DSN requests on (RFC 3461); where not, the sender of this message
  /// reports for itself.
  public boolean isDsnOffered() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// AUTH PLAIN or LOGIN; only over TLS.
  ///
  /// @throws PeerRefusedException wrong name or password, or no AUTH offered
  public void authenticate(String name, String password) throws IOException {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Sends one message to all the recipients. May be called again for the next message.
  public Delivery send(MailFrom from, List<RcptTo> recipients, Content content) throws IOException {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Ends a session politely. The connection is closed in every case.
  public void quit() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Closes the connection at once.
  @Override
  public void close() {
    throw new UnsupportedOperationException("skeleton");
  }
}
