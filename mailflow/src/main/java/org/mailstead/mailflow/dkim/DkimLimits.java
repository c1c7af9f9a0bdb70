package org.mailstead.mailflow.dkim;

import java.time.Duration;

/// Bounds of one message's signatures.
public final class DkimLimits {
  /// Signatures that are verified.
  public static final int VERIFIED_MAX = 10;

  /// Signature fields that are looked at to choose them.
  public static final int SIGNATURES_MAX = 100;

  /// Octets of a signature field; longer ones are no signatures.
  public static final int SIGNATURE_BYTES_MAX = 16 << 10;

  /// Names in `h=`.
  public static final int SIGNED_FIELDS_MAX = 300;

  /// Octets of all canonical fields of one signature.
  public static final int HEADER_BYTES_MAX = 1 << 20;

  /// Bits of an RSA key: less is no protection (RFC 8301 §3.2), more is only work for us.
  public static final int RSA_BITS_MIN = 1_024;

  public static final int RSA_BITS_MAX = 4_096;

  /// Characters of a key record.
  public static final int KEY_CHARS_MAX = 4_096;

  /// Tags of one list.
  public static final int TAGS_MAX = 100;

  /// How far our clock and theirs may differ.
  public static final Duration CLOCK_SKEW_MAX = Duration.ofHours(1);

  private DkimLimits() {}
}
