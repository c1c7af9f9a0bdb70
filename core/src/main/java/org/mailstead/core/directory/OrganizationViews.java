package org.mailstead.core.directory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
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
import org.mailstead.store.Store;

/// Organizations with their domains, read whole from `org/O` and kept in memory.
final class OrganizationViews {
  static final Collection RECORD = new Collection(1, "organization");
  static final Collection DOMAINS = new Collection(2, "domains");

  /// What sort of directory it is on; without a row: our own.
  private static final Collection DIRECTORY_KIND = new Collection(20, "directory kind");

  private static final byte[] ONLY = {0};
  private static final int FORMAT = 1;
  private static final int CACHED_MAX = 20_000;
  private static final int ROWS_MAX = 2_000;
  private static final Pattern ID = Pattern.compile("m-[0-9a-f]{32}");

  private final Outbox outbox;
  private final Claims claims;
  private final Set<String> verifiedDomains;
  private final VersionedCache<String, Optional<View>> views;
  private final Set<OrganizationId> existing = ConcurrentHashMap.newKeySet();
  private final Cache<String, OrganizationId> domainOwners =
      Caffeine.newBuilder().maximumSize(CACHED_MAX).build();

  /// Addresses are added under the read lock of their organization, and its set of domains and its
  /// state change under the write lock, so that a domain or an organization does not go while an
  /// address comes.
  private final ConcurrentHashMap<OrganizationId, ReentrantReadWriteLock> gates =
      new ConcurrentHashMap<>();

  record View(Organization organization, Map<String, MailDomain> domains, DirectoryKind kind) {
    DirectoryId directory() {
      return organization.directory();
    }

    /// ORG-3: users, groups, their members, details and passwords are changed in the directory.
    View writable() {
      if (kind.isConnected()) throw readOnly("The directory of this organization is read-only");
      return this;
    }

    /// XCH-3: under interoperability addresses and resources are changed in the directory too.
    View writableAddresses() {
      if (organization.interoperability()) {
        throw readOnly("Under interoperability this is read-only");
      }
      return this;
    }

    private static DirectoryRefusedException readOnly(String why) {
      return new DirectoryRefusedException(
          DirectoryRefusal.UNSUPPORTED_OPERATION, why + "; change it with the directory's tools.");
    }

    boolean isServing() {
      return switch (organization.state()) {
        case ACTIVE, IMPAIRED -> true;
        case REQUESTED, CREATING, VALIDATING, INACTIVE, FAILED, DELETING, DELETED -> false;
      };
    }
  }

  OrganizationViews(Outbox outbox, Claims claims, Set<String> verifiedDomains) {
    this.outbox = outbox;
    this.claims = claims;
    this.verifiedDomains = verifiedDomains;
    this.views = new VersionedCache<>(outbox.commits().versions(), CACHED_MAX);
  }

  static PartitionId partition(OrganizationId organization) {
    return new PartitionId("org/" + organization);
  }

  static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  Optional<View> find(OrganizationId organization) {
    PartitionId partition = partition(organization);
    if (!existing.contains(organization)) {
      // Only organizations that exist are watched: ids come from callers.
      if (!ID.matcher(organization.value()).matches()) return Optional.empty();
      if (outbox.commits().store().version(partition) == 0) return Optional.empty();
      existing.add(organization);
    }
    return views.get(partition, "", () -> read(organization));
  }

  View load(OrganizationId organization) {
    return find(organization).orElseThrow(OrganizationViews::notFound);
  }

  /// One that serves.
  View serving(OrganizationId organization) {
    View view = load(organization);
    if (!view.isServing()) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.ORGANIZATION_STATE,
          "The organization is in state " + view.organization.state().text() + ".");
    }
    return view;
  }

  static DirectoryRefusedException notFound() {
    return new DirectoryRefusedException(
        DirectoryRefusal.ORGANIZATION_NOT_FOUND, "The organization was not found.");
  }

  /// The organization that has this domain, verified or not.
  Optional<View> findByDomain(String domain) {
    OrganizationId hint = domainOwners.getIfPresent(domain);
    if (hint != null) {
      Optional<View> view = find(hint).filter(v -> v.domains.containsKey(domain));
      if (view.isPresent()) return view;
      domainOwners.invalidate(domain);
    }
    Optional<OrganizationId> owner =
        claims.find(Claims.Kind.DOMAIN, domain).map(claim -> new OrganizationId(claim.owner()));
    Optional<View> view = owner.flatMap(this::find).filter(v -> v.domains.containsKey(domain));
    if (view.isPresent()) domainOwners.put(domain, owner.orElseThrow());
    return view;
  }

  /// Runs while neither the domains nor the state of the organization change.
  <T> T whileServing(OrganizationId organization, Supplier<T> work) {
    var lock = gate(organization).readLock();
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  /// Runs while no address is added.
  <T> T exclusively(OrganizationId organization, Supplier<T> work) {
    var lock = gate(organization).writeLock();
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  private ReentrantReadWriteLock gate(OrganizationId organization) {
    return gates.computeIfAbsent(organization, _ -> new ReentrantReadWriteLock());
  }

  private Optional<View> read(OrganizationId organization) {
    var store = outbox.commits().store();
    PartitionId partition = partition(organization);
    while (true) {
      Page domains = store.range(partition, DOMAINS, Range.all(), ROWS_MAX);
      Optional<byte[]> record = store.get(partition, RECORD, ONLY);
      if (store.version(partition) != domains.version()) continue;
      DirectoryKind kind = kind(store, organization);
      return record.map(row -> view(organization, row, domains, kind));
    }
  }

  private View view(OrganizationId id, byte[] record, Page domains, DirectoryKind kind) {
    Organization organization = read(id, record);
    var byName = new TreeMap<String, MailDomain>();
    for (Row row : domains.rows()) {
      var in = new ValueReader(row.value(), FORMAT);
      String name = in.text();
      boolean checked = in.flag();
      Instant registered = in.time();
      boolean test = name.equals(organization.testDomain());
      byName.put(
          name,
          new MailDomain(
              name,
              test,
              name.equals(organization.defaultMailDomain()),
              checked
                  || test
                  || verifiedDomains.contains(name)
                  || verifiedDomains.contains(DirectorySettings.EVERY_DOMAIN),
              registered));
    }
    return new View(organization, java.util.Collections.unmodifiableMap(byName), kind);
  }

  static DirectoryKind kind(Store store, OrganizationId organization) {
    return store
        .get(partition(organization), DIRECTORY_KIND, ONLY)
        .map(row -> DirectoryKind.of(new ValueReader(row, FORMAT).number()))
        .orElse(DirectoryKind.OWN);
  }

  static void writeKind(PartitionChange change, DirectoryKind kind) {
    change.put(DIRECTORY_KIND, ONLY, new ValueWriter(FORMAT).number(kind.number()).value());
  }

  /// Inside a change.
  static Organization read(PartitionChange change, OrganizationId id) {
    return change
        .get(RECORD, ONLY)
        .map(row -> read(id, row))
        .orElseThrow(OrganizationViews::notFound);
  }

  static Optional<Organization> read(Store store, OrganizationId id) {
    return store.get(partition(id), RECORD, ONLY).map(row -> read(id, row));
  }

  static boolean isPresent(PartitionChange change) {
    return change.get(RECORD, ONLY).isPresent();
  }

  static void write(PartitionChange change, Organization organization) {
    change.put(
        RECORD,
        ONLY,
        new ValueWriter(FORMAT)
            .text(organization.account().value())
            .text(organization.alias())
            .text(organization.state().name())
            .text(organization.directory().value())
            .text(organization.testDomain())
            .text(organization.defaultMailDomain())
            .optionalTime(organization.completed())
            .optionalText(organization.errorMessage())
            .optionalText(organization.migrationAdministrator().map(EntityId::value))
            .flag(organization.interoperability())
            .number(organization.usersMax())
            .value());
  }

  private static Organization read(OrganizationId id, byte[] row) {
    var in = new ValueReader(row, FORMAT);
    return new Organization(
        id,
        new AccountId(in.text()),
        in.text(),
        OrganizationState.valueOf(in.text()),
        new DirectoryId(in.text()),
        in.text(),
        in.text(),
        in.optionalTime(),
        in.optionalText(),
        in.optionalText().map(EntityId::new),
        in.flag(),
        in.number());
  }

  static void writeDomain(
      PartitionChange change, String domain, boolean verified, Instant registered) {
    change.put(
        DOMAINS,
        EntityRows.utf8(domain),
        new ValueWriter(FORMAT).text(domain).flag(verified).time(registered).value());
  }
}
