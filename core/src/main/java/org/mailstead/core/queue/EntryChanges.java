package org.mailstead.core.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.Invariant;
import org.mailstead.base.RefusedException;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.queue.MailQueue.Operated;
import org.mailstead.store.BlobId;
import org.mailstead.store.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a commit of a shard does to entries that are there. Each reads anew whenever its commit is
/// tried again, and is asked what it did when the commit is made. In one file, because all of them
/// keep the same rows in step, and they are checked best side by side.
final class EntryChanges {
  private static final Logger LOG = LoggerFactory.getLogger(EntryChanges.class);

  private EntryChanges() {}

  /// One part of [MailQueue#record].
  static final class Recording implements QueueShard.Change {
    private final QueueReader reader;
    private final Claim claim;
    private final SortedMap<Integer, RecipientState> part;
    private final List<PreparedEntry> reports;
    private final boolean last;
    private final Instant until;
    private QueueRows.@Nullable Header before;
    private boolean finished;
    private Instant due = Instant.EPOCH;

    Recording(
        QueueReader reader,
        Claim claim,
        SortedMap<Integer, RecipientState> part,
        List<PreparedEntry> reports,
        boolean last,
        Instant until) {
      this.reader = reader;
      this.claim = claim;
      this.part = part;
      this.reports = reports;
      this.last = last;
      this.until = until;
    }

    @Override
    public void check() {
      before = loadClaimed(reader, claim);
    }

    @Override
    public void write(WriteBatch batch) {
      QueueRows.Header header = Objects.requireNonNull(before);
      int pending = header.pendingCount();
      for (var change : part.entrySet()) {
        Invariant.check(
            claim.state(change.getKey()).isPending(), "a settled recipient does not change");
        if (!change.getValue().isPending()) pending--;
      }
      for (PreparedEntry report : reports) report.write(batch);
      finished = last && pending == 0;
      if (finished) {
        // Those of this part were never written.
        EntryRows.deleteEntry(batch, header, claim.hook(), claim::state);
        return;
      }
      for (var change : part.entrySet()) {
        batch.put(
            QueueRows.STATES,
            QueueRows.key(claim.id(), change.getKey()),
            QueueRows.state(change.getValue()));
      }
      due = last ? nextAttempt() : until;
      QueueRows.Header after =
          header.with(pending, due, last ? Optional.empty() : Optional.of(claim.mark));
      EntryRows.replaceHeader(batch, header, last ? after.with(laneOfTheRest()) : after);
    }

    private Lane laneOfTheRest() {
      return Lane.of(
          claim.envelope(),
          claim.hook().isPresent() && claim.hook().get() instanceof EntryHook.Call,
          claim.recipients(),
          i -> part.getOrDefault(i, claim.state(i)).isPending());
    }

    private Instant nextAttempt() {
      if (claim.hook().isPresent() && claim.hook().get() instanceof EntryHook.Call call) {
        return call.nextAttempt();
      }
      Instant next = Instant.MAX;
      for (int i = 0; i < claim.recipients().size(); i++) {
        RecipientState state = part.getOrDefault(i, claim.state(i));
        if (state.isPending() && state.nextAttempt().isBefore(next)) next = state.nextAttempt();
      }
      return next;
    }

    /// When the entry comes up again; empty if it is gone.
    Optional<Instant> due() {
      return finished ? Optional.empty() : Optional.of(due);
    }

    /// What the entry held.
    Optional<BlobId> blob() {
      return Objects.requireNonNull(before).blob();
    }
  }

  /// [MailQueue#replace].
  static final class Replacing implements QueueShard.Change {
    private final QueueReader reader;
    private final Claim claim;
    private final List<PreparedEntry> entries;
    private QueueRows.@Nullable Header before;

    Replacing(QueueReader reader, Claim claim, List<PreparedEntry> entries) {
      this.reader = reader;
      this.claim = claim;
      this.entries = entries;
    }

    @Override
    public void check() {
      before = loadClaimed(reader, claim);
    }

    @Override
    public void write(WriteBatch batch) {
      EntryRows.deleteEntry(batch, Objects.requireNonNull(before), claim.hook(), claim::state);
      for (PreparedEntry each : entries) each.write(batch);
    }

    /// What the entry held.
    Optional<BlobId> blob() {
      return Objects.requireNonNull(before).blob();
    }
  }

  /// [MailQueue#postpone].
  static final class Postponing implements QueueShard.Change {
    private final QueueReader reader;
    private final Claim claim;
    private final EntryHook.Call call;
    private QueueRows.@Nullable Header before;

    Postponing(QueueReader reader, Claim claim, EntryHook.Call call) {
      this.reader = reader;
      this.claim = claim;
      this.call = call;
    }

    @Override
    public void check() {
      before = loadClaimed(reader, claim);
    }

    @Override
    public void write(WriteBatch batch) {
      QueueRows.Header header = Objects.requireNonNull(before);
      batch.put(QueueRows.HOOKS, QueueRows.key(claim.id()), QueueRows.hook(call));
      EntryRows.replaceHeader(
          batch, header, header.with(header.pendingCount(), call.nextAttempt(), Optional.empty()));
    }
  }

  /// @throws ClaimLostException it is not ours any more
  private static QueueRows.Header loadClaimed(QueueReader reader, Claim claim) {
    QueueRows.Header header =
        reader.findHeader(claim.id()).orElseThrow(() -> new ClaimLostException(claim.id()));
    if (!header.claim().equals(Optional.of(claim.mark))) throw new ClaimLostException(claim.id());
    return header;
  }

  /// Claims due entries.
  static final class Claiming implements QueueShard.Change {
    private final QueueReader reader;
    private final OrganizationKeys keys;
    private final Set<QueueId> active;
    private final Supplier<QueueRows.ClaimMark> marks;
    private final Map<QueueId, Lane> due;
    private final Instant now;
    private final Instant until;
    private final List<Claim> claims = new ArrayList<>();
    private final Map<QueueId, QueueRows.Header> before = new LinkedHashMap<>();
    private final Map<QueueId, QueueRows.Header> after = new HashMap<>();

    Claiming(
        QueueReader reader,
        OrganizationKeys keys,
        Set<QueueId> active,
        Supplier<QueueRows.ClaimMark> marks,
        Map<QueueId, Lane> due,
        Instant now) {
      this.reader = reader;
      this.keys = keys;
      this.active = active;
      this.marks = marks;
      this.due = due;
      this.now = now;
      this.until = now.plus(QueueLimits.CLAIM_DURATION);
    }

    /// Reads the entries whole before they are claimed, so that a claimed entry is one that can be
    /// worked on.
    @Override
    public void check() {
      before.clear();
      claims.clear();
      for (QueueId id : due.keySet()) {
        QueueRows.Header header = reader.findHeader(id).orElse(null);
        if (header == null || header.due().isAfter(now)) continue;
        // Somebody worked on it meanwhile: it is not what was chosen.
        if (!header.lane().equals(due.get(id))) continue;
        before.put(id, header);
        after.put(id, header.with(header.pendingCount(), until, claim(header)));
      }
    }

    private Optional<QueueRows.ClaimMark> claim(QueueRows.Header header) {
      // Ours and still worked on, however late: only its place in the index moves.
      if (active.contains(header.id())) return header.claim();
      QueueRows.ClaimMark mark = marks.get();
      try {
        Optional<EntryHook> hook = reader.findHook(header.id());
        claims.add(
            new Claim(
                header.id(),
                header.envelope(),
                reader.loadRecipients(header),
                reader.loadStates(header),
                reader.loadContent(header, keys),
                hook,
                reader.loadNames(header, hook),
                header.lane(),
                mark,
                until));
        return Optional.of(mark);
      } catch (IllegalStateException | RefusedException e) {
        // Damaged, or its organization's key is gone: it costs only itself, and is looked at again
        // when the claim would have ended.
        LOG.error("queue entry {} cannot be read", header.id(), e);
        return Optional.empty();
      }
    }

    @Override
    public void write(WriteBatch batch) {
      before.forEach((id, header) ->
          EntryRows.replaceHeader(batch, header, Objects.requireNonNull(after.get(id))));
    }

    /// Those that are new.
    List<Claim> claims() {
      return claims;
    }

    /// When the first of all of them comes up again; empty if none was due any more.
    Optional<Instant> lapse() {
      return before.isEmpty() ? Optional.empty() : Optional.of(until);
    }
  }

  /// Frees a claim of an earlier run of this node.
  static final class Freeing implements QueueShard.Change {
    private final QueueReader reader;
    private final String node;
    private final long incarnation;
    private final QueueId id;
    private final Instant now;
    private QueueRows.@Nullable Header before;
    private boolean freed;

    Freeing(QueueReader reader, String node, long incarnation, QueueId id, Instant now) {
      this.reader = reader;
      this.node = node;
      this.incarnation = incarnation;
      this.id = id;
      this.now = now;
    }

    boolean isFreed() {
      return freed;
    }

    @Override
    public void check() {
      QueueRows.Header header = reader.findHeader(id).orElse(null);
      freed =
          header != null
              && header
                  .claim()
                  .filter(c -> c.node().equals(node) && c.incarnation() != incarnation)
                  .isPresent();
      before = header;
    }

    @Override
    public void write(WriteBatch batch) {
      QueueRows.Header header = before;
      if (!freed || header == null) return;
      EntryRows.replaceHeader(
          batch, header, header.with(header.pendingCount(), now, Optional.empty()));
    }
  }

  /// Removes an entry that nobody works on.
  static final class Deleting implements QueueShard.Change {
    private final QueueReader reader;
    private final QueueId id;
    private QueueRows.@Nullable Header before;
    private List<RecipientState> states = List.of();
    private Optional<EntryHook> hook = Optional.empty();
    private Operated outcome = Operated.NOT_FOUND;

    Deleting(QueueReader reader, QueueId id) {
      this.reader = reader;
      this.id = id;
    }

    Operated outcome() {
      return outcome;
    }

    /// What the entry held.
    Optional<BlobId> blob() {
      return Objects.requireNonNull(before).blob();
    }

    @Override
    public void check() {
      QueueRows.Header header = reader.findHeader(id).orElse(null);
      before = header;
      if (header == null) {
        outcome = Operated.NOT_FOUND;
      } else if (header.claim().isPresent()) {
        outcome = Operated.WORKED_ON;
      } else {
        states = reader.loadStates(header);
        hook = reader.findHook(id);
        outcome = Operated.DONE;
      }
    }

    @Override
    public void write(WriteBatch batch) {
      QueueRows.Header header = before;
      if (header == null || outcome != Operated.DONE) return;
      EntryRows.deleteEntry(batch, header, hook, states::get);
    }
  }

  /// Moves a waiting entry in the time index if it is as expected.
  static final class Operating implements QueueShard.Change {
    private final QueueReader reader;
    private final QueueId id;
    private final Instant due;
    private final Predicate<QueueRows.Header> allowed;
    private QueueRows.@Nullable Header before;
    private Operated outcome = Operated.NOT_FOUND;

    Operating(QueueReader reader, QueueId id, Instant due, Predicate<QueueRows.Header> allowed) {
      this.reader = reader;
      this.id = id;
      this.due = due;
      this.allowed = allowed;
    }

    Operated outcome() {
      return outcome;
    }

    @Override
    public void check() {
      QueueRows.Header header = reader.findHeader(id).orElse(null);
      before = header;
      if (header == null) outcome = Operated.NOT_FOUND;
      else if (header.claim().isPresent()) outcome = Operated.WORKED_ON;
      else outcome = allowed.test(header) ? Operated.DONE : Operated.NOTHING_TO_DO;
    }

    @Override
    public void write(WriteBatch batch) {
      QueueRows.Header header = before;
      if (header == null || outcome != Operated.DONE) return;
      EntryRows.replaceHeader(
          batch, header, header.with(header.pendingCount(), due, Optional.empty()));
    }
  }

  /// Moves a waiting entry to another place in the time index.
  static final class Rescheduling implements QueueShard.Change {
    private final QueueReader reader;
    private final QueueId id;
    private final Instant due;
    private QueueRows.@Nullable Header before;
    private boolean found;

    Rescheduling(QueueReader reader, QueueId id, Instant due) {
      this.reader = reader;
      this.id = id;
      this.due = due;
    }

    boolean isFound() {
      return found;
    }

    @Override
    public void check() {
      before = reader.findHeader(id).orElse(null);
      found = before != null;
    }

    @Override
    public void write(WriteBatch batch) {
      QueueRows.Header header = before;
      if (header == null || header.claim().isPresent()) return;
      EntryRows.replaceHeader(
          batch, header, header.with(header.pendingCount(), due, Optional.empty()));
    }
  }
}
