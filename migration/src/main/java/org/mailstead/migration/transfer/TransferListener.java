package org.mailstead.migration.transfer;

import java.time.Duration;
import org.mailstead.migration.item.FolderPath;

/// Hears how a mailbox goes on. Called by several threads.
public interface TransferListener {
  /// What the survey found to do.
  default void found(FolderPath folder, int itemCount, long sizeBytes) {}

  default void folderStarted(FolderPath folder) {}

  /// Written and acknowledged.
  default void written(FolderPath folder, long sizeBytes) {}

  /// Found in the target already, moved, left out: done without a write.
  default void passed(FolderPath folder, long sizeBytes) {}

  /// Flags changed or item removed in the target.
  default void changed(FolderPath folder, int itemCount) {}

  default void setAside(FolderPath folder, String id, String reason) {}

  default void repaired(FolderPath folder, String id, String repair) {}

  /// Something that is not as it should be and is in the report.
  default void problem(String text) {}

  default void waiting(String why, Duration howLong) {}

  /// Hears nothing.
  static TransferListener none() {
    return new TransferListener() {};
  }
}
