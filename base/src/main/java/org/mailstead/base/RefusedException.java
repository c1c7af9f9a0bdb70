package org.mailstead.base;

/// The domain says no. Not a bug: it carries no stack trace, a text for the peer and one for the
/// log.
public class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Refusal refusal;
  private final String logText;

  /// A refusal whose log text is its public text.
  public RefusedException(Refusal refusal, String publicText) {
    this(refusal, publicText, publicText);
  }

  /// The public text must not tell "not yours" from "not there"; the log text may.
  public RefusedException(Refusal refusal, String publicText, String logText) {
    super(publicText, null, false, false);
    this.refusal = refusal;
    this.logText = logText;
  }

  public final Refusal refusal() {
    return refusal;
  }

  public final String publicText() {
    return String.valueOf(getMessage());
  }

  public final String logText() {
    return logText;
  }
}
