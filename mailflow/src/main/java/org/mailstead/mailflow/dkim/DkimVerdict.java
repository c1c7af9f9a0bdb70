package org.mailstead.mailflow.dkim;

import java.util.Locale;

/// RFC 8601 §2.7.1.
public enum DkimVerdict {
  PASS,
  /// The signature does not fit the message, or has expired.
  FAIL,
  /// It fits, but leaves so much out that we do not count it.
  POLICY,
  /// The key could not be asked for.
  TEMPERROR,
  /// Signature or key are not what they should be.
  PERMERROR;

  /// The word in Authentication-Results.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
