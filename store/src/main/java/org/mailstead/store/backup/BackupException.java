package org.mailstead.store.backup;

/// A backup cannot be read: missing, damaged, or of a newer format. Its text is one line for the
/// operator and names the file or partition.
public final class BackupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BackupException(String text) {
    super(text);
  }

  BackupException(String text, Throwable cause) {
    super(text, cause);
  }
}
