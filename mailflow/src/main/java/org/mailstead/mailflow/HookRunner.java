package org.mailstead.mailflow;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.flow.FlowAddresses;
import org.mailstead.core.flow.FlowMessage;
import org.mailstead.core.queue.Claim;
import org.mailstead.core.queue.EntryHook;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.QueueRecipient.Target.Blocked;
import org.mailstead.formats.mime.HeaderText;
import org.mailstead.http.aws.FunctionClient.Answer;
import org.mailstead.mailflow.hooks.FunctionAnswer;
import org.mailstead.mailflow.hooks.FunctionCalls;
import org.mailstead.mailflow.hooks.FunctionEvent;
import org.mailstead.mailflow.hooks.HookLimits;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Works off the queue entries for which Run Lambda rules call a function
/// (docs/decisions/0064-run-lambda.md, 0065-run-lambda-in-the-queue.md).
///
/// **One call.** The message becomes known to the message-flow API under the id that the entry
/// names, the function is called, and then either the entry waits for the next call, or other
/// entries take its place in one commit ([HookVerdict]). A crash before that commit repeats the
/// call with the same ids; after it the call is never made again.
///
/// **Others are not delayed.** Entries for functions have places of their own in memory, so many in
/// all and for one organization; who finds none looks again later.
final class HookRunner {
  private static final Logger LOG = LoggerFactory.getLogger(HookRunner.class);
  private static final long SPREAD_MILLIS = 5_000;

  private final MailQueue queue;
  private final Optional<FunctionCalls> calls;
  private final HookVerdict verdict;
  private final MailEvents events;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final AtomicInteger waiting = new AtomicInteger();
  private final Map<OrganizationId, AtomicInteger> waitingOf = new ConcurrentHashMap<>();

  HookRunner(
      MailQueue queue,
      Optional<FunctionCalls> calls,
      HookVerdict verdict,
      MailEvents events,
      InstantSource clock,
      RandomGenerator random) {
    this.queue = queue;
    this.calls = calls;
    this.verdict = verdict;
    this.events = events;
    this.clock = clock;
    this.random = random;
  }

  /// Whether the entry is for a function, and not to be delivered.
  static boolean isCall(Claim claim) {
    return claim.hook().isPresent() && claim.hook().get() instanceof EntryHook.Call;
  }

  /// Where a function wants the entry's messages in mailboxes, if one said so.
  static Optional<LocalDelivery.Place> place(Claim claim) {
    return decided(claim)
        .flatMap(EntryHook.Decided::place)
        .map(place ->
            switch (place) {
              case INBOX -> LocalDelivery.Place.INBOX;
              case JUNK -> LocalDelivery.Place.JUNK;
            });
  }

  /// What a blocked recipient's sender hears.
  static AttemptResult blocked(Claim claim, Blocked.By by) {
    return decided(claim)
        .flatMap(EntryHook.Decided::bounceMessage)
        .map(text -> AttemptResult.local(AttemptResult.Kind.FAILED, 550, "5.7.1", text))
        .orElseGet(() -> FlowEnforcement.blocked(by));
  }

  private static Optional<EntryHook.Decided> decided(Claim claim) {
    return claim.hook().isPresent() && claim.hook().get() instanceof EntryHook.Decided decided
        ? Optional.of(decided)
        : Optional.empty();
  }

  /// Entries that have a place in memory.
  int activeCount() {
    return waiting.get();
  }

  /// Takes a place in memory for an entry; [#leave] gives it back.
  ///
  /// @return false: there is none, and the entry has been given back to the queue for a while
  boolean enter(Claim claim) {
    AtomicInteger own =
        waitingOf.computeIfAbsent(claim.envelope().organization(), _ -> new AtomicInteger());
    boolean isRoom = waiting.incrementAndGet() <= HookLimits.WAITING_MAX;
    boolean isOwnRoom = own.incrementAndGet() <= HookLimits.WAITING_PER_ORGANIZATION_MAX;
    if (isRoom && isOwnRoom) return true;
    leave(claim);
    Instant later =
        clock.instant().plus(HookLimits.LOOK_AGAIN).plusMillis(random.nextLong(SPREAD_MILLIS));
    try {
      queue.postpone(claim, call(claim).postponed(later));
    } catch (RuntimeException e) {
      LOG.warn("queue entry {} cannot be given back: {}", claim.id(), e.getMessage());
      queue.abandon(claim);
    }
    return false;
  }

  void leave(Claim claim) {
    waiting.decrementAndGet();
    AtomicInteger own = waitingOf.get(claim.envelope().organization());
    if (own != null) own.decrementAndGet();
  }

  /// Calls the function once.
  ///
  /// @return claims on what takes the entry's place
  List<Claim> run(Claim claim) throws InterruptedException {
    EntryHook.Call call = call(claim);
    Answer answer = answer(claim, call);
    if (Thread.currentThread().isInterrupted()) throw new InterruptedException();
    return switch (answer) {
      case Answer.Queued() ->
          call.isSynchronous()
              ? failed(claim, call, "the service took the event, but gave no answer")
              : finished(claim, call);
      case Answer.Returned(byte[] payload) -> {
        FunctionAnswer read;
        try {
          read = FunctionAnswer.parse(payload, call.direction());
        } catch (MalformedException e) {
          yield failed(claim, call, String.valueOf(e.getMessage()));
        }
        yield decide(claim, call, read);
      }
      case Answer.Failed(String reason) -> failed(claim, call, reason);
    };
  }

  private Answer answer(Claim claim, EntryHook.Call call) throws InterruptedException {
    if (calls.isEmpty()) return new Answer.Failed("this service calls no functions");
    FunctionEvent event;
    try (Content content = queue.open(claim)) {
      event = event(claim, call, MessageHeader.of(content));
    }
    OrganizationId organization = claim.envelope().organization();
    calls
        .get()
        .messages()
        .registerStaged(
            call.messageId(),
            organization,
            switch (call.direction()) {
              case INBOUND -> FlowMessage.Direction.INCOMING;
              case OUTBOUND -> FlowMessage.Direction.OUTGOING;
            },
            call.isSynchronous() ? FlowMessage.State.OPEN : FlowMessage.State.FROZEN,
            claim.content());
    return calls.get().call(organization, call, event);
  }

  private static FunctionEvent event(Claim claim, EntryHook.Call call, MessageHeader header) {
    FlowAddresses addresses = FlowEnforcement.addresses(header);
    Optional<EmailAddress> author =
        addresses.from().stream().findFirst().or(() -> claim.envelope().reversePath());
    return new FunctionEvent(
        call,
        author,
        addresses.sender().stream()
            .findFirst()
            .filter(sender -> !Optional.of(sender).equals(author)),
        header.find("Subject").map(HeaderText::decode).orElse("").strip(),
        claim.named());
  }

  private List<Claim> finished(Claim claim, EntryHook.Call call) {
    LOG.info("queue entry {}: {} was called", claim.id(), call.functionArn());
    events.hooked(claim.envelope(), call, "called", claim.id(), clock.instant());
    return queue.replace(claim, List.of());
  }

  private List<Claim> failed(Claim claim, EntryHook.Call call, String reason) {
    Instant now = clock.instant();
    boolean isOver = !now.isBefore(call.deadline());
    LOG.warn(
        "queue entry {}: {} failed, call {}{}: {}",
        claim.id(),
        call.functionArn(),
        call.attempts() + 1,
        isOver ? ", the last one" : "",
        reason);
    events.hooked(claim.envelope(), call, "failed: " + reason, claim.id(), now);
    if (!isOver) {
      Instant next = now.plus(HookLimits.delay(call.attempts() + 1));
      // The last call is made when the time is over, so that the fallback follows it at once.
      if (next.isAfter(call.deadline())) next = call.deadline();
      queue.postpone(claim, call.failed(reason, next));
      return List.of();
    }
    if (!call.isSynchronous()) {
      events.hooked(claim.envelope(), call, "given up", claim.id(), now);
      return queue.replace(claim, List.of());
    }
    return decide(
        claim, call, new FunctionAnswer(Map.of(), Optional.of(FunctionAnswer.fallback(call))));
  }

  private List<Claim> decide(Claim claim, EntryHook.Call call, FunctionAnswer answer) {
    // Whatever was put in the message's place counts, also when the function failed afterwards: who
    // wanted something taken out does not want it delivered.
    try (Replaced replaced = replaced(claim, call)) {
      return verdict.carryOut(claim, call, answer, replaced.content());
    }
  }

  /// @param content the caller closes it; empty: as it came
  private record Replaced(Optional<Content> content) implements AutoCloseable {
    @Override
    public void close() {
      content.ifPresent(Content::close);
    }
  }

  private Replaced replaced(Claim claim, EntryHook.Call call) {
    if (calls.isEmpty()) return new Replaced(Optional.empty());
    try {
      return new Replaced(calls.get().messages().freeze(call.messageId()));
    } catch (RefusedException e) {
      // It was never registered, or that was a day ago.
      LOG.debug("queue entry {}: {}", claim.id(), e.logText());
      return new Replaced(Optional.empty());
    }
  }

  private static EntryHook.Call call(Claim claim) {
    if (claim.hook().orElseThrow() instanceof EntryHook.Call call) return call;
    throw new IllegalStateException("queue entry " + claim.id() + " is for no function");
  }
}
