package org.mailstead.core.flow;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.mailstead.base.Content;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.content.Contents;
import org.mailstead.core.content.StagedContent;
import org.mailstead.core.content.StrayHolders;
import org.mailstead.core.flow.FlowMessage.ContentName;
import org.mailstead.core.flow.FlowMessage.Direction;
import org.mailstead.core.flow.FlowMessage.State;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.outbox.Commits;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.Versions;
import org.mailstead.store.BlobId;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;
import org.mailstead.store.UnknownOutcomeException;

/// The contents of messages in mail flow, for 24 hours (FLW-6, WorkMail guide, Message flow API).
///
/// **Mail flow.** Before a rule that may look at a message runs, [#register] it: it then has an id
/// that the rule hands to whoever it calls. A rule that may change the message (a synchronous Run
/// Lambda rule) leaves it open, and when the rule has answered or its time is over, mail flow calls
/// [#freeze] and goes on with what that answers. Every other message is registered frozen: its
/// content can be read, not replaced.
///
/// **Contents.** The shard `flow/<n>` is the holder of the blobs; a message in the queue shares its
/// blob with the one here. Rows hold references sealed with the organization's key, so that a
/// destroyed key makes all of it unreadable. [#sweep] removes what is a day old; between staging
/// and commit a crash leaves a holder that [#releaseStrayHolders] takes back. Thread-safe.
public final class FlowMessages implements AutoCloseable {
  /// How long a message is known.
  public static final Duration KEPT = Duration.ofHours(24);

  private static final int PAGE_ROWS = 500;

  private final Store store;
  private final Contents contents;
  private final OrganizationKeys keys;
  private final Versions versions;
  private final Commits commits;
  private final InstantSource clock;
  private final RandomGenerator random;

  /// @param random makes ids that nobody can guess: it must be fit for secrets
  public FlowMessages(
      Store store,
      Contents contents,
      OrganizationKeys keys,
      InstantSource clock,
      RandomGenerator random) {
    this.store = store;
    this.contents = contents;
    this.keys = keys;
    this.versions = new Versions(store);
    this.commits = new Commits(store, versions, random);
    this.clock = clock;
    this.random = random;
  }

  /// Makes a message known; durable when this returns.
  ///
  /// @param state OPEN only for one that [#freeze] follows
  /// @return its id, a UUID
  public String register(
      OrganizationId organization, Direction direction, State state, Content content) {
    FlowMessage message = fresh(newId(random), organization, direction, state);
    PartitionId shard = FlowRows.partition(message.id());
    StagedContent staged = contents.stage(organization, shard, List.of(content)).getFirst();
    commit(shard, staged, change -> add(change, message, staged));
    return message.id();
  }

  /// A fresh id, a UUID that nobody can guess, for [#registerStaged].
  public static String newId(RandomGenerator random) {
    long high = (random.nextLong() & ~0xF000L) | 0x4000L;
    long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }

  /// The same for a content that another holder, the queue, has staged: a blob is shared.
  ///
  /// @throws RefusedException NOT_FOUND: the blob is gone
  public String registerStaged(
      OrganizationId organization, Direction direction, State state, StagedContent content) {
    String id = newId(random);
    registerStaged(id, organization, direction, state, content);
    return id;
  }

  /// The same under an id that [#newId] made. A second time it changes nothing, but opens the
  /// message again if it is to be open: whoever registers it again has lost what came after the
  /// first time.
  public void registerStaged(
      String id,
      OrganizationId organization,
      Direction direction,
      State state,
      StagedContent content) {
    FlowMessage message = fresh(id, organization, direction, state);
    PartitionId shard = FlowRows.partition(id);
    commits.change(
        shard,
        change -> {
          byte[] key = FlowRows.key(id);
          Optional<FlowMessage> present =
              change.get(FlowRows.MESSAGES, key).map(value -> FlowMessage.read(id, value));
          if (present.isPresent()) {
            if (state == State.OPEN && present.get().state() == State.FROZEN) {
              change.put(FlowRows.MESSAGES, key, present.get().opened().value());
            }
            return true;
          }
          // In the turn of this partition, as the release of strays: it cannot come in between.
          contents.hold(shard, content);
          add(change, message, content);
          return true;
        });
  }

  private FlowMessage fresh(
      String id, OrganizationId organization, Direction direction, State state) {
    return new FlowMessage(
        id,
        organization,
        direction,
        state,
        Instant.ofEpochMilli(clock.millis()),
        name(),
        Optional.empty());
  }

  private ContentName name() {
    byte[] octets = new byte[16];
    random.nextBytes(octets);
    return new ContentName(HexFormat.of().formatHex(octets));
  }

  private void add(PartitionChange change, FlowMessage message, StagedContent content) {
    putContent(change, message.organization(), message.original(), content);
    change.put(FlowRows.MESSAGES, FlowRows.key(message.id()), message.value());
    change.put(FlowRows.TIMES, FlowRows.timeKey(message), new byte[] {1});
  }

  private void putContent(
      PartitionChange change, OrganizationId organization, ContentName name, StagedContent staged) {
    Optional<BlobId> blob = staged.isBlob() ? Optional.of(staged.id()) : Optional.empty();
    byte[] sealed = keys.seal(organization, staged.reference());
    change.putOnce(
        FlowRows.CONTENTS,
        FlowRows.key(name.hex()),
        FlowRows.value(new FlowRows.StoredContent(blob, sealed, staged.inline())));
  }

  /// Commits what refers to a content that was staged for it.
  private void commit(
      PartitionId shard, StagedContent staged, java.util.function.Consumer<PartitionChange> write) {
    try {
      commits.change(
          shard,
          change -> {
            write.accept(change);
            return true;
          });
    } catch (UnknownOutcomeException e) {
      throw e; // Nobody knows whether rows refer to it: it stays.
    } catch (RuntimeException e) {
      contents.release(shard, staged);
      throw e;
    }
    contents.settle(shard, staged);
  }

  /// A message that was registered within a day.
  public Optional<FlowMessage> find(String id) {
    return store
        .get(FlowRows.partition(id), FlowRows.MESSAGES, FlowRows.key(id))
        .map(value -> FlowMessage.read(id, value))
        .filter(message -> !isOver(message.registered()));
  }

  /// The content, as replaced if it was; the caller closes it.
  ///
  /// @throws RefusedException NOT_FOUND: gone meanwhile; WRONG_STATE: the organization's key was
  ///   destroyed
  /// @throws org.mailstead.base.UnavailableException the organization's key is out of reach
  public Content open(FlowMessage message) {
    return open(message, message.current());
  }

  private Content open(FlowMessage message, ContentName name) {
    return contents.open(
        staged(message.organization(), FlowRows.partition(message.id()), name)
            .orElseThrow(FlowMessages::notFound));
  }

  private Optional<StagedContent> staged(
      OrganizationId organization, PartitionId shard, ContentName name) {
    return store
        .get(shard, FlowRows.CONTENTS, FlowRows.key(name.hex()))
        .map(FlowRows::content)
        .map(row ->
            StagedContent.of(organization, keys.open(organization, row.reference()), row.inline()));
  }

  /// Puts another content in the place of a message's; the last one counts.
  ///
  /// @param content CRLF line ends; see [ReplacementRules#normalized]
  /// @throws RefusedException NOT_FOUND; WRONG_STATE: the message is frozen; INVALID: the content
  ///   breaks a rule of [ReplacementRules], which the text names
  public void replace(String id, Content content) {
    FlowMessage message = find(id).orElseThrow(FlowMessages::notFound);
    if (message.state() == State.FROZEN) throw frozen();
    try (Content original = open(message, message.original())) {
      Optional<String> problem = ReplacementRules.problem(original.buffer(), content.buffer());
      if (problem.isPresent()) throw new RefusedException(Refusal.INVALID, problem.get());
    }
    PartitionId shard = FlowRows.partition(id);
    StagedContent staged =
        contents.stage(message.organization(), shard, List.of(content)).getFirst();
    ContentName name = name();
    List<BlobId> dropped = new ArrayList<>();
    commit(
        shard,
        staged,
        change -> {
          dropped.clear();
          FlowMessage now = load(change, id);
          if (now.state() == State.FROZEN) throw frozen();
          now.replacement().ifPresent(old -> drop(change, old, dropped));
          putContent(change, now.organization(), name, staged);
          change.put(FlowRows.MESSAGES, FlowRows.key(id), now.replacedBy(name).value());
        });
    release(shard, dropped);
  }

  /// Ends the time in which the message may be replaced, and says by what it was. Harmless when it
  /// is frozen already.
  ///
  /// @return the content with which mail flow must go on; empty: the one that it has. The caller
  ///   closes it
  /// @throws RefusedException NOT_FOUND
  public Optional<Content> freeze(String id) {
    FlowMessage frozen =
        commits.change(
            FlowRows.partition(id),
            change -> {
              FlowMessage now = load(change, id);
              if (now.state() == State.FROZEN) return now;
              change.put(FlowRows.MESSAGES, FlowRows.key(id), now.frozen().value());
              return now.frozen();
            });
    return frozen.replacement().map(name -> open(frozen, name));
  }

  private FlowMessage load(PartitionChange change, String id) {
    return change
        .get(FlowRows.MESSAGES, FlowRows.key(id))
        .map(value -> FlowMessage.read(id, value))
        .filter(message -> !isOver(message.registered()))
        .orElseThrow(FlowMessages::notFound);
  }

  /// Removes what is a day old. To be called every hour or so.
  ///
  /// @return how many messages went
  public int sweep() {
    int removed = 0;
    for (int i = 0; i < FlowRows.SHARD_COUNT; i++) {
      int now;
      do {
        now = sweep(FlowRows.shard(i));
        removed += now;
      } while (now == PAGE_ROWS);
    }
    return removed;
  }

  private int sweep(PartitionId shard) {
    List<BlobId> dropped = new ArrayList<>();
    int removed =
        commits.change(
            shard,
            change -> {
              dropped.clear();
              int count = 0;
              for (Row row : change.range(FlowRows.TIMES, Range.all(), PAGE_ROWS).rows()) {
                if (!isOver(FlowRows.timeOf(row.key()))) break;
                remove(change, FlowRows.idOf(row.key()), dropped);
                change.delete(FlowRows.TIMES, row.key());
                count++;
              }
              return count;
            });
    release(shard, dropped);
    return removed;
  }

  private static void remove(PartitionChange change, String id, List<BlobId> dropped) {
    byte[] key = FlowRows.key(id);
    change
        .get(FlowRows.MESSAGES, key)
        .map(value -> FlowMessage.read(id, value))
        .ifPresent(message -> {
          drop(change, message.original(), dropped);
          message.replacement().ifPresent(name -> drop(change, name, dropped));
          change.delete(FlowRows.MESSAGES, key);
        });
  }

  private static void drop(PartitionChange change, ContentName name, List<BlobId> dropped) {
    byte[] key = FlowRows.key(name.hex());
    change
        .get(FlowRows.CONTENTS, key)
        .flatMap(value -> FlowRows.content(value).blob())
        .ifPresent(dropped::add);
    change.delete(FlowRows.CONTENTS, key);
  }

  /// After the commit; what a crash leaves is a stray.
  private void release(PartitionId shard, List<BlobId> dropped) {
    dropped.forEach(blob -> store.blobs().release(shard, blob));
  }

  /// Releases blobs that shards hold and no row refers to. Safe beside everything that goes on.
  ///
  /// @return how many
  public long releaseStrayHolders() {
    return new StrayHolders(store, contents).run(FlowRows.PREFIX, this::releaseStray);
  }

  private long releaseStray(PartitionId shard, List<BlobId> held) {
    return commits.change(
        shard,
        change -> {
          Set<BlobId> strays = new HashSet<>(held);
          Optional<Range> range = Optional.of(Range.all());
          while (range.isPresent() && !strays.isEmpty()) {
            Page page = change.range(FlowRows.CONTENTS, range.get(), PAGE_ROWS);
            for (Row row : page.rows()) {
              FlowRows.content(row.value()).blob().ifPresent(strays::remove);
            }
            range = page.next();
          }
          strays.forEach(blob -> store.blobs().release(shard, blob));
          return (long) strays.size();
        });
  }

  private boolean isOver(Instant registered) {
    return !registered.plus(KEPT).isAfter(clock.instant());
  }

  private static RefusedException notFound() {
    return new RefusedException(Refusal.NOT_FOUND, "The message was not found.");
  }

  private static RefusedException frozen() {
    return new RefusedException(Refusal.WRONG_STATE, "The message cannot be updated any more.");
  }

  @Override
  public void close() {
    versions.close();
  }
}
