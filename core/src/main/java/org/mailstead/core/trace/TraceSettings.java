package org.mailstead.core.trace;

/// @param keepDays whole days before today; 0: nothing is traced
/// @param queuedMax entries that wait to be written; more are dropped and counted
public record TraceSettings(int keepDays, int queuedMax) {
  public TraceSettings {
    if (keepDays < 0 || queuedMax < 1) throw new IllegalArgumentException("limits of the trace");
  }

  public static TraceSettings standard() {
    return new TraceSettings(10, 50_000);
  }
}
