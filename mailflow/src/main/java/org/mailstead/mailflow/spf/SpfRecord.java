package org.mailstead.mailflow.spf;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mailstead.base.MalformedException;

/// A policy as published. Parsed whole before anything of it is evaluated: an error anywhere makes
/// it void (§4.6).
///
/// @spec https://www.rfc-editor.org/rfc/rfc7208#section-4.6.1 RFC 7208 §4.6.1, §5, §6, §12
record SpfRecord(
    List<Directive> directives, Optional<MacroText> redirect, Optional<MacroText> explanation) {
  /// @param text as it stands in the record
  record Directive(SpfVerdict verdict, Mechanism mechanism, String text) {}

  /// @param four bits of an IPv4 address that count, 0 to 32
  /// @param six bits of an IPv6 address that count, 0 to 128
  record Cidr(int four, int six) {}

  /// Who is meant. A domain that is left out is the one whose record it is.
  sealed interface Mechanism {
    record All() implements Mechanism {}

    record Include(MacroText domain) implements Mechanism {}

    record A(Optional<MacroText> domain, Cidr cidr) implements Mechanism {}

    record Mx(Optional<MacroText> domain, Cidr cidr) implements Mechanism {}

    record Ptr(Optional<MacroText> domain) implements Mechanism {}

    record Ip(InetAddress network, int bits, boolean isSix) implements Mechanism {}

    record Exists(MacroText domain) implements Mechanism {}
  }

  private static final Pattern MODIFIER = Pattern.compile("([A-Za-z][A-Za-z0-9._-]*)=(.*)");
  private static final Pattern MECHANISM =
      Pattern.compile("([+?~-]?)([A-Za-z][A-Za-z0-9._-]*)(?:(:)(.*?))?((?:/.*)?)");
  private static final Pattern DUAL_CIDR =
      Pattern.compile("^(.*?)(?:/(0|[1-9][0-9]?))?(?://(0|[1-9][0-9]{0,2}))?$");
  private static final Pattern IP4 =
      Pattern.compile(
          "((?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\\.(?!$|/)|(?=$|/))){4})(?:/(0|[1-9][0-9]?))?");
  private static final Pattern IP6 =
      Pattern.compile("([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?:/(0|[1-9][0-9]{0,2}))?");
  private static final Pattern TOP_LABEL =
      Pattern.compile("[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*|[A-Za-z0-9]+-[A-Za-z0-9-]*[A-Za-z0-9]");

  /// Whether a TXT record is a policy of this version (§4.5).
  static boolean isPolicy(String txt) {
    if (!txt.regionMatches(true, 0, "v=spf1", 0, 6)) return false;
    return txt.length() == 6 || txt.charAt(6) == ' ';
  }

  static SpfRecord parse(String txt) {
    if (txt.length() > SpfLimits.RECORD_BYTES_MAX) {
      throw new MalformedException("the record is too long");
    }
    List<Directive> directives = new ArrayList<>();
    Optional<MacroText> redirect = Optional.empty();
    Optional<MacroText> explanation = Optional.empty();
    for (String term : txt.substring(6).split(" ")) {
      if (term.isEmpty()) continue;
      Matcher modifier = MODIFIER.matcher(term);
      if (!modifier.matches()) {
        directives.add(directive(term));
        continue;
      }
      String value = modifier.group(2);
      switch (modifier.group(1).toLowerCase(Locale.ROOT)) {
        case "redirect" -> {
          if (redirect.isPresent()) throw new MalformedException("redirect= more than once");
          redirect = Optional.of(domainSpec(value));
        }
        case "exp" -> {
          if (explanation.isPresent()) throw new MalformedException("exp= more than once");
          explanation = Optional.of(domainSpec(value));
        }
        // §6: unknown modifiers are passed over if they are well-formed.
        default -> MacroText.parse(value, false);
      }
    }
    return new SpfRecord(List.copyOf(directives), redirect, explanation);
  }

  private static Directive directive(String term) {
    Matcher parts = MECHANISM.matcher(term);
    if (!parts.matches()) throw new MalformedException("a term that is none: " + shown(term));
    SpfVerdict verdict =
        switch (parts.group(1)) {
          case "-" -> SpfVerdict.FAIL;
          case "~" -> SpfVerdict.SOFTFAIL;
          case "?" -> SpfVerdict.NEUTRAL;
          default -> SpfVerdict.PASS;
        };
    int nameEnd = parts.end(2);
    String name = parts.group(2).toLowerCase(Locale.ROOT);
    String rest = term.substring(nameEnd);
    return new Directive(verdict, mechanism(name, rest), term);
  }

  private static Mechanism mechanism(String name, String rest) {
    return switch (name) {
      case "all" -> {
        if (!rest.isEmpty()) throw new MalformedException("all has no argument");
        yield new Mechanism.All();
      }
      case "include" -> new Mechanism.Include(domainSpec(argument(name, rest)));
      case "exists" -> new Mechanism.Exists(domainSpec(argument(name, rest)));
      case "ptr" ->
          new Mechanism.Ptr(
              rest.isEmpty() ? Optional.empty() : Optional.of(domainSpec(argument(name, rest))));
      case "a" -> {
        Hosts hosts = hosts(rest);
        yield new Mechanism.A(hosts.domain(), hosts.cidr());
      }
      case "mx" -> {
        Hosts hosts = hosts(rest);
        yield new Mechanism.Mx(hosts.domain(), hosts.cidr());
      }
      case "ip4" -> network(IP4, argument(name, rest), 32, false);
      case "ip6" -> network(IP6, argument(name, rest), 128, true);
      default -> throw new MalformedException("an unknown mechanism: " + shown(name));
    };
  }

  private record Hosts(Optional<MacroText> domain, Cidr cidr) {}

  private static Hosts hosts(String rest) {
    Matcher cidr = DUAL_CIDR.matcher(rest);
    if (!cidr.matches()) throw new MalformedException("an argument that is none");
    int four = bits(cidr.group(2), 32);
    int six = bits(cidr.group(3), 128);
    String before = cidr.group(1);
    if (before.isEmpty()) return new Hosts(Optional.empty(), new Cidr(four, six));
    return new Hosts(Optional.of(domainSpec(argument("a", before))), new Cidr(four, six));
  }

  private static int bits(@org.jspecify.annotations.Nullable String text, int most) {
    if (text == null) return most;
    int bits = Integer.parseInt(text);
    if (bits > most) throw new MalformedException("a prefix longer than an address");
    return bits;
  }

  private static Mechanism.Ip network(Pattern pattern, String text, int most, boolean isSix) {
    Matcher parts = pattern.matcher(text);
    if (!parts.matches()) throw new MalformedException("a network that is none: " + shown(text));
    try {
      return new Mechanism.Ip(
          InetAddress.ofLiteral(parts.group(1)), bits(parts.group(2), most), isSix);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("a network that is none: " + shown(text));
    }
  }

  private static String argument(String name, String rest) {
    if (!rest.startsWith(":") || rest.length() == 1) {
      throw new MalformedException(name + " without a good argument");
    }
    return rest.substring(1);
  }

  /// §7.1: a macro string that ends in a macro or in a label that can be a top-level domain.
  private static MacroText domainSpec(String text) {
    MacroText parsed = MacroText.parse(text, false);
    if (parsed.isEmpty()) throw new MalformedException("an empty domain");
    if (parsed.endsInMacro()) return parsed;
    String last = parsed.lastLiteral();
    // The raw text decides: an escaped percent sign may end a domain-spec (domain-end =
    // macro-expand), however little sense it makes.
    if (text.endsWith("%%") || text.endsWith("%_") || text.endsWith("%-")) return parsed;
    String bare = last.endsWith(".") ? last.substring(0, last.length() - 1) : last;
    int dot = bare.lastIndexOf('.');
    if (dot < 0 || !TOP_LABEL.matcher(bare.substring(dot + 1)).matches()) {
      throw new MalformedException("a domain without a top-level label: " + shown(text));
    }
    return parsed;
  }

  /// For reasons that people read.
  private static String shown(String text) {
    String cut = text.length() > 60 ? text.substring(0, 60) + "..." : text;
    return cut.replaceAll("[^\\x21-\\x7E]", "?");
  }
}
