package org.mailstead.store;

import java.util.random.RandomGenerator;

/// Names one attempt to commit, so that an unknown outcome can be settled.
public record CommitId(long high, long low) {
  public static CommitId random(RandomGenerator random) {
    return new CommitId(random.nextLong(), random.nextLong());
  }
}
