package org.mailstead.core.flow;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.OrganizationRecords;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.directory.RecordPages;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// The mail flow rules of organizations in one direction. A change holds for the next message.
///
/// @param <A> [InboundAction] or [OutboundAction]
public final class FlowRules<A extends Enum<A>> {
  private static final int FORMAT = 1;
  private static final int CACHED_MAX = 10_000;

  private final OrganizationRecords records;
  private final Kind kind;
  private final Class<A> actions;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Map<OrganizationId, Cached<A>> cache = new ConcurrentHashMap<>();

  private record Stored<A extends Enum<A>>(FlowRule<A> rule, Optional<String> clientToken) {}

  /// @param source what the rules were read from: the same as long as nothing changes
  private record Cached<A extends Enum<A>>(
      SortedMap<String, byte[]> source, List<FlowRule<A>> rules) {}

  private FlowRules(
      Directory directory,
      Kind kind,
      Class<A> actions,
      InstantSource clock,
      RandomGenerator random) {
    this.records = directory.records();
    this.kind = kind;
    this.actions = actions;
    this.clock = clock;
    this.random = random;
  }

  public static FlowRules<InboundAction> inbound(
      Directory directory, InstantSource clock, RandomGenerator random) {
    return new FlowRules<>(
        directory, Kind.INBOUND_MAIL_FLOW_RULE, InboundAction.class, clock, random);
  }

  public static FlowRules<OutboundAction> outbound(
      Directory directory, InstantSource clock, RandomGenerator random) {
    return new FlowRules<>(
        directory, Kind.OUTBOUND_MAIL_FLOW_RULE, OutboundAction.class, clock, random);
  }

  /// @param clientToken a second call with it answers as the first
  /// @return the id
  /// @throws DirectoryRefusedException LIMIT_EXCEEDED; NAME_AVAILABILITY; RESOURCE_NOT_FOUND (the
  ///   gateway); INVALID_PARAMETER: the terms contradict each other, or the token was used for
  ///   another rule
  public String create(
      Change change,
      OrganizationId organization,
      FlowRule.Terms<A> terms,
      Optional<String> clientToken) {
    Instant now = clock.instant();
    String id = new UUID(random.nextLong(), random.nextLong()).toString();
    check(terms);
    return records.change(
        change,
        organization,
        edit -> {
          for (var each : edit.all(kind).entrySet()) {
            Stored<A> present = decode(each.getKey(), each.getValue());
            if (clientToken.isEmpty() || !present.clientToken.equals(clientToken)) continue;
            if (present.rule.terms().equals(terms)) return present.rule.id();
            throw new DirectoryRefusedException(
                DirectoryRefusal.INVALID_PARAMETER,
                "The client token was used for another request.");
          }
          check(edit, Optional.empty(), terms);
          edit.put(kind, id, encode(new FlowRule<>(id, terms, now, now), clientToken));
          edit.answers(Map.of("ruleId", id));
          return id;
        });
  }

  /// Replaces everything but id and creation date.
  ///
  /// @throws DirectoryRefusedException RESOURCE_NOT_FOUND, and as [#create]
  public void update(
      Change change, OrganizationId organization, String id, FlowRule.Terms<A> terms) {
    Instant now = clock.instant();
    check(terms);
    records.change(
        change,
        organization,
        edit -> {
          Stored<A> present =
              edit.find(kind, id).map(value -> decode(id, value)).orElseThrow(FlowRules::notFound);
          check(edit, Optional.of(id), terms);
          var rule = new FlowRule<>(id, terms, present.rule.created(), now);
          edit.put(kind, id, encode(rule, present.clientToken));
          return true;
        });
  }

  /// Harmless if there is none.
  public void delete(Change change, OrganizationId organization, String id) {
    records.change(change, organization, edit -> edit.delete(kind, id));
  }

  /// @throws DirectoryRefusedException RESOURCE_NOT_FOUND
  public FlowRule<A> load(OrganizationId organization, String id) {
    return records
        .find(organization, kind, id)
        .map(value -> decode(id, value).rule)
        .orElseThrow(FlowRules::notFound);
  }

  /// In the order of ids.
  public Listing<FlowRule<A>> list(OrganizationId organization, Listing.PageRequest page) {
    return RecordPages.of(
        records.all(organization, kind), page, (id, value) -> Optional.of(decode(id, value).rule));
  }

  /// All of them, as they are now.
  public List<FlowRule<A>> all(OrganizationId organization) {
    SortedMap<String, byte[]> source = records.all(organization, kind);
    if (source.isEmpty()) return List.of();
    Cached<A> known = cache.get(organization);
    if (known != null && known.source == source) return known.rules;
    List<FlowRule<A>> rules = new ArrayList<>();
    source.forEach((id, value) -> rules.add(decode(id, value).rule));
    if (cache.size() >= CACHED_MAX) cache.clear();
    cache.put(organization, new Cached<>(source, List.copyOf(rules)));
    return List.copyOf(rules);
  }

  /// As an edit sees them.
  List<FlowRule<A>> all(OrganizationRecords.Edit edit) {
    List<FlowRule<A>> rules = new ArrayList<>();
    edit.all(kind).forEach((id, value) -> rules.add(decode(id, value).rule));
    return rules;
  }

  private static <A extends Enum<A>> void check(FlowRule.Terms<A> terms) {
    if (terms.senders().isEmpty() || terms.recipients().isEmpty()) {
      throw invalid("A rule needs patterns.");
    }
    String action = terms.action().name();
    boolean runs = action.equals(OutboundAction.RUN_LAMBDA.name());
    if (runs != terms.lambda().isPresent()) {
      throw invalid("Lambda belongs to the action RUN_LAMBDA, and the action needs it.");
    }
    terms.lambda().ifPresent(hook -> check(terms, hook));
    String gateway = OutboundAction.ROUTE_TO_SMTP_GATEWAY.name();
    boolean routes =
        action.equals(gateway)
            || terms.lambda().map(hook -> hook.fallback().equals(gateway)).orElse(false);
    if (routes != terms.gateway().isPresent()) {
      throw invalid(
          "SmtpGatewayId belongs to the action, or fallback action, ROUTE_TO_SMTP_GATEWAY.");
    }
    int count = Math.max(terms.senders().size(), terms.recipients().size());
    int chars =
        terms.senders().stream().mapToInt(each -> each.text().length()).sum()
            + terms.recipients().stream().mapToInt(each -> each.text().length()).sum();
    if (count > FlowLimits.PATTERNS_PER_RULE_MAX || chars > FlowLimits.PATTERN_CHARS_PER_RULE_MAX) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.LIMIT_EXCEEDED,
          "A rule has at most "
              + FlowLimits.PATTERNS_PER_RULE_MAX
              + " sender patterns and as many recipient patterns, together "
              + FlowLimits.PATTERN_CHARS_PER_RULE_MAX
              + " characters.");
    }
  }

  /// WorkMail guide, Configuring synchronous Run Lambda rules.
  private static <A extends Enum<A>> void check(FlowRule.Terms<A> terms, LambdaHook hook) {
    if (!hook.isSynchronous()) {
      if (hook.timeoutMinutes().isPresent() || hook.fallbackAction().isPresent()) {
        throw invalid("TimeoutMinutes and FallbackAction are for synchronous functions only.");
      }
      return;
    }
    if (!terms.recipients().equals(List.of(AddressPattern.any()))) {
      throw invalid("A rule with a synchronous function has the recipient pattern * only.");
    }
    int minutes = hook.timeoutMinutes().orElse(0);
    if (minutes < 0 || minutes > FlowLimits.TIMEOUT_MINUTES_MAX) {
      throw invalid("TimeoutMinutes is at most " + FlowLimits.TIMEOUT_MINUTES_MAX + ".");
    }
    Class<A> actions = terms.action().getDeclaringClass();
    boolean known =
        java.util.Arrays.stream(actions.getEnumConstants())
            .map(Enum::name)
            .filter(name -> !name.equals(OutboundAction.RUN_LAMBDA.name()))
            .anyMatch(hook.fallback()::equals);
    if (!known) throw invalid("The fallback action " + hook.fallback() + " is not possible.");
  }

  /// Against the organization's other rules.
  private void check(OrganizationRecords.Edit edit, Optional<String> own, FlowRule.Terms<A> terms) {
    for (var each : edit.all(kind).entrySet()) {
      boolean other = !own.equals(Optional.of(each.getKey()));
      if (other
          && decode(each.getKey(), each.getValue()).rule.terms().name().equals(terms.name())) {
        throw new DirectoryRefusedException(
            DirectoryRefusal.NAME_AVAILABILITY,
            "There is a rule with the name " + terms.name() + " already.");
      }
    }
    if (terms.gateway().isPresent()
        && edit.find(Kind.SMTP_GATEWAY, terms.gateway().get()).isEmpty()) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.RESOURCE_NOT_FOUND, "The SMTP gateway was not found.");
    }
    int count = terms.senders().size();
    for (Kind each : List.of(Kind.INBOUND_MAIL_FLOW_RULE, Kind.OUTBOUND_MAIL_FLOW_RULE)) {
      for (var record : edit.all(each).entrySet()) {
        if (each == kind && own.equals(Optional.of(record.getKey()))) continue;
        count += patternCount(record.getValue());
      }
    }
    if (count > FlowLimits.PATTERNS_MAX) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.LIMIT_EXCEEDED,
          "The rules of an organization have at most "
              + FlowLimits.PATTERNS_MAX
              + " sender patterns together.");
    }
  }

  private static int patternCount(byte[] value) {
    return (int) new ValueReader(value, FORMAT).number();
  }

  private byte[] encode(FlowRule<A> rule, Optional<String> clientToken) {
    FlowRule.Terms<A> terms = rule.terms();
    var out =
        new ValueWriter(FORMAT)
            .number(terms.senders().size())
            .time(rule.created())
            .time(rule.modified())
            .optionalText(clientToken)
            .text(terms.name())
            .text(terms.action().name())
            .optionalText(terms.gateway());
    write(out, terms.senders());
    write(out, terms.recipients());
    out.flag(terms.lambda().isPresent());
    terms
        .lambda()
        .ifPresent(lambda ->
            out.text(lambda.functionArn())
                .flag(lambda.isSynchronous())
                .number(lambda.timeoutMinutes().orElse(0))
                .flag(lambda.timeoutMinutes().isPresent())
                .optionalText(lambda.fallbackAction()));
    return out.value();
  }

  private Stored<A> decode(String id, byte[] value) {
    var in = new ValueReader(value, FORMAT);
    in.number();
    Instant created = in.time();
    Instant modified = in.time();
    Optional<String> clientToken = in.optionalText();
    String name = in.text();
    A action = Enum.valueOf(actions, in.text());
    Optional<String> gateway = in.optionalText();
    List<AddressPattern> senders = read(in);
    List<AddressPattern> recipients = read(in);
    Optional<LambdaHook> lambda = Optional.empty();
    if (in.flag()) {
      String arn = in.text();
      boolean synchronous = in.flag();
      int minutes = (int) in.number();
      Optional<Integer> timeout = in.flag() ? Optional.of(minutes) : Optional.empty();
      lambda = Optional.of(new LambdaHook(arn, synchronous, timeout, in.optionalText()));
    }
    var terms = new FlowRule.Terms<>(name, action, senders, recipients, gateway, lambda);
    return new Stored<>(new FlowRule<>(id, terms, created, modified), clientToken);
  }

  private static void write(ValueWriter out, List<AddressPattern> patterns) {
    out.number(patterns.size());
    patterns.forEach(pattern -> out.text(pattern.text()));
  }

  private static List<AddressPattern> read(ValueReader in) {
    int count = (int) in.number();
    List<AddressPattern> patterns = new ArrayList<>(count);
    for (int i = 0; i < count; i++) patterns.add(AddressPattern.parse(in.text()));
    return patterns;
  }

  private static DirectoryRefusedException invalid(String text) {
    return new DirectoryRefusedException(DirectoryRefusal.INVALID_PARAMETER, text);
  }

  private static DirectoryRefusedException notFound() {
    return new DirectoryRefusedException(
        DirectoryRefusal.RESOURCE_NOT_FOUND, "The mail flow rule was not found.");
  }
}
