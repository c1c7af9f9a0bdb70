package org.mailstead.mailflow.dmarc;

/// Bounds of one evaluation.
public final class DmarcLimits {
  /// Queries of one tree walk (RFC 9989 §4.10).
  public static final int WALK_QUERIES_MAX = 8;

  /// Labels that a walk goes on with below the starting name.
  public static final int WALK_LABELS_MAX = 7;

  /// Domains of authors that are evaluated. Mail with more is not mail that people write.
  public static final int AUTHOR_DOMAINS_MAX = 5;

  /// Report addresses of one record that are used.
  public static final int REPORT_ADDRESSES_MAX = 5;

  private DmarcLimits() {}
}
