package org.mailstead.mailflow.dns;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.xbill.DNS.Name;

/// Answers that still hold, the least recently used ones leaving first.
final class DnsCache {
  /// @param validated whether signatures were looked at
  record Question(Name name, int type, boolean validated) {}

  private record Known(Reply reply, Instant until) {}

  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Question, Known> entries =
      new LinkedHashMap<>(256, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, Known> eldest) {
          return size() > DnsLimits.CACHE_ENTRIES_MAX;
        }
      };

  DnsCache(InstantSource clock) {
    this.clock = clock;
  }

  Optional<Reply> find(Question question) {
    lock.lock();
    try {
      Known known = entries.get(question);
      if (known == null) return Optional.empty();
      if (clock.instant().isBefore(known.until())) return Optional.of(known.reply());
      entries.remove(question);
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  void put(Question question, Reply reply, Duration life) {
    if (!life.isPositive()) return;
    lock.lock();
    try {
      entries.put(question, new Known(reply, clock.instant().plus(life)));
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return entries.size();
    } finally {
      lock.unlock();
    }
  }
}
