package org.mailstead.workmail.server;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.mailstead.workmail.wire.ApiException;

/// A token bucket for each access key and group of operations: one key that calls too fast hears
/// the error after which SDKs slow down, and no other key notices.
final class Throttle {
  /// More keys than an installation has in use; the least used starts again with a full bucket.
  static final int BUCKETS_MAX = 30_000;

  private static final double BURST_SECONDS = 2;

  private final RequestRates rates;
  private final InstantSource clock;
  private final Cache<Place, Bucket> buckets =
      Caffeine.newBuilder().maximumSize(BUCKETS_MAX).executor(Runnable::run).build();

  private record Place(String keyId, OperationGroup group) {}

  private static final class Bucket {
    private double tokens; // guarded by itself
    private Instant filled; // guarded by itself

    Bucket(double tokens, Instant filled) {
      this.tokens = tokens;
      this.filled = filled;
    }

    synchronized boolean take(int rate, Instant now) {
      double seconds = Math.max(0, Duration.between(filled, now).toNanos() / 1e9);
      tokens = Math.min(rate * BURST_SECONDS, tokens + seconds * rate);
      filled = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    }
  }

  Throttle(RequestRates rates, InstantSource clock) {
    this.rates = rates;
    this.clock = clock;
  }

  /// @throws ApiException ThrottlingException
  void take(String keyId, OperationGroup group) {
    int rate = rates.of(group);
    Instant now = clock.instant();
    Bucket bucket =
        buckets.get(new Place(keyId, group), _ -> new Bucket(rate * BURST_SECONDS, now));
    if (!bucket.take(rate, now)) {
      throw new ApiException("ThrottlingException", 400, "Rate exceeded");
    }
  }
}
