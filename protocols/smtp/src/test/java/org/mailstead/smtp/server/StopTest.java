package org.mailstead.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.mailstead.smtp.TestServer;

final class StopTest {
  @Test
  void idleSessionsHear421AndARunningTransactionMayFinish() throws Exception {
    try (var server = TestServer.start();
        var idle = server.connect(TestServer.INBOUND).greeted();
        var busy = server.connect(TestServer.INBOUND).withRecipient()) {
      var _ = busy.line("DATA").expect("354").line("first half");
      var stopped = CompletableFuture.runAsync(server.server()::close, Thread::startVirtualThread);
      var _ = idle.expect("421 4.3.2").expectClosed();
      var _ = busy.line("second half").line(".").expect("250 2.0.0").expect("421 4.3.2");
      stopped.join();
      assertThat(server.reception().take().text()).isEqualTo("first half\r\nsecond half\r\n");
    }
  }

  @Test
  void aTransactionThatDoesNotFinishIsCutOffAfterABoundedTime() throws Exception {
    try (var server = TestServer.start();
        var busy = server.connect(TestServer.INBOUND).withRecipient();
        var inData = server.connect(TestServer.INBOUND).withRecipient()) {
      var _ = inData.line("DATA").expect("354").line("half a message");
      long start = System.nanoTime();
      server.server().close();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      var _ = busy.expect("421 4.3.2").expectClosed();
      var _ = inData.expect("421 4.3.2").expectClosed();
      assertThat(server.reception().waitingCount()).isZero();
    }
  }

  @Test
  void aMessageThatIsBeingStoredIsAnsweredBeforeTheEnd() throws Exception {
    try (var server = TestServer.start();
        var peer = server.connect(TestServer.INBOUND).withRecipient()) {
      var hold = server.reception().holdNext();
      var _ = peer.line("DATA").expect("354").line("x").line(".");
      var stopped = CompletableFuture.runAsync(server.server()::close, Thread::startVirtualThread);
      assertThat(stopped).isNotDone();
      hold.countDown();
      var _ = peer.expect("250 2.0.0").expect("421 4.3.2");
      stopped.join();
    }
  }

  @Test
  void aStoppedServerAcceptsNoConnection() throws IOException {
    try (var server = TestServer.start()) {
      server.server().close();
      org.assertj.core.api.Assertions.assertThatThrownBy(
              () -> server.connect(TestServer.INBOUND).close())
          .isInstanceOf(IOException.class);
    }
  }
}
