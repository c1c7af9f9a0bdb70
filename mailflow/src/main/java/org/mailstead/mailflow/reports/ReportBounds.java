package org.mailstead.mailflow.reports;

import java.time.Duration;

/// Bounds of reports, sent and received.
public final class ReportBounds {
  /// Different rows that wait in memory to be counted; then they are written at once.
  public static final int BUFFERED_ROWS_MAX = 2_000;

  /// Signatures of one message that a report shows (RFC 9990 §3.1.1.8 lets us choose).
  public static final int SIGNATURES_MAX = 10;

  /// Reports of one run of the job.
  public static final int SENT_PER_RUN_MAX = 500;

  /// Days after which a report that cannot be sent is not wanted any more (RFC 8460 §5.3).
  public static final int DAYS_TRIED_MAX = 3;

  /// Parts of a message that are looked into for a report.
  public static final int PARTS_MAX = 20;

  /// Entries of a zip file that are looked into.
  public static final int ZIP_ENTRIES_MAX = 5;

  /// Octets of a report once unpacked. Ten times what large receivers send.
  public static final int UNPACKED_BYTES_MAX = 20 << 20;

  /// Records, policies or failures of one report that are read.
  public static final int RECORDS_MAX = 20_000;

  /// Elements inside elements.
  public static final int DEPTH_MAX = 32;

  /// Reports unpacked at once; others wait.
  public static final int READ_AT_ONCE_MAX = 2;

  /// How long a message waits for its turn to be read; then it is delivered unread.
  public static final Duration TURN_MAX = Duration.ofSeconds(20);

  /// Addresses of one domain that a report is sent to.
  public static final int DESTINATIONS_MAX = 5;

  /// Posting a report over HTTPS.
  public static final Duration POST_MAX = Duration.ofSeconds(30);

  private ReportBounds() {}
}
