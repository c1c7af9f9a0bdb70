package org.mailstead.mailflow.arc;

/// Bounds of one chain.
public final class ArcLimits {
  /// Sets of one message (RFC 8617 §4.2.1, `i=`).
  public static final int INSTANCES_MAX = 50;

  /// Octets of one field of a set.
  public static final int FIELD_BYTES_MAX = 32 << 10;

  private ArcLimits() {}
}
