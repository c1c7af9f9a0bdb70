package org.mailstead.server;

/// The operator's `rotate-key`: a new master key, and every organization's key wrapped by it.
public final class KeyRotation {
  private KeyRotation() {}

  /// Interrupted and done again, it makes one more key and wraps what is left.
  ///
  /// @return one line for the operator
  public static String run(Domain domain) {
    domain.keyService().rotate();
    int count = domain.keys().rewrapAll();
    return "new master key in "
        + domain.data().masterKey()
        + ", "
        + count
        + " keys wrapped by it; the older ones stay in the file, for backups. Back the file up anew.";
  }
}
