package org.mailstead.formats.mime;

/// The bounds of what is looked at in one message. Beyond them the rest is opaque: kept, counted
/// and fetched, not understood.
public final class MimeLimits {
  // Deviates: RFC 2045, 2046, 5322 — deviations.md#mime-limits
  private MimeLimits() {}

  /// Multiparts and messages inside each other; what is deeper is a leaf.
  public static final int DEPTH_MAX = 100;

  /// Parts of one message.
  public static final int PARTS_MAX = 10_000;

  /// Fields of one header that are looked at.
  public static final int HEADER_FIELDS_MAX = 10_000;

  /// Octets of one header that are looked at.
  public static final int HEADER_BYTES_MAX = 1 << 20;

  /// Octets of one field's value that are kept in a structure.
  public static final int FIELD_BYTES_MAX = 64 << 10;

  /// Addresses of one envelope field.
  public static final int ADDRESSES_MAX = 5_000;

  /// Parameters of one structured field.
  public static final int PARAMETERS_MAX = 200;

  /// Octets of a multipart's boundary that are compared.
  public static final int BOUNDARY_BYTES_MAX = 1_000;

  /// Octets of all strings of one structure; fields beyond it are left out.
  public static final int STRUCTURE_BYTES_MAX = 4 << 20;

  /// Characters of text of one message that search sees.
  public static final int SEARCH_CHARACTERS_MAX = 16 << 20;

  /// Encoded messages inside each other that search decodes.
  public static final int ENCODED_DEPTH_MAX = 4;

  /// Characters of a subject that are compared in SORT and THREAD.
  public static final int BASE_SUBJECT_CHARACTERS_MAX = 2_000;

  /// RFC 8970 §3.
  public static final int PREVIEW_CHARACTERS = 256;

  /// Octets of one string sent as quoted; a longer one is a literal.
  public static final int QUOTED_BYTES_MAX = 4_096;
}
