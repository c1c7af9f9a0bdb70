package org.mailstead.mailflow.spf;

import java.util.Locale;

/// RFC 7208 §2.6.
public enum SpfVerdict {
  NONE,
  NEUTRAL,
  PASS,
  FAIL,
  SOFTFAIL,
  TEMPERROR,
  PERMERROR;

  /// The word in Received-SPF and Authentication-Results.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
