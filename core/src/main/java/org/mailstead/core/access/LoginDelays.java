package org.mailstead.core.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.mailstead.base.UnavailableException;

/// Counts failed logins and says how long the next attempt waits: per name and network, where
/// attempts also queue behind each other, and per network, where they do not. Another network's
/// failures never slow a user down, nor do they lock anybody out.
final class LoginDelays {
  private final LoginLimits limits;
  private final InstantSource clock;
  private final Cache<String, Failures> failures;

  /// @param turn when the next attempt may go on
  private record Failures(int count, Instant turn) {}

  LoginDelays(LoginLimits limits, InstantSource clock) {
    this.limits = limits;
    this.clock = clock;
    this.failures =
        Caffeine.newBuilder()
            .maximumSize(limits.trackedMax())
            .expireAfterWrite(limits.forgetAfter())
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.instant().toEpochMilli()))
            .executor(Runnable::run)
            .build();
  }

  /// How long this attempt has to wait; takes its place in the queue.
  ///
  /// @throws UnavailableException too many wait
  Duration next(String name, InetAddress peer) {
    Duration ofNetwork = delay(count(network(peer)) - limits.freeFailuresOfNetwork());
    Duration ofName = queue(name + " " + network(peer));
    return ofName.compareTo(ofNetwork) > 0 ? ofName : ofNetwork;
  }

  private Duration queue(String key) {
    Instant now = clock.instant();
    var wait = new Duration[] {Duration.ZERO};
    failures
        .asMap()
        .computeIfPresent(
            key,
            (_, present) -> {
              Duration step = delay(present.count - limits.freeFailuresOfAccount());
              Instant from = present.turn.isAfter(now) ? present.turn : now;
              Instant turn = from.plus(step);
              wait[0] = Duration.between(now, turn);
              return wait[0].compareTo(limits.longestWait()) > 0
                  ? present
                  : new Failures(present.count, turn);
            });
    if (wait[0].compareTo(limits.longestWait()) > 0) {
      throw new UnavailableException("too many logins wait", limits.longestDelay());
    }
    return wait[0];
  }

  void failed(String name, InetAddress peer) {
    count(name + " " + network(peer), 1);
    count(network(peer), 1);
  }

  /// A good login clears the name, but not its network.
  void succeeded(String name, InetAddress peer) {
    failures.invalidate(name + " " + network(peer));
  }

  private void count(String key, int added) {
    Instant now = clock.instant();
    failures
        .asMap()
        .merge(
            key,
            new Failures(added, now),
            (present, _) -> new Failures(present.count + added, present.turn));
  }

  private int count(String key) {
    Failures present = failures.getIfPresent(key);
    return present == null ? 0 : present.count;
  }

  private Duration delay(int failuresTooMany) {
    if (failuresTooMany < 1) return Duration.ZERO;
    int doublings = Math.min(failuresTooMany - 1, 20);
    Duration delay = limits.firstDelay().multipliedBy(1L << doublings);
    return delay.compareTo(limits.longestDelay()) > 0 ? limits.longestDelay() : delay;
  }

  /// The /24 of an IPv4 address, the /64 of an IPv6 address.
  static String network(InetAddress peer) {
    byte[] octets = peer.getAddress();
    int kept = octets.length == 4 ? 3 : 8;
    return HexFormat.of().formatHex(Arrays.copyOf(octets, kept));
  }
}
