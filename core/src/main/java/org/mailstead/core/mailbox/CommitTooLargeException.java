package org.mailstead.core.mailbox;

/// One change alone has more rows than a commit takes: to be made in parts.
final class CommitTooLargeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CommitTooLargeException(long bytes) {
    super("a commit of " + bytes + " octets", null, false, false);
  }
}
