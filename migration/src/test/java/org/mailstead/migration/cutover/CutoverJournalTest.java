package org.mailstead.migration.cutover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.migration.cutover.CutoverJournal.Outstanding;
import org.mailstead.migration.cutover.DomainRecords.Answer;
import org.mailstead.migration.cutover.DomainRecords.Exchangers;
import org.mailstead.migration.cutover.DomainRecords.Needed;

/// What the checks remember, and what the lives of MX records mean for a switch.
final class CutoverJournalTest {
  private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");

  @TempDir Path work;

  /// A zone whose only question is the MX.
  private record Zone(List<String> hosts, long ttlSeconds) implements DomainRecords {
    @Override
    public List<Answer> look(String domain, List<Needed> needed) {
      return List.of();
    }

    @Override
    public Exchangers exchangers(String domain) {
      return new Exchangers(hosts, ttlSeconds, Optional.empty());
    }
  }

  private List<Finding> check(Zone zone, boolean isAfter, Instant now) throws IOException {
    CutoverJournal journal = CutoverJournal.open(work);
    List<Finding> findings = new ArrayList<>();
    DomainNeeds needs = new DomainNeeds(List.of("mx.new.example"), List.of(), Optional.empty());
    Optional<Instant> since =
        new DomainCheck(zone, journal, Duration.ofHours(1), isAfter, now)
            .check("firm.example", needs, findings);
    since.ifPresent(at -> findings.add(Finding.ok("since", at.toString())));
    journal.write();
    return findings;
  }

  private static List<String> noGo(List<Finding> findings) {
    return findings.stream()
        .filter(each -> each.level() == Finding.Level.NO_GO)
        .map(Finding::text)
        .toList();
  }

  @Test
  void aLifeThatWasShortenedIsKnownToOthersForAsLongAsItWas() throws Exception {
    List<String> old = List.of("mx.old.example");
    assertThat(noGo(check(new Zone(old, 86_400), false, NOON))).hasSize(1);
    Instant later = NOON.plus(Duration.ofHours(2));
    assertThat(noGo(check(new Zone(old, 300), false, later)))
        .containsExactly(
            "MX lives 300 s in caches; a longer life was seen before and may be known to others"
                + " until 2026-02-01T12:00:00Z");
    assertThat(noGo(check(new Zone(old, 300), false, NOON.plus(Duration.ofHours(25))))).isEmpty();
  }

  @Test
  void aDomainIsSwitchedSinceItWasFirstSeenAndAnewAfterItWentBack() throws Exception {
    Zone there = new Zone(List.of("mx.new.example"), 300);
    Zone back = new Zone(List.of("mx.old.example"), 300);
    Zone both = new Zone(List.of("mx.new.example", "mx.old.example"), 300);
    assertThat(check(there, true, NOON)).contains(Finding.ok("since", NOON.toString()));
    Instant day = NOON.plus(Duration.ofDays(1));
    assertThat(check(there, true, day)).contains(Finding.ok("since", NOON.toString()));
    assertThat(noGo(check(back, true, day))).containsExactly("MX still names mx.old.example");
    assertThat(check(there, true, day)).contains(Finding.ok("since", day.toString()));
    assertThat(noGo(check(both, false, day))).singleElement().asString().contains("at both");
    assertThat(noGo(check(new Zone(List.of(), 0), true, day)))
        .containsExactly("MX still names nobody");
  }

  @Test
  void testMailThatMayStillComeIsRememberedWithinALimit() throws Exception {
    CutoverJournal journal = CutoverJournal.open(work);
    for (int i = 0; i < CutoverJournal.OUTSTANDING_MAX + 5; i++) {
      journal.sending(new Outstanding("t" + i, "a@firm.example", "a"));
    }
    journal.sending(new Outstanding("team", "team@firm.example", "a"));
    journal.sending(new Outstanding("team", "team@firm.example", "b"));
    journal.found("team", "a");
    journal.write();
    List<Outstanding> kept = CutoverJournal.open(work).outstanding();
    assertThat(kept).hasSize(CutoverJournal.OUTSTANDING_MAX - 1);
    assertThat(kept.getLast()).isEqualTo(new Outstanding("team", "team@firm.example", "b"));
  }

  @Test
  void aDamagedJournalIsNamed() throws Exception {
    Files.writeString(work.resolve("cutover.json"), "{");
    assertThatThrownBy(() -> CutoverJournal.open(work))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cutover.json cannot be read");
  }
}
