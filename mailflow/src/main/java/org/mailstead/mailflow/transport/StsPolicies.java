package org.mailstead.mailflow.transport;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.mailstead.base.MalformedException;
import org.mailstead.mailflow.dkim.TagList;
import org.mailstead.mailflow.dns.DnsAnswer;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Knows the policies of domains that mail goes to. A known policy holds for its `max_age`,
/// whatever the DNS says or does not say meanwhile: that is what protects against somebody in
/// between. Kept in memory: after a restart the first delivery trusts the DNS again.
///
/// @spec https://www.rfc-editor.org/rfc/rfc8461#section-5.1 RFC 8461 §5.1
public final class StsPolicies {
  private static final Logger LOG = LoggerFactory.getLogger(StsPolicies.class);

  private final DnsResolver dns;
  private final StsFetch fetch;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<String, Known> known =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
          return size() > TransportLimits.POLICIES_MAX;
        }
      };

  public StsPolicies(DnsResolver dns, StsFetch fetch, InstantSource clock) {
    this.dns = dns;
    this.fetch = fetch;
    this.clock = clock;
  }

  /// @param policy empty: it could not be fetched
  /// @param id as the DNS named it then
  private record Known(Optional<StsPolicy> policy, String id, Instant until, Instant nextFetch) {}

  /// The policy that holds for a domain now.
  public Optional<StsPolicy> find(String domain, DnsBudget budget) {
    Instant now = clock.instant();
    Optional<Known> before = known(domain).filter(each -> now.isBefore(each.until()));
    Optional<StsPolicy> standing = before.flatMap(Known::policy);
    Optional<String> id = id(dns.txt("_mta-sts." + domain, budget));
    if (id.isEmpty()) return standing;
    if (before.isPresent() && before.get().id().equals(id.get()) && standing.isPresent()) {
      return standing;
    }
    if (before.isPresent() && now.isBefore(before.get().nextFetch())) return standing;
    Instant next = now.plus(TransportLimits.FETCH_PAUSE);
    try {
      StsPolicy policy = StsPolicy.parse(fetch.fetch(domain));
      put(domain, new Known(Optional.of(policy), id.get(), now.plus(policy.maxAge()), next));
      return Optional.of(policy);
    } catch (IOException | MalformedException e) {
      LOG.info("the MTA-STS policy of {} cannot be had: {}", domain, e.getMessage());
      put(
          domain,
          before
              .map(each -> new Known(each.policy(), each.id(), each.until(), next))
              .filter(each -> each.policy().isPresent())
              .orElse(new Known(Optional.empty(), id.get(), next, next)));
      return standing;
    }
  }

  /// §3.1: exactly one record of this version.
  private static Optional<String> id(DnsAnswer<String> answer) {
    List<String> records =
        answer.values().stream().filter(text -> text.startsWith("v=STSv1;")).toList();
    if (records.size() != 1) return Optional.empty();
    try {
      return TagList.parse(records.getFirst())
          .findPacked("id")
          .filter(id -> id.matches("[A-Za-z0-9]{1,32}"));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  private Optional<Known> known(String domain) {
    lock.lock();
    try {
      return Optional.ofNullable(known.get(domain));
    } finally {
      lock.unlock();
    }
  }

  private void put(String domain, Known value) {
    lock.lock();
    try {
      known.put(domain, value);
    } finally {
      lock.unlock();
    }
  }
}
