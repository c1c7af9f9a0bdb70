package org.mailstead.core.directory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.audit.AuditLog;
import org.mailstead.core.directory.Claims.Claim;
import org.mailstead.core.directory.EntityRows.Head;
import org.mailstead.core.directory.EntityRows.Place;
import org.mailstead.store.Collection;
import org.mailstead.store.Findings;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionCheck;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// Proves that a directory agrees with itself: every index row follows from an entity and every
/// entity has its index rows, counters are true, names, addresses, domains and aliases are claimed
/// by those who have them, links have their reverse, audit chains are whole. What the outbox would
/// still put right (a claim without use, a reverse that is missing while effects wait) is a
/// warning.
public final class DirectoryCheck implements PartitionCheck {
  private static final List<Collection> DERIVED =
      List.of(
          EntityRows.ENTITIES,
          EntityRows.NAMES,
          EntityRows.EMAILS,
          EntityRows.DISPLAY_NAMES,
          EntityRows.DELETED_NAMES,
          EntityRows.RETENTION);

  @Override
  public boolean covers(PartitionId partition) {
    String id = partition.value();
    return id.startsWith("directory/")
        || id.startsWith("claim/")
        || id.startsWith("org/")
        || id.startsWith("audit/")
        || id.startsWith("audit-marks/")
        || id.startsWith("account/");
  }

  @Override
  public void check(Store store, PartitionId partition, Findings findings) {
    String id = partition.value();
    if (id.startsWith("directory/")) {
      new Shard(store, partition, findings).check();
    } else if (id.startsWith("claim/")) {
      claim(store, partition, findings);
    } else if (id.startsWith("org/")) {
      organization(store, partition, findings);
    } else if (id.startsWith("audit/")) {
      audit(store, partition, findings);
    } else if (id.startsWith("audit-marks/")) {
      var scope = new AuditLog.Scope(id.substring("audit-marks/".length()));
      if (store.partitions("audit/" + scope.value() + "/", Optional.empty(), 1).isEmpty()) {
        findings.error(partition + ": the log is gone");
      }
    }
  }

  /// A scope's months are one chain: its first partition stands for all.
  private static void audit(Store store, PartitionId partition, Findings findings) {
    AuditLog.Scope scope = AuditLog.scope(partition);
    PartitionId first =
        store.partitions("audit/" + scope.value() + "/", Optional.empty(), 1).getFirst();
    if (!first.equals(partition)) return;
    AuditLog.verify(store, scope)
        .forEach(text -> findings.error("audit/" + scope.value() + ": " + text));
  }

  private static void claim(Store store, PartitionId partition, Findings findings) {
    Optional<Claim> found = Claims.readAny(store, partition);
    if (found.isEmpty()) return;
    Claim claim = found.get();
    if (!Claims.partition(claim.kind(), claim.name()).equals(partition)) {
      findings.error(partition + ": the claim lies under another name's hash");
    }
    boolean used =
        switch (claim.kind()) {
          case NAME, ADDRESS -> isUsedByEntity(store, claim);
          case ALIAS, DOMAIN, DIRECTORY -> isRequested(store, claim);
          case ACCESS_KEY ->
              store
                  .get(
                      Accounts.partition(new AccountId(claim.owner())),
                      Accounts.KEYS,
                      EntityRows.utf8(claim.name()))
                  .isPresent();
        };
    if (!used) findings.warning(partition + ": its claimer does not use it");
  }

  private static boolean isUsedByEntity(Store store, Claim claim) {
    return entity(store, new DirectoryId(claim.scope()), new EntityId(claim.owner()))
        .filter(stored -> Entities.uses(stored.entity(), claim))
        .isPresent();
  }

  private static boolean isRequested(Store store, Claim claim) {
    return store
        .get(
            Accounts.partition(new AccountId(claim.scope())),
            Organizations.ORGANIZATIONS,
            EntityRows.utf8(claim.owner()))
        .isPresent();
  }

  private static Optional<StoredEntity> entity(Store store, DirectoryId directory, EntityId id) {
    return EntityRows.read(
        id,
        store
            .range(Entities.shard(directory, id), EntityRows.ENTITIES, EntityRows.entity(id), 1000)
            .rows());
  }

  private static void organization(Store store, PartitionId partition, Findings findings) {
    var id = new OrganizationId(partition.value().substring("org/".length()));
    Optional<Organization> found = OrganizationViews.read(store, id);
    if (found.isEmpty()) {
      findings.error(partition + ": has no organization row");
      return;
    }
    Organization organization = found.get();
    List<String> domains = new ArrayList<>();
    forEach(
        store,
        partition,
        OrganizationViews.DOMAINS,
        row -> domains.add(new String(row.key(), java.nio.charset.StandardCharsets.UTF_8)));
    boolean living =
        switch (organization.state()) {
          case ACTIVE, IMPAIRED, INACTIVE -> true;
          case REQUESTED, CREATING, VALIDATING, FAILED, DELETING, DELETED -> false;
        };
    if (!living) return;
    if (!domains.contains(organization.defaultMailDomain())) {
      findings.error(partition + ": its default domain is not one of its domains");
    }
    for (String domain : domains) {
      claimed(store, partition, Claims.Kind.DOMAIN, domain, id.value(), findings);
    }
    claimed(
        store,
        partition,
        Claims.Kind.ALIAS,
        EntityRows.folded(organization.alias()),
        id.value(),
        findings);
  }

  private static void claimed(
      Store store,
      PartitionId partition,
      Claims.Kind kind,
      String name,
      String owner,
      Findings findings) {
    Optional<Claim> claim = Claims.readAny(store, Claims.partition(kind, name));
    if (claim.isEmpty() || !claim.get().owner().equals(owner)) {
      findings.error(partition + ": a " + kind + " is used without its claim");
    }
  }

  private static void forEach(
      Store store, PartitionId partition, Collection collection, Consumer<Row> each) {
    Optional<Range> next = Optional.of(Range.all());
    while (next.isPresent()) {
      Page page = store.range(partition, collection, next.get(), 1000);
      page.rows().forEach(each);
      next = page.next();
    }
  }

  /// One shard of a directory.
  private static final class Shard {
    private final Store store;
    private final PartitionId partition;
    private final Findings findings;
    private final DirectoryId directory;
    private final int number;
    private final Map<EntityId, StoredEntity> entities = new LinkedHashMap<>();

    Shard(Store store, PartitionId partition, Findings findings) {
      this.store = store;
      this.partition = partition;
      this.findings = findings;
      String[] names = partition.value().split("/");
      this.directory = new DirectoryId(names[1]);
      this.number = Integer.parseInt(names[2]);
    }

    void check() {
      read();
      if (isBeingDeleted()) return;
      derivedRows();
      counters();
      entities.values().forEach(this::claims);
      links(Links.Kind.MEMBER);
      links(Links.Kind.PERMISSION);
      links(Links.Kind.DELEGATE);
      tokens();
      imported();
    }

    /// What came from a connected directory: notes, identities and entities agree.
    private void imported() {
      forEach(
          store,
          partition,
          ImportedRows.IMPORTED,
          row -> {
            String externalId = new String(row.key(), java.nio.charset.StandardCharsets.UTF_8);
            ImportedRows.Note note = ImportedRows.Note.read(row.value());
            StoredEntity stored = entities.get(note.entity());
            if (stored == null || stored.entity().state() == EntityState.DELETED) {
              error("an imported object has no entity");
            } else if (stored.entity().kind() != note.kind()) {
              error("an imported object is of another kind than its entity");
            }
            if (ImportedRows.identity(store, directory, note.entity())
                .filter(identity -> identity.externalId().equals(externalId))
                .isEmpty()) {
              error("an imported object has no identity");
            }
          });
      forEach(
          store,
          partition,
          ImportedRows.IDENTITIES,
          row -> {
            var id = new EntityId(new String(row.key(), java.nio.charset.StandardCharsets.UTF_8));
            boolean noted =
                ImportedRows.identity(store, directory, id)
                    .flatMap(identity -> ImportedRows.find(store, directory, identity.externalId()))
                    .filter(note -> note.entity().equals(id))
                    .isPresent();
            if (!noted) error("the identity of entity " + id + " belongs to no imported object");
          });
      forEach(
          store,
          partition,
          ImportedRows.ATTACHMENTS,
          row -> {
            EntityId id = EntityRows.first(row.key());
            if (ImportedRows.identity(store, directory, id).isEmpty()) {
              error("entity " + id + " has attachments and was not imported");
            }
          });
    }

    private void read() {
      Map<EntityId, List<Row>> rows = new LinkedHashMap<>();
      forEach(
          store,
          partition,
          EntityRows.ENTITIES,
          row ->
              rows.computeIfAbsent(EntityRows.first(row.key()), _ -> new ArrayList<>()).add(row));
      rows.forEach((id, all) -> {
        if (EntityRows.shard(id) != number) error("entity " + id + " lies in another shard");
        EntityRows.read(id, all).ifPresent(stored -> entities.put(id, stored));
      });
    }

    /// Between its two commits a deletion leaves things half gone; the outbox finishes it.
    private boolean isBeingDeleted() {
      return Claims.readAny(store, Claims.partition(Claims.Kind.DIRECTORY, directory.value()))
          .flatMap(claim -> OrganizationViews.read(store, new OrganizationId(claim.owner())))
          .filter(organization -> organization.state() == OrganizationState.DELETING)
          .isPresent();
    }

    private void derivedRows() {
      var expected = new TreeMap<Place, byte[]>();
      entities.values().forEach(stored -> expected.putAll(EntityRows.rows(stored)));
      for (Collection collection : DERIVED) {
        forEach(
            store,
            partition,
            collection,
            row -> {
              byte[] should = expected.remove(new Place(collection, row.key()));
              if (should == null) {
                error("a row of " + collection + " belongs to no entity");
              } else if (!Arrays.equals(should, row.value())) {
                error("a row of " + collection + " is not what its entity says");
              }
            });
      }
      expected.keySet().forEach(place -> error("a row of " + place.collection() + " is missing"));
    }

    private void counters() {
      Head head = Head.EMPTY;
      Map<String, Long> domains = new HashMap<>();
      for (StoredEntity stored : entities.values()) {
        head = head.plus(Head.of(stored));
        EntityRows.domains(stored)
            .forEach((domain, count) -> domains.merge(domain, count, Long::sum));
      }
      Head written =
          store.get(partition, EntityRows.HEAD, EntityRows.ONLY).map(Head::of).orElse(Head.EMPTY);
      if (!written.equals(head)) error("counts " + written + ", there are " + head);
      forEach(
          store,
          partition,
          EntityRows.DOMAIN_USE,
          row -> {
            String domain = new String(row.key(), java.nio.charset.StandardCharsets.UTF_8);
            Long should = domains.remove(domain);
            if (should == null || should != EntityRows.number(row.value())) {
              error("the use of a domain is counted wrongly");
            }
          });
      if (!domains.isEmpty()) error("the use of a domain is not counted");
    }

    private void claims(StoredEntity stored) {
      Entity entity = stored.entity();
      if (entity.state() == EntityState.DELETED) return;
      claimed(
          store,
          partition,
          Claims.Kind.NAME,
          Entities.nameClaim(directory, entity.name()),
          entity.id().value(),
          findings);
      for (EmailAddress address : Entities.addresses(entity)) {
        boolean held = false;
        for (String name :
            List.of(address.normalized(), Entities.foreignAddressClaim(directory, address))) {
          held |=
              Claims.readAny(store, Claims.partition(Claims.Kind.ADDRESS, name))
                  .filter(claim -> claim.isBy(directory.value(), entity.id().value()))
                  .isPresent();
        }
        if (!held) error("entity " + entity.id() + " has an address without its claim");
      }
    }

    private void links(Links.Kind kind) {
      Map<EntityId, Long> counts = new HashMap<>();
      forEach(
          store,
          partition,
          kind.truth(),
          row -> {
            EntityId owner = EntityRows.first(row.key());
            EntityId other = EntityRows.second(row.key());
            counts.merge(owner, 1L, Long::sum);
            StoredEntity stored = entities.get(owner);
            boolean ownerThere = stored != null;
            if (!ownerThere || entity(store, directory, other).isEmpty()) {
              pending("a " + kind + " row has an end that is not there");
            }
            if (store
                .get(
                    Entities.shard(directory, other), kind.reverse(), EntityRows.pair(other, owner))
                .isEmpty()) {
              pending("a " + kind + " row has no reverse");
            }
          });
      forEach(
          store,
          partition,
          kind.reverse(),
          row -> {
            EntityId other = EntityRows.first(row.key());
            EntityId owner = EntityRows.second(row.key());
            if (store
                .get(Entities.shard(directory, owner), kind.truth(), EntityRows.pair(owner, other))
                .isEmpty()) {
              pending("the reverse of a " + kind + " row has no source");
            }
          });
      if (kind != Links.Kind.MEMBER) return;
      forEach(
          store,
          partition,
          EntityRows.MEMBER_COUNTS,
          row -> {
            var group =
                new EntityId(new String(row.key(), java.nio.charset.StandardCharsets.UTF_8));
            Long should = counts.remove(group);
            if (should == null || should != EntityRows.number(row.value())) {
              error("members of group " + group + " are counted wrongly");
            }
          });
      if (!counts.isEmpty()) error("members of a group are not counted");
    }

    private void tokens() {
      forEach(
          store,
          partition,
          EntityRows.TOKENS,
          row -> {
            EntityId user = EntityRows.first(row.key());
            StoredEntity stored = entities.get(user);
            if (stored == null || stored.entity().state() == EntityState.DELETED) {
              error("a token of user " + user + ", who is not there");
            }
            String id = EntityRows.second(row.key()).value();
            Optional<byte[]> owner =
                store.get(partition, EntityRows.TOKEN_OWNERS, EntityRows.utf8(id));
            if (owner.filter(o -> Arrays.equals(o, EntityRows.utf8(user.value()))).isEmpty()) {
              error("token " + id + " is not found by its id");
            }
          });
      forEach(
          store,
          partition,
          EntityRows.TOKEN_OWNERS,
          row -> {
            var user = new String(row.value(), java.nio.charset.StandardCharsets.UTF_8);
            byte[] key = EntityRows.pair(new EntityId(user), row.key());
            if (store.get(partition, EntityRows.TOKENS, key).isEmpty()) {
              error("an owner without the token");
            }
          });
    }

    private void error(String text) {
      findings.error(partition + ": " + text);
    }

    /// Wrong, unless effects wait somewhere in this directory that will put it right.
    private void pending(String text) {
      for (int i = 0; i < EntityRows.SHARD_COUNT; i++) {
        if (org.mailstead.core.outbox.Outbox.isWaiting(store, Entities.shard(directory, i))) {
          findings.warning(partition + ": " + text + "; effects wait");
          return;
        }
      }
      error(text);
    }
  }
}
