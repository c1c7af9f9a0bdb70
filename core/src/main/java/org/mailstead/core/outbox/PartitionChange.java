package org.mailstead.core.outbox;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.mailstead.base.Invariant;
import org.mailstead.store.Collection;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Store;
import org.mailstead.store.WriteBatch;

/// One attempt to change a partition: reads, and what the commit will write. If somebody else
/// commits meanwhile the attempt is thrown away and made again, so it must not do anything but read
/// and write through this object.
public final class PartitionChange {
  static final Collection OUTBOX = new Collection(200, "outbox");
  static final Collection PAYLOADS = new Collection(201, "outbox payloads");
  static final int INLINE_BYTES_MAX = 3500;
  private static final int FORMAT = 1;
  private static final int EFFECTS_MAX = 20_000;

  private final Store store;
  private final RandomGenerator random;
  private final PartitionId partition;
  private final long version;
  private final WriteBatch batch = new WriteBatch();
  private final List<Effect> effects = new ArrayList<>();

  PartitionChange(Store store, RandomGenerator random, PartitionId partition, long version) {
    this.store = store;
    this.random = random;
    this.partition = partition;
    this.version = version;
  }

  public PartitionId partition() {
    return partition;
  }

  public Optional<byte[]> get(Collection collection, byte[] key) {
    return store.get(partition, collection, key);
  }

  public Page range(Collection collection, Range range, int rowsMax) {
    return store.range(partition, collection, range, rowsMax);
  }

  public PartitionChange put(Collection collection, byte[] key, byte[] value) {
    batch.put(collection, key, value);
    return this;
  }

  public PartitionChange putOnce(Collection collection, byte[] key, byte[] value) {
    batch.putOnce(collection, key, value);
    return this;
  }

  public PartitionChange delete(Collection collection, byte[] key) {
    batch.delete(collection, key);
    return this;
  }

  /// Writes an effect into the outbox of this commit.
  public PartitionChange effect(EffectKind kind, byte[] payload) {
    Invariant.check(effects.size() < EFFECTS_MAX, "too many effects in one commit");
    // The version makes the key fresh, its order the order of effects.
    byte[] key =
        ByteBuffer.allocate(10).putLong(version + 1).putShort((short) effects.size()).array();
    var row = new ValueWriter(FORMAT).number(kind.number());
    boolean inline = payload.length <= INLINE_BYTES_MAX;
    row.flag(inline);
    if (inline) {
      row.octets(payload);
    } else {
      byte[] payloadKey = new byte[16];
      random.nextBytes(payloadKey);
      batch.putOnce(PAYLOADS, payloadKey, payload);
      row.octets(payloadKey);
    }
    batch.put(OUTBOX, key, row.value());
    effects.add(new Effect(partition, key, kind, payload));
    return this;
  }

  WriteBatch batch() {
    return batch;
  }

  long version() {
    return version;
  }

  List<Effect> effects() {
    return effects;
  }
}
