package org.mailstead.core.keys;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Collection;
import org.mailstead.store.CommitId;
import org.mailstead.store.ConflictException;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;
import org.mailstead.store.WriteBatch;

/// The data key of each organization: random, kept in the partition `keys/O` wrapped by the master
/// key, and in memory while the service runs. It wraps mailbox keys and the content keys of queued
/// messages, so that destroying it makes all content of the organization unreadable on every copy,
/// and rotating the master key rewraps one row an organization. Thread-safe.
public final class OrganizationKeys {
  private static final Collection KEYS = new Collection(1, "keys");
  private static final byte[] CURRENT = {0};
  private static final String PREFIX = "keys/";
  private static final byte FORMAT = 1;
  private static final byte DESTROYED = 2;

  /// Wrapped by a customer's key: ARN, organization's ARN, wrapped key.
  private static final byte CUSTOMER = 3;

  /// How long a key that a customer's key wraps is used without asking again: so long after the
  /// customer has withdrawn it, nothing of the organization is readable, and so long a key service
  /// may be away without anybody noticing. The health check asks every minute.
  public static final Duration CUSTOMER_KEY_LIFE = Duration.ofMinutes(5);

  /// After a failure everybody fails at once for so long, in place of waiting one by one.
  static final Duration FAILURE_LIFE = Duration.ofSeconds(5);

  private final Store store;
  private final KeyService service;
  private final CustomerKeys customers;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final ConcurrentHashMap<OrganizationId, Opened> opened = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<OrganizationId, Failure> failed = new ConcurrentHashMap<>();
  private final ReentrantLock[] asking = new ReentrantLock[64];

  /// @param until when it must be asked for again; MAX for the installation's own keys
  private record Opened(SealingKey key, Instant until) {}

  private record Failure(String text, Instant until) {}

  /// Without customers' keys. `random` makes keys: it must be fit for secrets.
  public OrganizationKeys(Store store, KeyService service, RandomGenerator random) {
    this(store, service, CustomerKeys.none(), InstantSource.system(), random);
  }

  /// `random` makes keys: it must be fit for secrets.
  public OrganizationKeys(
      Store store,
      KeyService service,
      CustomerKeys customers,
      InstantSource clock,
      RandomGenerator random) {
    this.store = store;
    this.service = service;
    this.customers = customers;
    this.clock = clock;
    this.random = random;
    for (int i = 0; i < asking.length; i++) asking[i] = new ReentrantLock();
  }

  /// Makes the key of a new organization, wrapped by its customer's key for ever (WorkMail guide:
  /// fixed at creation).
  ///
  /// @throws RefusedException INVALID: the customer's key cannot be used; WRONG_STATE: the
  ///   organization has a key
  /// @throws org.mailstead.base.UnavailableException the key service does not answer
  public void create(OrganizationId organization, CustomerKeys.Use use) {
    customers.check(use);
    byte[] wrapped = customers.wrap(use, SealingKey.randomBytes(random));
    byte[] row =
        new ValueWriter(CUSTOMER)
            .text(use.keyArn())
            .text(use.organizationArn())
            .octets(wrapped)
            .value();
    if (!tryPut(partition(organization), 0, row)) {
      throw new RefusedException(Refusal.WRONG_STATE, "the organization has a key already");
    }
  }

  /// Whether the organization's key may be used now: at once for the installation's own; a
  /// customer's is asked for again when its time is over. For those who keep what was opened with
  /// it.
  ///
  /// @throws org.mailstead.base.UnavailableException the customer's key is withdrawn or out of
  ///   reach
  public void checkUsable(OrganizationId organization) {
    key(organization);
  }

  /// Encrypts a small value (a key, a row) for the organization; its key is made at the first use.
  ///
  /// @throws RefusedException WRONG_STATE: the organization's key was destroyed
  public byte[] seal(OrganizationId organization, byte[] plain) {
    return key(organization).seal(plain, bytes(organization));
  }

  /// @throws RefusedException WRONG_STATE: the organization's key was destroyed, or the value is
  ///   not one that was sealed for it
  public byte[] open(OrganizationId organization, byte[] sealed) {
    return key(organization)
        .open(sealed, bytes(organization))
        .orElseThrow(() ->
            new RefusedException(
                Refusal.WRONG_STATE, "a value does not open with the organization's key"));
  }

  /// Makes everything unreadable that was sealed for the organization, and refuses to seal more.
  public void destroy(OrganizationId organization) {
    PartitionId partition = partition(organization);
    boolean destroyed = false;
    while (!destroyed) {
      destroyed = tryPut(partition, store.version(partition), new byte[] {DESTROYED});
    }
    opened.remove(organization);
    failed.remove(organization);
    // A wrapped key that lies about in old files would open with the master key.
    store.shred(partition);
  }

  /// Wraps the organization's key anew if the master key has been rotated since.
  ///
  /// @return whether it was necessary
  public boolean rewrap(OrganizationId organization) {
    PartitionId partition = partition(organization);
    while (true) {
      // The version comes first: whatever is read after it is no older, so that the commit fails if
      // the row was changed (perhaps destroyed) in between.
      long version = store.version(partition);
      Optional<byte[]> row = store.get(partition, KEYS, CURRENT);
      if (row.isEmpty() || row.get()[0] != FORMAT) return false;
      byte[] wrapped = wrapped(row.get());
      if (service.isCurrent(wrapped)) return false;
      byte[] anew = service.wrap(organization, service.unwrap(organization, wrapped));
      if (tryPut(partition, version, row(anew))) return true;
    }
  }

  /// Asks the key service for the organization's key although it may be in memory: whether it would
  /// open after a restart.
  ///
  /// @throws org.mailstead.base.UnavailableException the key service does not answer
  /// @throws RefusedException WRONG_STATE: the key was destroyed, or the service refuses it
  public void checkReachable(OrganizationId organization) {
    Optional<byte[]> row = store.get(partition(organization), KEYS, CURRENT);
    if (row.isEmpty()) return;
    if (row.get()[0] == DESTROYED) {
      throw new RefusedException(Refusal.WRONG_STATE, "the organization's key was destroyed");
    }
    try {
      byte[] octets = unwrap(organization, row.get());
      // A customer's key counts for another while.
      if (row.get()[0] == CUSTOMER) remember(organization, row.get(), octets);
    } catch (RevokedKeyException e) {
      opened.remove(organization);
      throw e;
    }
  }

  private SealingKey key(OrganizationId organization) {
    Opened known = opened.get(organization);
    if (known != null
        && (known.until.equals(Instant.MAX) || clock.instant().isBefore(known.until))) {
      return known.key;
    }
    // One asks, the others wait for its answer.
    ReentrantLock turn = asking[Math.floorMod(organization.hashCode(), asking.length)];
    turn.lock();
    try {
      known = opened.get(organization);
      if (known != null && clock.instant().isBefore(known.until)) return known.key;
      Failure failure = failed.get(organization);
      if (failure != null && clock.instant().isBefore(failure.until)) {
        throw new UnavailableException(failure.text, FAILURE_LIFE);
      }
      return load(organization);
    } catch (RevokedKeyException e) {
      fail(organization, e);
      opened.remove(organization);
      throw e;
    } finally {
      turn.unlock();
    }
  }

  private void fail(OrganizationId organization, UnavailableException e) {
    failed.put(
        organization,
        new Failure(String.valueOf(e.getMessage()), clock.instant().plus(FAILURE_LIFE)));
  }

  private SealingKey load(OrganizationId organization) {
    PartitionId partition = partition(organization);
    while (true) {
      long version = store.version(partition);
      Optional<byte[]> row = store.get(partition, KEYS, CURRENT);
      if (row.isPresent()) {
        if (row.get()[0] == DESTROYED) {
          throw new RefusedException(Refusal.WRONG_STATE, "the organization's key was destroyed");
        }
        try {
          return remember(organization, row.get(), unwrap(organization, row.get()));
        } catch (UnavailableException e) {
          if (row.get()[0] == CUSTOMER) fail(organization, e);
          throw e;
        }
      }
      // Whether this one or another thread's counts, the next turn reads.
      tryPut(partition, version, row(service.wrap(organization, SealingKey.randomBytes(random))));
    }
  }

  private byte[] unwrap(OrganizationId organization, byte[] row) {
    if (row[0] != CUSTOMER) return service.unwrap(organization, wrapped(row));
    var in = new ValueReader(row, CUSTOMER);
    var use = new CustomerKeys.Use(in.text(), in.text());
    return customers.unwrap(use, in.octets());
  }

  private SealingKey remember(OrganizationId organization, byte[] row, byte[] octets) {
    SealingKey key = SealingKey.of(octets);
    boolean customer = row[0] == CUSTOMER;
    Instant until = customer ? clock.instant().plus(CUSTOMER_KEY_LIFE) : Instant.MAX;
    failed.remove(organization);
    opened.put(organization, new Opened(key, until));
    return key;
  }

  /// Wraps every organization's key anew that an older master key wraps; after a rotation. Can be
  /// done again.
  ///
  /// @return how many were wrapped anew
  public int rewrapAll() {
    int count = 0;
    Optional<PartitionId> after = Optional.empty();
    while (true) {
      List<PartitionId> page = store.partitions(PREFIX, after, 500);
      for (PartitionId partition : page) {
        if (rewrap(new OrganizationId(partition.value().substring(PREFIX.length())))) count++;
      }
      if (page.size() < 500) return count;
      after = Optional.of(page.getLast());
    }
  }

  /// @return false if the partition is no longer at this version
  private boolean tryPut(PartitionId partition, long version, byte[] row) {
    try {
      store.commit(
          partition, version, CommitId.random(random), new WriteBatch().put(KEYS, CURRENT, row));
      return true;
    } catch (ConflictException e) {
      return false;
    }
  }

  private static PartitionId partition(OrganizationId organization) {
    return new PartitionId(PREFIX + organization.value());
  }

  private static byte[] bytes(OrganizationId organization) {
    return organization.value().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] row(byte[] wrapped) {
    byte[] row = new byte[wrapped.length + 1];
    row[0] = FORMAT;
    System.arraycopy(wrapped, 0, row, 1, wrapped.length);
    return row;
  }

  private static byte[] wrapped(byte[] row) {
    return java.util.Arrays.copyOfRange(row, 1, row.length);
  }
}
