package org.mailstead.mailflow.dmarc;

import java.util.Locale;

/// RFC 9989 §5.4, RFC 8601 §2.7.
public enum DmarcVerdict {
  /// The domain has no policy.
  NONE,
  PASS,
  FAIL,
  /// The policy, or what could have made it a PASS, cannot be had now.
  TEMPERROR,
  /// There is no author's domain to ask.
  PERMERROR;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
