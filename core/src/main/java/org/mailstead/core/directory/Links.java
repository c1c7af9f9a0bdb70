package org.mailstead.core.directory;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EntityId;
import org.mailstead.core.outbox.EffectKind;
import org.mailstead.core.outbox.Outbox;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.core.outbox.VersionedCache;
import org.mailstead.store.Collection;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;

/// Members of groups, permissions on mailboxes, delegates of resources. The truth lies with the
/// group, owner or resource; the other side has a reverse row, so that "which groups am I in" and
/// "which mailboxes may I open" are cheap.
///
/// The effect that keeps the reverse says only *which* pair changed: carrying it out looks at the
/// truth inside the commit of the reverse, so that it may come late, twice or in any order.
final class Links {
  private static final EffectKind SYNC = new EffectKind(11, "reverse of a link", false);
  private static final byte[] PRESENT = {1};
  private static final int FORMAT = 1;
  private static final int CACHED_MAX = 100_000;
  private static final int PAGE_ROWS = 1000;

  private final Outbox outbox;
  private final VersionedCache<EntityId, List<EntityId>> groupsOf;
  private final VersionedCache<EntityId, List<EntityId>> membersOf;

  /// Which link, and where truth and reverse lie.
  enum Kind {
    MEMBER,
    PERMISSION,
    DELEGATE;

    Collection truth() {
      return switch (this) {
        case MEMBER -> EntityRows.MEMBERS;
        case PERMISSION -> EntityRows.PERMISSIONS;
        case DELEGATE -> EntityRows.DELEGATES;
      };
    }

    Collection reverse() {
      return switch (this) {
        case MEMBER -> EntityRows.MEMBER_OF;
        case PERMISSION -> EntityRows.GRANTS;
        case DELEGATE -> EntityRows.DELEGATE_OF;
      };
    }
  }

  Links(Outbox outbox) {
    this.outbox = outbox;
    this.groupsOf = new VersionedCache<>(outbox.commits().versions(), CACHED_MAX);
    this.membersOf = new VersionedCache<>(outbox.commits().versions(), CACHED_MAX);
    outbox.handle(
        SYNC,
        effect -> {
          var in = new ValueReader(effect.payload(), FORMAT);
          sync(
              Kind.valueOf(in.text()),
              new DirectoryId(in.text()),
              new EntityId(in.text()),
              new EntityId(in.text()));
        });
  }

  /// Writes a link in the shard of `owner` and sees to its reverse.
  static void put(
      PartitionChange change,
      Kind kind,
      DirectoryId directory,
      EntityId owner,
      EntityId other,
      byte[] value) {
    change.put(kind.truth(), EntityRows.pair(owner, other), value);
    changed(change, kind, directory, owner, other);
  }

  static void delete(
      PartitionChange change, Kind kind, DirectoryId directory, EntityId owner, EntityId other) {
    change.delete(kind.truth(), EntityRows.pair(owner, other));
    changed(change, kind, directory, owner, other);
  }

  private static void changed(
      PartitionChange change, Kind kind, DirectoryId directory, EntityId owner, EntityId other) {
    change.effect(
        SYNC,
        new ValueWriter(FORMAT)
            .text(kind.name())
            .text(directory.value())
            .text(owner.value())
            .text(other.value())
            .value());
  }

  private void sync(Kind kind, DirectoryId directory, EntityId owner, EntityId other) {
    PartitionId ownerShard = Entities.shard(directory, owner);
    outbox
        .commits()
        .change(
            Entities.shard(directory, other),
            change -> {
              boolean linked =
                  outbox
                      .commits()
                      .store()
                      .get(ownerShard, kind.truth(), EntityRows.pair(owner, other))
                      .isPresent();
              byte[] key = EntityRows.pair(other, owner);
              boolean known = change.get(kind.reverse(), key).isPresent();
              if (linked && !known) change.put(kind.reverse(), key, PRESENT);
              if (!linked && known) change.delete(kind.reverse(), key);
              return true;
            });
  }

  /// The other ends of an owner's links.
  List<EntityId> others(Kind kind, DirectoryId directory, EntityId owner) {
    return seconds(Entities.shard(directory, owner), kind.truth(), owner, Integer.MAX_VALUE);
  }

  /// The owners whose links end here.
  List<EntityId> owners(Kind kind, DirectoryId directory, EntityId other) {
    return seconds(Entities.shard(directory, other), kind.reverse(), other, Integer.MAX_VALUE);
  }

  private List<EntityId> seconds(
      PartitionId partition, Collection collection, EntityId first, int countMax) {
    List<EntityId> found = new ArrayList<>();
    Optional<Range> next = Optional.of(EntityRows.entity(first));
    while (next.isPresent() && found.size() < countMax) {
      Page page = outbox.commits().store().range(partition, collection, next.get(), PAGE_ROWS);
      for (Row row : page.rows()) found.add(EntityRows.second(row.key()));
      next = page.next();
    }
    return found;
  }

  /// One page of rows of an entity's links, after another end.
  Page page(
      Collection collection,
      DirectoryId directory,
      EntityId first,
      Optional<EntityId> after,
      int rowsMax) {
    Range all = EntityRows.entity(first);
    Range range =
        after
            .map(last -> {
              byte[] key = EntityRows.pair(first, last);
              byte[] from = java.util.Arrays.copyOf(key, key.length + 1);
              return new Range(from, all.to(), false);
            })
            .orElse(all);
    return outbox
        .commits()
        .store()
        .range(Entities.shard(directory, first), collection, range, rowsMax);
  }

  /// The value of a link.
  Optional<byte[]> find(Kind kind, DirectoryId directory, EntityId owner, EntityId other) {
    return outbox
        .commits()
        .store()
        .get(Entities.shard(directory, owner), kind.truth(), EntityRows.pair(owner, other));
  }

  /// Direct members of a group; cached.
  List<EntityId> members(DirectoryId directory, EntityId group) {
    return membersOf.get(
        Entities.shard(directory, group), group, () -> others(Kind.MEMBER, directory, group));
  }

  /// The entity and every group that holds it, directly or nested, cycles cut, at most `groupsMax`
  /// groups.
  Set<EntityId> closure(DirectoryId directory, EntityId entity, int groupsMax) {
    Set<EntityId> seen = new java.util.LinkedHashSet<>();
    var open = new java.util.ArrayDeque<EntityId>();
    seen.add(entity);
    open.add(entity);
    while (!open.isEmpty() && seen.size() <= groupsMax) {
      EntityId next = open.poll();
      List<EntityId> groups =
          groupsOf.get(
              Entities.shard(directory, next), next, () -> owners(Kind.MEMBER, directory, next));
      for (EntityId group : groups) if (seen.add(group)) open.add(group);
    }
    return seen;
  }

  /// Takes away every link from and to an entity.
  void purge(DirectoryId directory, EntityId entity) {
    for (Kind kind : Kind.values()) {
      for (EntityId other : others(kind, directory, entity)) {
        remove(kind, directory, entity, other);
      }
      for (EntityId owner : owners(kind, directory, entity)) {
        remove(kind, directory, owner, entity);
      }
    }
    var hints = new HashSet<>(folderGrantors(directory, entity));
    outbox
        .commits()
        .change(
            Entities.shard(directory, entity),
            change -> {
              for (EntityId owner : hints) {
                change.delete(EntityRows.FOLDER_GRANTS, EntityRows.pair(entity, owner));
              }
              return true;
            });
  }

  private void remove(Kind kind, DirectoryId directory, EntityId owner, EntityId other) {
    outbox.change(
        Entities.shard(directory, owner),
        change -> {
          byte[] key = EntityRows.pair(owner, other);
          if (kind == Kind.MEMBER && change.get(kind.truth(), key).isPresent()) {
            count(change, owner, -1);
          }
          delete(change, kind, directory, owner, other);
          return true;
        });
  }

  /// Adds to the number of members of a group.
  ///
  /// @return the new number
  static long count(PartitionChange change, EntityId group, long added) {
    byte[] key = EntityRows.utf8(group.value());
    long count =
        change.get(EntityRows.MEMBER_COUNTS, key).map(EntityRows::number).orElse(0L) + added;
    if (count == 0) {
      change.delete(EntityRows.MEMBER_COUNTS, key);
    } else {
      change.put(EntityRows.MEMBER_COUNTS, key, EntityRows.number(count));
    }
    return count;
  }

  /// Notes that the owner's mailbox may hold folder permissions for the grantee.
  void hintFolderGrant(DirectoryId directory, EntityId grantee, EntityId owner) {
    byte[] key = EntityRows.pair(grantee, owner);
    PartitionId shard = Entities.shard(directory, grantee);
    if (outbox.commits().store().get(shard, EntityRows.FOLDER_GRANTS, key).isPresent()) return;
    outbox
        .commits()
        .change(
            shard,
            change -> {
              change.put(EntityRows.FOLDER_GRANTS, key, PRESENT);
              return true;
            });
  }

  /// Owners of mailboxes that may hold folder permissions for the grantee.
  List<EntityId> folderGrantors(DirectoryId directory, EntityId grantee) {
    return seconds(
        Entities.shard(directory, grantee), EntityRows.FOLDER_GRANTS, grantee, Integer.MAX_VALUE);
  }
}
