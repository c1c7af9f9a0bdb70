package org.mailstead.core.directory;

import java.util.List;
import java.util.Optional;

/// One page of a list. A page may hold fewer items than asked for although more follow: only a
/// missing token means the end.
public record Listing<T>(List<T> items, Optional<String> nextToken) {
  /// Which page to read.
  ///
  /// @param countMax 1 to 100
  /// @param token where the page before ended; stays valid while things are added and removed
  public record PageRequest(int countMax, Optional<String> token) {
    public static final int COUNT_MAX = 100;

    public PageRequest {
      if (countMax < 1 || countMax > COUNT_MAX) {
        throw new DirectoryRefusedException(
            DirectoryRefusal.INVALID_PARAMETER, "MaxResults must be between 1 and " + COUNT_MAX);
      }
    }

    public static PageRequest first() {
      return new PageRequest(COUNT_MAX, Optional.empty());
    }
  }
}
