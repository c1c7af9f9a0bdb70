package org.mailstead.core.mailbox;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.EntityId;
import org.mailstead.base.Invariant;
import org.mailstead.base.MailboxId;
import org.mailstead.core.access.Right;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.store.Collection;
import org.mailstead.store.ConflictException;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// Reads a mailbox from its partition, everything at one version.
final class MailboxLoader {
  private static final int PAGE_ROWS = 4_096;

  private final Store store;
  private final PartitionId partition;
  private final OrganizationKeys keys;
  private final MailboxId mailbox;
  private @Nullable MailboxKey key;

  MailboxLoader(Store store, PartitionId partition, MailboxId mailbox, OrganizationKeys keys) {
    this.store = store;
    this.partition = partition;
    this.mailbox = mailbox;
    this.keys = keys;
  }

  /// The mailbox without its messages; empty if there is none (any more).
  Optional<MailboxState> load() {
    Optional<MailboxState> loaded = Optional.empty();
    boolean consistent = false;
    while (!consistent) {
      Page page = store.range(partition, Rows.HEAD, Range.all(), 1);
      if (page.rows().isEmpty()) return Optional.empty();
      try {
        loaded = Optional.of(load(page.version(), Head.of(page.rows().getFirst().value())));
        consistent = true;
      } catch (ConflictException e) {
        consistent = false; // It changed while it was read: once more.
      }
    }
    return loaded;
  }

  /// Known after [#load].
  MailboxKey key() {
    MailboxKey known = key;
    if (known == null) throw new IllegalStateException("a mailbox that is not loaded");
    return known;
  }

  private MailboxState load(long version, Head head) {
    MailboxKey unlocked = key;
    if (unlocked == null) {
      unlocked =
          new MailboxKey(
              mailbox,
              keys.open(head.organization(), head.wrappedKey()),
              () -> keys.checkUsable(head.organization()));
      key = unlocked;
    }
    MailboxKey opener = unlocked;
    Map<Long, List<String>> keywords = new HashMap<>();
    each(
        version,
        Rows.KEYWORDS,
        Range.all(),
        row ->
            keywords
                .computeIfAbsent(Rows.id(row.key()), id -> new ArrayList<>())
                .add(opener.openText(MailboxKey.Purpose.KEYWORD, row.value())));
    Map<Long, Map<EntityId, Set<Right>>> permissions = new HashMap<>();
    each(
        version,
        Rows.PERMISSIONS,
        Range.all(),
        row ->
            permissions
                .computeIfAbsent(Rows.id(row.key()), id -> new TreeMap<>(FolderChanges.BY_ID))
                .put(
                    FolderChanges.permissionEntity(row.key()),
                    FolderChanges.permissionRights(row.value())));
    List<FolderState> folders = new ArrayList<>();
    each(
        version,
        Rows.FOLDERS,
        Range.all(),
        row -> {
          long id = Rows.id(row.key());
          FolderState folder =
              FolderState.of(
                  id, row.value(), name -> opener.open(MailboxKey.Purpose.FOLDER_NAME, name));
          folders.add(
              folder
                  .withKeywords(List.copyOf(keywords.getOrDefault(id, List.of())))
                  .withPermissions(
                      Collections.unmodifiableMap(permissions.getOrDefault(id, Map.of()))));
        });
    Set<List<String>> names = new HashSet<>();
    each(
        version,
        Rows.SUBSCRIPTIONS,
        Range.all(),
        row ->
            names.add(
                FolderChanges.path(opener.open(MailboxKey.Purpose.SUBSCRIPTION, row.value()))));
    return new MailboxState(
        version, head, folders.toArray(FolderState[]::new), Collections.unmodifiableSet(names));
  }

  /// The messages of a folder.
  ///
  /// @throws ConflictException the mailbox is no longer at this version
  SegmentTable loadTable(long version, FolderState folder) {
    long id = folder.id().value();
    FolderState.Counters counters = folder.counters();
    List<Segment> own = new ArrayList<>();
    each(
        version,
        Rows.SEGMENTS,
        Range.prefix(Rows.key(id)),
        row ->
            own.add(
                new Segment(
                    Rows.segmentNumber(row.key()), row.value(), counters.modSeqFloor(), false)));
    List<Segment> all = own;
    if (!counters.extents().isEmpty()) {
      TreeMap<Integer, Segment> byNumber = new TreeMap<>();
      for (FolderState.Extent extent : counters.extents()) {
        long floor = Math.max(counters.modSeqFloor(), extent.modSeq());
        each(
            version,
            Rows.SEGMENTS,
            Range.of(
                Rows.segment(extent.owner(), extent.ownerFirst()),
                Rows.segment(extent.owner(), extent.ownerFirst() + extent.count())),
            row -> {
              int number = Rows.segmentNumber(row.key()) - extent.ownerFirst() + extent.first();
              byNumber.put(number, new Segment(number, row.value(), floor, true));
            });
      }
      for (Segment segment : own) byNumber.put(segment.number(), segment);
      all = List.copyOf(byNumber.values());
    }
    SegmentTable table =
        new SegmentTable(all.stream().filter(s -> s.present() != 0).toArray(Segment[]::new));
    Invariant.check(
        table.count() == counters.messageCount(), "a folder has as many messages as it counts");
    return table;
  }

  private void each(long version, Collection collection, Range range, Consumer<Row> action) {
    Optional<Range> rest = Optional.of(range);
    while (rest.isPresent()) {
      Page page = store.range(partition, collection, rest.get(), PAGE_ROWS);
      if (page.version() != version) {
        throw new ConflictException(partition, version, page.version());
      }
      page.rows().forEach(action);
      rest = page.next();
    }
  }
}
