package org.mailstead.core.spam;

import java.util.Arrays;

/// How counts of words become a probability: Robinson's estimate for each word, the most telling
/// words combined by Fisher's method once as evidence of spam and once against it, so that a
/// message that speaks for both, or for neither, is undecided.
///
/// Source: https://www.linuxjournal.com/article/6467 Robinson: A Statistical Approach to the Spam
/// Problem
final class Bayes {
  /// The weight of the assumption that an unknown word says nothing.
  private static final double STRENGTH = 0.45;

  private static final double UNKNOWN = 0.5;

  /// Words closer to the middle do not count.
  private static final double TELLING_MIN = 0.1;

  /// @return the probability of spam; one half if no word tells anything
  static double probability(CountModel model, long[] hashes) {
    CountModel.Head head = model.head();
    double[] told = new double[hashes.length];
    int count = 0;
    for (long hash : hashes) {
      int spam = model.spamOf(hash);
      int ham = model.hamOf(hash);
      if (spam + ham == 0) continue;
      double spamShare = Math.min(1, spam / (double) Math.max(1, head.spamMessages()));
      double hamShare = Math.min(1, ham / (double) Math.max(1, head.hamMessages()));
      double share = spamShare / (spamShare + hamShare);
      double seen = spam + ham;
      double word = (STRENGTH * UNKNOWN + seen * share) / (STRENGTH + seen);
      if (Math.abs(word - 0.5) >= TELLING_MIN) told[count++] = word;
    }
    return combined(mostTelling(Arrays.copyOf(told, count)));
  }

  private static double[] mostTelling(double[] words) {
    if (words.length <= SpamLimits.DECIDING_TOKENS_MAX) return words;
    double[] distances = Arrays.stream(words).map(word -> -Math.abs(word - 0.5)).sorted().toArray();
    double least = -distances[SpamLimits.DECIDING_TOKENS_MAX - 1];
    return Arrays.stream(words)
        .filter(word -> Math.abs(word - 0.5) >= least)
        .limit(SpamLimits.DECIDING_TOKENS_MAX)
        .toArray();
  }

  static double combined(double[] words) {
    if (words.length == 0) return 0.5;
    double against = 0;
    double evidence = 0;
    for (double word : words) {
      against += Math.log(1 - word);
      evidence += Math.log(word);
    }
    double spam = 1 - chiSquare(-2 * against, 2 * words.length);
    double ham = 1 - chiSquare(-2 * evidence, 2 * words.length);
    return (spam - ham + 1) / 2;
  }

  /// The probability that a chi-squared variable with so many degrees of freedom, an even number,
  /// is at least `x`.
  static double chiSquare(double x, int degrees) {
    double half = x / 2;
    // In logarithms: the first term alone would be 0 for a long message.
    double term = -half;
    double sum = Math.exp(term);
    for (int i = 1; i < degrees / 2; i++) {
      term += Math.log(half) - Math.log(i);
      sum += Math.exp(term);
    }
    return Math.min(1, sum);
  }

  private Bayes() {}
}
