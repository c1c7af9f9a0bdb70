package org.mailstead.workmail.server;

/// How many calls a second each access key may make for long; twice as many may come in a burst.
///
/// @param reads operations that change nothing
/// @param writes operations that change one thing
/// @param heavy operations that start work or wait for another server
public record RequestRates(int reads, int writes, int heavy) {
  public static final int RATE_MAX = 1_000_000;

  public RequestRates {
    for (int rate : new int[] {reads, writes, heavy}) {
      if (rate < 1 || rate > RATE_MAX) {
        throw new IllegalArgumentException("a rate is 1 to " + RATE_MAX + " a second: " + rate);
      }
    }
  }

  public static RequestRates standard() {
    return new RequestRates(2_000, 1_000, 20);
  }

  int of(OperationGroup group) {
    return switch (group) {
      case READ -> reads;
      case WRITE -> writes;
      case HEAVY -> heavy;
    };
  }
}
