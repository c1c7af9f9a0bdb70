package org.mailstead.core.reports;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.mailstead.base.Invariant;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.outbox.Commits;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Collection;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;

/// Counts by day, subject (a domain) and row (what its owner makes of it), until a report on them
/// is sent. Durable when [#add] returns, which takes many rows in one commit.
public final class DailyCounts {
  private static final Collection SUBJECTS = new Collection(1, "subjects");
  private static final Collection ROWS = new Collection(2, "rows");
  private static final Collection DAYS = new Collection(3, "days");
  private static final int FORMAT = 1;
  private static final int HASH_BYTES = 16;
  private static final int PAGE_ROWS = 500;

  private final Commits commits;
  private final PartitionId partition;
  private final ReportLimits limits;

  /// @param name of the kind of report: `dmarc`
  public DailyCounts(Directory directory, String name, ReportLimits limits) {
    this.commits = directory.outbox().commits();
    this.partition = new PartitionId("counts/" + name);
    this.limits = limits;
  }

  /// What is counted.
  ///
  /// @param day since 1970-01-01, UTC
  /// @param row opaque here; at most [ReportLimits#ROW_BYTES_MAX]
  public record Counted(long day, String subject, byte[] row, long count) {
    public Counted {
      if (subject.isEmpty() || subject.length() > ReportLimits.SUBJECT_CHARS_MAX) {
        throw new IllegalArgumentException("a subject has 1 to 255 characters");
      }
      if (row.length > ReportLimits.ROW_BYTES_MAX) {
        throw new IllegalArgumentException("a row is too long");
      }
    }
  }

  /// A subject of a day.
  public record Due(long day, String subject) {}

  /// Adds to what is there. What goes beyond the limits is left out.
  ///
  /// @return how many of the rows were left out
  public int add(List<Counted> counted) {
    int left = 0;
    for (int from = 0; from < counted.size(); from += ReportLimits.ROWS_PER_COMMIT_MAX) {
      List<Counted> part =
          counted.subList(from, Math.min(counted.size(), from + ReportLimits.ROWS_PER_COMMIT_MAX));
      left += commits.change(partition, change -> new Adding(change).add(part));
    }
    return left;
  }

  /// One attempt. What it writes it cannot read again, so it keeps what it knows.
  private final class Adding {
    private final PartitionChange change;
    private final Map<String, Long> rowCounts = new TreeMap<>();
    private final Map<Long, Long> subjectCounts = new TreeMap<>();
    private final Map<String, Long> known = new TreeMap<>();

    Adding(PartitionChange change) {
      this.change = change;
    }

    int add(List<Counted> counted) {
      int left = 0;
      for (Counted each : counted) {
        if (!add(each)) left++;
      }
      return left;
    }

    private boolean add(Counted each) {
      byte[] subject = subjectKey(each.day(), each.subject());
      byte[] key = rowKey(subject, each.row());
      String text = new String(key, StandardCharsets.ISO_8859_1);
      Long before = known.get(text);
      if (before == null) {
        before =
            change.get(ROWS, key).map(value -> new ValueReader(value, FORMAT).number()).orElse(0L);
      }
      if (before == 0 && !mayGrow(each, subject)) return false;
      long after = before + each.count();
      known.put(text, after);
      change.put(ROWS, key, new ValueWriter(FORMAT).number(after).octets(each.row()).value());
      return true;
    }

    private boolean mayGrow(Counted each, byte[] subject) {
      String text = new String(subject, StandardCharsets.ISO_8859_1);
      Long rows = rowCounts.get(text);
      if (rows == null) rows = number(SUBJECTS, subject);
      if (rows == 0) {
        byte[] day = dayKey(each.day());
        Long subjects = subjectCounts.get(each.day());
        if (subjects == null) subjects = number(DAYS, day);
        if (subjects >= limits.subjectsPerDay()) return false;
        subjectCounts.put(each.day(), subjects + 1);
        change.put(DAYS, day, new ValueWriter(FORMAT).number(subjects + 1).value());
      }
      if (rows >= limits.rowsPerSubject()) return false;
      rowCounts.put(text, rows + 1);
      change.put(
          SUBJECTS, subject, new ValueWriter(FORMAT).number(rows + 1).text(each.subject()).value());
      return true;
    }

    private long number(Collection collection, byte[] key) {
      return change
          .get(collection, key)
          .map(value -> new ValueReader(value, FORMAT).number())
          .orElse(0L);
    }
  }

  /// Subjects of days before this one, the oldest day first.
  public List<Due> due(long beforeDay, int countMax) {
    List<Due> found = new ArrayList<>();
    Page page =
        commits
            .store()
            .range(partition, SUBJECTS, Range.of(new byte[0], dayKey(beforeDay)), countMax);
    for (Row row : page.rows()) {
      var in = new ValueReader(row.value(), FORMAT);
      in.number();
      found.add(new Due(ByteBuffer.wrap(row.key()).getInt(), in.text()));
    }
    return found;
  }

  /// The rows of a subject of a day with their counts.
  public List<Counted> rows(Due due) {
    List<Counted> found = new ArrayList<>();
    Optional<Range> next = Optional.of(Range.prefix(subjectKey(due.day(), due.subject())));
    while (next.isPresent()) {
      Page page = commits.store().range(partition, ROWS, next.get(), PAGE_ROWS);
      for (Row row : page.rows()) {
        var in = new ValueReader(row.value(), FORMAT);
        long count = in.number();
        found.add(new Counted(due.day(), due.subject(), in.octets(), count));
      }
      next = page.next();
    }
    return found;
  }

  /// After the report was sent, or nobody wants one.
  public void forget(Due due) {
    byte[] subject = subjectKey(due.day(), due.subject());
    while (true) {
      int left =
          commits.change(
              partition,
              change -> {
                Page page = change.range(ROWS, Range.prefix(subject), PAGE_ROWS);
                page.rows().forEach(row -> change.delete(ROWS, row.key()));
                if (page.next().isPresent()) return 1;
                change.delete(SUBJECTS, subject);
                return 0;
              });
      if (left == 0) break;
    }
    // A day's own count goes with its last subject.
    commits.change(
        partition,
        change -> {
          boolean more =
              !change.range(SUBJECTS, Range.prefix(dayKey(due.day())), 1).rows().isEmpty();
          if (!more && change.get(DAYS, dayKey(due.day())).isPresent()) {
            change.delete(DAYS, dayKey(due.day()));
          }
          return true;
        });
  }

  private static byte[] dayKey(long day) {
    Invariant.check(day >= 0 && day <= Integer.MAX_VALUE, "a day out of range");
    return ByteBuffer.allocate(4).putInt((int) day).array();
  }

  private static byte[] subjectKey(long day, String subject) {
    byte[] key = Arrays.copyOf(dayKey(day), 4 + HASH_BYTES);
    byte[] hash = sha256(subject.getBytes(StandardCharsets.UTF_8));
    System.arraycopy(hash, 0, key, 4, HASH_BYTES);
    return key;
  }

  private static byte[] rowKey(byte[] subject, byte[] row) {
    byte[] key = Arrays.copyOf(subject, subject.length + HASH_BYTES);
    System.arraycopy(sha256(row), 0, key, subject.length, HASH_BYTES);
    return key;
  }

  static byte[] sha256(byte[] octets) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(octets);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
