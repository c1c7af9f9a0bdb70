package org.mailstead.formats.sieve;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.mailstead.formats.mime.Dates;
import org.mailstead.formats.sieve.Condition.AddressPart;
import org.mailstead.formats.sieve.Condition.Index;

/// Answers the tests of one run.
final class Evaluator {
  private final SieveMessage message;
  private final SieveEnvironment environment;
  private final Variables variables;
  private final FlagVariables flags;
  private final Consumer<SieveAction.NoteDuplicate> noted;
  private final Work work;

  /// @param noted hears of duplicates to be noted when the run is carried out
  Evaluator(
      SieveMessage message,
      SieveEnvironment environment,
      Variables variables,
      FlagVariables flags,
      Work work,
      Consumer<SieveAction.NoteDuplicate> noted) {
    this.message = message;
    this.environment = environment;
    this.variables = variables;
    this.flags = flags;
    this.work = work;
    this.noted = noted;
  }

  boolean holds(Condition condition) {
    work.spend(1);
    return switch (condition) {
      case Condition.Fixed(boolean value) -> value;
      case Condition.Not(Condition inner) -> !holds(inner);
      case Condition.AllOf(List<Condition> all) -> {
        for (Condition each : all) {
          if (!holds(each)) yield false;
        }
        yield true;
      }
      case Condition.AnyOf(List<Condition> any) -> {
        for (Condition each : any) {
          if (holds(each)) yield true;
        }
        yield false;
      }
      case Condition.Address address -> address(address);
      case Condition.Envelope envelope -> envelope(envelope);
      case Condition.Header header -> {
        var values = new ArrayList<String>();
        for (String name : variables.expand(header.headers())) {
          add(values, indexed(message.header(name), header.index()));
        }
        yield matcher(header.matching(), header.keys(), true).matches(values);
      }
      case Condition.Exists(List<String> headers) ->
          variables.expand(headers).stream().allMatch(name -> !message.header(name).isEmpty());
      case Condition.Size(boolean over, long bytes) ->
          over ? message.size() > bytes : message.size() < bytes;
      case Condition.Body body -> body(body);
      case Condition.HasFlag hasFlag -> {
        List<String> found = new ArrayList<>();
        if (hasFlag.variables().isEmpty()) {
          found.addAll(flags.internal());
        } else {
          for (String name : variables.expand(hasFlag.variables())) {
            found.addAll(FlagVariables.split(List.of(variables.find(name))));
          }
        }
        var matcher =
            new Matcher(
                hasFlag.matching(),
                matchedFlags(hasFlag.matching(), variables.expand(hasFlag.keys())),
                variables,
                work,
                true);
        yield matcher.matches(found);
      }
      case Condition.StringTest string -> {
        List<String> sources = variables.expand(string.sources());
        Matcher matcher = matcher(string.matching(), string.keys(), true);
        // RFC 5229 §5: empty strings do not count.
        yield matcher.isCount()
            ? matcher.count((int) sources.stream().filter(each -> !each.isEmpty()).count())
            : matcher.matches(sources);
      }
      case Condition.Date date -> date(date);
      case Condition.MailboxExists(List<String> names) ->
          variables.expand(names).stream().allMatch(environment::mailboxExists);
      case Condition.SpecialUseExists(Optional<String> mailbox, List<String> uses) -> {
        Optional<String> name = mailbox.map(variables::expand);
        yield variables.expand(uses).stream()
            .allMatch(use -> environment.specialUseExists(name, use));
      }
      case Condition.Duplicate duplicate -> duplicate(duplicate);
      case Condition.HasAttachment() -> message.hasAttachment();
      case Condition.InternalSender() -> environment.isInternalSender();
      case Condition.AddressedToMe(boolean toOnly, boolean only) -> addressedToMe(toOnly, only);
    };
  }

  private Matcher matcher(Matching matching, List<String> keys, boolean capturing) {
    return new Matcher(matching, variables.expand(keys), variables, work, capturing);
  }

  /// RFC 5232 §4: keys of IS are lists of flags; a pattern is one flag.
  private static List<String> matchedFlags(Matching matching, List<String> keys) {
    return matching.type() == Matching.Type.IS ? FlagVariables.split(keys) : keys;
  }

  private static <T> List<T> indexed(List<T> fields, Optional<Index> index) {
    if (index.isEmpty()) return fields;
    int number = index.get().number();
    if (number > fields.size()) return List.of();
    return List.of(fields.get(index.get().last() ? fields.size() - number : number - 1));
  }

  private static void add(List<String> values, List<String> more) {
    for (String each : more) {
      if (values.size() == SieveLimits.VALUES_MAX) return;
      values.add(each);
    }
  }

  private boolean address(Condition.Address test) {
    var values = new ArrayList<String>();
    for (String name : variables.expand(test.headers())) {
      if (!TestCompiler.isAddressHeader(name)) continue;
      for (List<SieveMessage.Address> field : indexed(message.addresses(name), test.index())) {
        for (SieveMessage.Address address : field) {
          part(address, test.part()).ifPresent(part -> add(values, List.of(part)));
        }
      }
    }
    return matcher(test.matching(), test.keys(), true).matches(values);
  }

  private static Optional<String> part(SieveMessage.Address address, AddressPart part) {
    int plus = address.local().indexOf('+');
    return switch (part) {
      case ALL -> Optional.of(address.whole());
      case LOCALPART -> Optional.of(address.local());
      case DOMAIN -> Optional.of(address.domain());
      case USER -> Optional.of(plus < 0 ? address.local() : address.local().substring(0, plus));
      // RFC 5233 §4: without a separator there is no detail, not an empty one.
      case DETAIL -> plus < 0 ? Optional.empty() : Optional.of(address.local().substring(plus + 1));
    };
  }

  private boolean envelope(Condition.Envelope test) {
    var values = new ArrayList<String>();
    SieveMessage.Envelope envelope = environment.envelope();
    for (String name : variables.expand(test.parts())) {
      switch (name.toLowerCase(Locale.ROOT)) {
        // RFC 5228 §5.4: the null reverse path is the empty string, whatever the part.
        case "from" ->
            values.addAll(
                envelope.from().map(from -> parts(from, test.part())).orElse(List.of("")));
        case "to" ->
            values.addAll(envelope.to().map(to -> parts(to, test.part())).orElse(List.of()));
        default -> {
          // There is no such part.
        }
      }
    }
    return matcher(test.matching(), test.keys(), true).matches(values);
  }

  private static List<String> parts(String address, AddressPart part) {
    int at = address.lastIndexOf('@');
    var split =
        at < 0
            ? new SieveMessage.Address(address, "")
            : new SieveMessage.Address(address.substring(0, at), address.substring(at + 1));
    return part(split, part).stream().toList();
  }

  private boolean body(Condition.Body test) {
    // RFC 5173 §6: bodies set no match variables.
    Matcher matcher = matcher(test.matching(), test.keys(), false);
    return switch (test.transform()) {
      case RAW -> matcher.matches(List.of(message.rawBody()));
      case TEXT -> matcher.matches(List.of(message.bodyText()));
      case CONTENT -> {
        List<String> types = variables.expand(test.types());
        yield matcher.matches(
            message.bodyParts().stream()
                .filter(part -> types.stream().anyMatch(type -> isOf(part.type(), type)))
                .map(SieveMessage.Part::text)
                .toList());
      }
    };
  }

  /// RFC 5173 §5.2.
  private static boolean isOf(String type, String wanted) {
    String want = wanted.toLowerCase(Locale.ROOT);
    if (want.isEmpty()) return true;
    int slash = want.indexOf('/');
    if (slash < 0) return type.startsWith(want + "/");
    if (slash == 0 || slash == want.length() - 1 || want.indexOf('/', slash + 1) >= 0) return false;
    return type.equals(want);
  }

  private boolean date(Condition.Date test) {
    Optional<OffsetDateTime> date =
        test.header().isPresent()
            ? ofHeader(variables.expand(test.header().get()), test.index())
            : Optional.of(environment.now().toOffsetDateTime());
    if (date.isEmpty()) {
      return matcher(test.matching(), test.keys(), true).matches(List.of());
    }
    Optional<OffsetDateTime> shown =
        switch (test.zone()) {
          case Condition.Date.Zone.Original() -> date;
          case Condition.Date.Zone.Local() -> shift(date.get(), environment.now().getZone());
          case Condition.Date.Zone.Given(String offset) ->
              DateParts.zone(variables.expand(offset)).flatMap(zone -> shift(date.get(), zone));
        };
    List<String> values =
        shown.flatMap(d -> DateParts.part(d, variables.expand(test.part()))).stream().toList();
    return matcher(test.matching(), test.keys(), true).matches(values);
  }

  private Optional<OffsetDateTime> ofHeader(String name, Optional<Index> index) {
    for (String value : indexed(message.header(name), index)) {
      // Received has its date behind the last semicolon.
      int semicolon = value.lastIndexOf(';');
      return Dates.parse(semicolon < 0 ? value : value.substring(semicolon + 1));
    }
    return Optional.empty();
  }

  private static Optional<OffsetDateTime> shift(OffsetDateTime date, ZoneId zone) {
    try {
      return Optional.of(date.atZoneSameInstant(zone).toOffsetDateTime());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private boolean duplicate(Condition.Duplicate test) {
    Optional<String> id;
    if (test.isHeader()) {
      String name = test.value().map(variables::expand).orElse("Message-ID");
      id = message.header(name).stream().findFirst();
    } else {
      id = test.value().map(variables::expand);
    }
    // RFC 7352 §3.1: without the field nothing is a duplicate.
    if (id.isEmpty() || id.get().isEmpty()) return false;
    var note =
        new SieveAction.NoteDuplicate(
            variables.expand(test.handle()),
            id.get(),
            Duration.ofSeconds(test.seconds()),
            test.last());
    boolean seen = environment.isDuplicate(note);
    if (!seen || test.last()) noted.accept(note);
    return seen;
  }

  private boolean addressedToMe(boolean toOnly, boolean only) {
    Function<String, List<SieveMessage.Address>> in =
        name -> message.addresses(name).stream().flatMap(List::stream).toList();
    List<SieveMessage.Address> to = in.apply("to");
    List<SieveMessage.Address> cc = in.apply("cc");
    boolean named =
        to.stream().anyMatch(environment::isOwn)
            || (!toOnly && cc.stream().anyMatch(environment::isOwn));
    if (!only) return named;
    return named
        && to.stream().allMatch(environment::isOwn)
        && cc.stream().allMatch(environment::isOwn);
  }
}
