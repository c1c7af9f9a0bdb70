package org.mailstead.mailflow.reports;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.reports.DailyCounts;
import org.mailstead.core.reports.DailyCounts.Counted;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts in memory for a few seconds, so that a message costs no commit of its own. A crash loses
/// these seconds (docs/decisions/0071-reports.md). Thread-safe.
final class ReportBuffer {
  private static final Pattern DOMAIN = Pattern.compile("[a-z0-9._-]{1,255}");
  private static final Logger LOG = LoggerFactory.getLogger(ReportBuffer.class);

  private final DailyCounts counts;
  private final ReentrantLock lock = new ReentrantLock();
  private Map<Row, Long> waiting = new HashMap<>();

  private record Row(long day, String subject, ByteBuffer row) {}

  ReportBuffer(DailyCounts counts) {
    this.counts = counts;
  }

  void add(long day, String subject, byte[] row) {
    // It stands in header fields and file names of the report.
    if (!DOMAIN.matcher(subject).matches()) return;
    boolean full;
    lock.lock();
    try {
      waiting.merge(new Row(day, subject, ByteBuffer.wrap(row)), 1L, Long::sum);
      full = waiting.size() >= ReportBounds.BUFFERED_ROWS_MAX;
    } finally {
      lock.unlock();
    }
    if (full) flush();
  }

  /// Durable when it returns, unless the store is away: then they are dropped, as mail goes first.
  void flush() {
    Map<Row, Long> taken;
    lock.lock();
    try {
      if (waiting.isEmpty()) return;
      taken = waiting;
      waiting = new HashMap<>();
    } finally {
      lock.unlock();
    }
    List<Counted> rows = new ArrayList<>(taken.size());
    taken.forEach(
        (row, count) -> rows.add(new Counted(row.day(), row.subject(), row.row().array(), count)));
    try {
      int left = counts.add(rows);
      if (left > 0) LOG.warn("{} rows of reports have no room and are left out", left);
    } catch (UnavailableException e) {
      LOG.warn("{} rows of reports are lost: {}", rows.size(), e.getMessage());
    }
  }
}
