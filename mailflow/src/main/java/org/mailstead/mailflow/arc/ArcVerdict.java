package org.mailstead.mailflow.arc;

import java.util.Locale;

/// The state of a chain, `cv=` (RFC 8617 §4.4).
public enum ArcVerdict {
  /// There is no chain.
  NONE,
  PASS,
  FAIL;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
