package org.mailstead.migration.transfer;

import java.io.IOException;

/// Trying again did not help often enough, or cannot help: what is left stays for the next run.
public final class GaveUpException extends IOException {
  private static final long serialVersionUID = 1L;

  public GaveUpException(String text, Throwable cause) {
    super(text, cause);
  }
}
