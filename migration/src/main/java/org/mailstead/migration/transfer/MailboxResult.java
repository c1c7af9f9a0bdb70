package org.mailstead.migration.transfer;

import java.util.List;

/// How a run on one mailbox ended.
///
/// @param isComplete whether every folder was carried over up to its present state
/// @param problems what is missing or not as it should be, each named
public record MailboxResult(boolean isComplete, int setAsideCount, List<String> problems) {
  /// Whether nothing is missing in the target.
  public boolean isWhole() {
    return isComplete && setAsideCount == 0 && problems.isEmpty();
  }
}
