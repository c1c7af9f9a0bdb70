package org.mailstead.server.control;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.function.Consumer;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Answers the commands of the machine's administrator on a Unix socket that only the service's
/// user may open. One JSON request a connection (`{"word": "backup", …}`), answered by JSON lines:
/// any number of `{"progress": "text"}`, then `{"result": …}` or `{"error": "text"}`.
public final class ControlServer implements AutoCloseable {
  /// The longest path that every system takes for a Unix socket.
  static final int PATH_BYTES_MAX = 100;

  private static final int REQUEST_CHARS_MAX = 65536;
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

  /// Carries out one word.
  @FunctionalInterface
  public interface Word {
    /// @param request the whole request
    /// @param progress takes lines for the person who waits
    /// @return what to answer, as Jackson writes it
    Object run(JsonNode request, Consumer<String> progress) throws Exception;
  }

  private final JsonMapper json = JsonMapper.builder().build();
  private final Map<String, Word> words;
  private final ServerSocketChannel listener;
  private final Path socket;

  /// @throws IOException the socket cannot be made; the text names the path
  public ControlServer(Path dataFolder, Map<String, Word> words) throws IOException {
    this.words = Map.copyOf(words);
    this.socket = ControlPath.choose(dataFolder);
    Files.deleteIfExists(socket);
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.bind(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      listener.close();
      throw new IOException("cannot make the control socket " + socket + ": " + e.getMessage(), e);
    }
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    Thread.ofVirtual().name("control").start(this::accept);
  }

  private void accept() {
    while (true) {
      try {
        SocketChannel channel = listener.accept();
        Thread.ofVirtual().name("control-command").start(() -> serve(channel));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        LOG.warn("control socket: {}", e.getMessage());
      }
    }
  }

  private void serve(SocketChannel channel) {
    try (channel;
        BufferedReader in =
            new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        BufferedWriter out =
            new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8))) {
      char[] buffer = new char[REQUEST_CHARS_MAX];
      int count = 0;
      while (count < buffer.length && (count == 0 || buffer[count - 1] != '\n')) {
        int read = in.read(buffer, count, buffer.length - count);
        if (read < 0) break;
        count += read;
      }
      answer(new String(buffer, 0, count), out);
    } catch (IOException e) {
      LOG.debug("control connection ended: {}", e.getMessage());
    }
  }

  private void answer(String request, BufferedWriter out) throws IOException {
    try {
      JsonNode node = json.readTree(request);
      String name = node.path("word").asString("");
      Word word = words.get(name);
      if (word == null) {
        write(out, Map.of("error", "unknown word: " + name));
        return;
      }
      Object result = word.run(node, line -> writeQuietly(out, Map.of("progress", line)));
      write(out, Map.of("result", result));
    } catch (JacksonException e) {
      write(out, Map.of("error", "the request is no JSON object"));
    } catch (RefusedException e) {
      write(out, Map.of("error", e.publicText()));
    } catch (UnavailableException | IOException | IllegalArgumentException e) {
      write(out, Map.of("error", String.valueOf(e.getMessage())));
    } catch (Exception e) {
      LOG.error("control command failed", e);
      write(out, Map.of("error", "internal error: " + e));
    }
  }

  private void writeQuietly(BufferedWriter out, Object line) {
    try {
      write(out, line);
    } catch (IOException e) {
      LOG.debug("nobody hears the progress: {}", e.getMessage());
    }
  }

  private void write(BufferedWriter out, Object line) throws IOException {
    out.write(json.writeValueAsString(line));
    out.write('\n');
    out.flush();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    Files.deleteIfExists(socket);
  }
}
