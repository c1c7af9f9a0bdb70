package org.mailstead.core.mailbox;

/// System flags as bits (RFC 9051 §2.3.2). Keywords are bits too, numbered by the folder's keyword
/// table ([FolderView#keywords]).
public final class Flags {
  // Deviates: RFC 4314 §4 — deviations.md#flags-belong-to-mailbox
  public static final int SEEN = 1;
  public static final int ANSWERED = 2;
  public static final int FLAGGED = 4;
  public static final int DELETED = 8;
  public static final int DRAFT = 16;
  public static final int ALL = SEEN | ANSWERED | FLAGGED | DELETED | DRAFT;

  /// Keywords of one folder at the most; one more is refused (LIMIT_REACHED), no message changes.
  // Deviates: RFC 9051 §7.1 — deviations.md#keyword-count
  public static final int KEYWORD_COUNT_MAX = 64;

  private Flags() {}
}
