package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EntityId;
import org.mailstead.smtp.server.Verdict;

/// The same with real servers: some take connections and never say a word.
@DisplayName("FLW-8: destinations that hang keep nobody else's mail waiting")
final class FairQueueTest {
  private static final String ANNA = "anna@example.test";
  private static final String BERT = "bert@example.test";
  private static final int DEAD_COUNT = 20;
  private static final int CONCURRENCY = 4;

  /// Listens where the mail exchangers of dead domains are.
  private static final class Silence implements AutoCloseable {
    private final ServerSocket listener;
    private final List<Socket> held = new CopyOnWriteArrayList<>();

    Silence(int port) throws IOException {
      listener = new ServerSocket(port, 500, InetAddress.ofLiteral("127.0.0.2"));
      Thread.ofVirtual()
          .start(() -> {
            while (!listener.isClosed()) {
              try {
                held.add(listener.accept());
              } catch (IOException e) {
                return;
              }
            }
          });
    }

    @Override
    public void close() throws IOException {
      listener.close();
      for (Socket socket : held) socket.close();
    }
  }

  private static void send(MailflowFixture flow, EntityId user, String from, String to) {
    try (var sending = flow.submission(user, from).to(to)) {
      assertThat(sending.verdict(MailflowFixture.message(from, "to " + to)))
          .isInstanceOf(Verdict.Accepted.class);
    }
  }

  @Test
  void moreHangingDestinationsThanConnectionsDelayNeitherOthersNorTheSameSender()
      throws IOException {
    try (var flow = new MailflowFixture(settings -> settings.withConcurrency(CONCURRENCY, 2));
        var silence = new Silence(flow.sink.port())) {
      for (int i = 0; i < DEAD_COUNT; i++) {
        flow.dns.mx("dead" + i + ".example", 10, "silence.example");
      }
      flow.dns.address("silence.example", "127.0.0.2");
      flow.flow().start();
      for (int i = 0; i < 3 * DEAD_COUNT; i++) {
        send(flow, flow.core.anna(), ANNA, "friend@dead" + i % DEAD_COUNT + ".example");
      }
      send(flow, flow.core.anna(), ANNA, "friend@far.example");
      send(flow, flow.core.bert(), BERT, "friend@far.example");
      send(flow, flow.core.anna(), ANNA, BERT);
      MailflowFixture.await(() -> flow.sink.messages().size() == 2);
      MailflowFixture.await(() -> flow.inbox(flow.core.bert()).size() == 1);
      MailflowFixture.await(() -> silence.held.size() >= 3 * CONCURRENCY);
      MailflowFixture.await(() -> flow.status().counts().entries() == 3 * DEAD_COUNT);
    }
  }

  @Test
  void whatHadNoRoomInMemoryGoesWhenThereIsRoom() {
    int count = MailflowLimits.BACKLOG_PER_LANE_MAX + 150;
    try (var flow = new MailflowFixture(settings -> settings.withConcurrency(4, 2))) {
      flow.flow().start();
      for (int i = 0; i < count; i++) send(flow, flow.core.anna(), ANNA, "friend@far.example");
      MailflowFixture.await(() -> flow.sink.messages().size() == count);
      MailflowFixture.await(() -> flow.flow().activeCount() == 0);
      flow.checkQueueEmpty();
    }
  }
}
