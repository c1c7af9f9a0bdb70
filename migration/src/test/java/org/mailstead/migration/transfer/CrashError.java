package org.mailstead.migration.transfer;

/// The process is dead: nothing catches this on the way up.
final class CrashError extends Error {
  private static final long serialVersionUID = 1L;

  CrashError() {
    super("crash", null, false, false);
  }
}
