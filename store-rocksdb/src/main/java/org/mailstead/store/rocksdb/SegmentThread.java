package org.mailstead.store.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.UnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that appends to segment files: whatever waits when it comes round is written one
/// record after another and shares one sync. Because records are appended strictly in order, a
/// synced record has only whole records before it, so that after a crash the file can be cut at the
/// first bad one.
///
/// A failed write cuts the file back to where the group began; a failed sync leaves the file for
/// good, because what it holds is unknown from then on. In both cases none of the puts counts.
final class SegmentThread implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentThread.class);

  private final SegmentFiles files;
  private final long segmentBytes;
  private final RandomGenerator random;
  private final Step.Listener steps;
  private final BiConsumer<Put, List<Location>> indexer;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private ArrayDeque<Put> queue = new ArrayDeque<>();
  private boolean closing;

  // Of the thread.
  private @Nullable FileChannel channel;
  private volatile int segment;
  private long salt;
  private long position;
  private long groupStart;

  /// Records to be written together.
  static final class Put {
    final List<SegmentRecord> records;
    final List<ByteBuffer> contents;
    private volatile @Nullable Thread waiter;
    private volatile boolean done;
    private @Nullable RuntimeException failure;
    private List<Location> locations = List.of();

    Put(List<SegmentRecord> records, List<ByteBuffer> contents) {
      this.records = records;
      this.contents = contents;
    }

    private void complete(@Nullable RuntimeException e) {
      failure = e;
      done = true;
      LockSupport.unpark(waiter);
    }

    private List<Location> await() {
      waiter = Thread.currentThread();
      boolean interrupted = false;
      while (!done) {
        LockSupport.park(this);
        if (Thread.interrupted()) interrupted = true;
      }
      waiter = null;
      if (interrupted) Thread.currentThread().interrupt();
      RuntimeException failed = failure;
      if (failed != null) throw failed;
      return locations;
    }
  }

  /// @param next the number of the next segment to be begun; the last one is not continued
  /// @param indexer told of durable records, in their order
  SegmentThread(
      SegmentFiles files,
      int next,
      long segmentBytes,
      RandomGenerator random,
      Step.Listener steps,
      BiConsumer<Put, List<Location>> indexer) {
    this.files = files;
    this.segment = next - 1;
    this.segmentBytes = segmentBytes;
    this.random = random;
    this.steps = steps;
    this.indexer = indexer;
    this.thread = Thread.ofPlatform().name("store-blobs").daemon().unstarted(this::run);
  }

  /// Goes on in a segment whose records are all good, before the first put.
  void resume(int last, long end) throws IOException {
    FileChannel opened =
        FileChannel.open(files.file(last), StandardOpenOption.READ, StandardOpenOption.WRITE);
    salt = files.salt(opened);
    channel = opened;
    segment = last;
    position = end;
  }

  void start() {
    thread.start();
  }

  /// The segment that is written to, or the last one that was.
  int current() {
    return segment;
  }

  /// Appends and syncs; returns where the records are.
  List<Location> append(Put put) {
    lock.lock();
    try {
      if (closing) throw new IllegalStateException("invariant broken: the store is open");
      queue.add(put);
      if (queue.size() == 1) arrived.signal();
    } finally {
      lock.unlock();
    }
    return put.await();
  }

  private void run() {
    while (true) {
      List<Put> group = take();
      if (group.isEmpty()) break;
      try {
        FileChannel out = write(group);
        steps.reached(Step.BLOB_WRITTEN);
        sync(out);
        steps.reached(Step.BLOB_SYNCED);
        for (Put put : group) indexer.accept(put, put.locations);
        steps.reached(Step.BLOB_INDEX_QUEUED);
        for (Put put : group) put.complete(null);
      } catch (IOException e) {
        LOG.error("blobs could not be written to segment {}", segment, e);
        cutBack();
        for (Put put : group) {
          put.complete(
              new UnavailableException("blobs cannot be written", Duration.ofSeconds(30), e));
        }
      } catch (Throwable e) { // Whoever waits must be answered.
        LOG.error("the blob thread failed", e);
        abandon();
        for (Put put : group) {
          put.complete(new IllegalStateException("the blob thread failed", e));
        }
      }
    }
    close(channel);
  }

  private List<Put> take() {
    lock.lock();
    try {
      while (queue.isEmpty() && !closing) arrived.awaitUninterruptibly();
      if (queue.isEmpty()) return List.of();
      List<Put> taken = new ArrayList<>();
      long octets = 0;
      while (!queue.isEmpty() && octets < RocksLimits.BLOB_GROUP_BYTES_MAX) {
        Put put = queue.removeFirst();
        for (SegmentRecord record : put.records) octets += record.length();
        taken.add(put);
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /// A group stays within one segment, so that one sync is enough.
  private FileChannel write(List<Put> group) throws IOException {
    FileChannel out = channel;
    if (out == null || position >= segmentBytes) out = roll();
    groupStart = position;
    for (Put put : group) {
      List<Location> locations = new ArrayList<>();
      for (int i = 0; i < put.records.size(); i++) {
        SegmentRecord record = put.records.get(i);
        ByteBuffer[] parts = {record.header(salt), put.contents.get(i).duplicate()};
        out.position(position);
        while (parts[0].hasRemaining() || parts[1].hasRemaining()) write(out, parts);
        locations.add(
            new Location(
                segment,
                position + SegmentRecord.HEADER_BYTES,
                record.length(),
                record.checksum()));
        position += SegmentRecord.HEADER_BYTES + record.length();
      }
      put.locations = locations;
    }
    return out;
  }

  private void sync(FileChannel out) throws IOException {
    try {
      out.force(false);
    } catch (IOException e) {
      // The system may forget that these pages were not written: never rely on this file's end.
      cutBack();
      abandon();
      throw e;
    }
  }

  /// In parts: Java keeps a native buffer of the largest size used for each thread.
  private static void write(FileChannel out, ByteBuffer[] parts) throws IOException {
    int limit = parts[1].limit();
    parts[1].limit(Math.min(limit, parts[1].position() + (1 << 20)));
    try {
      out.write(parts);
    } finally {
      parts[1].limit(limit);
    }
  }

  private FileChannel roll() throws IOException {
    close(channel);
    channel = null;
    int next = segment + 1;
    try {
      salt = files.create(next, random);
      FileChannel opened =
          FileChannel.open(files.file(next), StandardOpenOption.READ, StandardOpenOption.WRITE);
      channel = opened;
      position = SegmentFiles.PREAMBLE_BYTES;
      return opened;
    } finally {
      segment = next; // Never used twice, even if it could not be made.
      steps.reached(Step.SEGMENT_BEGUN);
    }
  }

  private void cutBack() {
    FileChannel out = channel;
    if (out == null) return;
    try {
      out.truncate(groupStart);
      position = groupStart;
    } catch (IOException e) {
      LOG.warn("segment {} could not be cut back and is left", segment, e);
      abandon();
    }
  }

  private void abandon() {
    close(channel);
    channel = null;
  }

  private static void close(@Nullable FileChannel channel) {
    if (channel == null) return;
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("a segment could not be closed", e);
    }
  }

  /// Writes what waits and ends.
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      arrived.signal();
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(1));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
  }
}
