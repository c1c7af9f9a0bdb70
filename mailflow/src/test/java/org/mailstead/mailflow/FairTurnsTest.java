package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.queue.Lane;
import org.mailstead.store.TestClock;

/// The queue as numbers: entries are lanes, time is the count of turns that end. Nothing here
/// waits.
@DisplayName("FLW-8: one bulk sender, or a thousand dead destinations, delay nobody else's mail")
final class FairTurnsTest {
  private static final int CONCURRENCY = 64;
  private static final int PER_DESTINATION = 4;
  private static final long BULK = 1001;
  private static final long OTHER = 1002;

  private final TestClock clock = new TestClock();
  private int changes;
  private final Turns turns = new Turns(CONCURRENCY, PER_DESTINATION, () -> changes++, clock);
  private final EntryRoom room = new EntryRoom(turns);

  /// Entries in memory and their turns, granted or not; what has no room stays in `index`.
  private final class World {
    final Deque<Lane> index = new ArrayDeque<>();
    final List<Entry> memory = new ArrayList<>();
    final Set<Long> dead = new HashSet<>();
    int ended;
    int mostInMemory;

    record Entry(Lane lane, EntryRoom.Place place, Turns.Turn turn) {}

    Optional<Entry> arrive(Lane lane) {
      Optional<EntryRoom.Place> place = room.enter(lane);
      if (place.isEmpty()) {
        index.addLast(lane);
        return Optional.empty();
      }
      Entry entry = new Entry(lane, place.get(), turns.ask(lane.sender(), lane.destination()));
      memory.add(entry);
      mostInMemory = Math.max(mostInMemory, memory.size());
      return Optional.of(entry);
    }

    /// What is in the index gets a place where there is one.
    void look() {
      room.lookAgain();
      for (int i = index.size(); i > 0; i--) arrive(index.removeFirst());
    }

    /// The first granted turn to a live destination ends.
    boolean step() {
      for (Entry entry : memory) {
        if (!entry.turn().isGranted() || dead.contains(entry.lane().destination())) continue;
        memory.remove(entry);
        entry.turn().reached();
        entry.turn().close();
        ended++;
        if (room.leave(entry.place())) look();
        return true;
      }
      return false;
    }

    /// Every connection to a dead destination gives up; all other mail to it is put off then, which
    /// takes no connection.
    void timeOut() {
      do {
        List<Entry> left = new ArrayList<>();
        for (Entry entry : memory) {
          if (!entry.turn().isGranted()) {
            left.add(entry);
            continue;
          }
          if (turns.standing(entry.lane().destination()) == Turns.Standing.UNKNOWN) {
            entry.turn().failed(clock.instant().plus(Duration.ofSeconds(30)));
          }
          entry.turn().close();
          room.leave(entry.place());
        }
        memory.clear();
        memory.addAll(left);
        look();
      } while (!memory.isEmpty());
    }

    int stepsUntil(Entry entry) {
      int before = ended;
      while (!entry.turn().isGranted()) assertThat(step()).isTrue();
      return ended - before;
    }
  }

  private static long domain(int number) {
    return (1_000L + number) * 2 + 1;
  }

  private void isGood(long destination) {
    for (int i = 0; i < PER_DESTINATION; i++) {
      try (Turns.Turn turn = turns.ask(1, destination)) {
        turn.reached();
      }
    }
  }

  @Test
  void fiftyThousandEntriesToTheSameDestinationCostAnotherSenderOneTurn() {
    isGood(domain(0));
    World world = new World();
    for (int i = 0; i < 50_000; i++) world.arrive(new Lane(BULK, domain(0)));
    assertThat(world.mostInMemory).isEqualTo(MailflowLimits.BACKLOG_PER_LANE_MAX);
    World.Entry mine = world.arrive(new Lane(OTHER, domain(0))).orElseThrow();
    assertThat(world.stepsUntil(mine)).isLessThanOrEqualTo(1);
    // They all go in the end, and never more than these are in memory.
    while (world.step()) {}
    assertThat(world.ended).isEqualTo(50_001);
    assertThat(world.mostInMemory).isLessThanOrEqualTo(MailflowLimits.BACKLOG_PER_LANE_MAX + 1);
  }

  @Test
  void fiftyThousandEntriesToManyDestinationsCostAnotherDestinationNothing() {
    for (int i = 0; i <= 500; i++) isGood(domain(i));
    World world = new World();
    for (int i = 0; i < 50_000; i++) world.arrive(new Lane(BULK, domain(i % 500)));
    World.Entry mine = world.arrive(new Lane(OTHER, domain(500))).orElseThrow();
    assertThat(world.stepsUntil(mine)).isZero();
    assertThat(world.mostInMemory).isLessThanOrEqualTo(MailflowLimits.BACKLOG_PER_SENDER_MAX + 1);
  }

  @Test
  void localDeliveriesOfOneSenderCostAnotherNothing() {
    World world = new World();
    for (int i = 0; i < 50_000; i++) world.arrive(new Lane(BULK, Lane.HERE));
    World.Entry mine = world.arrive(new Lane(OTHER, Lane.HERE)).orElseThrow();
    assertThat(world.stepsUntil(mine)).isZero();
  }

  @Test
  void aThousandDeadDestinationsCostTenLiveOnesNothing() {
    World world = new World();
    for (int i = 0; i < 1_000; i++) world.dead.add(domain(i));
    for (int i = 0; i < 100_000; i++) world.arrive(new Lane(BULK, domain(i % 1_000)));
    assertThat(world.mostInMemory).isEqualTo(1_000);
    for (int round = 0; round < 3; round++) {
      for (int live = 1_000; live < 1_010; live++) {
        // The bulk sender's own mail, too.
        for (long sender : new long[] {BULK, OTHER}) {
          World.Entry mine = world.arrive(new Lane(sender, domain(live))).orElseThrow();
          assertThat(world.stepsUntil(mine)).isLessThanOrEqualTo(2);
        }
      }
      while (world.step()) {}
      world.timeOut();
      assertThat(world.index).isEmpty();
      clock.advance(Duration.ofMinutes(1));
      for (int i = 0; i < 100_000; i++) world.arrive(new Lane(BULK, domain(i % 1_000)));
    }
    assertThat(world.mostInMemory)
        .isLessThanOrEqualTo(1_000 + 20 + MailflowLimits.BACKLOG_COUNT_MAX);
    assertThat(changes).isPositive();
  }

  @Test
  void aDestinationEarnsConnectionsOneByOneAndLosesThemWhenItFails() {
    List<Turns.Turn> asked = new ArrayList<>();
    for (int i = 0; i < 20; i++) asked.add(turns.ask(BULK, domain(0)));
    assertThat(granted(asked)).isEqualTo(1);
    for (int expected = 2; expected <= PER_DESTINATION + 1; expected++) {
      Turns.Turn first = asked.removeFirst();
      first.reached();
      first.close();
      assertThat(granted(asked)).isEqualTo(Math.min(expected, PER_DESTINATION));
    }
    asked.removeFirst().close();
    Turns.Turn lost = asked.removeFirst();
    lost.lost();
    lost.close();
    while (granted(asked) > 1) asked.removeFirst().close();
    asked.removeFirst().close();
    assertThat(granted(asked)).isEqualTo(1);
  }

  @Test
  void whoGivesUpWaitingLeavesNothingBehind() {
    isGood(domain(0));
    List<Turns.Turn> running = new ArrayList<>();
    for (int i = 0; i < PER_DESTINATION; i++) running.add(turns.ask(BULK, domain(0)));
    Turns.Turn waiting = turns.ask(OTHER, domain(0));
    Turns.Turn next = turns.ask(OTHER, domain(0));
    waiting.close();
    running.getFirst().close();
    assertThat(next.isGranted()).isTrue();
    assertThat(waiting.isGranted()).isFalse();
  }

  /// Whatever senders and destinations there are: a turn is never further away than the number of
  /// senders that wait at the same destination, in turns of that destination.
  @Test
  void everySenderWaitsForAsManyTurnsAsThereAreSenders() {
    long seed = 20_261_121L;
    for (int run = 0; run < 30; run++) {
      Random random = new Random(seed + run);
      Turns mine = new Turns(1 + random.nextInt(30), 1 + random.nextInt(5), () -> {}, clock);
      long place = domain(0);
      for (int i = 0; i < 10; i++) {
        try (Turns.Turn turn = mine.ask(9, place)) {
          turn.reached();
        }
      }
      int senders = 1 + random.nextInt(20);
      List<Turns.Turn> there = new ArrayList<>();
      for (int i = 0; i < 500; i++) there.add(mine.ask(100 + random.nextInt(senders), place));
      Turns.Turn newcomer = mine.ask(OTHER, place);
      int ended = 0;
      while (!newcomer.isGranted()) {
        Turns.Turn first = there.stream().filter(Turns.Turn::isGranted).findFirst().orElseThrow();
        there.remove(first);
        first.reached();
        first.close();
        ended++;
      }
      assertThat(ended).as("seed " + (seed + run)).isLessThanOrEqualTo(senders + 1);
    }
  }

  private static long granted(List<Turns.Turn> asked) {
    return asked.stream().filter(Turns.Turn::isGranted).count();
  }
}
