package org.mailstead.mailflow;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.mailstead.core.queue.Lane;

/// Who may deliver next. What waits, waits at its destination, in one line for each sender; the
/// senders of a destination take turns, and where several destinations wait for the same resource,
/// the sender that uses the least of it goes first. So a sender waits for as many turns as there
/// are senders before it, however much the others have queued.
///
/// **Three pools.** Work for mailboxes here; connections to destinations that took or answered
/// something lately; and connections to those of which that is not known. The last ones cost
/// nothing but a socket that waits, so there may be thousands of them, but one a destination: dead
/// destinations cannot keep live ones waiting, and one that hangs in the middle of a message holds
/// one connection. A destination earns its further connections one by one, with answers, and loses
/// them when it fails.
///
/// Thread-safe.
final class Turns {
  /// What is known of a destination.
  enum Standing {
    /// Nothing, or nothing new.
    UNKNOWN,
    /// It answers.
    GOOD,
    /// It failed just now: nobody connects to it for a while, so mail to it is put off at once.
    BAD
  }

  /// The right to work for one destination. Closing it passes it on.
  final class Turn implements AutoCloseable {
    private final long sender;
    private final Place place;
    private final long number;
    private final CountDownLatch granted = new CountDownLatch(1);
    private @Nullable Pool pool;
    private boolean ended;

    private Turn(long sender, Place place, long number) {
      this.sender = sender;
      this.place = place;
      this.number = number;
    }

    boolean isGranted() {
      return granted.getCount() == 0;
    }

    /// The destination answered, whatever it said.
    void reached() {
      lock.lock();
      try {
        place.limit = Math.min(place.limit + 1, placeLimit(place));
        change(place, Standing.GOOD);
      } finally {
        lock.unlock();
      }
    }

    /// The connection was lost.
    void lost() {
      lock.lock();
      try {
        place.limit = 1;
        change(place, Standing.UNKNOWN);
      } finally {
        lock.unlock();
      }
    }

    /// It could not be reached, and nobody tries before that time.
    void failed(Instant until) {
      lock.lock();
      try {
        place.limit = 1;
        place.badUntil = until;
        change(place, Standing.BAD);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        if (ended) return;
        ended = true;
        boolean wasOpen = pool == null || pool.isOpenToAll();
        if (pool == null) place.forget(this);
        else pool.give(this);
        if (place.isIdle() && place.standing == Standing.UNKNOWN) places.remove(place.destination);
        // Who waits elsewhere waits for something else.
        if (wasOpen) grantAt(place);
        else grantAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /// A resource of which only so much is used at once.
  private static final class Pool {
    private final int size;
    private final Map<Long, Integer> runningOf = new HashMap<>();
    private int running;

    Pool(int size) {
      this.size = size;
    }

    int runningOf(long sender) {
      return runningOf.getOrDefault(sender, 0);
    }

    /// The last quarter is for senders that have nothing of it.
    boolean isOpen(int use) {
      return running < (use == 0 ? size : size - size / 4);
    }

    boolean isOpenToAll() {
      return isOpen(1);
    }

    void take(Turn turn) {
      running++;
      turn.place.running++;
      runningOf.merge(turn.sender, 1, Integer::sum);
      turn.pool = this;
      turn.granted.countDown();
    }

    void give(Turn turn) {
      running--;
      turn.place.running--;
      runningOf.computeIfPresent(turn.sender, (_, count) -> count == 1 ? null : count - 1);
    }
  }

  /// A destination.
  private static final class Place {
    private final long destination;

    /// By sender; the first is the next.
    private final LinkedHashMap<Long, Deque<Turn>> waiting = new LinkedHashMap<>();

    private int running;
    private int limit = 1;
    private Standing standing = Standing.UNKNOWN;
    private Instant badUntil = Instant.MIN;

    Place(long destination) {
      this.destination = destination;
    }

    boolean isIdle() {
      return running == 0 && waiting.isEmpty();
    }

    void add(Turn turn) {
      waiting.computeIfAbsent(turn.sender, _ -> new ArrayDeque<>()).addLast(turn);
    }

    /// The first of the sender that uses the least; of several such, who waits longest.
    @Nullable Turn first(Pool pool) {
      Deque<Turn> best = null;
      int bestUse = Integer.MAX_VALUE;
      for (var line : waiting.entrySet()) {
        int use = pool.runningOf(line.getKey());
        if (use >= bestUse) continue;
        best = line.getValue();
        bestUse = use;
        if (use == 0) break;
      }
      return best == null ? null : best.peekFirst();
    }

    /// Takes it out; its sender goes to the end.
    void taken(Turn turn) {
      Deque<Turn> line = waiting.remove(turn.sender);
      if (line == null) return;
      line.remove(turn);
      if (!line.isEmpty()) waiting.put(turn.sender, line);
    }

    /// Takes it out; its sender keeps its place.
    void forget(Turn turn) {
      Deque<Turn> line = waiting.get(turn.sender);
      if (line == null) return;
      line.remove(turn);
      if (line.isEmpty()) waiting.remove(turn.sender);
    }
  }

  private final InstantSource clock;
  private final int perDestination;
  private final Pool here;
  private final Pool good;
  private final Pool unproven = new Pool(MailflowLimits.UNPROVEN_COUNT_MAX);
  private final Runnable changed;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Long, Place> places = new LinkedHashMap<>(16, 0.75f, true);

  /// Places with somebody waiting.
  private final LinkedHashMap<Long, Place> crowded = new LinkedHashMap<>();

  private long asked;

  /// @param concurrency of work here, and of connections to destinations that answer
  /// @param perDestination connections to one destination at most
  /// @param changed is told, under no promise of which thread, when a destination's standing
  ///   changes
  Turns(int concurrency, int perDestination, Runnable changed, InstantSource clock) {
    this.perDestination = perDestination;
    this.here = new Pool(concurrency);
    this.good = new Pool(concurrency);
    this.changed = changed;
    this.clock = clock;
  }

  /// Waits for a turn; close it.
  Turn take(long sender, long destination) throws InterruptedException {
    Turn turn = ask(sender, destination);
    try {
      turn.granted.await();
      return turn;
    } catch (InterruptedException e) {
      turn.close();
      throw e;
    }
  }

  /// Asks for a turn without waiting for it.
  Turn ask(long sender, long destination) {
    lock.lock();
    try {
      Place place = places.computeIfAbsent(destination, Place::new);
      Turn turn = new Turn(sender, place, asked++);
      place.add(turn);
      crowded.put(destination, place);
      grantAt(place);
      forgetOld();
      return turn;
    } finally {
      lock.unlock();
    }
  }

  Standing standing(long destination) {
    lock.lock();
    try {
      Place place = places.get(destination);
      return place == null ? Standing.UNKNOWN : standing(place);
    } finally {
      lock.unlock();
    }
  }

  private Standing standing(Place place) {
    if (place.standing == Standing.BAD && clock.instant().isAfter(place.badUntil)) {
      place.standing = Standing.UNKNOWN;
    }
    return place.standing;
  }

  private void change(Place place, Standing standing) {
    if (place.destination == Lane.HERE || place.standing == standing) return;
    place.standing = standing;
    changed.run();
  }

  private int placeLimit(Place place) {
    return place.destination == Lane.HERE ? here.size : perDestination;
  }

  private Pool pool(Place place) {
    if (place.destination == Lane.HERE) return here;
    return standing(place) == Standing.GOOD ? good : unproven;
  }

  private void grantAll() {
    for (Turn next = next(); next != null; next = next()) grant(next);
  }

  private void grantAt(Place place) {
    for (Turn next = nextAt(place); next != null; next = nextAt(place)) grant(next);
    if (place.waiting.isEmpty()) crowded.remove(place.destination);
  }

  private void grant(Turn next) {
    next.place.taken(next);
    pool(next.place).take(next);
  }

  private @Nullable Turn nextAt(Place place) {
    if (place.waiting.isEmpty() || place.running >= limit(place)) return null;
    Pool pool = pool(place);
    Turn first = place.first(pool);
    return first != null && pool.isOpen(pool.runningOf(first.sender)) ? first : null;
  }

  /// Of those that may go, the one whose sender uses the least; among equals, who asked first.
  private @Nullable Turn next() {
    Turn best = null;
    int bestUse = 0;
    List<Place> left = null;
    for (Place place : crowded.values()) {
      if (place.waiting.isEmpty()) {
        if (left == null) left = new ArrayList<>();
        left.add(place);
        continue;
      }
      Turn first = nextAt(place);
      if (first == null) continue;
      int use = pool(place).runningOf(first.sender);
      if (best == null || use < bestUse || (use == bestUse && first.number < best.number)) {
        best = first;
        bestUse = use;
      }
    }
    if (left != null) for (Place place : left) crowded.remove(place.destination);
    return best;
  }

  private int limit(Place place) {
    if (place.destination == Lane.HERE) return here.size;
    return switch (standing(place)) {
      case GOOD -> place.limit;
      case UNKNOWN -> 1;
      // Nobody connects: whoever has a turn puts its mail off.
      case BAD -> perDestination;
    };
  }

  /// Destinations that nobody has asked for lately are forgotten where there are many.
  private void forgetOld() {
    if (places.size() <= MailflowLimits.DESTINATIONS_MAX) return;
    places.values().stream()
        .filter(Place::isIdle)
        .findFirst()
        .ifPresent(place -> places.remove(place.destination));
  }
}
