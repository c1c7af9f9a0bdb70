package org.mailstead.server;

import java.util.List;
import org.mailstead.store.StoreCheck;

/// What `check` found, in a form that goes over the control socket.
///
/// @param summary one line
public record CheckReport(
    boolean isClean, String summary, List<String> errors, List<String> warnings) {
  public static CheckReport of(StoreCheck.Result result) {
    String verdict =
        result.isClean()
            ? "clean"
                + (result.warningCount() == 0 ? "" : ", " + result.warningCount() + " warnings")
            : result.errorCount() + " ERRORS";
    return new CheckReport(
        result.isClean(),
        "%d partitions, %d rows, %d blobs, %d references: %s"
            .formatted(
                result.partitionCount(),
                result.rowCount(),
                result.blobCount(),
                result.referenceCount(),
                verdict),
        result.errors(),
        result.warnings());
  }
}
