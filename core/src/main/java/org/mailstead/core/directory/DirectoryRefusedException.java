package org.mailstead.core.directory;

import org.mailstead.base.RefusedException;

/// The directory says no. Its [#reason] chooses the WorkMail exception, its public text is the
/// message; protocols that know [RefusedException] only see the coarse kind.
public final class DirectoryRefusedException extends RefusedException {
  private static final long serialVersionUID = 1L;

  private final DirectoryRefusal reason;

  public DirectoryRefusedException(DirectoryRefusal reason, String publicText) {
    super(reason.kind(), publicText);
    this.reason = reason;
  }

  public DirectoryRefusal reason() {
    return reason;
  }
}
