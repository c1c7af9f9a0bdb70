package org.mailstead.core.keys;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
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
  private static final byte FORMAT = 1;
  private static final byte DESTROYED = 2;

  private final Store store;
  private final KeyService service;
  private final RandomGenerator random;
  private final ConcurrentHashMap<OrganizationId, SealingKey> opened = new ConcurrentHashMap<>();

  /// `random` makes keys: it must be fit for secrets.
  public OrganizationKeys(Store store, KeyService service, RandomGenerator random) {
    this.store = store;
    this.service = service;
    this.random = random;
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
    service.unwrap(organization, wrapped(row.get()));
  }

  private SealingKey key(OrganizationId organization) {
    SealingKey known = opened.get(organization);
    return known != null ? known : load(organization);
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
        SealingKey key = SealingKey.of(service.unwrap(organization, wrapped(row.get())));
        opened.put(organization, key);
        return key;
      }
      // Whether this one or another thread's counts, the next turn reads.
      tryPut(partition, version, row(service.wrap(organization, SealingKey.randomBytes(random))));
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
    return new PartitionId("keys/" + organization.value());
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
