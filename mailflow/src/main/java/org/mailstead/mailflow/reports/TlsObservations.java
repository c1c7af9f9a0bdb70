package org.mailstead.mailflow.reports;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/// Sessions with other domains' mail exchangers, counted for reports to them.
public final class TlsObservations {
  private static final long DAY_SECONDS = Duration.ofDays(1).toSeconds();

  private final ReportBuffer buffer;
  private final InstantSource clock;

  TlsObservations(ReportBuffer buffer, InstantSource clock) {
    this.buffer = buffer;
    this.clock = clock;
  }

  /// What a session had to be like.
  ///
  /// @param type `tlsa`, `sts`, `no-policy-found` (RFC 8460 §4.4)
  /// @param text lines of the policy
  /// @param mxHosts its patterns
  public record Policy(String type, List<String> text, List<String> mxHosts) {
    public Policy {
      text = List.copyOf(text);
      mxHosts = List.copyOf(mxHosts);
    }
  }

  public void success(String domain, Policy policy) {
    add(domain, new TlsRow(policy.type(), policy.text(), policy.mxHosts(), "", "", "", ""));
  }

  /// @param result RFC 8460 §4.3
  /// @param ip of the mail exchanger; empty: it did not come to that
  public void failure(
      String domain, Policy policy, String result, String mx, String ip, String reason) {
    add(domain, new TlsRow(policy.type(), policy.text(), policy.mxHosts(), result, mx, ip, reason));
  }

  private void add(String domain, TlsRow row) {
    buffer.add(clock.instant().getEpochSecond() / DAY_SECONDS, domain, row.write());
  }
}
