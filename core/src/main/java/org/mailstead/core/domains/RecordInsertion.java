package org.mailstead.core.domains;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.MailDomainRecord;
import org.mailstead.core.directory.MailDomainRecord.Purpose;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.domains.RecordProposal.Action;
import org.mailstead.core.domains.ZoneEditor.RecordSet;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes the records of a domain into its zone (DOM-3; WorkMail guide, Adding a domain: "WorkMail
/// adds the records automatically").
///
/// What it did not write it does not touch. What it wrote it remembers by name, type and value, so
/// that new keys can replace old ones. Texts that other services put at the same name stay beside
/// ours. Each change of a set names what must be there before it, so that somebody else's change in
/// between wins. The MX record comes last, once the domain is verified.
public final class RecordInsertion {
  private static final Logger LOG = LoggerFactory.getLogger(RecordInsertion.class);
  private static final int FORMAT = 1;

  /// Values of one domain remembered. New keys replace old ones, so that there are fewer.
  private static final int WRITTEN_MAX = 200;

  private final Directory directory;
  private final MailDomainChecks checks;
  private final List<EditableZone> zones;

  public RecordInsertion(Directory directory, MailDomainChecks checks, List<EditableZone> zones) {
    this.directory = directory;
    this.checks = checks;
    this.zones = List.copyOf(zones);
  }

  /// A value that we wrote.
  private record Written(String type, String name, String value) {
    /// Names of hosts are the same in any case (RFC 4343).
    boolean is(String otherType, String otherName, String otherValue) {
      boolean same =
          type.equals("TXT") ? value.equals(otherValue) : value.equalsIgnoreCase(otherValue);
      return same && type.equals(otherType) && name.equals(otherName);
    }
  }

  /// A proposal and how it is carried out.
  private record Step(
      RecordProposal proposal,
      Optional<ZoneEditor> editor,
      Optional<RecordSet> before,
      Optional<RecordSet> after) {
    static Step idle(RecordProposal proposal) {
      return new Step(proposal, Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  /// The zones that may be written to.
  ///
  /// @param asking whose administrator asks; empty: the machine's operator
  public List<ZoneEditor> zones(Optional<OrganizationId> asking) {
    return open(asking).map(EditableZone::editor).toList();
  }

  private java.util.stream.Stream<EditableZone> open(Optional<OrganizationId> asking) {
    return zones.stream()
        .filter(zone -> asking.isEmpty() || zone.organizations().contains(asking.get()));
  }

  /// What [#insert] would do now; changes nothing.
  ///
  /// @param asking as of [#zones]
  /// @throws DirectoryRefusedException as of [MailDomainChecks#wanted]
  /// @throws RefusedException NOT_SUPPORTED: no zone that may be written to holds the domain
  public List<RecordProposal> propose(
      Optional<OrganizationId> asking, OrganizationId organization, String domain) {
    String name = checkZone(asking, organization, domain);
    Set<Written> written = written(organization, name);
    boolean verified = directory.domains().load(organization, name).verified();
    List<RecordProposal> proposals = new ArrayList<>();
    for (MailDomainRecord record : checks.wanted(organization, name)) {
      proposals.add(plan(asking, record, written, verified).proposal());
    }
    return List.copyOf(proposals);
  }

  /// Does it, record by record; one that fails does not stop the others.
  ///
  /// @param change who asked, for the audit log
  /// @param asking as of [#zones]
  /// @throws DirectoryRefusedException as of [MailDomainChecks#wanted]
  /// @throws RefusedException NOT_SUPPORTED: no zone that may be written to holds the domain
  public List<RecordProposal> insert(
      Change change, Optional<OrganizationId> asking, OrganizationId organization, String domain) {
    String name = checkZone(asking, organization, domain);
    List<MailDomainRecord> wanted = checks.wanted(organization, name);
    Set<Written> written = written(organization, name);
    // Before anything is written: a crash leaves a claim to values that nobody else would write.
    Set<Written> claimed = new LinkedHashSet<>(written);
    wanted.forEach(record -> claimed.add(of(record)));
    remember(Optional.of(change), organization, name, claimed);
    List<RecordProposal> done = new ArrayList<>();
    boolean verified = directory.domains().load(organization, name).verified();
    for (MailDomainRecord record : wanted) {
      done.add(carryOut(asking, record, written, verified));
    }
    boolean changed =
        done.stream()
            .anyMatch(each -> each.action() == Action.ADD || each.action() == Action.REPLACE);
    if (changed) checks.check(Optional.empty(), organization, name);
    if (!verified && directory.domains().load(organization, name).verified()) {
      done.replaceAll(each ->
          each.action() == Action.WAIT ? carryOut(asking, each.record(), written, true) : each);
    }
    remember(Optional.empty(), organization, name, kept(written, done));
    return List.copyOf(done);
  }

  /// Of what was written before, what may still be there; of this time, what was done.
  private static Set<Written> kept(Set<Written> before, List<RecordProposal> done) {
    Set<Written> kept = new LinkedHashSet<>(before);
    for (RecordProposal each : done) {
      Written now = of(each.record());
      switch (each.action()) {
        case ADD, REPLACE -> {
          kept.removeIf(old -> old.type().equals(now.type()) && old.name().equals(now.name()));
          kept.add(now);
        }
        // Its outcome is not known.
        case FAILED -> kept.add(now);
        case NONE, CONFLICT, WAIT, NO_ZONE -> {}
      }
    }
    return kept;
  }

  private RecordProposal carryOut(
      Optional<OrganizationId> asking,
      MailDomainRecord record,
      Set<Written> written,
      boolean verified) {
    Step step = plan(asking, record, written, verified);
    if (step.editor().isEmpty() || step.after().isEmpty()) return step.proposal();
    try {
      step.editor().get().replace(record.hostname(), step.before(), step.after().get());
      LOG.info(
          "{} {} of {} written to zone {}",
          record.type(),
          record.hostname(),
          record.purpose(),
          step.editor().get().zone());
      return step.proposal();
    } catch (RefusedException e) {
      return step.proposal().failed(e.publicText());
    } catch (UnavailableException e) {
      return step.proposal().failed("No answer: " + e.getMessage());
    }
  }

  private Step plan(
      Optional<OrganizationId> asking,
      MailDomainRecord record,
      Set<Written> written,
      boolean verified) {
    // The longest name: a zone below another one holds its own names.
    Optional<ZoneEditor> editor =
        open(asking)
            .filter(zone -> zone.holds(record.hostname()))
            .map(EditableZone::editor)
            .max(Comparator.comparingInt(each -> each.zone().length()));
    if (editor.isEmpty()) {
      return Step.idle(
          new RecordProposal(
              record,
              Action.NO_ZONE,
              Optional.empty(),
              Optional.empty(),
              Optional.of("No zone that may be written to holds this name. Set it by hand.")));
    }
    String zone = editor.get().zone();
    List<RecordSet> there;
    try {
      there = editor.get().read(record.hostname());
    } catch (RefusedException e) {
      return Step.idle(proposal(record, Action.FAILED, zone, List.of(), e.publicText()));
    } catch (UnavailableException e) {
      return Step.idle(
          proposal(record, Action.FAILED, zone, List.of(), "No answer: " + e.getMessage()));
    }
    Step step = plan(record, there, written, editor.get());
    boolean early =
        record.purpose() == Purpose.MX && !verified && step.proposal().action() == Action.ADD;
    return early
        ? Step.idle(
            proposal(
                record,
                Action.WAIT,
                zone,
                List.of(),
                "Comes once the domain is verified: mail would be refused before."))
        : step;
  }

  private static Step plan(
      MailDomainRecord record, List<RecordSet> there, Set<Written> written, ZoneEditor editor) {
    String type = record.type().name();
    Optional<RecordSet> same = there.stream().filter(set -> set.type().equals(type)).findFirst();
    List<RecordSet> others = there.stream().filter(set -> !set.type().equals(type)).toList();
    boolean aliasInTheWay =
        others.stream().anyMatch(set -> set.type().equals("CNAME") || type.equals("CNAME"));
    if (aliasInTheWay && same.isEmpty()) {
      // RFC 1034 §3.6.2: beside an alias nothing can stand.
      RecordSet other = others.getFirst();
      return Step.idle(
          proposal(
              record,
              Action.CONFLICT,
              editor.zone(),
              List.of(other.type() + " " + String.join(" | ", other.values())),
              "A record of another type is in the way. Remove it, or set this one by hand."));
    }
    if (same.isEmpty()) {
      RecordSet fresh = new RecordSet(type, record.ttlSeconds(), List.of(record.value()));
      return step(record, Action.ADD, editor, same, fresh);
    }
    List<String> values = same.get().values();
    List<String> ours =
        values.stream()
            .filter(
                value -> written.stream().anyMatch(each -> each.is(type, record.hostname(), value)))
            .toList();
    if (values.contains(record.value()) && RecordMatch.compare(record, values).isMatched()) {
      return Step.idle(proposal(record, Action.NONE, editor.zone(), values, ""));
    }
    if (!ours.isEmpty() && !values.contains(record.value())) {
      List<String> after = new ArrayList<>(values);
      after.removeAll(ours);
      after.add(record.value());
      // What others wrote beside ours must not make it worthless.
      if (RecordMatch.compare(record, after).isMatched()) {
        RecordSet renewed = new RecordSet(type, record.ttlSeconds(), after);
        return step(record, Action.REPLACE, editor, same, renewed);
      }
    }
    RecordFinding finding = RecordMatch.compare(record, values);
    if (finding.isMatched()) {
      return Step.idle(
          proposal(record, Action.NONE, editor.zone(), values, finding.hint().orElse("")));
    }
    // Texts of other services at the name: ours goes beside them.
    boolean shared =
        record.type() == MailDomainRecord.Type.TXT
            && (record.purpose() == Purpose.OWNERSHIP
                || (record.purpose() != Purpose.DKIM
                    && finding.outcome() == RecordFinding.Outcome.ABSENT));
    if (shared) {
      List<String> after = new ArrayList<>(values);
      after.add(record.value());
      return step(
          record, Action.ADD, editor, same, new RecordSet(type, same.get().ttlSeconds(), after));
    }
    return Step.idle(
        proposal(
            record,
            Action.CONFLICT,
            editor.zone(),
            values,
            "This service did not write what is there and leaves it. "
                + finding.hint().orElse("Set the record by hand.")));
  }

  private static Step step(
      MailDomainRecord record,
      Action action,
      ZoneEditor editor,
      Optional<RecordSet> before,
      RecordSet after) {
    List<String> found = before.map(RecordSet::values).orElse(List.of());
    return new Step(
        proposal(record, action, editor.zone(), found, ""),
        Optional.of(editor),
        before,
        Optional.of(after));
  }

  private static RecordProposal proposal(
      MailDomainRecord record, Action action, String zone, List<String> found, String hint) {
    RecordFinding shown = RecordFinding.different(String.join(" | ", found), hint);
    return new RecordProposal(
        record,
        action,
        Optional.of(zone),
        shown.found().filter(text -> !text.isEmpty()),
        shown.hint().filter(text -> !text.isEmpty()));
  }

  private String checkZone(
      Optional<OrganizationId> asking, OrganizationId organization, String domain) {
    String name = directory.domains().load(organization, domain).name();
    if (checks.wanted(organization, name).isEmpty()) {
      throw new RefusedException(
          Refusal.NOT_SUPPORTED,
          "The domain "
              + name
              + " needs no records, or server.hostname is not a name that others can look up.");
    }
    if (open(asking).noneMatch(zone -> zone.holds(name))) {
      throw new RefusedException(
          Refusal.NOT_SUPPORTED,
          "No zone that may be written to holds " + name + ". Set the records by hand.");
    }
    return name;
  }

  private static Written of(MailDomainRecord record) {
    return new Written(record.type().name(), record.hostname(), record.value());
  }

  private Set<Written> written(OrganizationId organization, String name) {
    Set<Written> all = new LinkedHashSet<>();
    directory
        .records()
        .find(organization, Kind.INSERTED_RECORDS, name)
        .ifPresent(value -> {
          var in = new ValueReader(value, FORMAT);
          long count = in.number();
          for (long i = 0; i < count; i++) all.add(new Written(in.text(), in.text(), in.text()));
        });
    return all;
  }

  private void remember(
      Optional<Change> change, OrganizationId organization, String name, Set<Written> written) {
    List<Written> newest = List.copyOf(written);
    if (newest.size() > WRITTEN_MAX) {
      newest = newest.subList(newest.size() - WRITTEN_MAX, newest.size());
    }
    var out = new ValueWriter(FORMAT).number(newest.size());
    for (Written each : newest) out.text(each.type()).text(each.name()).text(each.value());
    byte[] value = out.value();
    if (change.isPresent()) {
      directory
          .records()
          .change(
              change.get(),
              organization,
              edit -> {
                edit.put(Kind.INSERTED_RECORDS, name, value);
                return true;
              });
    } else {
      directory
          .records()
          .changeUnasked(
              organization,
              edit -> {
                edit.put(Kind.INSERTED_RECORDS, name, value);
                return true;
              });
    }
  }
}
