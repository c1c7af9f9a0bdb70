package org.mailstead.migration.ledger;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.MalformedException;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.migration.item.MailFolder;

/// The record of one mailbox on its way to another: what was intended, written, verified, set
/// aside. Append-only and checksummed; a torn end is cut off when it is opened. For several
/// threads.
///
/// The rule that makes a crash harmless: an intent is durable before its item goes to the target,
/// and an item counts as written only by its record. Between the two the target is asked.
///
/// [#append] is in memory until [#commit]; [#isCommitDue] says when a commit is owed: ten settled
/// items, or one second. With [#startCommitter] a thread writes what others append, so that they
/// wait for the disk only where the rule asks for it, and many share one wait.
public final class Ledger implements AutoCloseable {
  /// MIG-4: durable at every batch of at most ten messages.
  public static final int UNSYNCED_ITEMS_MAX = 10;

  public static final long UNSYNCED_NANOS_MAX = 1_000_000_000L;

  private static final byte[] MAGIC =
      "mailstead ledger 1\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  /// More than a process can have under way: a damaged place further from the end is no torn end.
  private static final int TORN_BYTES_MAX = 4 << 20;

  /// A folder by the key and validity its mailbox gave it.
  public record KnownFolder(int number, String key, String validity, String path) {}

  private final LedgerStorage storage;
  private final LongSupplier nanoTime;
  private final Object writing = new Object();
  private final Map<List<String>, KnownFolder> sourceFolders = new LinkedHashMap<>();
  private final Map<List<String>, KnownFolder> targetFolders = new LinkedHashMap<>();
  private final List<Map<String, LedgerEntry>> entries = new ArrayList<>();
  private final List<Optional<String>> tokens = new ArrayList<>();
  private Optional<LedgerRecord.Opened> opened = Optional.empty();
  private ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private int unsyncedItems;
  private long unsyncedSince;
  private boolean broken;
  private long appendedCount;
  private long durableCount;
  private boolean commitWanted;
  private boolean closing;
  private @Nullable Thread committer;

  private Ledger(LedgerStorage storage, LongSupplier nanoTime) {
    this.storage = storage;
    this.nanoTime = nanoTime;
  }

  /// Opens the ledger of a pair of mailboxes, empty or with what earlier runs have left.
  ///
  /// @throws RefusedException it belongs to another pair, or is damaged
  public static Ledger open(LedgerStorage storage, LedgerRecord.Opened pair, LongSupplier nanoTime)
      throws IOException {
    Ledger ledger = new Ledger(storage, nanoTime);
    ledger.load();
    if (ledger.opened.isEmpty()) {
      ledger.append(pair);
      ledger.commit();
    }
    LedgerRecord.Opened first = ledger.opened.orElse(pair);
    if (!first.source().equals(pair.source()) || !first.target().equals(pair.target())) {
      throw new RefusedException(
          Refusal.WRONG_STATE,
          "the ledger is about %s to %s, not %s to %s"
              .formatted(first.source(), first.target(), pair.source(), pair.target()));
    }
    return ledger;
  }

  /// Reads a ledger for a report, without writing; empty if there is none yet.
  public static Optional<Ledger> read(byte[] octets) throws IOException {
    Ledger ledger = new Ledger(new ReadOnlyStorage(octets), () -> 0);
    ledger.load();
    return ledger.opened.isEmpty() ? Optional.empty() : Optional.of(ledger);
  }

  private void load() throws IOException {
    byte[] all = storage.readAll();
    if (all.length < MAGIC.length) {
      storage.truncate(0);
      pending.writeBytes(MAGIC);
      return;
    }
    for (int i = 0; i < MAGIC.length; i++) {
      if (all[i] != MAGIC[i]) {
        throw new RefusedException(Refusal.WRONG_STATE, "the file is no ledger of this version");
      }
    }
    int at = MAGIC.length;
    while (at < all.length) {
      int next = readRecord(all, at);
      if (next < 0) break;
      at = next;
    }
    if (at < all.length) {
      if (all.length - at > TORN_BYTES_MAX) {
        throw new RefusedException(
            Refusal.WRONG_STATE,
            "the ledger is damaged at octet %d of %d: restore a copy of it"
                .formatted(at, all.length));
      }
      storage.truncate(at);
    }
  }

  /// @return where the next record begins; -1 if this one is torn
  private int readRecord(byte[] all, int at) {
    if (all.length - at < LedgerCodec.FRAME_BYTES) return -1;
    int length = readInt(all, at);
    int start = at + LedgerCodec.FRAME_BYTES;
    if (length < 1 || length > LedgerCodec.PAYLOAD_BYTES_MAX || length > all.length - start) {
      return -1;
    }
    if (readInt(all, at + 4) != LedgerCodec.checksum(all, start, length)) return -1;
    try {
      apply(LedgerCodec.decode(all, start, length));
    } catch (MalformedException e) {
      throw new RefusedException(
          Refusal.WRONG_STATE, "the ledger was written by a newer version: " + e.getMessage());
    }
    return start + length;
  }

  private static int readInt(byte[] octets, int at) {
    return (octets[at] & 0xFF) << 24
        | (octets[at + 1] & 0xFF) << 16
        | (octets[at + 2] & 0xFF) << 8
        | (octets[at + 3] & 0xFF);
  }

  /// Takes a record up; durable after the next [#commit].
  public synchronized void append(LedgerRecord record) throws IOException {
    if (broken) throw new IOException("the ledger could not be written before");
    byte[] frame = LedgerCodec.encode(record);
    apply(record);
    if (pending.size() == 0) unsyncedSince = nanoTime.getAsLong();
    pending.writeBytes(frame);
    appendedCount++;
    if (isSettling(record)) unsyncedItems++;
  }

  /// Stands for everything appended so far.
  public synchronized long mark() {
    return appendedCount;
  }

  public synchronized boolean isDurable(long mark) {
    return durableCount >= mark;
  }

  /// From now on a thread of the ledger's own writes and forces, until it is closed.
  public synchronized void startCommitter() {
    committer = Thread.ofVirtual().name("ledger").start(this::commitAsWanted);
  }

  private void commitAsWanted() {
    try {
      while (true) {
        synchronized (this) {
          while (!commitWanted && !closing) wait();
          if (closing) return;
          commitWanted = false;
        }
        commit();
      }
    } catch (IOException e) {
      // Broken: whoever appends or waits hears it.
      synchronized (this) {
        notifyAll();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Commits, or lets the committer do it soon.
  public void requestCommit() throws IOException {
    synchronized (this) {
      if (committer != null) {
        commitWanted = true;
        notifyAll();
        return;
      }
    }
    commit();
  }

  /// Returns when everything before the mark is durable.
  public void awaitDurable(long mark) throws IOException {
    synchronized (this) {
      if (durableCount >= mark) return;
      if (committer != null) {
        commitWanted = true;
        notifyAll();
        try {
          while (durableCount < mark && !broken) wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted", e);
        }
        if (broken) throw new IOException("the ledger cannot be written");
        return;
      }
    }
    commit();
  }

  private static boolean isSettling(LedgerRecord record) {
    return switch (record) {
      case LedgerRecord.Written _,
          LedgerRecord.Withdrawn _,
          LedgerRecord.Quarantined _,
          LedgerRecord.Skipped _,
          LedgerRecord.FlagsSet _,
          LedgerRecord.Gone _,
          LedgerRecord.Leaving _,
          LedgerRecord.Renumbered _,
          LedgerRecord.Verified _ ->
          true;
      case LedgerRecord.Opened _,
          LedgerRecord.SourceFolder _,
          LedgerRecord.TargetFolder _,
          LedgerRecord.Intent _,
          LedgerRecord.Token _ ->
          false;
    };
  }

  /// Returns when every record appended before is durable.
  ///
  /// @throws IOException it is not: nothing more may be written to the target
  public void commit() throws IOException {
    synchronized (writing) {
      byte[] octets;
      long mark;
      synchronized (this) {
        if (broken) throw new IOException("the ledger could not be written before");
        mark = appendedCount;
        octets = pending.toByteArray();
        pending = new ByteArrayOutputStream();
        unsyncedItems = 0;
      }
      if (octets.length == 0) return;
      try {
        storage.append(octets, 0, octets.length);
        storage.force();
        synchronized (this) {
          durableCount = mark;
          notifyAll();
        }
      } catch (IOException e) {
        synchronized (this) {
          broken = true;
          notifyAll();
        }
        throw new IOException("the ledger cannot be written: " + e.getMessage(), e);
      }
    }
  }

  /// Whether ten items or one second are waiting.
  public synchronized boolean isCommitDue() {
    return unsyncedItems >= UNSYNCED_ITEMS_MAX
        || (pending.size() > 0 && nanoTime.getAsLong() - unsyncedSince >= UNSYNCED_NANOS_MAX);
  }

  private synchronized void apply(LedgerRecord record) {
    switch (record) {
      case LedgerRecord.Opened first -> opened = Optional.of(first);
      case LedgerRecord.SourceFolder(int folder, String key, String validity, String path) -> {
        sourceFolders.put(List.of(key, validity), new KnownFolder(folder, key, validity, path));
        while (entries.size() <= folder) {
          entries.add(new LinkedHashMap<>());
          tokens.add(Optional.empty());
        }
      }
      case LedgerRecord.TargetFolder(int folder, String key, String validity, String path) ->
          targetFolders.put(List.of(key, validity), new KnownFolder(folder, key, validity, path));
      case LedgerRecord.Intent intent ->
          put(
              new LedgerEntry(
                  intent.folder(),
                  intent.id(),
                  LedgerEntry.State.INTENDED,
                  intent.targetFolder(),
                  "",
                  intent.fingerprint(),
                  intent.flags(),
                  intent.received(),
                  intent.position(),
                  ""));
      case LedgerRecord.Written(int folder, String id, String targetId, String repair) ->
          change(folder, id, entry -> entry.written(targetId, repair));
      case LedgerRecord.Withdrawn(int folder, String id) -> map(folder).remove(id);
      case LedgerRecord.Quarantined(int folder, String id, String reason) ->
          put(aside(folder, id, LedgerEntry.State.QUARANTINED, reason));
      case LedgerRecord.Skipped(int folder, String id, String reason) ->
          put(aside(folder, id, LedgerEntry.State.SKIPPED, reason));
      case LedgerRecord.FlagsSet(int folder, String id, Set<String> flags) ->
          change(folder, id, entry -> entry.withFlags(flags));
      case LedgerRecord.Leaving(int folder, String id) ->
          change(folder, id, entry -> entry.withState(LedgerEntry.State.LEAVING, entry.note()));
      case LedgerRecord.Renumbered(int oldFolder, String oldId, int folder, String id) -> {
        LedgerEntry entry = map(oldFolder).remove(oldId);
        if (entry != null) put(entry.renumbered(folder, id));
      }
      case LedgerRecord.Gone(int folder, String id) -> map(folder).remove(id);
      case LedgerRecord.Verified(int folder, String id, String difference) ->
          change(
              folder,
              id,
              entry ->
                  difference.isEmpty()
                      ? entry.withState(LedgerEntry.State.VERIFIED, entry.note())
                      : entry.withState(LedgerEntry.State.WRITTEN, difference));
      case LedgerRecord.Token(int folder, String token) -> tokens.set(folder, Optional.of(token));
    }
  }

  private static LedgerEntry aside(int folder, String id, LedgerEntry.State state, String reason) {
    return new LedgerEntry(
        folder,
        id,
        state,
        -1,
        "",
        LedgerEntry.NONE,
        Set.of(),
        org.mailstead.migration.item.ItemSummary.NO_DATE,
        "",
        reason);
  }

  private void put(LedgerEntry entry) {
    map(entry.folder()).put(entry.id(), entry);
  }

  private void change(
      int folder, String id, java.util.function.UnaryOperator<LedgerEntry> operation) {
    map(folder).computeIfPresent(id, (_, entry) -> operation.apply(entry));
  }

  private Map<String, LedgerEntry> map(int folder) {
    if (folder < 0 || folder >= entries.size()) {
      throw new MalformedException("folder " + folder + " was not opened");
    }
    return entries.get(folder);
  }

  public synchronized LedgerRecord.Opened opened() {
    return opened.orElseThrow();
  }

  /// The number of a source folder in its present validity, known or new.
  public synchronized int sourceFolder(MailFolder folder) throws IOException {
    KnownFolder known = sourceFolders.get(List.of(folder.key(), folder.validity()));
    if (known != null) return known.number();
    int number = sourceFolders.size();
    append(
        new LedgerRecord.SourceFolder(
            number, folder.key(), folder.validity(), folder.path().text()));
    return number;
  }

  public synchronized int targetFolder(MailFolder folder) throws IOException {
    KnownFolder known = targetFolders.get(List.of(folder.key(), folder.validity()));
    if (known != null) return known.number();
    int number = targetFolders.size();
    append(
        new LedgerRecord.TargetFolder(
            number, folder.key(), folder.validity(), folder.path().text()));
    return number;
  }

  public synchronized List<KnownFolder> sourceFolders() {
    return List.copyOf(sourceFolders.values());
  }

  public synchronized List<KnownFolder> targetFolders() {
    return List.copyOf(targetFolders.values());
  }

  public synchronized Optional<LedgerEntry> find(int folder, String id) {
    return Optional.ofNullable(map(folder).get(id));
  }

  /// The entries of a source folder, in the order of their first records.
  public synchronized List<LedgerEntry> entries(int folder) {
    return List.copyOf(map(folder).values());
  }

  public synchronized int count(int folder) {
    return map(folder).size();
  }

  /// Every entry of every folder.
  public synchronized Collection<LedgerEntry> allEntries() {
    List<LedgerEntry> all = new ArrayList<>();
    for (Map<String, LedgerEntry> folder : entries) all.addAll(folder.values());
    return all;
  }

  /// Intents without an outcome.
  public synchronized List<LedgerEntry> unsettled() {
    List<LedgerEntry> found = new ArrayList<>();
    for (Map<String, LedgerEntry> folder : entries) {
      for (LedgerEntry entry : folder.values()) {
        if (entry.state() == LedgerEntry.State.INTENDED) found.add(entry);
      }
    }
    return found;
  }

  /// Written items whose id in the target is not known.
  public synchronized List<LedgerEntry> withoutTargetId() {
    List<LedgerEntry> found = new ArrayList<>();
    for (Map<String, LedgerEntry> folder : entries) {
      for (LedgerEntry entry : folder.values()) {
        if (entry.isInTarget() && entry.targetId().isEmpty()) found.add(entry);
      }
    }
    return found;
  }

  /// The ids in a target folder that are accounted for.
  public synchronized Set<String> targetIds(int targetFolder) {
    Set<String> ids = new HashSet<>();
    for (Map<String, LedgerEntry> folder : entries) {
      for (LedgerEntry entry : folder.values()) {
        if (entry.targetFolder() == targetFolder && !entry.targetId().isEmpty()) {
          ids.add(entry.targetId());
        }
      }
    }
    return ids;
  }

  /// The token of the last listing that was carried over whole; nothing if none ever was, an empty
  /// text if the source has no tokens.
  public synchronized Optional<String> token(int folder) {
    map(folder);
    return tokens.get(folder);
  }

  /// Commits and closes.
  @Override
  public void close() throws IOException {
    try (storage) {
      boolean isBroken;
      synchronized (this) {
        isBroken = broken;
        closing = true;
        notifyAll();
      }
      if (!isBroken) commit();
    }
  }

  /// Octets that were read before; nothing is written.
  private record ReadOnlyStorage(byte[] octets) implements LedgerStorage {
    @Override
    public byte[] readAll() {
      return octets;
    }

    @Override
    public void append(byte[] more, int offset, int count) throws IOException {
      throw new IOException("read only");
    }

    @Override
    public void force() {}

    @Override
    public void truncate(long length) {}

    @Override
    public void close() {}
  }
}
