package org.mailstead.migration.cutover;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.mailstead.migration.cutover.DomainRecords.Answer;
import org.mailstead.migration.cutover.DomainRecords.Exchangers;
import org.mailstead.migration.cutover.DomainRecords.Needed;
import org.mailstead.migration.cutover.DomainRecords.Purpose;

/// The records of one domain, against what the target needs before and after the switch.
final class DomainCheck {
  /// Below this nobody waits long; above, a shorter life is worth the trouble.
  private static final Duration SHORT_LIFE = Duration.ofMinutes(10);

  private final DomainRecords records;
  private final CutoverJournal journal;
  private final Duration lifeMax;
  private final boolean isAfter;
  private final Instant now;

  DomainCheck(
      DomainRecords records,
      CutoverJournal journal,
      Duration lifeMax,
      boolean isAfter,
      Instant now) {
    this.records = records;
    this.journal = journal;
    this.lifeMax = lifeMax;
    this.isAfter = isAfter;
    this.now = now;
  }

  /// @param findings what was found is added
  /// @return since when the domain's mail goes to the target, as far as was seen
  Optional<Instant> check(String domain, DomainNeeds needs, List<Finding> findings) {
    String about = "domain " + domain;
    needs
        .ownership()
        .ifPresent(verified ->
            findings.add(
                verified
                    ? Finding.ok(about, "the target takes mail for it")
                    : Finding.noGo(
                        about,
                        "the target does not take mail for it: not registered, or not verified")));
    Optional<Instant> since = exchangers(domain, about, needs, findings);
    List<Answer> answers = records.look(domain, needs.records());
    for (int i = 0; i < answers.size(); i++) {
      findings.add(finding(about, needs.records().get(i), answers.get(i)));
    }
    for (Purpose each : List.of(Purpose.SPF, Purpose.DKIM)) {
      if (needs.records().stream().noneMatch(needed -> needed.purpose() == each)) {
        String key = each.name().toLowerCase(Locale.ROOT);
        findings.add(
            Finding.warning(
                about,
                each + ": it is not known what the target needs",
                "Say it: [cutover] " + key));
      }
    }
    return since;
  }

  private Optional<Instant> exchangers(
      String domain, String about, DomainNeeds needs, List<Finding> findings) {
    Exchangers found = records.exchangers(domain);
    if (found.fault().isPresent()) {
      findings.add(Finding.noGo(about, "MX: " + found.fault().get()));
      return Optional.empty();
    }
    String hosts = found.hosts().isEmpty() ? "nobody" : String.join(", ", found.hosts());
    if (needs.mx().isEmpty()) {
      findings.add(
          Finding.noGo(
              about,
              "MX names " + hosts + "; it is not known who takes mail at the target",
              "Say it: [cutover] mx = [\"…\"]"));
      return Optional.empty();
    }
    Set<String> wanted = new HashSet<>(needs.mx());
    long there = found.hosts().stream().filter(wanted::contains).count();
    String line = domain + ". 300 IN MX 10 " + needs.mx().getFirst() + ".";
    if (there == found.hosts().size() && there > 0) {
      findings.add(Finding.ok(about, "MX names the target: " + hosts));
      return Optional.of(journal.sawSwitched(domain, now));
    }
    journal.sawNotSwitched(domain);
    if (there > 0) {
      findings.add(
          Finding.noGo(
              about, "MX names the target and others: mail arrives at both: " + hosts, line));
    } else if (isAfter) {
      findings.add(Finding.noGo(about, "MX still names " + hosts, line));
    } else {
      findings.add(Finding.ok(about, "MX names " + hosts + "; to switch:", line));
      life(domain, about, found, findings);
    }
    return Optional.empty();
  }

  /// Whoever knows the old record goes on with it until its life is over.
  private void life(String domain, String about, Exchangers found, List<Finding> findings) {
    if (found.hosts().isEmpty()) return;
    Optional<Instant> longer = journal.sawLife(domain, found.ttlSeconds(), now);
    String text = "MX lives " + found.ttlSeconds() + " s in caches";
    if (found.ttlSeconds() > lifeMax.toSeconds()) {
      findings.add(
          Finding.noGo(
              about,
              text + ", more than " + lifeMax.toSeconds(),
              "Give it a TTL of 300, and wait as long as the old one was before you switch."));
    } else if (longer.isPresent()) {
      findings.add(
          Finding.noGo(
              about,
              text
                  + "; a longer life was seen before and may be known to others until "
                  + longer.get(),
              "Wait until then."));
    } else if (found.ttlSeconds() > SHORT_LIFE.toSeconds()) {
      findings.add(
          Finding.warning(
              about, text, "With 300 late mail comes for five minutes instead of so long."));
    } else {
      findings.add(Finding.ok(about, text));
    }
  }

  private Finding finding(String about, Needed needed, Answer answer) {
    String name = needed.purpose() + " " + needed.name();
    List<String> next = new ArrayList<>();
    if (!answer.hint().isEmpty()) next.add(answer.hint());
    String found = answer.found().isEmpty() ? "" : ": " + answer.found();
    Finding.Level level =
        switch (answer.outcome()) {
          case MATCHED -> Finding.Level.OK;
          case UNREACHABLE -> Finding.Level.NO_GO;
          case ABSENT, DIFFERENT ->
              switch (needed.purpose()) {
                case SPF, DKIM, MX -> Finding.Level.NO_GO;
                // Without it mail is believed less, but goes its way.
                case DMARC -> Finding.Level.WARNING;
                // Before the switch clients must still find the old service.
                case AUTODISCOVER -> isAfter ? Finding.Level.NO_GO : Finding.Level.OK;
              };
        };
    String text =
        switch (answer.outcome()) {
          case MATCHED -> name + " is right";
          case UNREACHABLE -> name + " cannot be looked up";
          case ABSENT -> name + " is missing";
          case DIFFERENT -> name + " is something else" + found;
        };
    boolean toChange = answer.outcome() != DomainRecords.Outcome.MATCHED;
    if (toChange && needed.purpose() == Purpose.AUTODISCOVER && !isAfter) {
      text += "; change it together with the MX";
    }
    if (toChange && !needed.value().isEmpty()) next.add(zoneLine(needed));
    return new Finding(level, about, text, next);
  }

  private static String zoneLine(Needed needed) {
    return "%s. 3600 IN %s %s"
        .formatted(
            needed.name(),
            needed.type(),
            switch (needed.type()) {
              case TXT -> "\"" + needed.value() + "\"";
              case MX, CNAME -> needed.value() + ".";
            });
  }
}
