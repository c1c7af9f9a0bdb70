package org.mailstead.core.mailbox;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.content.Contents;
import org.mailstead.core.content.StrayHolders;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.keys.SealingKey;
import org.mailstead.core.search.TextIndexes;
import org.mailstead.store.BlobId;
import org.mailstead.store.CommitId;
import org.mailstead.store.ConflictException;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;
import org.mailstead.store.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens mailboxes. A mailbox in use is held once in memory; every connection shares it. Those that
/// nobody uses stay as long as there is room.
public final class Mailboxes {
  private static final Logger LOG = LoggerFactory.getLogger(Mailboxes.class);

  static final String PREFIX = "mailbox/";
  private static final Duration STRAYS_INTERVAL = Duration.ofDays(1);

  private static final List<NewFolder> FIRST_FOLDERS =
      List.of(
          new NewFolder(FolderTree.INBOX, Optional.empty()),
          new NewFolder("Drafts", Optional.of(SpecialUse.DRAFTS)),
          new NewFolder("Sent Items", Optional.of(SpecialUse.SENT)),
          new NewFolder("Deleted Items", Optional.of(SpecialUse.TRASH)),
          new NewFolder("Junk E-mail", Optional.of(SpecialUse.JUNK)),
          new NewFolder("Archive", Optional.of(SpecialUse.ARCHIVE)));

  private record NewFolder(String name, Optional<SpecialUse> use) {}

  /// How much memory goes to what can be read again.
  ///
  /// @param mailboxBytes open mailboxes that nobody uses
  /// @param summaryBytes opened summaries of messages
  public record CacheSettings(long mailboxBytes, long summaryBytes) {
    /// A sixteenth of the heap for each.
    public static CacheSettings ofHeap() {
      long part = Runtime.getRuntime().maxMemory() / 16;
      return new CacheSettings(part, part);
    }
  }

  private final Store store;
  private final OrganizationKeys keys;
  private final Contents contents;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Optional<TextIndexes> indexes;
  private final Optional<JunkListener> junk;
  private final Cache<MailboxId, Mailbox> shared = Caffeine.newBuilder().weakValues().build();
  private final Cache<MailboxId, Mailbox> recent;
  private final Cache<StoredMessages.CacheKey, StoredMessage> summaries;

  /// When stray holders were last looked for.
  private final AtomicReference<Instant> straysReleased = new AtomicReference<>(Instant.MIN);

  /// Making and removing mailboxes, one at a time.
  private final ReentrantLock changing = new ReentrantLock();

  /// Without text indexes, as tests have it: searches read every message.
  public Mailboxes(
      Store store,
      OrganizationKeys keys,
      Contents contents,
      InstantSource clock,
      RandomGenerator random,
      CacheSettings cache) {
    this(store, keys, contents, clock, random, cache, Optional.empty(), Optional.empty());
  }

  /// Without a spam filter that learns.
  public Mailboxes(
      Store store,
      OrganizationKeys keys,
      Contents contents,
      InstantSource clock,
      RandomGenerator random,
      CacheSettings cache,
      Optional<TextIndexes> indexes) {
    this(store, keys, contents, clock, random, cache, indexes, Optional.empty());
  }

  /// `random` makes keys: it must be fit for secrets.
  ///
  /// @param junk hears what users sort into and out of their junk folders
  public Mailboxes(
      Store store,
      OrganizationKeys keys,
      Contents contents,
      InstantSource clock,
      RandomGenerator random,
      CacheSettings cache,
      Optional<TextIndexes> indexes,
      Optional<JunkListener> junk) {
    this.indexes = indexes;
    this.junk = junk;
    this.store = store;
    this.keys = keys;
    this.contents = contents;
    this.clock = clock;
    this.random = random;
    this.recent =
        Caffeine.newBuilder()
            .maximumWeight(cache.mailboxBytes())
            .weigher((MailboxId id, Mailbox mailbox) -> mailbox.weight())
            .build();
    this.summaries =
        Caffeine.newBuilder()
            .maximumWeight(cache.summaryBytes())
            .weigher((StoredMessages.CacheKey id, StoredMessage message) -> message.weight())
            .build();
  }

  /// @throws RefusedException NOT_FOUND
  public Mailbox open(MailboxId mailbox) {
    Mailbox known = recent.getIfPresent(mailbox);
    if (known != null) {
      keys.checkUsable(known.organization());
      return known;
    }
    Mailbox opened = shared.get(mailbox, this::load);
    recent.put(mailbox, opened);
    return opened;
  }

  private Mailbox load(MailboxId id) {
    PartitionId partition = partition(id);
    MailboxLoader loader = new MailboxLoader(store, partition, id, keys);
    MailboxState state =
        loader.load().orElseThrow(() -> new RefusedException(Refusal.NOT_FOUND, "no such mailbox"));
    Committer committer = new Committer(store, partition, loader, state, clock, random);
    MailboxKey key = loader.key();
    StoredMessages messages = new StoredMessages(store, partition, id, key, summaries);
    return new Mailbox(
        id, partition, committer, contents, messages, key, () -> weigh(id), indexes, junk, store);
  }

  /// A mailbox has grown: its place in the cache is counted anew.
  private void weigh(MailboxId id) {
    Mailbox grown = recent.getIfPresent(id);
    if (grown != null) recent.put(id, grown);
  }

  /// Makes an empty mailbox with INBOX, Drafts, Sent Items, Deleted Items, Junk E-mail and Archive;
  /// harmless when it exists already.
  public Mailbox create(OrganizationId organization, MailboxId mailbox, long quotaBytes) {
    changing.lock();
    try {
      PartitionId partition = partition(mailbox);
      long version = store.version(partition); // First: what is read after it is no older.
      if (store.get(partition, Rows.HEAD, Rows.ONLY).isEmpty()) {
        make(organization, mailbox, quotaBytes, version);
      }
    } catch (ConflictException e) {
      return open(mailbox); // Another machine made it.
    } finally {
      changing.unlock();
    }
    return open(mailbox);
  }

  private void make(OrganizationId organization, MailboxId mailbox, long quotaBytes, long version) {
    PartitionId partition = partition(mailbox);
    byte[] octets = SealingKey.randomBytes(random);
    MailboxKey key = new MailboxKey(mailbox, octets);
    long now = clock.instant().getEpochSecond();
    // Seconds since 1970: a mailbox made anew under an old name has other UIDVALIDITYs.
    Head head =
        new Head(
            organization,
            now,
            keys.seal(organization, octets),
            quotaBytes,
            0,
            0,
            1,
            1,
            1,
            Math.max(1, now));
    MailboxState empty = new MailboxState(version, head, new FolderState[0], java.util.Set.of());
    MailboxLoader loader = new MailboxLoader(store, partition, mailbox, keys);
    Draft draft = new Draft(store, partition, loader, empty, now);
    FolderChanges folders = new FolderChanges(key);
    for (NewFolder folder : FIRST_FOLDERS) {
      folders.create(draft, List.of(folder.name()), folder.use());
    }
    for (NewFolder folder : FIRST_FOLDERS) folders.subscribe(draft, List.of(folder.name()), true);
    folders.makeHidden(draft, "Recoverable Items", FolderState.Kind.RECOVERABLE);
    WriteBatch batch = draft.toBatch();
    store.commit(partition, version, CommitId.random(random), batch);
  }

  /// Destroys the mailbox's key, then its rows and blob holders. Harmless if there is none.
  public void delete(MailboxId mailbox) {
    changing.lock();
    try {
      PartitionId partition = partition(mailbox);
      Mailbox opened = shared.getIfPresent(mailbox);
      Runnable removal =
          () -> {
            if (opened != null) opened.committer().markDeleted();
            destroyKey(partition);
            store.drop(partition);
          };
      if (opened == null) removal.run();
      else opened.committer().exclusively(removal);
      shared.invalidate(mailbox);
      recent.invalidate(mailbox);
      summaries.asMap().keySet().removeIf(key -> key.mailbox().equals(mailbox));
      indexes.ifPresent(i -> i.delete(mailbox));
      junk.ifPresent(j -> j.deleted(mailbox));
    } finally {
      changing.unlock();
    }
  }

  private void destroyKey(PartitionId partition) {
    boolean destroyed = false;
    while (!destroyed) {
      long version = store.version(partition);
      if (store.get(partition, Rows.HEAD, Rows.ONLY).isEmpty()) return;
      try {
        store.commit(
            partition,
            version,
            CommitId.random(random),
            new WriteBatch().delete(Rows.HEAD, Rows.ONLY));
        destroyed = true;
      } catch (ConflictException e) {
        LOG.debug("{} was changed while it is removed", partition);
      }
    }
  }

  /// Mailboxes of the store with ids greater than `after`, ascending.
  public List<MailboxId> list(Optional<MailboxId> after, int countMax) {
    return store.partitions(PREFIX, after.map(Mailboxes::partition), countMax).stream()
        .map(Mailboxes::mailbox)
        .toList();
  }

  /// Removes from all mailboxes what has outlived its time: recoverable messages after 14 days, the
  /// log of vanished UIDs after 90, delivery ids after seven; releases blobs without emails; once a
  /// day, and the first time, [#releaseStrayHolders]. To be called every hour or so.
  public void purge() {
    purgeAll();
    Instant now = clock.instant();
    Instant last = straysReleased.get();
    if (last.plus(STRAYS_INTERVAL).isAfter(now) && !last.isAfter(now)) return;
    releaseStrayHolders();
    straysReleased.set(now);
  }

  /// Releases the blobs that mailboxes hold and no email refers to, as a crash between staging and
  /// commit leaves them. Safe beside everything that goes on.
  ///
  /// @return how many holders were released
  public long releaseStrayHolders() {
    return new StrayHolders(store, contents).run(PREFIX, this::releaseStray);
  }

  private long releaseStray(PartitionId partition, List<BlobId> held) {
    List<byte[]> keys = held.stream().map(MessageChanges::blobKey).toList();
    List<Optional<byte[]>> rows = store.getAll(partition, Rows.BLOBS, keys);
    List<BlobId> strays = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).isEmpty()) strays.add(held.get(i));
    }
    // One that does not exist may be about to be restored: its blobs come first.
    if (strays.isEmpty() || store.version(partition) == 0) return 0;
    try {
      Mailbox opened = shared.get(mailbox(partition), this::load);
      long released = new MailboxPurge(store, opened, clock.instant()).releaseStray(strays);
      LOG.info("{}: {} blobs of interrupted deliveries released", partition, released);
      return released;
    } catch (RefusedException e) {
      LOG.debug("{} is being removed: {}", partition, e.logText());
      return 0;
    }
  }

  private void purgeAll() {
    Optional<MailboxId> after = Optional.empty();
    while (true) {
      List<MailboxId> page = list(after, 100);
      for (MailboxId mailbox : page) purge(mailbox);
      if (page.size() < 100) return;
      after = Optional.of(page.getLast());
    }
  }

  private void purge(MailboxId mailbox) {
    Mailbox opened;
    try {
      // Not into the cache: a purge must not push out what people use.
      opened = shared.get(mailbox, this::load);
      new MailboxPurge(store, opened, clock.instant()).run();
    } catch (RefusedException e) {
      LOG.debug("{} is not purged: {}", mailbox, e.logText());
    }
  }

  /// Removes messages of a folder that came in, and were put there, before an instant. One commit
  /// of bounded size: to be called until it answers 0.
  ///
  /// @param permanently else they are recoverable for a while
  /// @return how many were removed
  /// @throws RefusedException NOT_FOUND
  public int expire(MailboxId mailbox, FolderId folder, Instant before, boolean permanently) {
    // Not into the cache: a job must not push out what people use.
    Mailbox opened = shared.get(mailbox, this::load);
    return new MailboxPurge(store, opened, clock.instant()).expire(folder, before, permanently);
  }

  static PartitionId partition(MailboxId mailbox) {
    return new PartitionId(PREFIX + mailbox.value());
  }

  static MailboxId mailbox(PartitionId partition) {
    return new MailboxId(partition.value().substring(PREFIX.length()));
  }
}
