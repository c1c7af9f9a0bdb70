package org.mailstead.core.spam;

import java.util.Locale;

/// What a Bayes filter says of a message.
///
/// @param probability that it is spam, 0 to 1
/// @param isPersonal whether it was the mailbox's own filter; else the organization's
/// @param isSure whether it has seen enough to decide alone
public record BayesScore(double probability, boolean isPersonal, boolean isSure) {
  private static final double UNSURE_POINTS_MAX = 3.5;

  private static final double[][] STEPS = {
    {0.995, 6.0}, {0.98, 5.0}, {0.95, 4.0}, {0.90, 3.0}, {0.80, 2.0}, {0.60, 1.0}
  };
  private static final double[][] GOOD_STEPS = {
    {0.01, -3.0}, {0.05, -2.0}, {0.20, -1.0}, {0.40, -0.5}
  };

  /// Points for the whole score: one that is sure of spam is enough by itself.
  public double points() {
    for (double[] step : STEPS) {
      if (probability >= step[0]) return isSure ? step[1] : Math.min(step[1], UNSURE_POINTS_MAX);
    }
    for (double[] step : GOOD_STEPS) {
      if (probability <= step[0]) return step[1];
    }
    return 0;
  }

  /// For the header field that explains the score.
  public String reason() {
    return String.format(
        Locale.ROOT, "%s_%02d", isPersonal ? "BAYES_USER" : "BAYES", (int) (probability * 99.999));
  }
}
