package org.mailstead.acceptance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// Somebody else's mail server: it counts how often it took each message, by Subject, refuses
/// recipients whose address begins with `bad`, and says where in a transaction it is.
final class CountingPeer implements AutoCloseable {
  /// Where a transaction is.
  enum Point {
    /// MAIL FROM has come, and is not answered yet.
    MAIL,
    /// A recipient was refused: the answer is on its way.
    REFUSED,
    /// DATA has come, and is not answered yet.
    DATA,
    /// The message is here, and is not answered yet.
    CONTENT,
    /// The message is taken: the answer is on its way.
    TAKEN
  }

  private final ServerSocket listener;
  private final Map<String, Integer> taken = new ConcurrentHashMap<>();
  private volatile Consumer<Point> watcher = _ -> {};

  CountingPeer() throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(() -> {
          while (!listener.isClosed()) {
            try {
              Socket socket = listener.accept();
              Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
              return;
            }
          }
        });
  }

  int port() {
    return listener.getLocalPort();
  }

  void watch(Consumer<Point> value) {
    watcher = value;
  }

  /// How often a message was taken.
  int taken(String subject) {
    return taken.getOrDefault(subject, 0);
  }

  private void serve(Socket socket) {
    try (socket;
        var in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1))) {
      OutputStream out = socket.getOutputStream();
      say(out, "220 peer.example");
      boolean anybody = false;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.startsWith("MAIL")) {
          anybody = false;
          watcher.accept(Point.MAIL);
          say(out, "250 ok");
        } else if (line.startsWith("RCPT TO:<bad")) {
          say(out, "550 5.1.1 no such user");
          watcher.accept(Point.REFUSED);
        } else if (line.startsWith("RCPT")) {
          anybody = true;
          say(out, "250 ok");
        } else if (line.startsWith("DATA") && anybody) {
          watcher.accept(Point.DATA);
          say(out, "354 go");
          String subject = subject(in);
          watcher.accept(Point.CONTENT);
          taken.merge(subject, 1, Integer::sum);
          say(out, "250 taken");
          watcher.accept(Point.TAKEN);
        } else if (line.startsWith("DATA")) {
          say(out, "554 no recipients");
        } else if (line.startsWith("QUIT")) {
          say(out, "221 bye");
          return;
        } else {
          say(out, line.startsWith("EHLO") ? "250 peer.example" : "250 ok");
        }
      }
    } catch (IOException e) {
      // The other side was killed.
    }
  }

  private static String subject(BufferedReader in) throws IOException {
    String subject = "";
    while (true) {
      String line = in.readLine();
      if (line == null) throw new IOException("cut off");
      if (line.equals(".")) return subject;
      if (line.startsWith("Subject: ") && subject.isEmpty()) subject = line.substring(9);
    }
  }

  private static void say(OutputStream out, String line) throws IOException {
    out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
