package org.mailstead.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocket;

/// The other end of a connection, byte by byte.
public final class TestPeer implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket raw;
  private InputStream in;
  private OutputStream out;

  public TestPeer(InetSocketAddress address) throws IOException {
    raw = new Socket();
    raw.connect(address, PATIENCE_MILLIS);
    raw.setSoTimeout(PATIENCE_MILLIS);
    raw.setTcpNoDelay(true);
    in = new BufferedInputStream(raw.getInputStream());
    out = raw.getOutputStream();
  }

  /// Octets as characters.
  public TestPeer send(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return this;
  }

  public TestPeer line(String text) throws IOException {
    return send(text + "\r\n");
  }

  /// The next line, or `{closed}`.
  public String readLine() throws IOException {
    var line = new StringBuilder();
    while (true) {
      int c;
      try {
        c = in.read();
      } catch (java.net.SocketException | javax.net.ssl.SSLException e) {
        return "{closed}";
      }
      if (c < 0) return line.isEmpty() ? "{closed}" : line + "{closed}";
      if (c == '\n') break;
      line.append((char) c);
    }
    assertThat(line.toString()).endsWith("\r");
    line.setLength(line.length() - 1);
    return line.toString();
  }

  /// The next whole reply, its lines joined by `|`.
  public String readReply() throws IOException {
    var reply = new StringBuilder();
    while (true) {
      String line = readLine();
      if (!reply.isEmpty()) reply.append('|');
      reply.append(line);
      if (line.length() < 4 || line.charAt(3) != '-') return reply.toString();
    }
  }

  public TestPeer expect(String prefix) throws IOException {
    assertThat(readReply()).startsWith(prefix);
    return this;
  }

  public TestPeer expectClosed() throws IOException {
    assertThat(readLine()).isEqualTo("{closed}");
    return this;
  }

  /// Reads the greeting and says EHLO.
  public TestPeer greeted() throws IOException {
    return expect("220 ").line("EHLO client.example.com").expect("250-");
  }

  /// Greets and opens a transaction with one recipient.
  public TestPeer withRecipient() throws IOException {
    return greeted()
        .line("MAIL FROM:<a@example.com>")
        .expect("250 2.1.0")
        .line("RCPT TO:<b@example.org>")
        .expect("250 2.1.5");
  }

  public TestPeer secured() throws IOException {
    var socket =
        (SSLSocket)
            TestTls.context()
                .getSocketFactory()
                .createSocket(raw, "localhost", raw.getPort(), true);
    socket.startHandshake();
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
    return this;
  }

  public boolean isQuiet() throws IOException {
    return in.available() == 0;
  }

  public Socket socket() {
    return raw;
  }

  @Override
  public void close() throws IOException {
    raw.close();
  }
}
