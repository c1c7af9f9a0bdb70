package org.mailstead.server;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.MalformedException;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.directory.AccountId;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.flow.AddressPattern;
import org.mailstead.core.flow.FlowRule;
import org.mailstead.core.flow.FlowRules;
import org.mailstead.core.flow.InboundAction;
import org.mailstead.core.flow.OutboundAction;
import org.mailstead.core.trace.MessageTrace;
import org.mailstead.core.trace.RuleDryRun;
import org.mailstead.core.trace.TraceEvent;
import org.mailstead.core.trace.TraceQuery;
import org.mailstead.core.trace.TraceSummary;
import org.mailstead.server.control.ControlServer.Word;
import tools.jackson.databind.JsonNode;

/// What became of messages, for the machine's operator (FLW-8), and what other mail flow rules
/// would have made of them (FLW-4). An organization is named by its id or alias; without one it is
/// the first.
final class TraceWords {
  private static final int LISTED_MAX = 10_000;

  private final Domain domain;

  TraceWords(Domain domain) {
    this.domain = domain;
  }

  Map<String, Word> words() {
    return Map.of(
        "trace-list", (request, _) -> list(request),
        "trace-show", (request, _) -> show(request),
        "trace-rules", (request, _) -> rules(request));
  }

  private List<String> list(JsonNode request) {
    OrganizationId organization = organization(request);
    TraceQuery query =
        new TraceQuery(
            text(request, "message"),
            text(request, "sender"),
            text(request, "recipient"),
            time(request, "since"),
            time(request, "until"));
    int wanted = Math.clamp(request.path("count").asInt(50), 1, LISTED_MAX);
    List<String> lines = new ArrayList<>();
    Optional<String> next = Optional.empty();
    do {
      MessageTrace.Found page =
          domain.trace().find(organization, query, next, wanted - lines.size());
      page.messages().forEach(each -> lines.add(line(each)));
      next = page.next();
    } while (next.isPresent() && lines.size() < wanted);
    return lines.isEmpty() ? List.of("no such message in the trace") : lines;
  }

  private List<String> show(JsonNode request) {
    String id = request.path("id").asString("");
    if (!id.matches("[0-9a-f]{32}")) {
      throw new RefusedException(Refusal.INVALID, "not a queue id (32 hexadecimal digits): " + id);
    }
    List<Organization> asked =
        text(request, "organization").isPresent()
            ? organizations().stream()
                .filter(each -> each.id().equals(organization(request)))
                .toList()
            : organizations();
    List<String> lines = new ArrayList<>();
    for (Organization organization : asked) {
      domain
          .trace()
          .find(organization.id(), id)
          .ifPresent(summary -> show(organization, summary, lines));
    }
    if (lines.isEmpty()) {
      throw new RefusedException(Refusal.NOT_FOUND, "no such message in the trace: " + id);
    }
    return lines;
  }

  private void show(Organization organization, TraceSummary summary, List<String> lines) {
    lines.add("message       " + summary.id());
    lines.add("organization  " + organization.id() + " (" + organization.alias() + ")");
    lines.add("received      " + summary.received() + " from " + summary.peer());
    lines.add("sender        <" + summary.sender().orElse("") + ">" + submitter(summary));
    lines.add("from          " + String.join(", ", summary.from()));
    summary.subject().ifPresent(subject -> lines.add("subject       " + subject));
    summary.messageId().ifPresent(id -> lines.add("message id    " + id));
    lines.add("recipients    " + recipients(summary));
    for (TraceEvent event : domain.trace().events(organization.id(), summary.id())) {
      lines.add(
          "  "
              + event.time()
              + "  "
              + "%-17s".formatted(event.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '))
              + String.join(", ", event.recipients())
              + event.rule().map(rule -> "  \"" + rule + "\"").orElse("")
              + event.action().map(action -> "  " + action).orElse("")
              + event.detail().map(detail -> "  " + detail).orElse("")
              + event.server().map(server -> "  (" + server + ")").orElse(""));
    }
  }

  private List<String> rules(JsonNode request) {
    OrganizationId organization = organization(request);
    int count = Math.clamp(request.path("count").asInt(100), 1, RuleDryRun.MESSAGES_MAX);
    RuleDryRun dryRun = new RuleDryRun(domain.trace());
    RuleDryRun.Report report =
        switch (request.path("direction").asString("")) {
          case "inbound" ->
              dryRun.inbound(
                  organization,
                  proposed(
                      FlowRules.inbound(domain.directory(), domain.clock(), domain.random()),
                      organization,
                      request,
                      InboundAction.class),
                  count);
          case "outbound" ->
              dryRun.outbound(
                  organization,
                  proposed(
                      FlowRules.outbound(domain.directory(), domain.clock(), domain.random()),
                      organization,
                      request,
                      OutboundAction.class),
                  count);
          default -> throw new RefusedException(Refusal.INVALID, "inbound or outbound");
        };
    List<String> lines = new ArrayList<>();
    for (RuleDryRun.Changed each : report.changes()) {
      lines.add(
          each.message().id()
              + "  "
              + each.message().received()
              + "  <"
              + each.message().sender().orElse("")
              + "> to "
              + String.join(", ", each.recipients())
              + ": "
              + text(each.before())
              + " → "
              + text(each.after()));
    }
    lines.add(
        report.changes().size()
            + " changes in "
            + report.examined()
            + " messages"
            + report.since().map(since -> " since " + since).orElse(""));
    return lines;
  }

  private static String text(RuleDryRun.Decision decision) {
    return decision.action() + decision.rule().map(rule -> " (\"" + rule + "\")").orElse("");
  }

  private <A extends Enum<A>> List<FlowRule<A>> proposed(
      FlowRules<A> rules, OrganizationId organization, JsonNode request, Class<A> actions) {
    List<FlowRule<A>> all = new ArrayList<>(rules.all(organization));
    Optional<String> without = text(request, "without");
    if (without.isPresent()
        && !all.removeIf(
            rule -> rule.id().equals(without.get()) || rule.terms().name().equals(without.get()))) {
      throw new RefusedException(Refusal.NOT_FOUND, "no such rule: " + without.get());
    }
    Optional<String> action = text(request, "action");
    if (action.isEmpty()) return all;
    List<AddressPattern> senders = patterns(request, "sender");
    List<AddressPattern> recipients = patterns(request, "recipient");
    Instant now = domain.clock().instant();
    all.add(
        new FlowRule<>(
            "proposed",
            new FlowRule.Terms<>(
                "proposed",
                action(actions, action.get()),
                senders,
                recipients,
                Optional.empty(),
                Optional.empty()),
            now,
            now));
    return all;
  }

  private static <A extends Enum<A>> A action(Class<A> actions, String text) {
    String name = text.toUpperCase(Locale.ROOT).replace('-', '_');
    for (A each : actions.getEnumConstants()) if (each.name().equals(name)) return each;
    throw new RefusedException(Refusal.INVALID, "no such action: " + text);
  }

  /// `*` where nothing is said.
  private static List<AddressPattern> patterns(JsonNode request, String member) {
    List<AddressPattern> patterns = new ArrayList<>();
    for (JsonNode each : request.path(member)) {
      try {
        patterns.add(AddressPattern.parse(each.asString("")));
      } catch (MalformedException | RefusedException e) {
        throw new RefusedException(Refusal.INVALID, "not a pattern: " + each.asString(""));
      }
    }
    return patterns.isEmpty() ? List.of(AddressPattern.any()) : patterns;
  }

  private OrganizationId organization(JsonNode request) {
    Optional<String> wanted = text(request, "organization");
    if (wanted.isEmpty()) return FirstRun.organization(domain).id();
    return organizations().stream()
        .filter(each ->
            each.id().value().equals(wanted.get()) || each.alias().equalsIgnoreCase(wanted.get()))
        .map(Organization::id)
        .findFirst()
        .orElseThrow(
            () -> new RefusedException(Refusal.NOT_FOUND, "no such organization: " + wanted.get()));
  }

  private List<Organization> organizations() {
    List<Organization> all = new ArrayList<>();
    for (AccountId account : domain.directory().accounts().accounts()) {
      Optional<String> token = Optional.empty();
      do {
        Listing<Organization> page =
            domain
                .directory()
                .organizations()
                .list(account, new Listing.PageRequest(Listing.PageRequest.COUNT_MAX, token));
        all.addAll(page.items());
        token = page.nextToken();
      } while (token.isPresent());
    }
    return all;
  }

  private static Optional<String> text(JsonNode request, String member) {
    return Optional.of(request.path(member).asString("")).filter(text -> !text.isEmpty());
  }

  private static Optional<Instant> time(JsonNode request, String member) {
    return text(request, member)
        .map(text -> {
          try {
            return Instant.parse(text);
          } catch (DateTimeParseException e) {
            throw new RefusedException(
                Refusal.INVALID, "not a time, as in 2026-11-21T15:00:00Z: " + text);
          }
        });
  }

  private static String line(TraceSummary summary) {
    return summary.id()
        + "  "
        + summary.received()
        + "  <"
        + summary.sender().orElse("")
        + ">  "
        + recipients(summary)
        + summary.subject().map(subject -> "  " + subject).orElse("");
  }

  private static String submitter(TraceSummary summary) {
    return summary.submitter().map(user -> ", sent by user " + user).orElse("");
  }

  private static String recipients(TraceSummary summary) {
    List<String> all = new ArrayList<>(summary.inside());
    all.addAll(summary.outside());
    int more = summary.recipientCount() - all.size();
    return String.join(", ", all) + (more > 0 ? " and " + more + " more" : "");
  }
}
