package org.mailstead.core.directory;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import org.mailstead.base.EntityId;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.store.Collection;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// Sorted lists of a directory's users or groups: the slices of the index in every shard, merged.
/// The token is the last key, so a list is stable while entities come and go.
final class EntityLists {
  private static final int SLICE_ROWS = 16;

  private final Store store;
  private final Entities entities;

  EntityLists(Store store, Entities entities) {
    this.store = store;
    this.entities = entities;
  }

  Listing<Entity> list(
      DirectoryId directory, EntityKind kind, EntityFilter filter, PageRequest page) {
    return switch (filter) {
      case EntityFilter.None _ -> list(directory, kind, EntityRows.NAMES, "", _ -> true, page);
      case EntityFilter.NamePrefix(String prefix) ->
          list(
              directory,
              kind,
              EntityRows.NAMES,
              prefix,
              entity -> startsWith(entity.name(), prefix),
              page);
      case EntityFilter.DisplayNamePrefix(String prefix) ->
          list(
              directory,
              kind,
              EntityRows.DISPLAY_NAMES,
              prefix,
              entity ->
                  entity instanceof Entity.User user && startsWith(user.displayName(), prefix),
              page);
      case EntityFilter.PrimaryEmailPrefix(String prefix) ->
          list(
              directory,
              kind,
              EntityRows.EMAILS,
              prefix,
              entity ->
                  entity.email().filter(email -> startsWith(email.toString(), prefix)).isPresent(),
              page);
      case EntityFilter.StateIs(EntityState state) ->
          list(
              directory,
              kind,
              state == EntityState.DELETED ? EntityRows.DELETED_NAMES : EntityRows.NAMES,
              "",
              entity -> entity.state() == state,
              page);
      case EntityFilter.IdentityProviderUserIdPrefix(String prefix) ->
          list(
              directory,
              kind,
              EntityRows.NAMES,
              "",
              entity ->
                  entity instanceof Entity.User user
                      && startsWith(
                          user.details().getOrDefault(UserDetail.IDENTITY_PROVIDER_USER_ID, ""),
                          prefix),
              page);
    };
  }

  static boolean startsWith(String text, String prefix) {
    return EntityRows.folded(text).startsWith(EntityRows.folded(prefix));
  }

  private Listing<Entity> list(
      DirectoryId directory,
      EntityKind kind,
      Collection index,
      String prefix,
      Predicate<Entity> matches,
      PageRequest page) {
    String list = kind + " " + index.number();
    Range range = Range.prefix(EntityRows.indexPrefix(kind, prefix));
    byte[] from = Tokens.decode(page.token(), list);
    if (Arrays.compareUnsigned(from, range.from()) > 0) {
      range = new Range(from, range.to(), false);
    }
    List<Entity> found = new ArrayList<>();
    byte[] last = range.from();
    int looked = 0;
    var merged = new Merge(directory, index, range);
    for (Optional<byte[]> key = merged.next(); key.isPresent(); key = merged.next()) {
      if (found.size() == page.countMax() || looked == DirectoryLimits.LIST_SCAN_MAX) {
        return new Listing<>(found, Optional.of(Tokens.after(list, last)));
      }
      looked++;
      last = key.get();
      EntityId id = EntityRows.indexed(last);
      entities.find(directory, id).map(StoredEntity::entity).filter(matches).ifPresent(found::add);
    }
    return new Listing<>(found, Optional.empty());
  }

  /// The keys of all slices in one order, read a few at a time.
  private final class Merge {
    private final Collection index;
    private final PriorityQueue<Slice> slices =
        new PriorityQueue<>(
            Comparator.comparing(slice -> slice.keys.getFirst(), Arrays::compareUnsigned));

    private Merge(DirectoryId directory, Collection index, Range range) {
      this.index = index;
      for (int i = 0; i < EntityRows.SHARD_COUNT; i++) {
        add(new Slice(Entities.shard(directory, i), Optional.of(range)));
      }
    }

    private Optional<byte[]> next() {
      Slice slice = slices.poll();
      if (slice == null) return Optional.empty();
      byte[] key = slice.keys.removeFirst();
      add(slice);
      return Optional.of(key);
    }

    private void add(Slice slice) {
      if (slice.keys.isEmpty() && slice.left.isPresent()) {
        Page page = store.range(slice.partition, index, slice.left.get(), SLICE_ROWS);
        for (Row row : page.rows()) slice.keys.add(row.key());
        slice.left = page.next();
      }
      if (!slice.keys.isEmpty()) slices.add(slice);
    }
  }

  private static final class Slice {
    private final PartitionId partition;
    private final Deque<byte[]> keys = new ArrayDeque<>();
    private Optional<Range> left;

    private Slice(PartitionId partition, Optional<Range> left) {
      this.partition = partition;
      this.left = left;
    }
  }
}
