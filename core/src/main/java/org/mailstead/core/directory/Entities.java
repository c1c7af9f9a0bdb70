package org.mailstead.core.directory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.core.directory.Claims.Claim;
import org.mailstead.core.directory.EntityRows.Head;
import org.mailstead.core.directory.EntityRows.Place;
import org.mailstead.core.outbox.Outbox;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.VersionedCache;
import org.mailstead.store.PartitionId;

/// Reads and writes entities. A directory is spread over [EntityRows#SHARD_COUNT] partitions by the
/// hash of the entity's id, each with its own slice of the sorted indexes, so that an entity and
/// its index rows change in one commit; a list merges the slices. At ten million users a shard
/// holds about 310,000 of them and under four million keys, below the bound of ten million.
final class Entities {
  static final int CACHED_ENTITIES_MAX = 200_000;
  static final int CACHED_OWNERS_MAX = 500_000;

  private static final int ROWS_MAX = 1000;
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{1,64}");

  private final Outbox outbox;
  private final Claims claims;
  private final VersionedCache<EntityId, Optional<StoredEntity>> entities;
  private final VersionedCache<String, Head> heads;

  /// Who was last seen with an address. Only a hint where to look: the entity itself says whether
  /// it has the address.
  private final Cache<String, Owner> owners =
      Caffeine.newBuilder().maximumSize(CACHED_OWNERS_MAX).build();

  record Owner(DirectoryId directory, EntityId entity) {}

  /// An entity and where it is.
  record Found(DirectoryId directory, StoredEntity stored) {
    Entity entity() {
      return stored.entity();
    }
  }

  Entities(Outbox outbox, Claims claims) {
    this.outbox = outbox;
    this.claims = claims;
    this.entities = new VersionedCache<>(outbox.commits().versions(), CACHED_ENTITIES_MAX);
    this.heads = new VersionedCache<>(outbox.commits().versions(), 10_000);
  }

  static PartitionId shard(DirectoryId directory, int shard) {
    return new PartitionId("directory/" + directory + "/" + shard);
  }

  static PartitionId shard(DirectoryId directory, EntityId id) {
    return shard(directory, EntityRows.shard(id));
  }

  /// Whether the text could be an id at all.
  static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /// Cached; deleted ones too.
  Optional<StoredEntity> find(DirectoryId directory, EntityId id) {
    PartitionId partition = shard(directory, id);
    return entities.get(partition, id, () -> read(partition, id));
  }

  /// From the store, as of now.
  Optional<StoredEntity> findFresh(DirectoryId directory, EntityId id) {
    return read(shard(directory, id), id);
  }

  private Optional<StoredEntity> read(PartitionId partition, EntityId id) {
    return EntityRows.read(
        id,
        outbox
            .commits()
            .store()
            .range(partition, EntityRows.ENTITIES, EntityRows.entity(id), ROWS_MAX)
            .rows());
  }

  /// Inside a change.
  static Optional<StoredEntity> find(PartitionChange change, EntityId id) {
    return EntityRows.read(
        id, change.range(EntityRows.ENTITIES, EntityRows.entity(id), ROWS_MAX).rows());
  }

  /// Changes the shard of an entity.
  <T> T change(
      DirectoryId directory,
      EntityId id,
      BiFunction<PartitionChange, Optional<StoredEntity>, T> decide) {
    return outbox.change(shard(directory, id), change -> decide.apply(change, find(change, id)));
  }

  /// An entity before and after a change; without an after it goes.
  record Replacement(Optional<StoredEntity> before, Optional<StoredEntity> after) {}

  /// Writes what makes `before` into `after`, with indexes and counters. Only once in a commit:
  /// counters are read from the store.
  static void write(
      PartitionChange change, Optional<StoredEntity> before, Optional<StoredEntity> after) {
    write(change, List.of(new Replacement(before, after)));
  }

  /// Several entities of one shard in one commit.
  static void write(PartitionChange change, List<Replacement> replacements) {
    Head removed = Head.EMPTY;
    Head added = Head.EMPTY;
    var domains = new TreeMap<String, Long>();
    for (Replacement one : replacements) {
      writeRows(change, one);
      removed = removed.plus(one.before.map(Head::of).orElse(Head.EMPTY));
      added = added.plus(one.after.map(Head::of).orElse(Head.EMPTY));
      one.after.ifPresent(stored ->
          EntityRows.domains(stored)
              .forEach((domain, count) -> domains.merge(domain, count, Long::sum)));
      one.before.ifPresent(stored ->
          EntityRows.domains(stored)
              .forEach((domain, count) -> domains.merge(domain, -count, Long::sum)));
    }
    countHead(change, removed, added);
    countDomains(change, domains);
  }

  private static void writeRows(PartitionChange change, Replacement one) {
    Map<Place, byte[]> old = one.before.map(EntityRows::rows).orElseGet(TreeMap::new);
    Map<Place, byte[]> now = one.after.map(EntityRows::rows).orElseGet(TreeMap::new);
    for (Place place : old.keySet()) {
      if (!now.containsKey(place)) change.delete(place.collection(), place.key());
    }
    now.forEach((place, value) -> {
      byte[] earlier = old.get(place);
      if (earlier == null || !java.util.Arrays.equals(earlier, value)) {
        change.put(place.collection(), place.key(), value);
      }
    });
  }

  private static void countHead(PartitionChange change, Head removed, Head added) {
    if (removed.equals(added)) return;
    Head head = change.get(EntityRows.HEAD, EntityRows.ONLY).map(Head::of).orElse(Head.EMPTY);
    change.put(EntityRows.HEAD, EntityRows.ONLY, head.plus(added).minus(removed).value());
  }

  private static void countDomains(PartitionChange change, Map<String, Long> difference) {
    difference.forEach((domain, count) -> {
      if (count == 0) return;
      byte[] key = EntityRows.utf8(domain);
      long now = change.get(EntityRows.DOMAIN_USE, key).map(EntityRows::number).orElse(0L) + count;
      if (now == 0) {
        change.delete(EntityRows.DOMAIN_USE, key);
      } else {
        change.put(EntityRows.DOMAIN_USE, key, EntityRows.number(now));
      }
    });
  }

  /// Sums of the counters of all shards.
  Head count(DirectoryId directory) {
    Head sum = Head.EMPTY;
    for (int i = 0; i < EntityRows.SHARD_COUNT; i++) {
      PartitionId partition = shard(directory, i);
      sum =
          sum.plus(
              heads.get(
                  partition,
                  "",
                  () ->
                      outbox
                          .commits()
                          .store()
                          .get(partition, EntityRows.HEAD, EntityRows.ONLY)
                          .map(Head::of)
                          .orElse(Head.EMPTY)));
    }
    return sum;
  }

  boolean isDomainUsed(DirectoryId directory, String domain) {
    for (int i = 0; i < EntityRows.SHARD_COUNT; i++) {
      if (outbox
          .commits()
          .store()
          .get(shard(directory, i), EntityRows.DOMAIN_USE, EntityRows.utf8(domain))
          .isPresent()) {
        return true;
      }
    }
    return false;
  }

  /// Claim name of an entity name.
  static String nameClaim(DirectoryId directory, String name) {
    return directory + "/" + EntityRows.folded(name);
  }

  /// Claim name of an address that only one directory knows, see [Claims.Kind#ADDRESS].
  static String foreignAddressClaim(DirectoryId directory, EmailAddress address) {
    return directory + "/" + address.normalized();
  }

  static List<EmailAddress> addresses(Entity entity) {
    List<EmailAddress> all = new ArrayList<>(entity.aliases());
    entity.email().ifPresent(all::add);
    return all;
  }

  /// The claims by which the entity holds an address.
  List<Claim> claims(DirectoryId directory, EntityId entity, EmailAddress address) {
    return Stream.of(address.normalized(), foreignAddressClaim(directory, address))
        .flatMap(name -> claims.find(Claims.Kind.ADDRESS, name).stream())
        .filter(claim -> claim.isBy(directory.value(), entity.value()))
        .toList();
  }

  /// Whether the claimer of a name or address has it.
  boolean uses(Claim claim) {
    return findFresh(new DirectoryId(claim.scope()), new EntityId(claim.owner()))
        .filter(stored -> uses(stored.entity(), claim))
        .isPresent();
  }

  static boolean uses(Entity entity, Claim claim) {
    if (entity.state() == EntityState.DELETED) return false;
    return switch (claim.kind()) {
      case NAME -> nameClaim(new DirectoryId(claim.scope()), entity.name()).equals(claim.name());
      case ADDRESS ->
          entity.hasAddress(
              EmailAddress.parse(claim.name().substring(claim.name().indexOf('/') + 1)));
      case ALIAS, DOMAIN, ACCESS_KEY, DIRECTORY -> false;
    };
  }

  /// By id, name or address; deleted ones by id only.
  Optional<StoredEntity> find(DirectoryId directory, String identifier) {
    return findByIdOrName(directory, identifier).or(() -> findByAddress(directory, identifier));
  }

  Optional<StoredEntity> findByIdOrName(DirectoryId directory, String identifier) {
    Optional<StoredEntity> byId = Optional.empty();
    if (isId(identifier)) byId = find(directory, new EntityId(identifier));
    return byId.isPresent() ? byId : findByName(directory, identifier);
  }

  private Optional<StoredEntity> findByName(DirectoryId directory, String name) {
    return claims
        .find(Claims.Kind.NAME, nameClaim(directory, name))
        .flatMap(claim -> find(directory, new EntityId(claim.owner())))
        .filter(stored -> stored.entity().state() != EntityState.DELETED)
        .filter(
            stored -> EntityRows.folded(stored.entity().name()).equals(EntityRows.folded(name)));
  }

  private Optional<StoredEntity> findByAddress(DirectoryId directory, String text) {
    if (text.indexOf('@') < 0) return Optional.empty();
    EmailAddress address = Texts.address(text);
    return findByAddress(address)
        .filter(found -> found.directory.equals(directory))
        .map(Found::stored)
        .or(() -> findForeign(directory, address));
  }

  /// A remote user by an address outside the organization's domains.
  Optional<StoredEntity> findForeign(DirectoryId directory, EmailAddress address) {
    return claims
        .find(Claims.Kind.ADDRESS, foreignAddressClaim(directory, address))
        .flatMap(claim -> find(directory, new EntityId(claim.owner())))
        .filter(stored -> stored.entity().hasAddress(address));
  }

  /// Who receives for an address in this directory: whoever has it, or the address before `+` of
  /// it.
  Optional<StoredEntity> findReceiver(DirectoryId directory, EmailAddress address) {
    Optional<Found> exact = findByAddress(address);
    Optional<Found> found = exact.isPresent() ? exact : findByBase(address);
    return found.filter(f -> f.directory.equals(directory)).map(Found::stored);
  }

  private Optional<Found> findByBase(EmailAddress address) {
    int plus = address.local().indexOf('+');
    if (plus < 1) return Optional.empty();
    return findByAddress(new EmailAddress(address.local().substring(0, plus), address.domain()));
  }

  /// Whoever has this address, of any directory.
  Optional<Found> findByAddress(EmailAddress address) {
    String name = address.normalized();
    Owner hint = owners.getIfPresent(name);
    if (hint != null) {
      Optional<Found> found = at(hint, address);
      if (found.isPresent()) return found;
      owners.invalidate(name);
    }
    Optional<Claim> claim = claims.find(Claims.Kind.ADDRESS, name);
    if (claim.isEmpty()) return Optional.empty();
    var owner = new Owner(new DirectoryId(claim.get().scope()), new EntityId(claim.get().owner()));
    Optional<Found> found = at(owner, address);
    if (found.isPresent()) owners.put(name, owner);
    return found;
  }

  private Optional<Found> at(Owner owner, EmailAddress address) {
    Optional<StoredEntity> stored = find(owner.directory, owner.entity);
    if (stored.isEmpty() || !stored.get().entity().hasAddress(address)) return Optional.empty();
    return Optional.of(new Found(owner.directory, stored.get()));
  }
}
