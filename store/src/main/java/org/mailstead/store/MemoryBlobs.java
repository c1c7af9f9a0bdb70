package org.mailstead.store;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;

/// The blobs of a [MemoryStore].
final class MemoryBlobs implements Blobs {
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final NavigableMap<BlobId, Blob> blobs = new TreeMap<>();

  MemoryBlobs(InstantSource clock) {
    this.clock = clock;
  }

  private static final class Blob {
    final byte[] octets;
    final NavigableSet<PartitionId> holders = new TreeSet<>();
    Optional<Instant> unheldSince = Optional.empty();

    Blob(byte[] octets) {
      this.octets = octets;
    }
  }

  @Override
  public void put(PartitionId holder, List<NewBlob> added) {
    for (NewBlob blob : added) {
      ByteBuffer source = blob.content().buffer();
      byte[] octets = new byte[source.remaining()];
      source.get(octets);
      lock.lock();
      try {
        blobs.computeIfAbsent(blob.id(), id -> new Blob(octets)).holders.add(holder);
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void hold(PartitionId holder, BlobId id) {
    lock.lock();
    try {
      Blob blob = blobs.get(id);
      if (blob == null) throw gone(id);
      blob.holders.add(holder);
      blob.unheldSince = Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void release(PartitionId holder, BlobId id) {
    lock.lock();
    try {
      Blob blob = blobs.get(id);
      if (blob != null) blob.holders.remove(holder);
    } finally {
      lock.unlock();
    }
  }

  void releaseAll(PartitionId holder) {
    lock.lock();
    try {
      for (Blob blob : blobs.values()) blob.holders.remove(holder);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<Long> find(BlobId id) {
    lock.lock();
    try {
      return Optional.ofNullable(blobs.get(id)).map(blob -> (long) blob.octets.length);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public byte[] read(BlobId id, long offset, int length) {
    lock.lock();
    try {
      Blob blob = blobs.get(id);
      if (blob == null) throw gone(id);
      java.util.Objects.checkFromIndexSize(offset, length, (long) blob.octets.length);
      return Arrays.copyOfRange(blob.octets, (int) offset, (int) offset + length);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<PartitionId> holders(BlobId id) {
    lock.lock();
    try {
      Blob blob = blobs.get(id);
      return blob == null ? List.of() : List.copyOf(blob.holders);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<BlobId> list(Optional<BlobId> after, int countMax) {
    lock.lock();
    try {
      return (after.isPresent() ? blobs.tailMap(after.get(), false) : blobs)
          .keySet().stream().limit(countMax).toList();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Swept sweep() {
    Instant now = clock.instant();
    long blobsRemoved = 0;
    long octetsFreed = 0;
    lock.lock();
    try {
      for (Iterator<Map.Entry<BlobId, Blob>> all = blobs.entrySet().iterator(); all.hasNext(); ) {
        Blob blob = all.next().getValue();
        if (!blob.holders.isEmpty()) {
          blob.unheldSince = Optional.empty();
        } else if (blob.unheldSince.isEmpty()) {
          blob.unheldSince = Optional.of(now);
        } else if (!blob.unheldSince.get().plus(UNHELD_KEPT).isAfter(now)) {
          all.remove();
          blobsRemoved++;
          octetsFreed += blob.octets.length;
        }
      }
    } finally {
      lock.unlock();
    }
    return new Swept(blobsRemoved, octetsFreed);
  }

  private static RefusedException gone(BlobId id) {
    return new RefusedException(Refusal.NOT_FOUND, "no such blob", "blob " + id + " is gone");
  }
}
