package org.mailstead.core.outbox;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.mailstead.base.Invariant;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Changes with effects. An effect is written in the same commit as its cause; after the commit it
/// is carried out, at least once, then its row is removed. Most are carried out before [#change]
/// returns; what fails then, what is deferred, and what a crash left behind is done by [#runOnce],
/// which a scheduler calls about once a second, and [#resume], once at the start.
public final class Outbox {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
  private static final int ROWS_MAX = 256;
  private static final int FORMAT_MAX = 1;

  private final Commits commits;
  private final Map<Integer, Handled> handlers = new HashMap<>();
  private final Set<PartitionId> pending = ConcurrentHashMap.newKeySet();
  private final ReentrantLock running = new ReentrantLock();

  private record Handled(EffectKind kind, Effect.BatchHandler handler) {}

  public Outbox(Commits commits) {
    this.commits = commits;
  }

  /// Says who carries out a kind of effect; before the first change.
  public void handle(EffectKind kind, Effect.Handler handler) {
    handleBatches(kind, effects -> effects.forEach(handler::carryOut));
  }

  public void handleBatches(EffectKind kind, Effect.BatchHandler handler) {
    Handled before = handlers.put(kind.number(), new Handled(kind, handler));
    Invariant.check(before == null, "two handlers for effect " + kind.number());
  }

  public Commits commits() {
    return commits;
  }

  /// Changes a partition and carries out the effects that are not deferred. Once the commit is made
  /// the change has happened: an effect that fails is tried again later and does not fail the
  /// caller.
  public <T> T change(PartitionId partition, Function<PartitionChange, T> decide) {
    Commits.Done<T> done = commits.attempt(partition, decide);
    List<Effect> now = new ArrayList<>();
    for (Effect effect : done.effects()) {
      if (effect.kind().deferred()) {
        pending.add(partition);
      } else {
        now.add(effect);
      }
    }
    if (!now.isEmpty()) {
      try {
        carryOut(partition, now);
      } catch (RuntimeException e) {
        LOG.warn("effects of a commit to {} wait for the next run: {}", partition, e.toString());
        pending.add(partition);
      }
    }
    return done.answer();
  }

  /// Finds what an earlier run of the program left behind.
  public void resume(List<String> partitionPrefixes) {
    for (String prefix : partitionPrefixes) {
      Optional<PartitionId> after = Optional.empty();
      while (true) {
        List<PartitionId> found = commits.store().partitions(prefix, after, ROWS_MAX);
        for (PartitionId partition : found) {
          if (!page(partition, 1).rows().isEmpty()) pending.add(partition);
        }
        if (found.size() < ROWS_MAX) break;
        after = Optional.of(found.getLast());
      }
    }
  }

  /// Carries out what waits.
  ///
  /// @return how many effects were carried out
  public int runOnce() {
    running.lock();
    try {
      int count = 0;
      for (PartitionId partition : List.copyOf(pending)) {
        pending.remove(partition);
        try {
          count += run(partition);
        } catch (RuntimeException e) {
          pending.add(partition);
          LOG.warn("effects of {} wait for the next run: {}", partition, e.toString());
        }
      }
      return count;
    } finally {
      running.unlock();
    }
  }

  /// Whether nothing is known to wait.
  public boolean isIdle() {
    return pending.isEmpty();
  }

  /// Whether effects wait in a partition, for checks.
  public static boolean isWaiting(Store store, PartitionId partition) {
    return !store.range(partition, PartitionChange.OUTBOX, Range.all(), 1).rows().isEmpty();
  }

  private int run(PartitionId partition) {
    int count = 0;
    while (true) {
      Page page = page(partition, ROWS_MAX);
      List<Effect> effects = new ArrayList<>();
      for (Row row : page.rows()) effects.add(effect(partition, row));
      if (effects.isEmpty()) return count;
      carryOut(partition, effects);
      count += effects.size();
      if (page.next().isEmpty()) return count;
    }
  }

  private Page page(PartitionId partition, int rowsMax) {
    return commits.store().range(partition, PartitionChange.OUTBOX, Range.all(), rowsMax);
  }

  private Effect effect(PartitionId partition, Row row) {
    var in = new ValueReader(row.value(), FORMAT_MAX);
    Handled handled = handlers.get((int) in.number());
    if (handled == null) throw new IllegalStateException("unknown effect in " + partition);
    boolean inline = in.flag();
    byte[] payload = in.octets();
    if (!inline) {
      payload =
          commits
              .store()
              .get(partition, PartitionChange.PAYLOADS, payload)
              .orElseThrow(() -> new IllegalStateException("effect without payload"));
    }
    return new Effect(partition, row.key(), handled.kind, payload);
  }

  /// In order; neighbours of one kind together.
  private void carryOut(PartitionId partition, List<Effect> effects) {
    int from = 0;
    while (from < effects.size()) {
      EffectKind kind = effects.get(from).kind();
      int to = from + 1;
      while (to < effects.size() && effects.get(to).kind().equals(kind)) to++;
      Handled handled = handlers.get(kind.number());
      if (handled == null) throw new IllegalStateException("no handler for " + kind.name());
      handled.handler.carryOut(List.copyOf(effects.subList(from, to)));
      from = to;
    }
    // An effect may have dropped the partition that asked for it.
    if (commits.store().version(partition) == 0) return;
    commits.change(
        partition,
        change -> {
          for (Effect effect : effects) remove(change, effect.key());
          return true;
        });
  }

  private static void remove(PartitionChange change, byte[] key) {
    Optional<byte[]> row = change.get(PartitionChange.OUTBOX, key);
    if (row.isEmpty()) return;
    var in = new ValueReader(row.get(), FORMAT_MAX);
    in.number();
    if (!in.flag()) change.delete(PartitionChange.PAYLOADS, in.octets());
    change.delete(PartitionChange.OUTBOX, key);
  }
}
