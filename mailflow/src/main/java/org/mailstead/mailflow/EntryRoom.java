package org.mailstead.mailflow;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.mailstead.core.queue.Lane;

/// Which entries of the queue may be in memory, waiting for their turn or worked on; the others
/// wait in the time index. The room is shared out so that no sender and no destination fills it:
///
/// - so many of one [Lane], so many of one sender, so many in all, of which the last quarter is for
///   senders that have nothing here;
/// - of destinations that are not known to answer, only as many as show whether they do, in a room
///   of their own, of which a sender gets a half at most.
///
/// Thread-safe.
final class EntryRoom {
  /// An entry's place, from [#enter]; give it back with [#leave].
  ///
  /// @param isUnproven in which room
  record Place(Lane lane, boolean isUnproven) {}

  private static final class Room {
    private final int size;
    private final Map<Long, Integer> senders = new HashMap<>();
    private final Map<Lane, Integer> lanes = new HashMap<>();
    private int count;

    Room(int size) {
      this.size = size;
    }

    int of(Lane lane) {
      return lanes.getOrDefault(lane, 0);
    }

    int ofSender(Lane lane) {
      return senders.getOrDefault(lane.sender(), 0);
    }

    void add(Lane lane) {
      count++;
      lanes.merge(lane, 1, Integer::sum);
      senders.merge(lane.sender(), 1, Integer::sum);
    }

    void remove(Lane lane) {
      count--;
      lanes.computeIfPresent(lane, (_, of) -> of == 1 ? null : of - 1);
      senders.computeIfPresent(lane.sender(), (_, of) -> of == 1 ? null : of - 1);
    }
  }

  private final Turns turns;
  private final ReentrantLock lock = new ReentrantLock();
  private final Room usual = new Room(MailflowLimits.BACKLOG_COUNT_MAX);
  private final Room unproven = new Room(MailflowLimits.UNPROVEN_COUNT_MAX);

  /// By destination, in the room of the unproven.
  private final Map<Long, Integer> probes = new HashMap<>();

  private final Set<Lane> refused = new HashSet<>();
  private boolean anyRefused;

  EntryRoom(Turns turns) {
    this.turns = turns;
  }

  /// A place for one more, unless there is none now.
  Optional<Place> enter(Lane lane) {
    boolean isUnproven =
        lane.isRelayed() && turns.standing(lane.destination()) == Turns.Standing.UNKNOWN;
    lock.lock();
    try {
      if (isUnproven ? isRoomForProbe(lane) : isRoom(lane)) {
        (isUnproven ? unproven : usual).add(lane);
        if (isUnproven) probes.merge(lane.destination(), 1, Integer::sum);
        return Optional.of(new Place(lane, isUnproven));
      }
      anyRefused = true;
      if (refused.size() < MailflowLimits.BACKLOG_COUNT_MAX) refused.add(lane);
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private boolean isRoom(Lane lane) {
    int ofSender = usual.ofSender(lane);
    int size = ofSender == 0 ? usual.size : usual.size - usual.size / 4;
    return usual.count < size
        && usual.of(lane) < laneMax(lane)
        && ofSender < MailflowLimits.BACKLOG_PER_SENDER_MAX;
  }

  private boolean isRoomForProbe(Lane lane) {
    int probed = probes.getOrDefault(lane.destination(), 0);
    boolean isFirst = unproven.of(lane) == 0;
    return unproven.count < (isFirst ? unproven.size : unproven.size / 4)
        && unproven.ofSender(lane) < unproven.size / 2
        && probed < MailflowLimits.UNPROVEN_PER_DESTINATION_MAX;
  }

  private static int laneMax(Lane lane) {
    return lane.destination() == Lane.SEVERAL
        ? MailflowLimits.SEVERAL_PER_SENDER_MAX
        : MailflowLimits.BACKLOG_PER_LANE_MAX;
  }

  /// Gives a place back.
  ///
  /// @return whether somebody who was refused might get a place now: it is worth a look
  boolean leave(Place place) {
    lock.lock();
    try {
      Room room = place.isUnproven() ? unproven : usual;
      Lane lane = place.lane();
      room.remove(lane);
      if (place.isUnproven()) {
        probes.computeIfPresent(lane.destination(), (_, count) -> count == 1 ? null : count - 1);
      }
      if (!anyRefused) return false;
      // Not for each one that leaves: a look costs more than a delivery.
      return room.of(lane) == laneMax(lane) / 2
          || room.ofSender(lane) == MailflowLimits.BACKLOG_PER_SENDER_MAX / 2
          || room.count == room.size / 2
          || (room.of(lane) == 0 && refused.contains(lane));
    } finally {
      lock.unlock();
    }
  }

  /// A look begins: it hears again who is refused.
  void lookAgain() {
    lock.lock();
    try {
      refused.clear();
      anyRefused = false;
    } finally {
      lock.unlock();
    }
  }

  /// Whether somebody was refused since the last look began.
  boolean isWanted() {
    lock.lock();
    try {
      return anyRefused;
    } finally {
      lock.unlock();
    }
  }

  /// Entries that have a place.
  int count() {
    lock.lock();
    try {
      return usual.count + unproven.count;
    } finally {
      lock.unlock();
    }
  }
}
