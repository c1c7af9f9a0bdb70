package org.mailstead.base;

/// A check that is always on. What must hold is checked before writing and after reading.
public final class Invariant {
  private Invariant() {}

  /// @throws IllegalStateException the condition is false: a bug or damaged data, never a peer's
  ///   doing
  public static void check(boolean condition, String text) {
    if (!condition) throw new IllegalStateException("invariant broken: " + text);
  }
}
