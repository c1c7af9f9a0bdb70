package org.mailstead.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.MailDomains.Owned;
import org.mailstead.core.domains.RecordInsertion;
import org.mailstead.core.domains.RecordProposal;
import org.mailstead.core.signing.DkimKey;
import org.mailstead.core.signing.PublishedRecord;
import org.mailstead.server.control.ControlServer.Word;
import tools.jackson.databind.JsonNode;

/// A domain's records and keys for the machine's operator, who may write into all zones.
public final class DomainWords {
  private final Domain domain;
  private final RecordInsertion insertion;

  public DomainWords(Domain domain) {
    this.domain = domain;
    this.insertion =
        new RecordInsertion(
            domain.directory(), domain.domainChecks(), domain.domainSettings().zones());
  }

  public Map<String, Word> words() {
    return Map.of(
        "records-propose", (request, _) -> propose(request),
        "records-insert", (request, _) -> insert(request),
        "dkim-show", (request, _) -> show(owned(request)),
        "dkim-export", (request, _) -> export(owned(request)),
        "dkim-rotate", (request, _) -> rotate(request),
        "dkim-renew", (request, _) -> renew(request));
  }

  private Owned owned(JsonNode request) {
    String name = request.path("domain").asString("");
    return domain
        .directory()
        .domains()
        .findOwner(name)
        .orElseThrow(() ->
            new RefusedException(
                Refusal.NOT_FOUND, "no organization that serves has the domain " + name));
  }

  private Change change(Owned owned, String name) {
    return FirstRun.change(
        domain,
        domain.directory().organizations().load(owned.organization()).account(),
        name,
        "mailstead control socket");
  }

  private List<String> propose(JsonNode request) {
    Owned owned = owned(request);
    List<String> lines = new ArrayList<>();
    for (RecordProposal each :
        insertion.propose(Optional.empty(), owned.organization(), owned.domain().name())) {
      lines.addAll(lines(each, false));
    }
    lines.add("Nothing was changed. With --yes it is done.");
    return lines;
  }

  private List<String> insert(JsonNode request) {
    Owned owned = owned(request);
    List<String> lines = new ArrayList<>();
    for (RecordProposal each :
        insertion.insert(
            change(owned, "InsertMailDomainRecords"),
            Optional.empty(),
            owned.organization(),
            owned.domain().name())) {
      lines.addAll(lines(each, true));
    }
    return lines;
  }

  private static List<String> lines(RecordProposal proposal, boolean done) {
    String action =
        switch (proposal.action()) {
          case NONE -> "is there";
          case ADD -> done ? "added" : "would be added";
          case REPLACE -> done ? "replaced" : "would be replaced";
          case CONFLICT -> "CONFLICT";
          case WAIT -> "waits";
          case NO_ZONE -> "no zone";
          case FAILED -> "FAILED";
        };
    List<String> lines = new ArrayList<>();
    lines.add(
        "%-14s %-13s %s %s"
            .formatted(
                action,
                proposal.record().purpose().name().toLowerCase(Locale.ROOT),
                proposal.record().type(),
                proposal.record().hostname()));
    proposal.found().ifPresent(found -> lines.add("    found: " + found));
    proposal.hint().ifPresent(hint -> lines.add("    " + hint));
    switch (proposal.action()) {
      case NONE -> {}
      case ADD, REPLACE, CONFLICT, WAIT, NO_ZONE, FAILED ->
          lines.add("    " + Doctor.zoneLine(proposal.record()));
    }
    return lines;
  }

  private List<String> show(Owned owned) {
    List<String> lines = new ArrayList<>();
    for (DkimKey key : keys(owned)) {
      lines.add(
          "%-16s %-8s %s"
              .formatted(
                  key.selector(),
                  key.algorithm().name().toLowerCase(Locale.ROOT),
                  key.isActive() ? "signs" : "waits"));
    }
    return lines;
  }

  /// Lines of a zone file.
  private List<String> export(Owned owned) {
    List<String> lines = new ArrayList<>();
    for (PublishedRecord record :
        domain
            .domainChecks()
            .keys()
            .records(
                owned.organization(), owned.domain().name(), domain.domainSettings().dkimZone())) {
      lines.add(
          Doctor.zoneLine(
              new org.mailstead.core.directory.MailDomainRecord(
                  org.mailstead.core.directory.MailDomainRecord.Purpose.DKIM,
                  org.mailstead.core.directory.MailDomainRecord.Type.valueOf(record.type()),
                  record.name(),
                  record.value(),
                  org.mailstead.core.directory.MailDomainRecord.TTL_SECONDS)));
    }
    return lines;
  }

  private List<String> rotate(JsonNode request) {
    Owned owned = owned(request);
    domain
        .domainChecks()
        .rotateKeys(
            change(owned, "RotateDkimKeys"),
            owned.organization(),
            owned.domain().name(),
            request.path("force").asBoolean(false));
    return show(owned);
  }

  private List<String> renew(JsonNode request) {
    Owned owned = owned(request);
    domain
        .domainChecks()
        .keys()
        .renew(change(owned, "RenewDkimKeys"), owned.organization(), owned.domain().name());
    List<String> lines = new ArrayList<>(show(owned));
    lines.add("The new keys must be published: mailstead dkim export " + owned.domain().name());
    return lines;
  }

  private List<DkimKey> keys(Owned owned) {
    return domain.domainChecks().keys().keys(owned.organization(), owned.domain().name());
  }
}
