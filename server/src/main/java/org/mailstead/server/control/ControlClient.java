package org.mailstead.server.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Asks a running service, over its control socket.
public final class ControlClient implements AutoCloseable {
  private final JsonMapper json = JsonMapper.builder().build();
  private final SocketChannel channel;

  private ControlClient(SocketChannel channel) {
    this.channel = channel;
  }

  /// Connects to the service on this data folder; empty when none is running.
  public static Optional<ControlClient> connect(Path dataFolder) {
    Path socket = ControlPath.choose(dataFolder);
    if (!Files.exists(socket)) return Optional.empty();
    try {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      channel.connect(UnixDomainSocketAddress.of(socket));
      return Optional.of(new ControlClient(channel));
    } catch (IOException e) {
      return Optional.empty(); // a socket that a killed service left behind
    }
  }

  /// @throws IOException the service answered an error (its text), or went away
  public JsonNode ask(Map<String, Object> request, Consumer<String> progress) throws IOException {
    var out = Channels.newWriter(channel, StandardCharsets.UTF_8);
    out.write(json.writeValueAsString(request) + "\n");
    out.flush();
    BufferedReader in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode node = json.readTree(line);
      if (node.has("progress")) progress.accept(node.path("progress").asString(""));
      if (node.has("error")) throw new IOException(node.path("error").asString(""));
      if (node.has("result")) return node.path("result");
    }
    throw new IOException("the service ended before it answered");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
