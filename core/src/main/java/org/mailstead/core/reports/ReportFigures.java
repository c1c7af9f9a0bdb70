package org.mailstead.core.reports;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.outbox.Commits;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Collection;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;

/// What other servers reported to an organization about mail in its domains' names and about
/// encryption on the way to them. A report that comes twice counts once: its rows have the keys
/// that they had.
public final class ReportFigures {
  /// Days that figures are kept.
  public static final int DAYS_KEPT = 400;

  private static final String PREFIX = "reports/";
  private static final Collection DMARC = new Collection(1, "dmarc");
  private static final Collection TLS = new Collection(2, "tls");
  private static final Collection HEAD = new Collection(3, "head");
  private static final byte[] ONLY = {0};
  private static final int FORMAT = 1;
  private static final int KEY_BYTES = 20;
  private static final int SWEPT_AT_ONCE = 500;

  /// Rows looked at for one page of a list that a domain narrows.
  private static final int LOOKED_AT_MAX = 5_000;

  private final Directory directory;
  private final Commits commits;
  private final ReportLimits limits;

  public ReportFigures(Directory directory, ReportLimits limits) {
    this.directory = directory;
    this.commits = directory.outbox().commits();
    this.limits = limits;
  }

  /// Mail of one source on one day.
  ///
  /// @param day since 1970-01-01, UTC
  /// @param disposition `none`, `pass`, `quarantine`, `reject`
  public record DmarcFigure(
      long day,
      String domain,
      String reporter,
      String source,
      String disposition,
      boolean dkimAligned,
      boolean spfAligned,
      long count) {}

  /// Sessions of one result on one day.
  ///
  /// @param policyType `tlsa`, `sts`, `no-policy-found`
  /// @param resultType `successful` or what failed
  public record TlsFigure(
      long day, String domain, String reporter, String policyType, String resultType, long count) {}

  /// @param reportId names the report at its reporter
  /// @return how many rows had no room
  public int addDmarc(OrganizationId organization, String reportId, List<DmarcFigure> figures) {
    List<Row> rows = new ArrayList<>();
    for (DmarcFigure each : figures) {
      var identity =
          new ValueWriter(FORMAT)
              .text(each.domain())
              .text(each.reporter())
              .text(each.source())
              .text(each.disposition())
              .flag(each.dkimAligned())
              .flag(each.spfAligned());
      rows.add(
          new Row(
              key(each.day(), reportId, identity.value()), identity.number(each.count()).value()));
    }
    return add(organization, DMARC, rows);
  }

  /// @param reportId as of [#addDmarc]
  /// @return how many rows had no room
  public int addTls(OrganizationId organization, String reportId, List<TlsFigure> figures) {
    List<Row> rows = new ArrayList<>();
    for (TlsFigure each : figures) {
      var identity =
          new ValueWriter(FORMAT)
              .text(each.domain())
              .text(each.reporter())
              .text(each.policyType())
              .text(each.resultType());
      rows.add(
          new Row(
              key(each.day(), reportId, identity.value()), identity.number(each.count()).value()));
    }
    return add(organization, TLS, rows);
  }

  private int add(OrganizationId organization, Collection collection, List<Row> rows) {
    int left = 0;
    for (int from = 0; from < rows.size(); from += ReportLimits.ROWS_PER_COMMIT_MAX) {
      List<Row> part =
          rows.subList(from, Math.min(rows.size(), from + ReportLimits.ROWS_PER_COMMIT_MAX));
      left += commits.change(partition(organization), change -> add(change, collection, part));
    }
    return left;
  }

  private int add(PartitionChange change, Collection collection, List<Row> rows) {
    long count = count(change);
    long before = count;
    int left = 0;
    for (Row row : rows) {
      boolean isNew = change.get(collection, row.key()).isEmpty();
      if (isNew && count >= limits.figuresPerOrganization()) {
        left++;
        continue;
      }
      if (isNew) count++;
      change.put(collection, row.key(), row.value());
    }
    if (count != before) change.put(HEAD, ONLY, new ValueWriter(FORMAT).number(count).value());
    return left;
  }

  /// Figures by day, the oldest first.
  ///
  /// @param domain empty: of all of them
  /// @param fromDay the first day
  /// @param toDay the day after the last one
  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND, ORGANIZATION_STATE,
  ///   INVALID_PARAMETER: not a token of this list
  public Listing<DmarcFigure> dmarc(
      OrganizationId organization,
      Optional<String> domain,
      long fromDay,
      long toDay,
      Listing.PageRequest page) {
    return list(
        organization,
        DMARC,
        domain,
        fromDay,
        toDay,
        page,
        row -> {
          var in = new ValueReader(row.value(), FORMAT);
          return new DmarcFigure(
              ByteBuffer.wrap(row.key()).getInt(),
              in.text(),
              in.text(),
              in.text(),
              in.text(),
              in.flag(),
              in.flag(),
              in.number());
        });
  }

  /// As [#dmarc].
  public Listing<TlsFigure> tls(
      OrganizationId organization,
      Optional<String> domain,
      long fromDay,
      long toDay,
      Listing.PageRequest page) {
    return list(
        organization,
        TLS,
        domain,
        fromDay,
        toDay,
        page,
        row -> {
          var in = new ValueReader(row.value(), FORMAT);
          return new TlsFigure(
              ByteBuffer.wrap(row.key()).getInt(),
              in.text(),
              in.text(),
              in.text(),
              in.text(),
              in.number());
        });
  }

  private <T> Listing<T> list(
      OrganizationId organization,
      Collection collection,
      Optional<String> domain,
      long fromDay,
      long toDay,
      Listing.PageRequest page,
      java.util.function.Function<Row, T> read) {
    // Says so if the organization does not serve.
    directory.domains().list(organization, Listing.PageRequest.first());
    Range range = Range.of(dayKey(fromDay), dayKey(Math.max(fromDay, toDay)));
    Optional<Range> next = Optional.of(page.token().map(t -> range.after(last(t))).orElse(range));
    List<T> found = new ArrayList<>();
    int lookedAt = 0;
    while (next.isPresent()) {
      Page rows =
          commits.store().range(partition(organization), collection, next.get(), SWEPT_AT_ONCE);
      for (Row row : rows.rows()) {
        lookedAt++;
        boolean wanted =
            domain.isEmpty()
                // Both kinds of rows begin with it.
                || new ValueReader(row.value(), FORMAT).text().equals(domain.get());
        if (wanted) found.add(read.apply(row));
        if (found.size() == page.countMax() || lookedAt == LOOKED_AT_MAX) {
          return new Listing<>(found, Optional.of(token(row.key())));
        }
      }
      next = rows.next();
    }
    return new Listing<>(found, Optional.empty());
  }

  /// Removes what is older than [#DAYS_KEPT].
  ///
  /// @param today since 1970-01-01, UTC
  /// @return how many rows went
  public int sweep(long today) {
    int gone = 0;
    Optional<PartitionId> after = Optional.empty();
    while (true) {
      List<PartitionId> page = commits.store().partitions(PREFIX, after, SWEPT_AT_ONCE);
      for (PartitionId partition : page) {
        for (Collection collection : List.of(DMARC, TLS)) {
          gone += sweep(partition, collection, today - DAYS_KEPT);
        }
      }
      if (page.size() < SWEPT_AT_ONCE) return gone;
      after = Optional.of(page.getLast());
    }
  }

  private int sweep(PartitionId partition, Collection collection, long beforeDay) {
    if (beforeDay <= 0) return 0;
    int all = 0;
    while (true) {
      int gone =
          commits.change(
              partition,
              change -> {
                var rows =
                    change
                        .range(collection, Range.of(new byte[0], dayKey(beforeDay)), SWEPT_AT_ONCE)
                        .rows();
                rows.forEach(row -> change.delete(collection, row.key()));
                if (!rows.isEmpty()) {
                  long left = Math.max(0, count(change) - rows.size());
                  change.put(HEAD, ONLY, new ValueWriter(FORMAT).number(left).value());
                }
                return rows.size();
              });
      all += gone;
      if (gone < SWEPT_AT_ONCE) return all;
    }
  }

  private static long count(PartitionChange change) {
    return change.get(HEAD, ONLY).map(value -> new ValueReader(value, FORMAT).number()).orElse(0L);
  }

  /// Where they are; dropped when the organization goes.
  public static PartitionId partition(OrganizationId organization) {
    return new PartitionId(PREFIX + organization.value());
  }

  private static byte[] dayKey(long day) {
    return ByteBuffer.allocate(4).putInt(Math.clamp(day, 0, Integer.MAX_VALUE)).array();
  }

  private static byte[] key(long day, String reportId, byte[] identity) {
    byte[] hashed = new ValueWriter(FORMAT).text(reportId).octets(identity).value();
    byte[] key = Arrays.copyOf(dayKey(day), KEY_BYTES);
    System.arraycopy(DailyCounts.sha256(hashed), 0, key, 4, KEY_BYTES - 4);
    return key;
  }

  private static String token(byte[] key) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(key);
  }

  private static byte[] last(String token) {
    try {
      byte[] key = Base64.getUrlDecoder().decode(token.getBytes(StandardCharsets.US_ASCII));
      if (key.length == KEY_BYTES) return key;
    } catch (IllegalArgumentException e) {
      // Refused below.
    }
    throw new DirectoryRefusedException(
        DirectoryRefusal.INVALID_PARAMETER, "The next token is not one of this list.");
  }
}
