package org.mailstead.mailflow.transport;

import java.time.Duration;

/// Bounds of what other domains make us do.
public final class TransportLimits {
  /// Octets of an MTA-STS policy (RFC 8461 §3.3).
  public static final int POLICY_BYTES_MAX = 64 << 10;

  /// Fetching a policy (§3.3).
  public static final Duration FETCH_DURATION_MAX = Duration.ofSeconds(30);

  /// `max_age` (§3.2): about a year.
  public static final Duration POLICY_AGE_MAX = Duration.ofHours(8766);

  /// A policy that could not be fetched is not asked for again so soon (§3.3).
  public static final Duration FETCH_PAUSE = Duration.ofMinutes(5);

  /// Policies and failures remembered.
  public static final int POLICIES_MAX = 5_000;

  /// Names of one policy.
  public static final int POLICY_HOSTS_MAX = 100;

  /// TLSA records of one host that are looked at.
  public static final int TLSA_RECORDS_MAX = 50;

  /// Certificates of one chain that are looked at.
  public static final int CHAIN_MAX = 10;

  private TransportLimits() {}
}
