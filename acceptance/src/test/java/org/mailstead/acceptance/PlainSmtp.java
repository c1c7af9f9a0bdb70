package org.mailstead.acceptance;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// An SMTP client of a few lines: one message at a time, the reply to its end of data as text.
final class PlainSmtp implements AutoCloseable {
  private final Socket socket;
  private final BufferedReader in;
  private final OutputStream out;

  PlainSmtp(int port) throws IOException {
    this(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  /// Over TLS from the first octet; only the chain of the certificate is checked.
  static PlainSmtp encrypted(int port, Path trusted) throws IOException {
    try (var in = Files.newInputStream(trusted)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry(
          "service", CertificateFactory.getInstance("X.509").generateCertificate(in));
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return new PlainSmtp(
          context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port));
    } catch (GeneralSecurityException e) {
      throw new IOException("no TLS", e);
    }
  }

  private PlainSmtp(Socket connected) throws IOException {
    socket = connected;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(60_000);
    in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    out = socket.getOutputStream();
    reply();
    say("EHLO acceptance.example");
  }

  /// AUTH PLAIN (RFC 4616).
  ///
  /// @throws IOException refused
  void login(String user, String password) throws IOException {
    byte[] credentials = ("\0" + user + "\0" + password).getBytes(StandardCharsets.UTF_8);
    String reply = say("AUTH PLAIN " + Base64.getEncoder().encodeToString(credentials));
    if (!reply.startsWith("235")) throw new IOException("refused: " + reply);
  }

  /// @return the reply to the end of data, `250 …` if the message was taken
  String send(String from, List<String> recipients, byte[] message) throws IOException {
    return send(from, recipients, message, () -> {});
  }

  /// @param sent runs when the message is on its way, before the reply is read
  String send(String from, List<String> recipients, byte[] message, Runnable sent)
      throws IOException {
    say("MAIL FROM:<" + from + ">");
    for (String recipient : recipients) {
      String reply = say("RCPT TO:<" + recipient + ">");
      if (!reply.startsWith("250")) return reply;
    }
    say("DATA");
    out.write(stuffed(message));
    out.flush();
    sent.run();
    return reply();
  }

  private static byte[] stuffed(byte[] message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(message.length + 64);
    boolean atLineStart = true;
    for (byte b : message) {
      if (atLineStart && b == '.') bytes.write('.');
      bytes.write(b);
      atLineStart = b == '\n';
    }
    bytes.writeBytes((atLineStart ? ".\r\n" : "\r\n.\r\n").getBytes(StandardCharsets.US_ASCII));
    return bytes.toByteArray();
  }

  private String say(String command) throws IOException {
    out.write((command + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return reply();
  }

  private String reply() throws IOException {
    while (true) {
      String line = in.readLine();
      if (line == null) throw new EOFException("connection closed");
      if (line.length() < 4 || line.charAt(3) != '-') return line;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
