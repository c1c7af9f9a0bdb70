package org.mailstead.mailflow.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.dns.DnsSettings;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.store.TestClock;

/// Filters that are down, slow or mad: each case is a listener that behaves so.
final class MessageFiltersTest {
  private static final Duration TIMEOUT = Duration.ofMillis(400);

  private final TestClock clock = new TestClock();
  private Peer peer;

  @AfterEach
  void close() {
    if (peer != null) peer.close();
  }

  /// What a peer does with a connection.
  private interface Behaviour {
    void serve(InputStream in, OutputStream out) throws IOException, InterruptedException;
  }

  private static final class Peer implements AutoCloseable {
    private final ServerSocket server;
    private final AtomicInteger connections = new AtomicInteger();
    private volatile Behaviour behaviour;

    Peer(Behaviour behaviour) {
      this.behaviour = behaviour;
      try {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Thread.ofVirtual().start(this::serve);
    }

    private void serve() {
      while (!server.isClosed()) {
        try {
          Socket socket = server.accept();
          connections.incrementAndGet();
          Thread.ofVirtual().start(() -> serve(socket));
        } catch (IOException e) {
          return;
        }
      }
    }

    private void serve(Socket socket) {
      try (socket) {
        behaviour.serve(socket.getInputStream(), socket.getOutputStream());
      } catch (IOException | InterruptedException e) {
        // The other side has closed, as it should.
      }
    }

    FilterAddress address() {
      return new FilterAddress("127.0.0.1:" + server.getLocalPort());
    }

    @Override
    public void close() {
      try {
        server.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private MessageFilters filters(FilterSettings settings) {
    return new MessageFilters(
        "mx.example.test",
        settings.withTimeout(TIMEOUT),
        new DnsResolver(DnsSettings.standard(), clock),
        Optional.empty(),
        clock);
  }

  private MessageFilters.Outcome check(MessageFilters filters) {
    return check(filters, "From: a@b.example\r\nSubject: x\r\n\r\nbody\r\n");
  }

  private MessageFilters.Outcome check(MessageFilters filters, String text) {
    try (Content content = Content.of(text.getBytes(StandardCharsets.UTF_8))) {
      int end = text.indexOf("\r\n\r\n") + 2;
      return filters.check(
          new FilteredMessage(
              "id1",
              content,
              "Received: from x\r\n",
              InetAddress.ofLiteral("2001:db8::7"),
              4711,
              "client\r\nX-Injected: yes",
              Optional.empty(),
              List.of(EmailAddress.parse("anna@example.test")),
              Optional.empty()),
          HeaderFields.of(content.buffer(), 0, end),
          end,
          MessageFilters.Source.OUTSIDE,
          SenderFacts.unchecked(),
          Optional.empty(),
          Optional.empty());
    }
  }

  private static FilterVerdict passed(MessageFilters.Outcome outcome) {
    return ((MessageFilters.Outcome.Passed) outcome).verdict();
  }

  private static final List<Behaviour> MAD =
      List.of(
          // Says nothing.
          (in, out) -> TimeUnit.SECONDS.sleep(20),
          // Closes at once.
          (in, out) -> {},
          // Reads all, says nothing.
          (in, out) -> in.readAllBytes(),
          // One octet at a time, for ever.
          (in, out) -> {
            while (true) {
              out.write('x');
              out.flush();
              TimeUnit.MILLISECONDS.sleep(20);
            }
          },
          // As much as anybody takes.
          (in, out) -> {
            byte[] flood = new byte[1 << 16];
            java.util.Arrays.fill(flood, (byte) 'A');
            while (true) out.write(flood);
          },
          (in, out) -> {
            byte[] flood = "a\n".repeat(1 << 15).getBytes(StandardCharsets.US_ASCII);
            while (true) out.write(flood);
          },
          // NULs.
          (in, out) -> {
            while (true) out.write(new byte[1 << 10]);
          },
          (in, out) ->
              out.write("HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\n{".getBytes()),
          (in, out) -> out.write("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n[]".getBytes()),
          (in, out) -> out.write(("HTTP/1.1 200 OK\r\n\r\n" + "[".repeat(100_000)).getBytes()),
          (in, out) ->
              out.write(
                  "HTTP/1.1 200 OK\r\n\r\n{\"action\":\"reject\",\"score\":1e999}".getBytes()),
          (in, out) -> out.write("HTTP/1.1 200 OK\r\n\r\n{\"action\":7}".getBytes()),
          (in, out) -> out.write("HTTP/1.1 403 Forbidden\r\n\r\n".getBytes()),
          (in, out) -> out.write("SPAMD/1.1 0 EX_OK\r\nSpam: True ; ..1 / 5\r\n\r\n".getBytes()),
          (in, out) -> out.write("SPAMD/1.1 76 Bad header line\r\n\r\n".getBytes()),
          (in, out) -> out.write("SPAMD/1.1 0 EX_OK\r\n\r\n".getBytes()),
          (in, out) -> out.write("stream: Can't allocate memory ERROR\0".getBytes()),
          // Packets of a milter: too long, empty, of no length; a negotiation with other steps.
          (in, out) ->
              out.write(ByteBuffer.allocate(5).putInt(Integer.MAX_VALUE).put((byte) 'c').array()),
          (in, out) -> out.write(new byte[4]),
          (in, out) -> out.write(negotiation(6, 0x1f, 0)),
          (in, out) -> out.write(negotiation(6, 0, 0x7000_0000)),
          (in, out) -> out.write(negotiation(99, 0, 0)),
          // Negotiates, then only ever says that it works on it.
          (in, out) -> {
            out.write(negotiation(6, 0, 0));
            while (true) out.write(packet('p', ""));
          },
          // Header changes where they may not come, and too many where they may.
          (in, out) -> {
            out.write(negotiation(6, 0x11, 0));
            while (true) out.write(packet('h', "X-A\0b\0"));
          },
          (in, out) -> {
            // Asks for no step but the end.
            out.write(negotiation(6, 0x11, 0x01 | 0x02 | 0x04 | 0x08 | 0x10 | 0x20 | 0x40 | 0x200));
            while (true) out.write(packet('h', "X-A\0b\0"));
          },
          (in, out) -> {
            out.write(negotiation(6, 0x11, 0x01 | 0x02 | 0x04 | 0x08 | 0x10 | 0x20 | 0x40 | 0x200));
            out.write(packet('h', "Bad name\r\n\0b\0"));
          },
          (in, out) -> {
            out.write(negotiation(6, 0, 0x01 | 0x02 | 0x04 | 0x08 | 0x10 | 0x20 | 0x40 | 0x200));
            out.write(packet('y', "250 fine\0"));
          });

  private static byte[] negotiation(int version, int actions, int steps) {
    return ByteBuffer.allocate(17)
        .putInt(13)
        .put((byte) 'O')
        .putInt(version)
        .putInt(actions)
        .putInt(steps)
        .array();
  }

  private static byte[] packet(char code, String data) {
    byte[] octets = data.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(5 + octets.length)
        .putInt(octets.length + 1)
        .put((byte) code)
        .put(octets)
        .array();
  }

  @Test
  void whateverAFilterDoesTheMessageGoesOnInTime() {
    for (int i = 0; i < MAD.size(); i++) {
      peer = new Peer(MAD.get(i));
      FilterSettings off = FilterSettings.off();
      for (FilterSettings settings :
          List.of(
              off.withClamd(peer.address()),
              off.withSpamd(peer.address()),
              off.with(new FilterSettings.Rspamd(peer.address(), "secret")),
              off.withMilters(peer.address()))) {
        long start = System.nanoTime();
        FilterVerdict verdict = passed(check(filters(settings)));
        assertThat(Duration.ofNanos(System.nanoTime() - start))
            .as("behaviour %d, %s", i, settings)
            .isLessThan(Duration.ofSeconds(3));
        assertThat(verdict.down()).as("behaviour %d, %s", i, settings).hasSize(1);
        assertThat(verdict.isJunk()).isFalse();
        assertThat(verdict.fields()).startsWith("X-Mailstead-Spam: unknown; down=");
        assertThat(verdict.eventWord()).contains("PROCESSING_FAILED");
        assertThat(settings.toString()).doesNotContain("secret");
      }
      peer.close();
    }
  }

  @Test
  void aDeadFilterCostsOnlyTheFirstMessagesTheirTime() {
    peer = new Peer((in, out) -> TimeUnit.SECONDS.sleep(20));
    MessageFilters filters = filters(FilterSettings.off().withSpamd(peer.address()));
    for (int i = 0; i < FilterLimits.FAILURES_MAX; i++) check(filters);
    assertThat(peer.connections).hasValue(FilterLimits.FAILURES_MAX);
    long start = System.nanoTime();
    for (int i = 0; i < 100; i++) assertThat(passed(check(filters)).down()).contains("spamd");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TIMEOUT.multipliedBy(2));
    assertThat(peer.connections).hasValue(FilterLimits.FAILURES_MAX);
    assertThat(filters.health().getFirst().failure().orElseThrow()).contains("no answer within");
    // It is tried again, and works again.
    clock.advance(FilterLimits.PAUSE);
    peer.behaviour =
        (in, out) -> {
          in.readAllBytes();
          out.write("SPAMD/1.1 0 EX_OK\r\nSpam: False ; 1.5 / 5.0\r\n\r\nA,B,,C".getBytes());
        };
    SpamScore score = passed(check(filters)).spam().orElseThrow();
    assertThat(score.score()).isEqualTo(1.5);
    assertThat(score.reasons()).containsExactly("A", "B", "C");
    assertThat(passed(check(filters)).down()).isEmpty();
    assertThat(filters.health().getFirst().failure()).isEmpty();
  }

  @Test
  void deferredWhereThatIsSet() {
    FilterSettings settings =
        FilterSettings.off()
            .withClamd(new FilterAddress("unix:/nonexistent/clamd.sock"))
            .with(FilterSettings.WhenDown.DEFER);
    var refused = (MessageFilters.Outcome.Refused) check(filters(settings));
    assertThat(refused.verdict()).isInstanceOf(Verdict.Deferred.class);
    assertThat(refused.verdict().toString()).contains("451").contains("4.7.1");
  }

  @Test
  void whatIsTooLargeIsNotShown() {
    peer = new Peer((in, out) -> {});
    MessageFilters filters = filters(FilterSettings.off().withSpamd(peer.address()));
    FilterVerdict verdict =
        passed(check(filters, "Subject: x\r\n\r\n" + "line\r\n".repeat(1_800_000)));
    assertThat(verdict.down()).isEmpty();
    assertThat(verdict.fields()).isEmpty();
    assertThat(peer.connections).hasValue(0);
  }

  @Test
  void wordsOfThePeerDoNotBecomeFieldsOfTheRequest() {
    var request = new StringBuffer();
    peer =
        new Peer((in, out) -> {
          byte[] octets = new byte[4_000];
          int count = in.readNBytes(octets, 0, 100);
          count += in.read(octets, count, octets.length - count);
          request.append(new String(octets, 0, count, StandardCharsets.UTF_8));
          out.write(
              "HTTP/1.1 200 OK\r\nContent-Length: 46\r\n\r\n{\"action\":\"no action\",\"score\":1,\"symbols\":{}   }"
                  .getBytes());
        });
    check(filters(FilterSettings.off().with(new FilterSettings.Rspamd(peer.address(), "pw"))));
    assertThat(request.toString())
        .startsWith("POST /checkv2 HTTP/1.1\r\n")
        .contains("\r\nHelo: client??X-Injected: yes\r\n")
        .contains("\r\nIP: 2001:db8:0:0:0:0:0:7\r\n")
        .contains("\r\nPassword: pw\r\n");
  }

  @Test
  void addressesAndListsAreChecked() {
    for (String wrong : List.of("", "host", ":25", "host:0", "host:70000", "unix:relative")) {
      assertThatThrownBy(() -> new FilterAddress(wrong))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (String wrong : List.of("", "nodots", "a.b=x", "a.b=1=2", "a b.c", "a.b=1000")) {
      assertThatThrownBy(() -> FilterSettings.BlockList.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(BuiltInFilter.reversed(InetAddress.ofLiteral("192.0.2.7"))).isEqualTo("7.2.0.192");
    assertThat(BuiltInFilter.reversed(InetAddress.ofLiteral("2001:db8::1")))
        .startsWith("1.0.0.0.")
        .endsWith(".8.b.d.0.1.0.0.2")
        .hasSize(63);
  }

  @Test
  void fieldsAreReadBackAsTheyWereWritten() {
    for (boolean spam : List.of(true, false)) {
      var verdict =
          new FilterVerdict(
              Optional.empty(),
              true,
              Optional.of(
                  new SpamScore(spam, 4.96, 5, List.of("A;B,C\r\nX: y", "long".repeat(50)))),
              "built-in",
              Optional.of(-1.0),
              List.of(),
              Optional.empty());
      String fields = verdict.fields();
      assertThat(fields.lines()).allMatch(line -> line.startsWith("X-") || line.startsWith("\t"));
      byte[] octets = fields.getBytes(StandardCharsets.US_ASCII);
      HeaderFields header = HeaderFields.of(ByteBuffer.wrap(octets), 0, octets.length);
      var read =
          FilterVerdict.Read.of(
              header.findAll("X-Mailstead-Spam"), header.findAll("X-Mailstead-Virus"));
      assertThat(read.isJunk()).isEqualTo(spam);
      assertThat(read.rest()).contains(-1.0);
      assertThat(read.required()).isEqualTo(5);
      assertThat(read.isFinal()).isFalse();
    }
  }
}
