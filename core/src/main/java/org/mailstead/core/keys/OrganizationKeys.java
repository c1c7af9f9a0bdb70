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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The data key of each organization: random, kept in the partition `keys/O` wrapped by the master
/// key, and in memory while the service runs. It wraps mailbox keys and the content keys of queued
/// messages, so that destroying it makes all content of the organization unreadable on every copy,
/// and rotating the master key rewraps one row an organization. Thread-safe.
public final class OrganizationKeys {
  private static final Logger LOG = LoggerFactory.getLogger(OrganizationKeys.class);

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
    replace(organization, new byte[] {DESTROYED});
    opened.remove(organization);
  }

  /// Wraps the organization's key anew if the master key has been rotated since.
  ///
  /// @return whether it was necessary
  public boolean rewrap(OrganizationId organization) {
    Optional<byte[]> row = store.get(partition(organization), KEYS, CURRENT);
    if (row.isEmpty() || row.get()[0] != FORMAT) return false;
    byte[] wrapped = wrapped(row.get());
    if (service.isCurrent(wrapped)) return false;
    replace(organization, row(service.wrap(organization, service.unwrap(organization, wrapped))));
    return true;
  }

  private SealingKey key(OrganizationId organization) {
    SealingKey known = opened.get(organization);
    return known != null ? known : load(organization);
  }

  private SealingKey load(OrganizationId organization) {
    PartitionId partition = partition(organization);
    while (true) {
      Optional<byte[]> row = store.get(partition, KEYS, CURRENT);
      if (row.isPresent()) {
        if (row.get()[0] == DESTROYED) {
          throw new RefusedException(Refusal.WRONG_STATE, "the organization's key was destroyed");
        }
        SealingKey key = SealingKey.of(service.unwrap(organization, wrapped(row.get())));
        opened.put(organization, key);
        return key;
      }
      byte[] fresh = row(service.wrap(organization, SealingKey.randomBytes(random)));
      try {
        store.commit(
            partition,
            store.version(partition),
            CommitId.random(random),
            new WriteBatch().put(KEYS, CURRENT, fresh));
      } catch (ConflictException e) {
        LOG.debug("another thread made the key of {}: its key is read", organization);
      }
    }
  }

  private void replace(OrganizationId organization, byte[] row) {
    PartitionId partition = partition(organization);
    while (true) {
      try {
        store.commit(
            partition,
            store.version(partition),
            CommitId.random(random),
            new WriteBatch().put(KEYS, CURRENT, row));
        return;
      } catch (ConflictException e) {
        // The last word wins: a destroyed key must stay destroyed, see rewrap's caller.
        LOG.debug("the key of {} was written by somebody else: once more", organization);
      }
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
