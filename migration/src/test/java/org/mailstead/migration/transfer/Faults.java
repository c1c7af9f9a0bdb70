package org.mailstead.migration.transfer;

import java.io.IOException;

/// Counts the steps of a run and fails at one of them: the process dies, or the connection breaks.
final class Faults {
  enum Kind {
    CRASH,
    BREAK
  }

  private final long failAt;
  private final Kind kind;
  private long steps;
  private boolean dead;

  Faults(long failAt, Kind kind) {
    this.failAt = failAt;
    this.kind = kind;
  }

  static Faults never() {
    return new Faults(-1, Kind.CRASH);
  }

  long steps() {
    return steps;
  }

  boolean isDead() {
    return dead;
  }

  /// A step over a connection.
  void step() throws IOException {
    local();
    if (kind == Kind.BREAK && steps == failAt) throw new IOException("connection reset");
  }

  /// A step within the process: only death stops it.
  void local() {
    steps++;
    if (dead || (kind == Kind.CRASH && steps == failAt)) {
      dead = true;
      throw new CrashError();
    }
  }
}
