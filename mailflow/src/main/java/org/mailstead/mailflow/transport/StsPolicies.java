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
import org.mailstead.base.UnavailableException;
import org.mailstead.core.reports.RememberedPolicies;
import org.mailstead.mailflow.dkim.TagList;
import org.mailstead.mailflow.dns.DnsAnswer;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Knows the policies of domains that mail goes to. A known policy holds for its `max_age`,
/// whatever the DNS says or does not say meanwhile: that is what protects against somebody in
/// between. Kept in memory and, where there is a place for them, on disk, so that a restart does
/// not make mail trust the DNS again.
///
/// @spec https://www.rfc-editor.org/rfc/rfc8461#section-5.1 RFC 8461 §5.1
public final class StsPolicies {
  private static final Logger LOG = LoggerFactory.getLogger(StsPolicies.class);

  private final DnsResolver dns;
  private final StsFetch fetch;
  private final InstantSource clock;
  private final Optional<RememberedPolicies> remembered;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<String, Known> known =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
          return size() > TransportLimits.POLICIES_MAX;
        }
      };

  /// In memory only.
  public StsPolicies(DnsResolver dns, StsFetch fetch, InstantSource clock) {
    this(dns, fetch, clock, Optional.empty());
  }

  public StsPolicies(
      DnsResolver dns,
      StsFetch fetch,
      InstantSource clock,
      Optional<RememberedPolicies> remembered) {
    this.dns = dns;
    this.fetch = fetch;
    this.clock = clock;
    this.remembered = remembered;
  }

  /// What is known of a domain's policy: for reports, why there is none.
  ///
  /// @param isFetchFailed the domain says that it has one, but it could not be fetched or read
  public record Found(Optional<StsPolicy> policy, boolean isFetchFailed) {}

  /// @param policy empty: it could not be fetched
  /// @param id as the DNS named it then
  private record Known(Optional<StsPolicy> policy, String id, Instant until, Instant nextFetch) {}

  /// The policy that holds for a domain now.
  public Optional<StsPolicy> find(String domain, DnsBudget budget) {
    return look(domain, budget).policy();
  }

  /// The same, with what went wrong.
  public Found look(String domain, DnsBudget budget) {
    Instant now = clock.instant();
    Optional<Known> before =
        known(domain).or(() -> recalled(domain, now)).filter(each -> now.isBefore(each.until()));
    Optional<StsPolicy> standing = before.flatMap(Known::policy);
    Optional<String> id = id(dns.txt("_mta-sts." + domain, budget));
    if (id.isEmpty()) return new Found(standing, false);
    if (before.isPresent() && before.get().id().equals(id.get()) && standing.isPresent()) {
      return new Found(standing, false);
    }
    if (before.isPresent() && now.isBefore(before.get().nextFetch())) {
      return new Found(standing, true);
    }
    Instant next = now.plus(TransportLimits.FETCH_PAUSE);
    try {
      String text = fetch.fetch(domain);
      StsPolicy policy = StsPolicy.parse(text);
      Instant until = now.plus(policy.maxAge());
      put(domain, new Known(Optional.of(policy), id.get(), until, next));
      remember(new RememberedPolicies.Remembered(domain, id.get(), text, until), now);
      return new Found(Optional.of(policy), false);
    } catch (IOException | MalformedException e) {
      LOG.info("the MTA-STS policy of {} cannot be had: {}", domain, e.getMessage());
      put(
          domain,
          before
              .map(each -> new Known(each.policy(), each.id(), each.until(), next))
              .filter(each -> each.policy().isPresent())
              .orElse(new Known(Optional.empty(), id.get(), next, next)));
      return new Found(standing, true);
    }
  }

  /// From an earlier run, or pushed out of memory.
  private Optional<Known> recalled(String domain, Instant now) {
    if (remembered.isEmpty()) return Optional.empty();
    try {
      Optional<Known> found =
          remembered
              .get()
              .find(domain)
              .filter(each -> now.isBefore(each.until()))
              .map(each ->
                  new Known(
                      Optional.of(StsPolicy.parse(each.text())), each.id(), each.until(), now));
      found.ifPresent(known -> put(domain, known));
      return found;
    } catch (MalformedException | UnavailableException e) {
      LOG.warn("the remembered policy of {} cannot be read: {}", domain, e.getMessage());
      return Optional.empty();
    }
  }

  private void remember(RememberedPolicies.Remembered policy, Instant now) {
    try {
      remembered.ifPresent(each -> each.put(policy, now));
    } catch (UnavailableException e) {
      LOG.warn("the policy of {} is not remembered: {}", policy.domain(), e.getMessage());
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
