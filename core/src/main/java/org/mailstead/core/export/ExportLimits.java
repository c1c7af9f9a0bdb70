package org.mailstead.core.export;

import java.time.Duration;

/// Bounds of mailbox exports.
public final class ExportLimits {
  /// Running jobs of one organization at the most (WorkMail guide, Exporting mailbox content).
  public static final int RUNNING_MAX = 10;

  /// Jobs that really write at the same time in this process; the others wait, in state RUNNING.
  public static final int WRITING_MAX = 2;

  /// A mailbox is exported once in so long. Failed jobs do not count.
  public static final Duration MAILBOX_PAUSE = Duration.ofHours(24);

  /// ListMailboxExportJobs shows jobs that began so long ago at the most.
  public static final Duration LISTED = Duration.ofDays(7);

  /// After that a job's record is removed.
  public static final Duration KEPT = Duration.ofDays(30);

  /// How often a job is begun: after that many ends of the service it fails.
  public static final int START_COUNT_MAX = 3;

  /// Octets of one file in an archive.
  public static final long FILE_BYTES_MAX = 0xFFFF_0000L;

  private ExportLimits() {}
}
