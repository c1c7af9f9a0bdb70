package org.mailstead.acceptance;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An IMAP client that knows almost nothing, so that it hides nothing: commands as text, answers as
/// lines of octets (ISO-8859-1), literals in place.
final class PlainImap implements AutoCloseable {
  private static final Pattern LITERAL = Pattern.compile("\\{(\\d+)\\}$");

  /// One response with its literals.
  record Response(String line, List<byte[]> literals) {}

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private int tag;

  PlainImap(int port, String user, String password) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(60_000);
    in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
    out = socket.getOutputStream();
    readResponse();
    ok("LOGIN \"" + user + "\" \"" + password + "\"");
  }

  /// Sends a command and returns its untagged responses; the last element is the tagged one.
  List<Response> command(String command) throws IOException {
    String name = "t" + ++tag;
    out.write((name + " " + command + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return readUntil(name);
  }

  /// As [#command], and the answer must be OK.
  List<Response> ok(String command) throws IOException {
    List<Response> responses = command(command);
    String tagged = responses.getLast().line();
    if (!tagged.matches("t\\d+ OK.*")) throw new IOException("refused: " + tagged);
    return responses;
  }

  /// APPEND with a non-synchronizing literal.
  ///
  /// @return the tagged line
  String append(String folder, String flags, byte[] message) throws IOException {
    String name = "t" + ++tag;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(message.length + 200);
    String head = name + " APPEND \"" + folder + "\" (" + flags + ") {" + message.length + "+}\r\n";
    bytes.write(head.getBytes(StandardCharsets.ISO_8859_1));
    bytes.write(message);
    bytes.write('\r');
    bytes.write('\n');
    out.write(bytes.toByteArray());
    out.flush();
    return readUntil(name).getLast().line();
  }

  private List<Response> readUntil(String name) throws IOException {
    List<Response> responses = new ArrayList<>();
    while (true) {
      Response response = readResponse();
      responses.add(response);
      if (response.line().startsWith(name + " ")) return responses;
    }
  }

  private Response readResponse() throws IOException {
    StringBuilder line = new StringBuilder();
    List<byte[]> literals = new ArrayList<>();
    while (true) {
      int start = line.length();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) throw new EOFException("connection closed");
        if (c != '\r') line.append((char) c);
      }
      Matcher matcher = LITERAL.matcher(line.substring(start));
      if (!matcher.find()) return new Response(line.toString(), literals);
      byte[] literal = in.readNBytes(Integer.parseInt(matcher.group(1)));
      literals.add(literal);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
