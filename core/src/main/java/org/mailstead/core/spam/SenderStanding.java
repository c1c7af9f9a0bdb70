package org.mailstead.core.spam;

/// What an organization knows of a sender.
///
/// @param isCorrespondent users have written to this address
/// @param spamCount messages of the sender's domain that were spam, by verdict or by a user's word
/// @param hamCount those that were not
public record SenderStanding(boolean isCorrespondent, int spamCount, int hamCount) {
  private static final int KNOWN_MIN = 5;
  private static final double POINTS_MAX = 2;
  private static final double CORRESPONDENT_POINTS = -4;

  public static SenderStanding unknown() {
    return new SenderStanding(false, 0, 0);
  }

  /// Whether enough came from the domain to say something.
  public boolean isKnown() {
    return spamCount + hamCount >= KNOWN_MIN;
  }

  /// For the whole score; only where it is sure who the sender is.
  public double points() {
    double points = isCorrespondent ? CORRESPONDENT_POINTS : 0;
    if (!isKnown()) return points;
    double share = (spamCount + 1.0) / (spamCount + hamCount + 2.0);
    return points + (share - 0.5) * 2 * POINTS_MAX;
  }
}
