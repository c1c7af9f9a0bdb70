package org.mailstead.mailflow;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A mail server that announces what it is told and counts recipients and connections.
final class LimitedPeer implements AutoCloseable {
  private final ServerSocket listener;
  private final String extension;
  private final List<Integer> transactions = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();

  LimitedPeer(String extension) throws IOException {
    this.extension = extension;
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /// Recipients of each message.
  List<Integer> transactions() {
    return List.copyOf(transactions);
  }

  int connections() {
    return connections.get();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        if (!listener.isClosed()) throw new UncheckedIOException(e);
      }
    }
  }

  private void serve(Socket socket) {
    try (socket;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        OutputStream out = socket.getOutputStream()) {
      say(out, "220 limited");
      boolean data = false;
      int recipients = 0;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (data) {
          if (!line.equals(".")) continue;
          data = false;
          transactions.add(recipients);
          recipients = 0;
          say(out, "250 taken");
        } else if (line.startsWith("DATA")) {
          data = true;
          say(out, "354 go");
        } else if (line.startsWith("EHLO")) {
          say(out, "250-limited\r\n250 " + extension);
        } else if (line.startsWith("QUIT")) {
          say(out, "221 bye");
          return;
        } else {
          if (line.startsWith("RCPT")) recipients++;
          say(out, "250 ok");
        }
      }
    } catch (IOException e) {
      // A client that hangs up.
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
