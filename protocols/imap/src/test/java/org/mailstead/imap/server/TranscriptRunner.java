package org.mailstead.imap.server;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Plays one scenario of a transcript file against a server.
///
/// - `1> NOOP` sends a tagged command on connection 1 and reads up to its tagged answer (for IDLE,
///   AUTHENTICATE and synchronizing literals up to `+`); `1>> DONE` sends a line without a tag.
///   `\r\n` in it is a line break.
/// - `1< * 3 EXISTS` must be among the lines that came, after the line matched before; a line that
///   does not begin with `*` or `+` is compared with the beginning of the tagged answer. Lines not
///   yet there are waited for.
/// - `1! EXPUNGE` must not be in any of the lines that came since the last command.
/// - `{any}` stands for anything, `{name}` for a word that is remembered.
/// - `@connect 1 ann` opens a connection and logs in; `@connect 1` opens one only; `@append ann
///   INBOX 3` stores three messages; `@message ann INBOX` with indented lines stores one; `@share
///   ann bob` gives bob Full Access to ann's mailbox; `@close 1` closes a connection.
final class TranscriptRunner implements AutoCloseable {
  private static final int WAIT_MILLIS = 10_000;
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z][a-z0-9]*)}");

  private final ImapFixture fixture;
  private final Map<Integer, Peer> peers = new TreeMap<>();
  private final Map<String, String> names = new HashMap<>();
  private int appended;

  TranscriptRunner(ImapFixture fixture) {
    this.fixture = fixture;
  }

  void run(List<String> lines) throws IOException {
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      int comment = line.indexOf(" # ");
      if (comment >= 0) line = line.substring(0, comment);
      line = line.stripTrailing();
      if (line.isBlank() || line.startsWith("#")) continue;
      try {
        if (line.startsWith("@message ")) {
          StringBuilder text = new StringBuilder();
          while (i + 1 < lines.size()
              && (lines.get(i + 1).isEmpty() || lines.get(i + 1).startsWith("    "))) {
            String next = lines.get(++i);
            text.append(next.isEmpty() ? "" : next.substring(4)).append("\r\n");
          }
          String[] words = line.split(" ");
          fixture.append(words[1], words[2], text.toString().replace("\\0", "\0"), 0);
        } else if (line.startsWith("@")) {
          directive(line.split(" "));
        } else {
          step(line);
        }
      } catch (AssertionError e) {
        throw new AssertionError("line " + (i + 1) + ": " + line + "\n" + e.getMessage(), e);
      } catch (IOException e) {
        throw new AssertionError("line " + (i + 1) + ": " + line + "\n" + e, e);
      }
    }
  }

  private void directive(String[] words) throws IOException {
    switch (words[0]) {
      case "@connect" -> {
        Peer peer =
            new Peer(new Socket(fixture.address().getAddress(), fixture.address().getPort()));
        peers.put(Integer.valueOf(words[1]), peer);
        peer.readLine();
        if (words.length > 2) {
          peer.send("LOGIN " + words[2] + " " + ImapFixture.PASSWORD);
          peer.expect(Pattern.compile("OK.*"), "OK");
        }
      }
      case "@act" -> {
        // The migration administrator as somebody: `@act 1 ann`.
        Peer peer =
            new Peer(new Socket(fixture.address().getAddress(), fixture.address().getPort()));
        peers.put(Integer.valueOf(words[1]), peer);
        peer.readLine();
        String plain = words[2] + "\u0000admin\u0000" + ImapFixture.PASSWORD;
        byte[] octets = plain.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        peer.send("AUTHENTICATE PLAIN " + java.util.Base64.getEncoder().encodeToString(octets));
        peer.expect(Pattern.compile("OK.*"), "OK");
      }
      case "@append" -> {
        int count = Integer.parseInt(words[3]);
        for (int i = 0; i < count; i++) {
          fixture.append(words[1], words[2], ImapFixture.message(++appended), 0);
        }
      }
      case "@share" -> fixture.grantFullAccess(words[1], words[2]);
      case "@quota" -> fixture.quota(words[1], Long.parseLong(words[2]));
      case "@close" -> peers.get(Integer.valueOf(words[1])).close();
      default -> throw new AssertionError("unknown directive " + words[0]);
    }
  }

  private void step(String line) throws IOException {
    int end = 0;
    while (Character.isDigit(line.charAt(end))) end++;
    int number = Integer.parseInt(line.substring(0, end));
    Peer peer = peers.get(number);
    if (peer == null) {
      directive(new String[] {"@connect", String.valueOf(number), "ann"});
      peer = peers.get(number);
    }
    String rest = line.substring(end);
    if (rest.startsWith(">>")) {
      peer.sendRaw(substitute(rest.substring(2).stripLeading()));
    } else if (rest.startsWith("> ")) {
      peer.send(substitute(rest.substring(2)));
    } else if (rest.startsWith("< ")) {
      expect(peer, rest.substring(2));
    } else if (rest.startsWith("! ")) {
      peer.refuse(substitute(rest.substring(2)));
    } else {
      throw new AssertionError("cannot read this line");
    }
  }

  private String substitute(String text) {
    Matcher matcher = PLACEHOLDER.matcher(text);
    StringBuilder out = new StringBuilder();
    while (matcher.find()) {
      String value = names.get(matcher.group(1));
      matcher.appendReplacement(
          out, Matcher.quoteReplacement(value == null ? matcher.group() : value));
    }
    matcher.appendTail(out);
    return out.toString().replace("\\r\\n", "\r\n").replace("\\0", "\0").replace("\\x0a", "\n");
  }

  private static String quoted(String text) {
    return Pattern.quote(text.replace("\\r\\n", "\r\n").replace("\\0", "\0"));
  }

  private void expect(Peer peer, String pattern) throws IOException {
    StringBuilder regex = new StringBuilder();
    List<String> captured = new ArrayList<>();
    Matcher matcher = PLACEHOLDER.matcher(pattern);
    int at = 0;
    while (matcher.find()) {
      regex.append(quoted(pattern.substring(at, matcher.start())));
      String name = matcher.group(1);
      if (name.equals("any")) {
        regex.append(".*?");
      } else if (names.containsKey(name)) {
        regex.append(Pattern.quote(names.get(name)));
      } else {
        captured.add(name);
        regex.append("([^\\s\\])]+)");
      }
      at = matcher.end();
    }
    regex.append(quoted(pattern.substring(at)));
    boolean tagged = !pattern.startsWith("* ") && !pattern.startsWith("+");
    if (tagged) regex.append(".*");
    Matcher found = peer.expect(Pattern.compile(regex.toString(), Pattern.DOTALL), pattern);
    for (int i = 0; i < captured.size(); i++) names.put(captured.get(i), found.group(i + 1));
  }

  @Override
  public void close() throws IOException {
    for (Peer peer : peers.values()) peer.close();
  }

  /// One connection.
  private static final class Peer {
    private final Socket socket;
    private final InputStream in;
    private final List<String> lines = new ArrayList<>();
    private int next;
    private int tagCount;
    private String tag = "";

    /// Whether the tagged answer has come: nothing follows it.
    private boolean answered;

    Peer(Socket socket) throws IOException {
      this.socket = socket;
      this.in = new BufferedInputStream(socket.getInputStream());
      socket.setSoTimeout(WAIT_MILLIS);
    }

    void send(String command) throws IOException {
      tag = "a" + ++tagCount;
      lines.clear();
      next = 0;
      write(tag + " " + command + "\r\n");
      boolean waits =
          command.equalsIgnoreCase("IDLE")
              || command.equalsIgnoreCase("AUTHENTICATE PLAIN")
              || command.matches("(?s).*\\{\\d+}");
      while (true) {
        String line = readLine();
        lines.add(line);
        answered = line.startsWith(tag + " ");
        if (answered || (waits && line.startsWith("+"))) return;
      }
    }

    void sendRaw(String line) throws IOException {
      answered = false;
      write(line + "\r\n");
    }

    private void write(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
    }

    Matcher expect(Pattern pattern, String shown) throws IOException {
      int from = next;
      while (true) {
        while (next < lines.size()) {
          String line = lines.get(next++);
          String text = line.startsWith(tag + " ") ? line.substring(tag.length() + 1) : line;
          Matcher matcher = pattern.matcher(text);
          if (matcher.matches()) return matcher;
        }
        if (!lines.isEmpty() && answered) {
          throw new AssertionError("expected: " + shown + "\ncame: " + lines);
        }
        try {
          lines.add(readLine());
        } catch (SocketTimeoutException | java.io.EOFException e) {
          throw new AssertionError(
              "expected: " + shown + "\ncame: " + lines + "\nalready matched: " + from, e);
        }
        if (lines.getLast().startsWith(tag + " ")) {
          // Nothing follows a tagged answer; look at it and give up.
          String text = lines.getLast().substring(tag.length() + 1);
          next = lines.size();
          Matcher matcher = pattern.matcher(text);
          if (matcher.matches()) return matcher;
          throw new AssertionError("expected: " + shown + "\ncame: " + lines);
        }
      }
    }

    void refuse(String text) {
      for (String line : lines) {
        if (line.contains(text)) {
          throw new AssertionError("must not come: " + text + "\ncame: " + lines);
        }
      }
    }

    /// One response line with its literals.
    String readLine() throws IOException {
      StringBuilder line = new StringBuilder();
      while (true) {
        int c = in.read();
        if (c < 0) throw new java.io.EOFException("closed after: " + line);
        if (c != '\n') {
          line.append((char) c);
          continue;
        }
        line.setLength(Math.max(0, line.length() - 1));
        int open = line.lastIndexOf("{");
        if (open < 0 || !line.substring(open).matches("\\{\\d+}")) return line.toString();
        int length = Integer.parseInt(line.substring(open + 1, line.length() - 1));
        line.append("\r\n");
        line.append(new String(in.readNBytes(length), StandardCharsets.ISO_8859_1));
      }
    }

    void close() throws IOException {
      socket.close();
    }
  }
}
