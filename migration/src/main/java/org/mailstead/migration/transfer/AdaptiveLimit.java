package org.mailstead.migration.transfer;

import java.time.Duration;

/// How many lanes a server is given at once, found out by trying: begins low, takes one more as
/// long as that moves more, takes it back when it does not, halves when the server complains. A
/// function of what it is told; the time comes with each call. Not for several threads.
///
/// A period is judged only if the limit was in use all the time: what an idle mailbox moves says
/// nothing about its server.
public final class AdaptiveLimit {
  /// Bounds and pace.
  ///
  /// @param first where it begins
  /// @param max never more than this
  /// @param period how long one limit is watched before the next decision
  /// @param holdPeriods periods without growth after it was taken back, or after a complaint
  public record Settings(int first, int max, Duration period, int holdPeriods) {
    public Settings {
      if (first < 1 || max < first) {
        throw new IllegalArgumentException("limits from %d to %d".formatted(first, max));
      }
    }

    /// For one server: two lanes at first.
    public static Settings standard(int max) {
      return new Settings(Math.min(2, max), Math.max(1, max), Duration.ofSeconds(2), 8);
    }
  }

  /// One lane more was worth it if it moved at least this share of what a lane moves: half, because
  /// measurements are noisy.
  private static final double WORTH = 0.5;

  private final Settings settings;
  private int limit;
  private long periodStart;
  private boolean started;
  private boolean wasFull;
  private double moved;
  private double rateBefore;
  private boolean trying;
  private int hold;

  public AdaptiveLimit(Settings settings) {
    this.settings = settings;
    this.limit = settings.first();
  }

  public int limit() {
    return limit;
  }

  public int max() {
    return settings.max();
  }

  /// Something was carried over.
  ///
  /// @param weight of it: one for an item and one for each 64 KiB
  /// @param active lanes at work now
  /// @return whether the limit has changed
  public boolean moved(double weight, int active, long nowNanos) {
    if (!started) begin(nowNanos);
    moved += weight;
    wasFull &= active >= limit;
    long elapsed = nowNanos - periodStart;
    if (elapsed < settings.period().toNanos()) return false;
    double rate = moved * 1e9 / elapsed;
    boolean full = wasFull;
    int before = limit;
    if (full) decide(rate);
    else trying = false;
    begin(nowNanos);
    return limit != before;
  }

  private void decide(double rate) {
    if (trying) {
      trying = false;
      if (rate < rateBefore * (1 + WORTH / Math.max(1, limit - 1))) {
        // One more did not help: not for a while.
        limit = Math.max(1, limit - 1);
        hold = settings.holdPeriods();
        return;
      }
    }
    rateBefore = rate;
    if (hold > 0) {
      hold--;
    } else if (limit < settings.max()) {
      limit++;
      trying = true;
    }
  }

  private void begin(long nowNanos) {
    started = true;
    periodStart = nowNanos;
    wasFull = true;
    moved = 0;
  }

  /// The server asked to slow down, refused a connection or broke one. Complaints of one moment, by
  /// all lanes at once, count as one.
  ///
  /// @return whether the limit has changed
  public boolean struck(long nowNanos) {
    boolean again = hold == settings.holdPeriods() && started && nowNanos - periodStart < 1e9;
    int before = limit;
    if (!again) limit = Math.max(1, limit / 2);
    trying = false;
    hold = settings.holdPeriods();
    begin(nowNanos);
    return limit != before;
  }
}
