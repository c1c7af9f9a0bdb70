package org.mailstead.mailflow.dmarc;

import java.util.Locale;
import java.util.Optional;

/// What a domain asks for, the mildest first (RFC 9989 §4.7, `p`).
public enum DmarcPolicy {
  NONE,
  QUARANTINE,
  REJECT;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<DmarcPolicy> find(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "none" -> Optional.of(NONE);
      case "quarantine" -> Optional.of(QUARANTINE);
      case "reject" -> Optional.of(REJECT);
      default -> Optional.empty();
    };
  }

  /// What a domain that is only testing (`t=y`) gets.
  DmarcPolicy milder() {
    return switch (this) {
      case NONE, QUARANTINE -> NONE;
      case REJECT -> QUARANTINE;
    };
  }
}
