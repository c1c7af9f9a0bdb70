package org.mailstead.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// What a service does in the life that trains the ahead-of-time cache: one message by SMTP, a
/// login and the usual commands by IMAP.
public final class Training {
  private Training() {}

  public static void exercise(Service service) throws IOException {
    Map<String, Object> described = service.description();
    String address = String.valueOf(described.get("adminAddress"));
    String password = String.valueOf(described.get("adminPassword"));
    talk(
        service.endpoint("smtp"),
        "EHLO training.example\r\n",
        "MAIL FROM:<training@example.org>\r\n",
        "RCPT TO:<" + address + ">\r\n",
        "DATA\r\n",
        "Subject: training\r\nContent-Type: text/plain\r\n\r\ntext\r\n.\r\n",
        "QUIT\r\n");
    talk(
        service.endpoint("imap"),
        "a LOGIN " + address + " " + password + "\r\n",
        "b LIST \"\" *\r\n",
        "c SELECT INBOX\r\n",
        "d FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[])\r\n",
        "e STORE 1 +FLAGS (\\Seen)\r\n",
        "f SEARCH TEXT training\r\n",
        "g LOGOUT\r\n");
  }

  /// Sends each text after something was answered to the one before.
  private static void talk(InetSocketAddress to, String... texts) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), to.getPort())) {
      socket.setSoTimeout(10_000);
      InputStream in = socket.getInputStream();
      byte[] answer = new byte[65536];
      for (String text : texts) {
        if (in.read(answer) < 0) return;
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      }
      in.readAllBytes();
    }
  }
}
