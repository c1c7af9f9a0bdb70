package org.mailstead.smtp;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.mailstead.base.Content;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.smtp.server.Reception;
import org.mailstead.smtp.server.SessionFacts;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;

/// A reception that keeps what it accepts in memory. What it answers depends on the local part of
/// an address: `unknown`, `later`, `full`, `down` and `bug` at RCPT, `no-data` and `full-disk` at
/// the end of data, `each` gives LMTP alternating verdicts, `refused` as a sender; others are
/// accepted.
public final class RecordingReception implements Reception {
  /// A message that was accepted.
  public record Received(
      SessionFacts session,
      MailFrom from,
      List<RcptTo> recipients,
      byte[] bytes,
      int receivedCount) {
    public String text() {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }

  private final LinkedBlockingQueue<Received> messages = new LinkedBlockingQueue<>();
  private final ConcurrentLinkedQueue<CountDownLatch> holds = new ConcurrentLinkedQueue<>();
  private final AtomicInteger openCount = new AtomicInteger();

  /// Waits for the next message.
  public Received take() {
    try {
      Received next = messages.poll(10, TimeUnit.SECONDS);
      if (next == null) throw new AssertionError("no message came");
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public int waitingCount() {
    return messages.size();
  }

  /// Transactions that were begun and not closed.
  public int openCount() {
    return openCount.get();
  }

  /// The next message waits in `data` until the latch is counted down.
  public CountDownLatch holdNext() {
    var latch = new CountDownLatch(1);
    holds.add(latch);
    return latch;
  }

  @Override
  public Transaction begin(SessionFacts session, MailFrom from) {
    if (from.reversePath().isPresent() && from.reversePath().get().local().equals("refused")) {
      throw new RefusedException(Refusal.FORBIDDEN, "not your address");
    }
    openCount.incrementAndGet();
    return new Recording(session, from);
  }

  private final class Recording implements Transaction {
    private final SessionFacts session;
    private final MailFrom from;
    private final List<RcptTo> recipients = new ArrayList<>();
    private boolean closed;

    Recording(SessionFacts session, MailFrom from) {
      this.session = session;
      this.from = from;
    }

    @Override
    public Verdict recipient(RcptTo to) {
      return switch (to.address().local()) {
        case "unknown" -> throw new RefusedException(Refusal.NOT_FOUND, "no such mailbox");
        case "later" -> Verdict.deferred(450, "4.2.0", "greylisted");
        case "full" -> throw new RefusedException(Refusal.OVER_QUOTA, "mailbox is full");
        case "down" -> throw new UnavailableException("store is down", Duration.ofSeconds(1));
        case "bug" -> throw new IllegalStateException("a planted bug");
        default -> {
          recipients.add(to);
          yield Verdict.accepted();
        }
      };
    }

    @Override
    public Outcome data(Content content, DataFacts trace) {
      if (closed) throw new AssertionError("data after close");
      CountDownLatch hold = holds.poll();
      try {
        if (hold != null) hold.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      for (RcptTo to : recipients) {
        switch (to.address().local()) {
          case "no-data" -> {
            return new Outcome.All(Verdict.rejected(554, "5.7.1", "this is spam"));
          }
          case "full-disk" ->
              throw new UnavailableException(
                  "cannot write",
                  Duration.ofSeconds(1),
                  new java.io.IOException("No space left on device"));
          default -> {}
        }
      }
      byte[] bytes = new byte[content.buffer().remaining()];
      content.buffer().get(bytes);
      messages.add(
          new Received(session, from, List.copyOf(recipients), bytes, trace.receivedCount()));
      if (recipients.getFirst().address().local().equals("each")) {
        List<Verdict> verdicts = new ArrayList<>();
        for (int i = 0; i < recipients.size(); i++) {
          verdicts.add(
              i % 2 == 0 ? Verdict.accepted() : Verdict.rejected(552, "5.2.2", "mailbox is full"));
        }
        return new Outcome.Each(verdicts);
      }
      return new Outcome.All(Verdict.accepted());
    }

    @Override
    public void close() {
      if (closed) throw new AssertionError("closed twice");
      closed = true;
      openCount.decrementAndGet();
    }
  }
}
