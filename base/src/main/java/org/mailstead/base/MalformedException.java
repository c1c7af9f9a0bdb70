package org.mailstead.base;

/// Input that breaks a grammar or a limit. Thrown by `wire` and `formats` parsers only; carries no
/// stack trace.
public final class MalformedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MalformedException(String text) {
    super(text, null, false, false);
  }
}
