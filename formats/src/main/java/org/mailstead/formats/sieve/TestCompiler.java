package org.mailstead.formats.sieve;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailstead.formats.sieve.Condition.AddressPart;
import org.mailstead.formats.sieve.Condition.Index;
import org.mailstead.formats.sieve.Syntax.Argument;
import org.mailstead.formats.sieve.Syntax.Test;

/// Tests by their grammar to checked conditions.
final class TestCompiler {
  /// RFC 5228 §5.1: only fields that hold addresses.
  private static final Set<String> ADDRESS_HEADERS =
      Set.of(
          "from",
          "to",
          "cc",
          "bcc",
          "sender",
          "reply-to",
          "resent-from",
          "resent-to",
          "resent-cc",
          "resent-bcc",
          "resent-sender",
          "resent-reply-to",
          "return-path",
          "delivered-to",
          "x-original-to",
          "x-original-sender",
          "x-envelope-from",
          "x-envelope-to",
          "envelope-to",
          "apparently-to",
          "errors-to",
          "return-receipt-to",
          "disposition-notification-to");

  private static final Set<String> DATE_PARTS =
      Set.of(
          "year", "month", "day", "date", "julian", "hour", "minute", "second", "time", "iso8601",
          "std11", "zone", "weekday");

  private final Capabilities capabilities;

  TestCompiler(Capabilities capabilities) {
    this.capabilities = capabilities;
  }

  Condition compile(Test test) {
    var arguments = new Arguments(test.name(), test.place(), test.arguments(), capabilities);
    boolean takesTests = Set.of("not", "allof", "anyof").contains(test.name());
    if (!takesTests && !test.tests().isEmpty()) {
      throw test.place().malformed("\"" + test.name() + "\" takes no tests");
    }
    return switch (test.name()) {
      case "true" -> fixed(arguments, true);
      case "false" -> fixed(arguments, false);
      case "not" -> {
        arguments.end();
        if (test.tests().size() != 1) throw test.place().malformed("\"not\" takes one test");
        yield new Condition.Not(compile(test.tests().getFirst()));
      }
      case "allof" -> new Condition.AllOf(several(test, arguments));
      case "anyof" -> new Condition.AnyOf(several(test, arguments));
      case "address" -> address(arguments);
      case "envelope" -> envelope(arguments);
      case "header" -> header(arguments);
      case "exists" -> {
        List<String> headers = arguments.texts("header names");
        arguments.end();
        yield new Condition.Exists(headers);
      }
      case "size" -> size(arguments);
      case "body" -> body(arguments);
      case "hasflag" -> hasFlag(arguments);
      case "string" -> string(arguments);
      case "date" -> date(arguments, true);
      case "currentdate" -> date(arguments, false);
      case "mailboxexists" -> {
        need(Capability.MAILBOX, arguments, "mailboxexists");
        List<String> names = arguments.texts("mailboxes");
        arguments.end();
        yield new Condition.MailboxExists(names);
      }
      case "specialuse_exists" -> specialUse(arguments);
      case "duplicate" -> duplicate(arguments);
      case "hasattachment" -> {
        need(Capability.RULES, arguments, "hasattachment");
        arguments.end();
        yield new Condition.HasAttachment();
      }
      case "internalsender" -> {
        need(Capability.RULES, arguments, "internalsender");
        arguments.end();
        yield new Condition.InternalSender();
      }
      case "addressedtome" -> addressedToMe(arguments);
      default -> throw test.place().malformed("unknown test \"" + test.name() + "\"");
    };
  }

  private static Condition fixed(Arguments arguments, boolean value) {
    arguments.end();
    return new Condition.Fixed(value);
  }

  private List<Condition> several(Test test, Arguments arguments) {
    arguments.end();
    if (test.tests().isEmpty()) {
      throw test.place().malformed("\"" + test.name() + "\" takes tests in parentheses");
    }
    return test.tests().stream().map(this::compile).toList();
  }

  private void need(Capability capability, Arguments arguments, String what) {
    capabilities.need(capability, "\"" + what + "\"", arguments.place());
  }

  /// The tags that most tests share.
  private final class Tags {
    private final Arguments arguments;
    private Matching.Type type = Matching.Type.IS;
    private Matching.Relation relation = Matching.Relation.EQ;
    private @Nullable Comparator comparator;
    private @Nullable Place typePlace;
    private AddressPart part = AddressPart.ALL;
    private int index;
    private boolean last;

    Tags(Arguments arguments) {
      this.arguments = arguments;
    }

    /// Whether the tag is a match type or comparator.
    boolean matching(Argument.Tag tag) {
      switch (tag.name()) {
        case "is" -> type(tag, Matching.Type.IS);
        case "contains" -> type(tag, Matching.Type.CONTAINS);
        case "matches" -> type(tag, Matching.Type.MATCHES);
        case "value", "count" -> {
          capabilities.need(Capability.RELATIONAL, ":" + tag.name(), tag.place());
          type(tag, tag.name().equals("value") ? Matching.Type.VALUE : Matching.Type.COUNT);
          relation = relation(tag.place());
        }
        case "comparator" -> {
          arguments.once("comparator", tag);
          comparator = comparator(tag.place());
        }
        default -> {
          return false;
        }
      }
      return true;
    }

    private void type(Argument.Tag tag, Matching.Type found) {
      arguments.once("match type", tag);
      type = found;
      typePlace = tag.place();
    }

    private Matching.Relation relation(Place place) {
      return switch (arguments.text("a relation").toLowerCase(Locale.ROOT)) {
        case "gt" -> Matching.Relation.GT;
        case "ge" -> Matching.Relation.GE;
        case "lt" -> Matching.Relation.LT;
        case "le" -> Matching.Relation.LE;
        case "eq" -> Matching.Relation.EQ;
        case "ne" -> Matching.Relation.NE;
        default -> throw place.malformed("a relation is one of gt, ge, lt, le, eq, ne");
      };
    }

    private Comparator comparator(Place place) {
      String name = arguments.text("a comparator");
      Comparator found =
          Comparator.find(name)
              .orElseThrow(() -> place.malformed("unknown comparator \"" + name + "\""));
      switch (found) {
        case OCTET, ASCII_CASEMAP -> {
          // Always there (RFC 5228 §2.7.3).
        }
        case ASCII_NUMERIC ->
            capabilities.need(Capability.COMPARATOR_ASCII_NUMERIC, found.name, place);
        case UNICODE_CASEMAP ->
            capabilities.need(Capability.COMPARATOR_UNICODE_CASEMAP, found.name, place);
      }
      return found;
    }

    boolean addressPart(Argument.Tag tag) {
      AddressPart found =
          switch (tag.name()) {
            case "all" -> AddressPart.ALL;
            case "localpart" -> AddressPart.LOCALPART;
            case "domain" -> AddressPart.DOMAIN;
            case "user" -> AddressPart.USER;
            case "detail" -> AddressPart.DETAIL;
            default -> null;
          };
      if (found == null) return false;
      if (found == AddressPart.USER || found == AddressPart.DETAIL) {
        capabilities.need(Capability.SUBADDRESS, ":" + tag.name(), tag.place());
      }
      arguments.once("address part", tag);
      part = found;
      return true;
    }

    boolean index(Argument.Tag tag) {
      switch (tag.name()) {
        case "index" -> {
          capabilities.need(Capability.INDEX, ":index", tag.place());
          arguments.once("index", tag);
          long number = arguments.number("an index");
          if (number < 1 || number > Integer.MAX_VALUE) {
            throw tag.place().malformed("an index is 1 or more");
          }
          index = (int) number;
        }
        case "last" -> {
          capabilities.need(Capability.INDEX, ":last", tag.place());
          arguments.once("last", tag);
          last = true;
        }
        default -> {
          return false;
        }
      }
      return true;
    }

    Matching matching() {
      Comparator found = comparator;
      // RFC 5231 §4.2: counts are numbers, whatever the comparator of strings.
      if (found == null) {
        found = type == Matching.Type.COUNT ? Comparator.ASCII_NUMERIC : Comparator.ASCII_CASEMAP;
      }
      boolean substrings = type == Matching.Type.CONTAINS || type == Matching.Type.MATCHES;
      if (substrings && !found.hasSubstrings()) {
        Place place = typePlace == null ? arguments.place() : typePlace;
        throw place.malformed(found.name + " knows no parts of strings");
      }
      return new Matching(type, relation, found);
    }

    Optional<Index> index() {
      if (index == 0 && last) throw arguments.place().malformed(":last comes with :index only");
      return index == 0 ? Optional.empty() : Optional.of(new Index(index, last));
    }
  }

  private Condition address(Arguments arguments) {
    var tags = new Tags(arguments);
    for (var tag = arguments.tag(); tag.isPresent(); tag = arguments.tag()) {
      if (!tags.matching(tag.get()) && !tags.addressPart(tag.get()) && !tags.index(tag.get())) {
        throw arguments.unknown(tag.get());
      }
    }
    Place place = arguments.here();
    List<String> headers = arguments.texts("header names");
    for (String header : headers) {
      boolean open = capabilities.has(Capability.VARIABLES) && header.contains("${");
      if (!open && !isAddressHeader(header)) {
        throw place.malformed("\"address\" does not look into the field " + header);
      }
    }
    List<String> keys = arguments.texts("keys");
    arguments.end();
    return new Condition.Address(tags.matching(), tags.part, headers, keys, tags.index());
  }

  static boolean isAddressHeader(String name) {
    return ADDRESS_HEADERS.contains(name.toLowerCase(Locale.ROOT));
  }

  private Condition envelope(Arguments arguments) {
    need(Capability.ENVELOPE, arguments, "envelope");
    var tags = new Tags(arguments);
    for (var tag = arguments.tag(); tag.isPresent(); tag = arguments.tag()) {
      if (!tags.matching(tag.get()) && !tags.addressPart(tag.get())) {
        throw arguments.unknown(tag.get());
      }
    }
    Place place = arguments.here();
    List<String> parts = arguments.texts("parts of the envelope");
    for (String part : parts) {
      boolean open = capabilities.has(Capability.VARIABLES) && part.contains("${");
      if (!open && !part.equalsIgnoreCase("from") && !part.equalsIgnoreCase("to")) {
        throw place.malformed("the envelope has the parts \"from\" and \"to\"");
      }
    }
    List<String> keys = arguments.texts("keys");
    arguments.end();
    return new Condition.Envelope(tags.matching(), tags.part, parts, keys);
  }

  private Condition header(Arguments arguments) {
    var tags = new Tags(arguments);
    for (var tag = arguments.tag(); tag.isPresent(); tag = arguments.tag()) {
      if (!tags.matching(tag.get()) && !tags.index(tag.get())) throw arguments.unknown(tag.get());
    }
    List<String> headers = arguments.texts("header names");
    List<String> keys = arguments.texts("keys");
    arguments.end();
    return new Condition.Header(tags.matching(), headers, keys, tags.index());
  }

  private static Condition size(Arguments arguments) {
    Argument.Tag tag =
        arguments
            .tag()
            .filter(each -> each.name().equals("over") || each.name().equals("under"))
            .orElseThrow(() -> arguments.place().malformed("\"size\" takes :over or :under"));
    long bytes = arguments.number("a size");
    arguments.end();
    return new Condition.Size(tag.name().equals("over"), bytes);
  }

  private Condition body(Arguments arguments) {
    need(Capability.BODY, arguments, "body");
    var tags = new Tags(arguments);
    var transform = Condition.Body.Transform.TEXT;
    List<String> types = List.of();
    for (var tag = arguments.tag(); tag.isPresent(); tag = arguments.tag()) {
      switch (tag.get().name()) {
        case "raw" -> {
          arguments.once("transform", tag.get());
          transform = Condition.Body.Transform.RAW;
        }
        case "text" -> arguments.once("transform", tag.get());
        case "content" -> {
          arguments.once("transform", tag.get());
          transform = Condition.Body.Transform.CONTENT;
          types = arguments.texts("content types");
        }
        default -> {
          if (!tags.matching(tag.get())) throw arguments.unknown(tag.get());
        }
      }
    }
    List<String> keys = arguments.texts("keys");
    arguments.end();
    return new Condition.Body(tags.matching(), transform, types, keys);
  }

  private Condition hasFlag(Arguments arguments) {
    need(Capability.IMAP4FLAGS, arguments, "hasflag");
    var tags = matchingOnly(arguments);
    List<String> variables = List.of();
    if (arguments.hasLeft(2)) {
      need(Capability.VARIABLES, arguments, "hasflag with variables");
      variables = arguments.texts("variables");
    }
    List<String> keys = arguments.texts("flags");
    arguments.end();
    return new Condition.HasFlag(tags.matching(), variables, keys);
  }

  private Condition string(Arguments arguments) {
    need(Capability.VARIABLES, arguments, "string");
    var tags = matchingOnly(arguments);
    List<String> sources = arguments.texts("sources");
    List<String> keys = arguments.texts("keys");
    arguments.end();
    return new Condition.StringTest(tags.matching(), sources, keys);
  }

  private Tags matchingOnly(Arguments arguments) {
    var tags = new Tags(arguments);
    for (var tag = arguments.tag(); tag.isPresent(); tag = arguments.tag()) {
      if (!tags.matching(tag.get())) throw arguments.unknown(tag.get());
    }
    return tags;
  }

  private Condition date(Arguments arguments, boolean ofHeader) {
    need(Capability.DATE, arguments, ofHeader ? "date" : "currentdate");
    var tags = new Tags(arguments);
    Condition.Date.Zone zone = new Condition.Date.Zone.Local();
    for (var tag = arguments.tag(); tag.isPresent(); tag = arguments.tag()) {
      if (tag.get().name().equals("zone")) {
        arguments.once("zone", tag.get());
        String offset = arguments.text("a zone as +hhmm");
        boolean open = capabilities.has(Capability.VARIABLES) && offset.contains("${");
        if (!open && !offset.matches("[+-]\\d{4}")) {
          throw tag.get().place().malformed("a zone has the form +hhmm or -hhmm");
        }
        zone = new Condition.Date.Zone.Given(offset);
      } else if (ofHeader && tag.get().name().equals("originalzone")) {
        arguments.once("zone", tag.get());
        zone = new Condition.Date.Zone.Original();
      } else if (!tags.matching(tag.get()) && !(ofHeader && tags.index(tag.get()))) {
        throw arguments.unknown(tag.get());
      }
    }
    Optional<String> header =
        ofHeader ? Optional.of(arguments.text("a header name")) : Optional.empty();
    Place place = arguments.here();
    String part = arguments.text("a part of the date").toLowerCase(Locale.ROOT);
    boolean open = capabilities.has(Capability.VARIABLES) && part.contains("${");
    if (!open && !DATE_PARTS.contains(part)) {
      throw place.malformed("unknown part of a date \"" + part + "\"");
    }
    List<String> keys = arguments.texts("keys");
    arguments.end();
    return new Condition.Date(tags.matching(), header, zone, part, keys, tags.index());
  }

  private Condition specialUse(Arguments arguments) {
    need(Capability.SPECIAL_USE, arguments, "specialuse_exists");
    Optional<String> mailbox =
        arguments.hasLeft(2) ? Optional.of(arguments.text("a mailbox")) : Optional.empty();
    List<String> flags = arguments.texts("special uses");
    arguments.end();
    return new Condition.SpecialUseExists(mailbox, flags);
  }

  private Condition duplicate(Arguments arguments) {
    need(Capability.DUPLICATE, arguments, "duplicate");
    String handle = "";
    boolean isHeader = true;
    Optional<String> value = Optional.empty();
    long seconds = SieveLimits.DUPLICATE_PERIOD_DEFAULT.toSeconds();
    boolean last = false;
    for (var tag = arguments.tag(); tag.isPresent(); tag = arguments.tag()) {
      switch (tag.get().name()) {
        case "handle" -> {
          arguments.once("handle", tag.get());
          handle = arguments.text("a handle");
        }
        case "header" -> {
          arguments.once("unique", tag.get());
          value = Optional.of(arguments.text("a header name"));
        }
        case "uniqueid" -> {
          arguments.once("unique", tag.get());
          value = Optional.of(arguments.text("a value"));
          isHeader = false;
        }
        case "seconds" -> {
          arguments.once("seconds", tag.get());
          long wanted = arguments.number("seconds");
          seconds = Math.clamp(wanted, 1, SieveLimits.DUPLICATE_PERIOD_MAX.toSeconds());
        }
        case "last" -> {
          arguments.once("last", tag.get());
          last = true;
        }
        default -> throw arguments.unknown(tag.get());
      }
    }
    arguments.end();
    return new Condition.Duplicate(handle, isHeader, value, seconds, last);
  }

  private Condition addressedToMe(Arguments arguments) {
    need(Capability.RULES, arguments, "addressedtome");
    boolean toOnly = false;
    boolean only = false;
    for (var tag = arguments.tag(); tag.isPresent(); tag = arguments.tag()) {
      switch (tag.get().name()) {
        case "to" -> toOnly = true;
        case "only" -> only = true;
        default -> throw arguments.unknown(tag.get());
      }
    }
    arguments.end();
    return new Condition.AddressedToMe(toOnly, only);
  }
}
