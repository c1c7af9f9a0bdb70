package org.mailstead.migration.transfer;

/// The run was told to end.
final class StoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StoppedException() {
    super("the run was told to end", null, false, false);
  }
}
