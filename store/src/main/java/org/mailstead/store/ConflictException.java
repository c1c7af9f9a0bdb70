package org.mailstead.store;

/// The expected version is not current: read again, decide again. Carries no stack trace.
public final class ConflictException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long currentVersion;

  public ConflictException(PartitionId partition, long expectedVersion, long currentVersion) {
    super(
        partition + " is at version " + currentVersion + ", not " + expectedVersion,
        null,
        false,
        false);
    this.currentVersion = currentVersion;
  }

  public long currentVersion() {
    return currentVersion;
  }
}
