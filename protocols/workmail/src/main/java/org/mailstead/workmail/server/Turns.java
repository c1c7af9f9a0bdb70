package org.mailstead.workmail.server;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.mailstead.workmail.wire.ApiException;

/// Bounds how many requests are carried out at once and how many wait; the rest hear the error
/// after which SDKs slow down and try again. One access key holds at most half of the turns, and
/// half of the places in the queue, so that it cannot keep the others out.
final class Turns {
  private final Semaphore free;
  private final int keyMax;
  private final int waitingMax;
  private final Duration waitMax;
  private final ConcurrentHashMap<String, Share> shares = new ConcurrentHashMap<>();

  /// What one key holds; it is there only as long as the key has a request here.
  private static final class Share {
    final Semaphore free;
    int users; // guarded by the map's entry

    Share(int max) {
      this.free = new Semaphore(max, true);
    }
  }

  /// Given back by closing it.
  final class Turn implements AutoCloseable {
    private final Optional<String> key;

    private Turn(Optional<String> key) {
      this.key = key;
    }

    @Override
    public void close() {
      free.release();
      key.ifPresent(k -> leave(k, true));
    }
  }

  Turns(int concurrentMax, int waitingMax, Duration waitMax) {
    this.free = new Semaphore(concurrentMax, true);
    this.keyMax = Math.max(1, concurrentMax / 2);
    this.waitingMax = waitingMax;
    this.waitMax = waitMax;
  }

  /// A turn that counts for nobody in particular.
  ///
  /// @throws ApiException ThrottlingException
  Turn take() {
    if (take(free, waitingMax)) return new Turn(Optional.empty());
    throw exceeded();
  }

  /// A turn of this key.
  ///
  /// @throws ApiException ThrottlingException
  Turn take(String key) {
    Share share =
        shares.compute(
            key,
            (_, present) -> {
              Share it = present == null ? new Share(keyMax) : present;
              it.users++;
              return it;
            });
    boolean own = take(share.free, Math.max(1, waitingMax / 2));
    if (own && take(free, waitingMax)) return new Turn(Optional.of(key));
    leave(key, own);
    throw exceeded();
  }

  private boolean take(Semaphore semaphore, int queueMax) {
    try {
      return semaphore.tryAcquire()
          || (semaphore.getQueueLength() < queueMax
              && semaphore.tryAcquire(waitMax.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void leave(String key, boolean held) {
    shares.computeIfPresent(
        key,
        (_, share) -> {
          if (held) share.free.release();
          return --share.users == 0 ? null : share;
        });
  }

  private static ApiException exceeded() {
    return new ApiException("ThrottlingException", 400, "Rate exceeded");
  }

  int waiting() {
    return free.getQueueLength();
  }

  /// Keys that have a request here.
  int keys() {
    return shares.size();
  }
}
