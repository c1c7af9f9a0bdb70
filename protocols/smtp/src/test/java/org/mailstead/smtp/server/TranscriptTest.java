package org.mailstead.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.mailstead.smtp.RecordingReception;
import org.mailstead.smtp.TestPeer;
import org.mailstead.smtp.TestServer;

/// Runs the files of `src/test/transcripts`. A file holds cases, each begun by `== sentence`.
///
/// ```
/// # a comment, with the section that is shown
/// @ 1 submission          connection 1 is to this listener: inbound (also without @), submission,
///                         submissions, lmtp
/// @ reject-bare           the server refuses bare line ends
/// 1> EHLO x               a line; adjacent ones go out in one packet
/// 1>> a\r\nb\0            octets as they stand, joined to the packet
/// 1>| EH                  the same, as a packet of its own
/// 1< 250 {any}            the next line that comes; {closed}: the connection
/// 1<* 250                 the rest of this reply, whose last line begins so
/// 1! 354                  not among the lines since the last >
/// 1~                      the TLS handshake
/// = a\r\n                 the next message that was accepted
/// =from x =to y =with z   its reverse path, recipients, and protocol word
/// =none                   no message was accepted beyond those seen
/// ```
final class TranscriptTest {
  private static final Path FOLDER = Path.of("src", "test", "transcripts");

  private record Case(String title, Path file, int lineNumber, List<String> lines) {}

  @TestFactory
  Stream<DynamicTest> transcripts() throws IOException {
    List<Case> cases = new ArrayList<>();
    try (var files = Files.list(FOLDER)) {
      for (Path file : files.sorted(Comparator.comparing(Path::toString)).toList()) {
        cases.addAll(cases(file));
      }
    }
    assertThat(cases).hasSizeGreaterThan(40);
    return cases.stream()
        .map(one ->
            DynamicTest.dynamicTest(
                one.file().getFileName() + ": " + one.title(), () -> new Play(one).run()));
  }

  private static List<Case> cases(Path file) throws IOException {
    List<Case> cases = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      number++;
      if (line.startsWith("== ")) {
        cases.add(new Case(line.substring(3), file, number, new ArrayList<>()));
      } else if (!cases.isEmpty()) {
        cases.getLast().lines().add(line);
      }
    }
    return cases;
  }

  private static final class Play {
    private final Case played;
    private final Map<Character, Integer> listeners = new HashMap<>();
    private final Map<Character, TestPeer> peers = new HashMap<>();
    private final Map<Character, StringBuilder> packets = new HashMap<>();
    private final Map<Character, List<String>> since = new HashMap<>();
    private boolean rejecting;
    private Optional<RecordingReception.Received> last = Optional.empty();

    Play(Case played) {
      this.played = played;
    }

    void run() throws IOException {
      played.lines().stream().filter(line -> line.startsWith("@ ")).forEach(this::setting);
      try (var server = rejecting ? TestServer.startRejectingBareLineEnds() : TestServer.start()) {
        try {
          int number = played.lineNumber();
          for (String line : played.lines()) {
            number++;
            if (line.isBlank() || line.startsWith("#") || line.startsWith("@")) continue;
            try {
              step(server, line);
            } catch (AssertionError | IOException e) {
              throw new AssertionError(played.file() + ":" + number + ": " + line, e);
            }
          }
          for (char peer : List.copyOf(packets.keySet())) flush(server, peer);
        } finally {
          for (TestPeer peer : peers.values()) peer.close();
        }
      }
    }

    private void setting(String line) {
      String[] words = line.split(" +");
      if (words[1].equals("reject-bare")) {
        rejecting = true;
        return;
      }
      listeners.put(
          words[1].charAt(0),
          switch (words[2]) {
            case "submission" -> TestServer.SUBMISSION;
            case "submissions" -> TestServer.SUBMISSIONS;
            case "lmtp" -> TestServer.LMTP;
            default -> TestServer.INBOUND;
          });
    }

    private TestPeer peer(TestServer server, char name) throws IOException {
      TestPeer known = peers.get(name);
      if (known != null) return known;
      int listener = listeners.getOrDefault(name, TestServer.INBOUND);
      TestPeer connected = server.connect(listener);
      peers.put(name, connected);
      return connected;
    }

    private void flush(TestServer server, char name) throws IOException {
      StringBuilder packet = packets.remove(name);
      if (packet == null) return;
      since.put(name, new ArrayList<>());
      var _ = peer(server, name).send(packet.toString());
    }

    private void step(TestServer server, String line) throws IOException {
      if (line.startsWith("=")) {
        expectMessage(server, line);
        return;
      }
      char name = line.charAt(0);
      String rest = line.substring(1);
      if (rest.startsWith(">> ")) {
        packet(name).append(unescape(rest.substring(3)));
      } else if (rest.startsWith(">| ")) {
        flush(server, name);
        packet(name).append(unescape(rest.substring(3)));
        flush(server, name);
      } else if (rest.startsWith("> ") || rest.equals(">")) {
        packet(name).append(unescape(rest.substring(1).stripLeading())).append("\r\n");
      } else if (rest.equals("~")) {
        flush(server, name);
        var _ = peer(server, name).secured();
      } else if (rest.startsWith("<* ")) {
        flush(server, name);
        String last;
        do {
          last = read(server, name);
        } while (last.length() > 3 && last.charAt(3) == '-');
        assertThat(last).matches(pattern(rest.substring(3) + "{any}"));
      } else if (rest.startsWith("< ")) {
        flush(server, name);
        assertThat(read(server, name)).matches(pattern(rest.substring(2)));
      } else if (rest.startsWith("! ")) {
        flush(server, name);
        assertThat(since.getOrDefault(name, List.of()))
            .noneMatch(came -> came.contains(rest.substring(2)));
        assertThat(peer(server, name).isQuiet()).isTrue();
      } else {
        throw new AssertionError("not a transcript line: " + line);
      }
    }

    private StringBuilder packet(char name) {
      return packets.computeIfAbsent(name, _ -> new StringBuilder());
    }

    private String read(TestServer server, char name) throws IOException {
      String line = peer(server, name).readLine();
      since.computeIfAbsent(name, _ -> new ArrayList<>()).add(line);
      return line;
    }

    private void expectMessage(TestServer server, String line) {
      if (line.equals("=none")) {
        assertThat(server.reception().waitingCount()).isZero();
      } else if (line.startsWith("= ")) {
        var received = server.reception().take();
        last = Optional.of(received);
        assertThat(received.text()).isEqualTo(unescape(line.substring(2)));
      } else if (line.startsWith("=from ")) {
        assertThat(last.orElseThrow().from().reversePath().map(Object::toString).orElse("<>"))
            .isEqualTo(line.substring(6));
      } else if (line.startsWith("=to ")) {
        assertThat(
                last.orElseThrow().recipients().stream()
                    .map(to -> to.address().toString())
                    .toList())
            .isEqualTo(List.of(line.substring(4).split(" ")));
      } else if (line.startsWith("=with ")) {
        assertThat(last.orElseThrow().session().protocol()).isEqualTo(line.substring(6));
      } else {
        throw new AssertionError("not a transcript line: " + line);
      }
    }

    private static Pattern pattern(String text) {
      var out = new StringBuilder();
      for (String part : text.split(Pattern.quote("{any}"), -1)) {
        if (!out.isEmpty()) out.append(".*");
        out.append(part.isEmpty() ? "(?:)" : Pattern.quote(part));
      }
      return Pattern.compile(out.toString());
    }

    /// `\r \n \0 \t \\ \xNN`, and `{70*a}` for seventy letters.
    private static String unescape(String text) {
      var out = new StringBuilder();
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == '\\') {
          i++;
          switch (text.charAt(i)) {
            case 'r' -> out.append('\r');
            case 'n' -> out.append('\n');
            case '0' -> out.append('\0');
            case 't' -> out.append('\t');
            case '\\' -> out.append('\\');
            case 'x' -> {
              out.append((char) Integer.parseInt(text.substring(i + 1, i + 3), 16));
              i += 2;
            }
            default -> throw new AssertionError("unknown escape in " + text);
          }
          continue;
        }
        int star = text.indexOf('*', i);
        if (c == '{' && star > 0 && text.substring(i + 1, star).matches("\\d+")) {
          int close = text.indexOf('}', star);
          out.append(
              text.substring(star + 1, close)
                  .repeat(Integer.parseInt(text.substring(i + 1, star))));
          i = close;
        } else {
          byte[] bytes = String.valueOf(c).getBytes(StandardCharsets.UTF_8);
          for (byte b : bytes) out.append((char) (b & 0xFF));
        }
      }
      return out.toString();
    }
  }
}
