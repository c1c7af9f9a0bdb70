package org.mailstead.core.mailbox;

import java.time.Duration;

/// Bounds of one mailbox. Each is met by a test.
public final class MailboxLimits {
  public static final int FOLDER_COUNT_MAX = 10_000;
  public static final int FOLDER_DEPTH_MAX = 32;

  /// Characters of one folder's name.
  public static final int FOLDER_NAME_LENGTH_MAX = 250;

  /// Characters of one keyword.
  public static final int KEYWORD_LENGTH_MAX = 250;

  /// Subscribed names that have no folder.
  public static final int SUBSCRIBED_NAMES_MAX = 1_000;

  /// Octets of the path of such a name.
  public static final int SUBSCRIBED_NAME_BYTES_MAX = 3_500;

  /// Users and groups with rights of their own on one folder.
  public static final int PERMISSIONS_MAX = 1_000;

  /// LIM-1: what APPEND and import take.
  public static final long MESSAGE_BYTES_MAX = 150L * 1024 * 1024;

  /// Message-IDs of one message that are looked at for threading: the first and the last ones.
  public static final int THREAD_IDS_MAX = 20;

  /// Octets of one Message-ID that is looked at for threading.
  public static final int THREAD_ID_BYTES_MAX = 1_000;

  /// How long removed messages can be recovered.
  public static final Duration RECOVERABLE_KEPT = Duration.ofDays(14);

  /// How long QRESYNC can be told what vanished.
  public static final Duration VANISHED_KEPT = Duration.ofDays(90);

  /// How long a repeated delivery is recognized.
  public static final Duration DELIVERIES_KEPT = Duration.ofDays(7);

  private MailboxLimits() {}
}
