package org.mailstead.core.reports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.reports.DailyCounts.Counted;
import org.mailstead.core.reports.DailyCounts.Due;
import org.mailstead.core.reports.ReportFigures.DmarcFigure;

/// Counts and figures add up, and nobody makes them grow beyond their limits.
class ReportCountsTest {
  private static final ReportLimits SMALL = new ReportLimits(3, 2, 4);

  private final CoreFixture core = new CoreFixture();

  @AfterEach
  void close() {
    core.close();
  }

  private static Counted counted(long day, String subject, String row, long count) {
    return new Counted(day, subject, row.getBytes(StandardCharsets.UTF_8), count);
  }

  private static List<String> rows(DailyCounts counts, Due due) {
    return counts.rows(due).stream()
        .map(each -> new String(each.row(), StandardCharsets.UTF_8) + "=" + each.count())
        .sorted()
        .toList();
  }

  @Test
  @DisplayName("The same row adds up, within a commit and over commits, and days are apart")
  void rowsAddUp() {
    var counts = new DailyCounts(core.directory(), "test", ReportLimits.standard());
    assertThat(
            counts.add(
                List.of(
                    counted(10, "a.example", "x", 1),
                    counted(10, "a.example", "x", 2),
                    counted(10, "a.example", "y", 5),
                    counted(11, "a.example", "x", 7),
                    counted(10, "b.example", "x", 9))))
        .isZero();
    counts.add(List.of(counted(10, "a.example", "x", 4)));
    assertThat(rows(counts, new Due(10, "a.example"))).containsExactly("x=7", "y=5");
    assertThat(counts.due(11, 100))
        .containsExactlyInAnyOrder(new Due(10, "a.example"), new Due(10, "b.example"));
    counts.forget(new Due(10, "a.example"));
    assertThat(counts.due(12, 100))
        .containsExactly(new Due(10, "b.example"), new Due(11, "a.example"));
    assertThat(rows(counts, new Due(10, "a.example"))).isEmpty();
    assertThat(rows(counts, new Due(11, "a.example"))).containsExactly("x=7");
    counts.forget(new Due(10, "never.example"));
  }

  @Test
  @DisplayName("Many rows of one subject are read page by page and go whole")
  void manyRows() {
    var counts = new DailyCounts(core.directory(), "test", ReportLimits.standard());
    List<Counted> many = new ArrayList<>();
    for (int i = 0; i < 1_300; i++) many.add(counted(10, "a.example", "row " + i, 1));
    assertThat(counts.add(many)).isZero();
    assertThat(counts.rows(new Due(10, "a.example"))).hasSize(1_300);
    counts.forget(new Due(10, "a.example"));
    assertThat(counts.rows(new Due(10, "a.example"))).isEmpty();
    assertThat(counts.due(99, 10)).isEmpty();
  }

  @Test
  @DisplayName("Rows of a subject and subjects of a day have limits; what is there still counts")
  void limitsOfCounts() {
    var counts = new DailyCounts(core.directory(), "test", SMALL);
    assertThat(
            counts.add(
                List.of(
                    counted(10, "a.example", "1", 1),
                    counted(10, "a.example", "2", 1),
                    counted(10, "a.example", "3", 1),
                    counted(10, "a.example", "4", 1),
                    counted(10, "b.example", "1", 1),
                    counted(10, "c.example", "1", 1))))
        .isEqualTo(2);
    assertThat(counts.add(List.of(counted(10, "a.example", "5", 1)))).isEqualTo(1);
    assertThat(counts.add(List.of(counted(10, "a.example", "1", 1)))).isZero();
    assertThat(rows(counts, new Due(10, "a.example"))).containsExactly("1=2", "2=1", "3=1");
    assertThat(counts.due(99, 10)).hasSize(2);
    // Another day has room, and this one has when its subjects are gone.
    assertThat(counts.add(List.of(counted(11, "c.example", "1", 1)))).isZero();
    counts.forget(new Due(10, "a.example"));
    counts.forget(new Due(10, "b.example"));
    assertThat(counts.add(List.of(counted(10, "c.example", "1", 1)))).isZero();
    assertThatThrownBy(() -> counted(10, "", "x", 1)).isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> counted(10, "a", "x".repeat(2_001), 1))
        .isInstanceOf(RuntimeException.class);
  }

  @Test
  @DisplayName("Figures of an organization have a limit, and go with it")
  void limitsOfFigures() {
    var figures = new ReportFigures(core.directory(), SMALL);
    List<DmarcFigure> reported = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      reported.add(
          new DmarcFigure(100, "example.test", "Big", "192.0.2." + i, "none", true, false, i + 1));
    }
    assertThat(figures.addDmarc(core.organization(), "r", reported)).isEqualTo(2);
    assertThat(figures.addDmarc(core.organization(), "r", reported)).isEqualTo(2);
    assertThat(
            figures
                .dmarc(core.organization(), Optional.empty(), 100, 101, PageRequest.first())
                .items())
        .hasSize(4);
    assertThat(
            figures
                .dmarc(core.organization(), Optional.empty(), 101, 200, PageRequest.first())
                .items())
        .isEmpty();
    assertThatThrownBy(() ->
            figures.dmarc(
                core.organization(),
                Optional.empty(),
                0,
                200,
                new PageRequest(10, Optional.of("nonsense"))))
        .isInstanceOf(DirectoryRefusedException.class);
    var partition = ReportFigures.partition(core.organization());
    assertThat(core.store().version(partition)).isPositive();
    core.directory()
        .organizations()
        .delete(core.change("DeleteOrganization"), core.organization(), true, true);
    core.directory().outbox().runOnce();
    assertThat(core.store().version(partition)).isZero();
  }
}
