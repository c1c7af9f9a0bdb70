package org.mailstead.mailflow;

import java.net.InetAddress;
import java.security.cert.CertificateExpiredException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.mailflow.reports.TlsObservations;
import org.mailstead.mailflow.transport.StsPolicies;
import org.mailstead.mailflow.transport.StsPolicy;
import org.mailstead.mailflow.transport.TransportSecurity;

/// Tells what becomes of the sessions with one domain's hosts, for the report to it (RFC 8460).
final class SessionNotes {
  private final Optional<TlsObservations> observations;
  private final String domain;
  private final Optional<StsPolicy> policy;

  /// @param observations empty: nobody counts
  SessionNotes(Optional<TlsObservations> observations, String domain, StsPolicies.Found policy) {
    this.observations = observations;
    this.domain = domain;
    this.policy = policy.policy().filter(each -> each.mode() != StsPolicy.Mode.NONE);
    if (policy.isFetchFailed()) {
      observations.ifPresent(each ->
          each.failure(
              domain,
              new TlsObservations.Policy("sts", List.of(), List.of()),
              "sts-policy-fetch-error",
              "",
              "",
              ""));
    }
  }

  /// Nobody hears of them.
  static SessionNotes none() {
    return new SessionNotes(Optional.empty(), "", new StsPolicies.Found(Optional.empty(), false));
  }

  boolean isCounting() {
    return observations.isPresent();
  }

  /// A policy that is only being tried out: it is looked at, but not obeyed (RFC 8461 §5).
  Optional<StsPolicy> tested() {
    return policy.filter(each -> each.mode() == StsPolicy.Mode.TESTING);
  }

  /// Whether the session was as it must be.
  void connected(TransportSecurity.Demand demand, String mx, InetAddress address, boolean tls) {
    if (tls) {
      observations.ifPresent(each -> each.success(domain, policy(demand)));
    } else {
      failed(demand, mx, address, "starttls-not-supported", "");
    }
  }

  void forbidden(TransportSecurity.Demand demand, String mx, String reason) {
    String result = policy(demand).type().equals("tlsa") ? "dnssec-invalid" : "validation-failure";
    observations.ifPresent(each -> each.failure(domain, policy(demand), result, mx, "", reason));
  }

  void failed(
      TransportSecurity.Demand demand,
      String mx,
      InetAddress address,
      String result,
      String reason) {
    observations.ifPresent(
        each -> each.failure(domain, policy(demand), result, mx, address.getHostAddress(), reason));
  }

  private TlsObservations.Policy policy(TransportSecurity.Demand demand) {
    boolean dane =
        switch (demand) {
          case TransportSecurity.Demand.Dane _, TransportSecurity.Demand.Encrypted _ -> true;
          case TransportSecurity.Demand.Forbidden(String reason) -> reason.contains("DANE");
          case TransportSecurity.Demand.Opportunistic _, TransportSecurity.Demand.Verified _ ->
              false;
        };
    if (dane) return new TlsObservations.Policy("tlsa", List.of(), List.of());
    if (policy.isEmpty()) {
      return new TlsObservations.Policy("no-policy-found", List.of(), List.of());
    }
    StsPolicy sts = policy.get();
    List<String> lines = new ArrayList<>();
    lines.add("version: STSv1");
    lines.add("mode: " + sts.mode().name().toLowerCase(Locale.ROOT));
    sts.hosts().forEach(host -> lines.add("mx: " + host));
    lines.add("max_age: " + sts.maxAge().toSeconds());
    return new TlsObservations.Policy("sts", lines, sts.hosts());
  }

  /// RFC 8460 §4.3: why a handshake failed.
  static String result(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof CertificateExpiredException) return "certificate-expired";
      String text = String.valueOf(at.getMessage());
      if (text.contains("DANE")) return "tlsa-invalid";
      if (text.contains("No subject alternative") || text.contains("No name matching")) {
        return "certificate-host-mismatch";
      }
      if (text.contains("NotAfter")) return "certificate-expired";
      if (text.contains("unable to find valid certification path")) {
        return "certificate-not-trusted";
      }
    }
    return "validation-failure";
  }
}
