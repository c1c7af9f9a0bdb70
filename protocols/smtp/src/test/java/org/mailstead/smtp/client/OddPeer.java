package org.mailstead.smtp.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// A tiny sink that answers by script: for each line that comes, the script's next answer; `null`
/// is not needed, an empty answer says nothing, `{close}` closes. Message data is skipped up to its
/// dot after an answer of 354.
final class OddPeer implements AutoCloseable {
  private final ServerSocket listening;
  private final List<String> heard = Collections.synchronizedList(new ArrayList<>());

  OddPeer(String... script) throws IOException {
    listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(() -> play(script));
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listening.getLocalSocketAddress();
  }

  List<String> heard() {
    return List.copyOf(heard);
  }

  private void play(String[] script) {
    try (var socket = listening.accept()) {
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      for (int i = 0; i < script.length; i++) {
        if (i > 0) {
          String line = in.readLine();
          if (line == null) return;
          heard.add(line);
          if (script[i - 1].startsWith("354")) {
            while (line != null && !line.equals(".")) line = in.readLine();
          }
        }
        if (script[i].equals("{close}")) return;
        socket.getOutputStream().write(script[i].getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
      }
      while (in.readLine() != null) heard.add("more");
    } catch (IOException e) {
      heard.add("broken");
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
