package org.mailstead.core.logs;

import java.nio.file.Path;
import java.util.Set;

/// Which logs are written, and how.
///
/// @param folder one folder for each organization in it
/// @param groups those that are on
/// @param fileBytesMax then the next file begins; a line more may still be in it
/// @param totalBytesMax of all files together: the oldest go first
/// @param keepDays then a file goes
/// @param queuedMax records that wait to be written; more are dropped and counted
public record LogSettings(
    Path folder,
    Set<LogGroup> groups,
    long fileBytesMax,
    long totalBytesMax,
    int keepDays,
    int queuedMax) {
  public LogSettings {
    groups = Set.copyOf(groups);
    if (fileBytesMax < 1 || totalBytesMax < 1 || keepDays < 1 || queuedMax < 1) {
      throw new IllegalArgumentException("limits of logs are at least 1");
    }
  }

  public static LogSettings standard(Path folder) {
    return new LogSettings(folder, Set.of(LogGroup.values()), 64L << 20, 4L << 30, 30, 20_000);
  }
}
