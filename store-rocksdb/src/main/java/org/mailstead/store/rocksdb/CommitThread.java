package org.mailstead.store.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.mailstead.base.UnavailableException;
import org.mailstead.store.UnknownOutcomeException;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that writes to RocksDB. Whatever waits when it comes round is written as one
/// batch with one sync; while that sync runs, the next group gathers. One thread because a native
/// write holds its carrier thread for the whole sync: virtual threads that wrote by themselves
/// could neither share syncs nor leave a processor to the others. It also makes the version check
/// simple: nobody else changes a version.
///
/// After a failed write nothing is written until a probe succeeds; if the probe fails although the
/// disk takes files again, the database is reopened, because RocksDB remembers some errors for
/// ever. Reads go on meanwhile. A failed sync makes the outcome of its commits unknown.
final class CommitThread implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CommitThread.class);
  private static final Duration LINGER = Duration.ofMillis(50);
  private static final Duration PROBE_INTERVAL = Duration.ofMillis(250);
  private static final int PROBE_BYTES = 1 << 20;

  private final Engine engine;
  private final Partitions partitions;
  private final Kinds kinds;
  private final Path folder;
  private final Step.Listener steps;
  private final WriteOptions syncOptions = new WriteOptions().setSync(true);
  private final WriteOptions lazyOptions = new WriteOptions();
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private ArrayDeque<Request> queue = new ArrayDeque<>();
  private int urgentCount;
  private boolean closing;

  // Of the commit thread.
  private final ArrayDeque<Request> kept = new ArrayDeque<>();
  private long probedAt;
  private volatile boolean failing;

  CommitThread(
      Engine engine, Partitions partitions, Kinds kinds, Path folder, Step.Listener steps) {
    this.engine = engine;
    this.partitions = partitions;
    this.kinds = kinds;
    this.folder = folder;
    this.steps = steps;
    this.thread = Thread.ofPlatform().name("store-commits").daemon().unstarted(this::run);
    thread.start();
  }

  /// Hands a request over and returns at once. Requests are carried out in the order of these
  /// calls.
  void submit(Request request) {
    lock.lock();
    try {
      if (closing) throw new IllegalStateException("invariant broken: the store is open");
      queue.add(request);
      if (request.way() != Request.Way.KEPT) urgentCount++;
      if (urgentCount == 1 || queue.size() == 1 || queue.size() == RocksLimits.UNURGENT_MAX) {
        arrived.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  void call(Request request) {
    submit(request);
    request.await();
  }

  /// Waits until everything submitted before is written, and synced if asked.
  void barrier(boolean synced) {
    call(
        new Request(Request.Way.URGENT) {
          @Override
          void prepare(Group group) throws RocksDBException {
            if (!synced) return;
            group.put(group.families().meta(), Keys.meta(Keys.META_PROBE), Keys.longValue(0));
            group.sync();
          }
        });
  }

  /// Whether the last write failed and none has succeeded since.
  boolean isFailing() {
    return failing;
  }

  private void run() {
    while (true) {
      ArrayDeque<Request> taken = take();
      if (taken.isEmpty() && isClosing()) break;
      try {
        process(taken);
      } catch (Throwable e) { // NOPMD: whoever waits must be answered.
        LOG.error("the commit thread failed", e);
        for (Request request : taken) {
          request.fail(new IllegalStateException("the commit thread failed", e));
        }
      }
    }
    syncOptions.close();
    lazyOptions.close();
  }

  private boolean isClosing() {
    lock.lock();
    try {
      return closing && queue.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private ArrayDeque<Request> take() {
    lock.lock();
    try {
      long nanos = (failing ? PROBE_INTERVAL : LINGER).toNanos();
      while (urgentCount == 0 && !closing && queue.size() < RocksLimits.UNURGENT_MAX) {
        if (queue.isEmpty() && !failing) {
          arrived.awaitUninterruptibly();
        } else {
          if (nanos <= 0) break;
          try {
            nanos = arrived.awaitNanos(nanos);
          } catch (InterruptedException e) {
            LOG.debug("nobody may interrupt the commit thread", e);
          }
        }
      }
      ArrayDeque<Request> taken = queue;
      queue = new ArrayDeque<>();
      urgentCount = 0;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void process(ArrayDeque<Request> taken) {
    if (failing && !recover()) {
      for (Request request : taken) refuse(request);
      return;
    }
    kept.addAll(taken);
    while (!kept.isEmpty() && !failing) writeOne();
    if (failing) {
      List<Request> rest = List.copyOf(kept);
      kept.clear();
      rest.forEach(this::refuse);
    }
  }

  private void refuse(Request request) {
    if (request.way() == Request.Way.KEPT) {
      kept.add(request);
    } else {
      request.fail(unavailable(null));
    }
  }

  /// Writes the first requests that wait as one group.
  private void writeOne() {
    List<Request> members = new ArrayList<>();
    try (Group group = new Group(engine.families(), partitions, kinds)) {
      while (!kept.isEmpty()) {
        Request request = kept.getFirst();
        boolean alone = request.way() == Request.Way.ALONE;
        if (alone && !members.isEmpty()) break;
        kept.removeFirst();
        members.add(request);
        if (!prepare(request, group)) {
          members.removeLast();
          continue;
        }
        if (alone
            || members.size() == RocksLimits.GROUP_COUNT_MAX
            || group.batch().getDataSize() > RocksLimits.GROUP_BYTES_MAX) {
          break;
        }
      }
      steps.reached(Step.GROUP_PREPARED);
      if (group.batch().count() > 0) {
        group.families().db().write(group.isSynced() ? syncOptions : lazyOptions, group.batch());
      }
      steps.reached(group.isSynced() ? Step.GROUP_SYNCED : Step.GROUP_WRITTEN);
      group.publish();
      for (Request member : members) member.written();
      for (Request member : members) member.complete();
    } catch (RocksDBException e) {
      failed(members, e);
    } catch (UnavailableException e) {
      failing = true;
      fail(members, e);
    }
  }

  /// Whether the request takes part; if not, it has its answer.
  private boolean prepare(Request request, Group group) throws RocksDBException {
    int before = group.batch().count();
    try {
      request.prepare(group);
      return true;
    } catch (RuntimeException e) {
      if (group.batch().count() != before) {
        // A bug that left half a request in the batch: nothing of the group may be written.
        request.fail(e);
        throw new RocksDBException("a request failed half-way: " + e);
      }
      request.fail(e);
      return false;
    }
  }

  private void failed(List<Request> members, RocksDBException e) {
    LOG.error("a commit could not be written; {}", folder, e);
    failing = true;
    probedAt = System.nanoTime();
    partitions.forgetVersions();
    fail(members, e);
  }

  private void fail(List<Request> members, Exception e) {
    boolean unknown = e instanceof RocksDBException failure && isSyncFailure(failure);
    ArrayDeque<Request> again = new ArrayDeque<>();
    for (Request member : members) {
      if (member.way() == Request.Way.KEPT) {
        again.add(member);
      } else if (unknown && member instanceof CommitRequest commit) {
        member.fail(new UnknownOutcomeException(commit.partition(), e));
      } else {
        member.fail(unavailable(e));
      }
    }
    // In their old order, before what waits.
    while (!again.isEmpty()) kept.addFirst(again.removeLast());
  }

  /// The batch is in the log but perhaps not on disk: after a crash it may or may not be there.
  private static boolean isSyncFailure(RocksDBException e) {
    Status status = e.getStatus();
    String text = status == null ? "" : String.valueOf(status.getState());
    return text.startsWith("While fdatasync") || text.startsWith("While fsync");
  }

  private static UnavailableException unavailable(@org.jspecify.annotations.Nullable Exception e) {
    String text = "the store cannot be written at the moment";
    return e == null
        ? new UnavailableException(text, Duration.ofSeconds(30))
        : new UnavailableException(text, Duration.ofSeconds(30), e);
  }

  /// Whether writing works again.
  private boolean recover() {
    long now = System.nanoTime();
    if (now - probedAt < PROBE_INTERVAL.toNanos()) return false;
    probedAt = now;
    if (!diskTakesFiles()) return false;
    try {
      if (!writeProbe()) {
        LOG.info("reopening the rows in {}", folder);
        engine.reopen();
        if (!writeProbe()) return false;
      }
    } catch (RocksDBException e) {
      LOG.warn("{} cannot be reopened yet: {}", folder, Engine.firstLine(e));
      return false;
    }
    LOG.info("the store in {} can be written again", folder);
    failing = false;
    return true;
  }

  private boolean writeProbe() {
    try {
      Engine.Families families = engine.families();
      families
          .db()
          .put(families.meta(), syncOptions, Keys.meta(Keys.META_PROBE), Keys.longValue(probedAt));
      return true;
    } catch (RocksDBException | UnavailableException e) {
      LOG.debug("the probe failed", e);
      return false;
    }
  }

  private boolean diskTakesFiles() {
    Path probe = folder.resolve("probe");
    try {
      try (FileChannel channel =
          FileChannel.open(probe, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        ByteBuffer zeros = ByteBuffer.allocate(64 << 10);
        for (int i = 0; i < PROBE_BYTES / zeros.capacity(); i++) {
          zeros.clear();
          while (zeros.hasRemaining()) channel.write(zeros);
        }
        channel.force(true);
      } finally {
        Files.deleteIfExists(probe);
      }
      return true;
    } catch (IOException e) {
      LOG.debug("the disk takes no files", e);
      return false;
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
