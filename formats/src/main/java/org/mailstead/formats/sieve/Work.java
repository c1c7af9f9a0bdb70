package org.mailstead.formats.sieve;

/// What a run may still compute, in characters compared.
final class Work {
  private long left = SieveLimits.WORK_MAX;

  void spend(long amount) {
    left -= amount + 1;
    if (left < 0) throw new RunFailedException("the script needs too much time");
  }
}
