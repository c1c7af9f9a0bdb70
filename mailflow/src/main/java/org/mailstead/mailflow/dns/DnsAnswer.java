package org.mailstead.mailflow.dns;

import java.util.List;

/// What the DNS said. "There is no such thing" and "nobody answers" are different facts: the first
/// decides, the second means trying again.
public sealed interface DnsAnswer<T> {
  /// What DNSSEC says about an answer (RFC 4035 §4.3). A bogus one is no answer: [Failed].
  enum Security {
    /// Signed, and the signatures lead to a trust anchor.
    SECURE,
    /// Not signed, or nobody looked.
    INSECURE
  }

  /// The records, one at least.
  record Found<T>(List<T> values, Security security) implements DnsAnswer<T> {
    public Found {
      values = List.copyOf(values);
    }
  }

  /// The name exists, without records of this type.
  record NoData<T>(Security security) implements DnsAnswer<T> {}

  /// The name does not exist (NXDOMAIN), so that nothing below it exists either (RFC 8020), or is
  /// not one that the DNS can hold.
  record NoName<T>(Security security) implements DnsAnswer<T> {}

  /// No answer that can be used: a time-out, an error, more questions than the budget has, or
  /// signatures that do not verify. May be different later.
  record Failed<T>(Cause cause, String reason) implements DnsAnswer<T> {}

  /// Why there is no answer.
  enum Cause {
    UNREACHABLE,
    /// The budget of the message is spent.
    BUDGET,
    /// DNSSEC refutes what was answered.
    BOGUS
  }

  /// The records, or none if there are none for whatever reason.
  default List<T> values() {
    return this instanceof Found<T>(List<T> values, Security _) ? values : List.of();
  }

  /// Whether DNSSEC vouches for the answer, a negative one too.
  default boolean isSecure() {
    return switch (this) {
      case Found<T>(var _, Security security) -> security == Security.SECURE;
      case NoData<T>(Security security) -> security == Security.SECURE;
      case NoName<T>(Security security) -> security == Security.SECURE;
      case Failed<T> _ -> false;
    };
  }

  default boolean isFailed() {
    return this instanceof Failed<T>;
  }
}
