package org.mailstead.mailflow.spf;

/// Bounds of one check (RFC 7208 §4.6.4).
public final class SpfLimits {
  /// Terms that ask the DNS.
  public static final int LOOKUPS_MAX = 10;

  /// Answers without anything in them.
  public static final int VOID_LOOKUPS_MAX = 2;

  /// Names of one `mx`; more are an error.
  public static final int MX_NAMES_MAX = 10;

  /// Names of one address that are looked at; more are passed over.
  public static final int PTR_NAMES_MAX = 10;

  /// Octets of a record, all its strings together.
  public static final int RECORD_BYTES_MAX = 8_192;

  /// Characters of an explanation that are kept.
  public static final int EXPLANATION_CHARS_MAX = 400;

  /// The longest domain name, without the final dot (§7.3).
  public static final int DOMAIN_CHARS_MAX = 253;

  private SpfLimits() {}
}
