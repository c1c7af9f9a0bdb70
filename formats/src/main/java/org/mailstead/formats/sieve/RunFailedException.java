package org.mailstead.formats.sieve;

/// Ends a run; never leaves the package.
final class RunFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RunFailedException(String text) {
    super(text, null, false, false);
  }
}
