package org.mailstead.core.mailbox;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.EntityId;
import org.mailstead.base.FolderId;
import org.mailstead.core.access.Right;
import org.mailstead.store.Collection;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;
import org.mailstead.store.WriteBatch;

/// The next version of a mailbox while one or several changes make it. A change works on a draft of
/// its own ([#fork]); when it is refused, that one is thrown away and the others are not touched.
/// Rows of head, folders and segments follow from comparing the states; other rows are put here.
final class Draft {
  private record RowKey(int collection, ByteBuffer key) {}

  private record Versioned(Collection collection, byte[] key, Optional<byte[]> value) {}

  private final Store store;
  private final PartitionId partition;
  private final MailboxLoader loader;
  private final @Nullable Draft parent;
  private final long nowSeconds;
  private MailboxState base;
  private MailboxState state;
  private final Map<RowKey, Versioned> rows = new LinkedHashMap<>();
  private final List<WriteBatch.Change.PutOnce> once = new ArrayList<>();
  private final Map<Long, FolderContents.UidList> vanished = new HashMap<>();

  Draft(
      Store store,
      PartitionId partition,
      MailboxLoader loader,
      MailboxState base,
      long nowSeconds) {
    this.store = store;
    this.partition = partition;
    this.loader = loader;
    this.parent = null;
    this.base = base;
    this.state = base;
    this.nowSeconds = nowSeconds;
  }

  private Draft(Draft parent) {
    this.store = parent.store;
    this.partition = parent.partition;
    this.loader = parent.loader;
    this.parent = parent;
    this.base = parent.base;
    this.state = parent.state;
    this.nowSeconds = parent.nowSeconds;
  }

  Draft fork() {
    return new Draft(this);
  }

  /// Takes over what a fork has done.
  void absorb(Draft fork) {
    base = fork.base;
    state = fork.state;
    rows.putAll(fork.rows);
    once.addAll(fork.once);
    fork.vanished.forEach((folder, uids) -> {
      FolderContents.UidList all =
          vanished.computeIfAbsent(folder, f -> new FolderContents.UidList());
      for (int i = 0; i < uids.count(); i++) all.add(uids.get(i));
    });
  }

  /// The mod-sequence of everything that this draft touches.
  long version() {
    return base.version() + 1;
  }

  long nowSeconds() {
    return nowSeconds;
  }

  MailboxState base() {
    return base;
  }

  MailboxState state() {
    return state;
  }

  void state(MailboxState next) {
    state = next;
  }

  Head head() {
    return state.head();
  }

  void head(Head next) {
    state = state.withHead(next);
  }

  /// A visible folder with its messages.
  FolderState loadedFolder(FolderId id) {
    return load(state.folder(id));
  }

  /// Any folder with its messages.
  FolderState load(FolderState folder) {
    if (folder.table().isPresent()) return folder;
    Optional<SegmentTable> table = Optional.of(loader.loadTable(base.version(), folder));
    FolderState before =
        base.find(folder.id().value())
            .orElseThrow(() -> new IllegalStateException("a new folder is loaded"));
    base = base.withFolder(before.withTable(table));
    FolderState loaded = folder.withTable(table);
    state = state.withFolder(loaded);
    return loaded;
  }

  void folder(FolderState next) {
    state = state.withFolder(next);
  }

  void put(Collection collection, byte[] key, byte[] value) {
    rows.put(
        new RowKey(collection.number(), ByteBuffer.wrap(key)),
        new Versioned(collection, key, Optional.of(value)));
  }

  void delete(Collection collection, byte[] key) {
    rows.put(
        new RowKey(collection.number(), ByteBuffer.wrap(key)),
        new Versioned(collection, key, Optional.empty()));
  }

  void putOnce(Collection collection, byte[] key, byte[] value) {
    once.add(new WriteBatch.Change.PutOnce(collection, key, value));
  }

  /// A row as this draft leaves it.
  Optional<byte[]> read(Collection collection, byte[] key) {
    Versioned mine = pending(new RowKey(collection.number(), ByteBuffer.wrap(key)));
    return mine != null ? mine.value() : store.get(partition, collection, key);
  }

  /// Rows as this draft leaves them, in the order of the keys.
  List<Optional<byte[]>> readAll(Collection collection, List<byte[]> keys) {
    List<Optional<byte[]>> found = new ArrayList<>(store.getAll(partition, collection, keys));
    for (int i = 0; i < keys.size(); i++) {
      Versioned mine = pending(new RowKey(collection.number(), ByteBuffer.wrap(keys.get(i))));
      if (mine != null) found.set(i, mine.value());
    }
    return found;
  }

  private @Nullable Versioned pending(RowKey key) {
    Versioned mine = rows.get(key);
    return mine != null || parent == null ? mine : parent.pending(key);
  }

  /// Remembers for QRESYNC that a UID has left a folder.
  void vanish(FolderId folder, long uid) {
    vanished.computeIfAbsent(folder.value(), f -> new FolderContents.UidList()).add(uid);
  }

  boolean isEmpty() {
    return state == base && rows.isEmpty() && once.isEmpty();
  }

  /// The state after the commit.
  MailboxState finished() {
    return state.withVersion(version());
  }

  /// Everything that differs from the base.
  WriteBatch toBatch() {
    WriteBatch batch = new WriteBatch();
    for (WriteBatch.Change.PutOnce value : once) {
      batch.putOnce(value.collection(), value.key(), value.value());
    }
    if (state.head() != base.head()) batch.put(Rows.HEAD, Rows.ONLY, state.head().toRow());
    List<FolderState> before = base.folders();
    List<FolderState> after = state.folders();
    int old = 0;
    for (FolderState folder : after) {
      while (old < before.size() && before.get(old).id().value() < folder.id().value()) {
        removed(before.get(old++), batch);
      }
      if (old < before.size() && before.get(old).id().equals(folder.id())) {
        changed(before.get(old++), folder, batch);
      } else {
        changed(null, folder, batch);
      }
    }
    while (old < before.size()) removed(before.get(old++), batch);
    vanished.forEach((folder, uids) -> VanishedLog.put(batch, folder, version(), nowSeconds, uids));
    for (Versioned row : rows.values()) {
      if (row.value().isPresent()) batch.put(row.collection(), row.key(), row.value().get());
      else batch.delete(row.collection(), row.key());
    }
    return batch;
  }

  private static void changed(@Nullable FolderState before, FolderState after, WriteBatch batch) {
    if (before == after) return;
    long id = after.id().value();
    if (before == null
        || before.shape() != after.shape()
        || before.counters() != after.counters()) {
      batch.put(Rows.FOLDERS, Rows.key(id), after.toRow());
    }
    SegmentTable now = after.table().orElse(SegmentTable.EMPTY);
    SegmentTable then =
        before == null ? SegmentTable.EMPTY : before.table().orElse(SegmentTable.EMPTY);
    if (after.table().isPresent() && now != then) {
      segments(after, then, now, batch);
    }
    permissions(id, before == null ? Map.of() : before.permissions(), after.permissions(), batch);
  }

  private static void segments(
      FolderState folder, SegmentTable then, SegmentTable now, WriteBatch batch) {
    long id = folder.id().value();
    int old = 0;
    for (int i = 0; i < now.segmentCount(); i++) {
      Segment fresh = now.segment(i);
      while (old < then.segmentCount() && then.segment(old).number() < fresh.number()) {
        gone(folder, then.segment(old++).number(), batch);
      }
      boolean same = false;
      if (old < then.segmentCount() && then.segment(old).number() == fresh.number()) {
        same = then.segment(old++) == fresh;
      }
      if (!same && !fresh.isAttached()) {
        batch.put(Rows.SEGMENTS, Rows.segment(id, fresh.number()), fresh.encoded());
      }
    }
    while (old < then.segmentCount()) gone(folder, then.segment(old++).number(), batch);
  }

  private static void gone(FolderState folder, int number, WriteBatch batch) {
    byte[] key = Rows.segment(folder.id().value(), number);
    boolean hides =
        folder.counters().extents().stream()
            .anyMatch(e -> number >= e.first() && number < e.first() + e.count());
    // An attached segment is hidden by an empty row of the folder's own.
    if (hides) batch.put(Rows.SEGMENTS, key, Segment.empty(number).encoded());
    else batch.delete(Rows.SEGMENTS, key);
  }

  private static void permissions(
      long id,
      Map<EntityId, Set<Right>> before,
      Map<EntityId, Set<Right>> after,
      WriteBatch batch) {
    if (before == after) return;
    for (EntityId entity : before.keySet()) {
      if (!after.containsKey(entity)) {
        batch.delete(Rows.PERMISSIONS, FolderChanges.permissionKey(id, entity));
      }
    }
    after.forEach((entity, rights) -> {
      if (!rights.equals(before.get(entity))) {
        batch.put(
            Rows.PERMISSIONS,
            FolderChanges.permissionKey(id, entity),
            FolderChanges.permissionRow(rights));
      }
    });
  }

  /// A folder goes when it is empty; its log of vanished UIDs goes with the next purge.
  private static void removed(FolderState folder, WriteBatch batch) {
    long id = folder.id().value();
    batch.delete(Rows.FOLDERS, Rows.key(id));
    for (int bit = 0; bit < folder.keywords().size(); bit++) {
      batch.delete(Rows.KEYWORDS, Rows.keyword(id, bit));
    }
    for (EntityId entity : folder.permissions().keySet()) {
      batch.delete(Rows.PERMISSIONS, FolderChanges.permissionKey(id, entity));
    }
  }
}
