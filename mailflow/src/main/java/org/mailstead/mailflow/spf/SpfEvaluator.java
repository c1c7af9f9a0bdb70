package org.mailstead.mailflow.spf;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.MalformedException;
import org.mailstead.mailflow.dns.DnsAnswer;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.dns.PeerText;

/// Evaluates policies: `check_host()`. Everything a zone can make grow is bounded by [SpfLimits]
/// and the message's [DnsBudget]: a record that includes itself runs into the ten lookups.
///
/// @spec https://www.rfc-editor.org/rfc/rfc7208#section-4 RFC 7208 §4
public final class SpfEvaluator {
  private final DnsResolver dns;

  public SpfEvaluator(DnsResolver dns) {
    this.dns = dns;
  }

  public SpfResult check(SpfQuery query, DnsBudget budget) {
    String domain = bare(query.domain());
    // §4.3: what is no name of several labels has no policy.
    if (!isDomain(domain)) return SpfResult.of(SpfVerdict.NONE, domain, "not a domain name");
    var check = new Check(query, budget);
    try {
      Outcome outcome = check.domain(domain, true);
      return new SpfResult(
          outcome.verdict(), domain, outcome.mechanism(), outcome.explanation(), "");
    } catch (SpfStop e) {
      return SpfResult.of(e.verdict, domain, e.reason);
    }
  }

  private record Outcome(
      SpfVerdict verdict, Optional<String> mechanism, Optional<String> explanation) {
    static Outcome of(SpfVerdict verdict) {
      return new Outcome(verdict, Optional.empty(), Optional.empty());
    }
  }

  /// An error that ends the whole check.
  private static final class SpfStop extends Exception {
    private static final long serialVersionUID = 1L;
    private final SpfVerdict verdict;
    private final String reason;

    SpfStop(SpfVerdict verdict, String reason) {
      super(reason, null, false, false);
      this.verdict = verdict;
      this.reason = reason;
    }
  }

  /// One check with what it has used up.
  private final class Check {
    private final SpfQuery query;
    private final DnsBudget budget;
    private final boolean four;
    private int lookups;
    private int voidLookups;
    private Optional<List<String>> validatedNames = Optional.empty();

    Check(SpfQuery query, DnsBudget budget) {
      this.query = query;
      this.budget = budget;
      this.four = query.peer() instanceof Inet4Address;
    }

    Outcome domain(String domain, boolean withExplanation) throws SpfStop {
      Optional<SpfRecord> found = record(domain);
      if (found.isEmpty()) return Outcome.of(SpfVerdict.NONE);
      SpfRecord record = found.get();
      boolean all = false;
      for (SpfRecord.Directive directive : record.directives()) {
        all |= directive.mechanism() instanceof SpfRecord.Mechanism.All;
        if (!matches(directive.mechanism(), domain)) continue;
        Optional<String> explanation =
            directive.verdict() == SpfVerdict.FAIL && withExplanation
                ? explanation(record, domain)
                : Optional.empty();
        return new Outcome(directive.verdict(), Optional.of(directive.text()), explanation);
      }
      // §6.1: redirect= counts only where nothing matched, and never beside "all".
      if (record.redirect().isPresent() && !all) {
        countLookup();
        String target = expand(record.redirect().get(), domain);
        Outcome outcome =
            isDomain(target) ? domain(target, withExplanation) : Outcome.of(SpfVerdict.NONE);
        if (outcome.verdict() == SpfVerdict.NONE) {
          throw new SpfStop(SpfVerdict.PERMERROR, "redirect to a domain without a policy");
        }
        return outcome;
      }
      return Outcome.of(SpfVerdict.NEUTRAL);
    }

    private Optional<SpfRecord> record(String domain) throws SpfStop {
      DnsAnswer<String> answer = dns.txt(domain, budget);
      checkAnswered(answer);
      List<String> policies = answer.values().stream().filter(SpfRecord::isPolicy).toList();
      if (policies.isEmpty()) return Optional.empty();
      if (policies.size() > 1) {
        throw new SpfStop(SpfVerdict.PERMERROR, "several policies for one domain");
      }
      try {
        return Optional.of(SpfRecord.parse(policies.getFirst()));
      } catch (MalformedException e) {
        throw new SpfStop(SpfVerdict.PERMERROR, String.valueOf(e.getMessage()));
      }
    }

    private boolean matches(SpfRecord.Mechanism mechanism, String domain) throws SpfStop {
      return switch (mechanism) {
        case SpfRecord.Mechanism.All() -> true;
        case SpfRecord.Mechanism.Include(MacroText target) -> {
          countLookup();
          yield includes(expand(target, domain));
        }
        case SpfRecord.Mechanism.A(Optional<MacroText> target, SpfRecord.Cidr cidr) -> {
          countLookup();
          String name = target.isPresent() ? expand(target.get(), domain) : domain;
          yield anyMatches(addresses(name, true), cidr);
        }
        case SpfRecord.Mechanism.Mx(Optional<MacroText> target, SpfRecord.Cidr cidr) -> {
          countLookup();
          yield exchangerMatches(target.isPresent() ? expand(target.get(), domain) : domain, cidr);
        }
        case SpfRecord.Mechanism.Ptr(Optional<MacroText> target) -> {
          countLookup();
          String name = target.isPresent() ? expand(target.get(), domain) : domain;
          yield validatedNames().stream().anyMatch(each -> isWithin(each, name));
        }
        case SpfRecord.Mechanism.Ip(InetAddress network, int bits, boolean isSix) ->
            isSix == !four && isInside(query.peer(), network, bits);
        case SpfRecord.Mechanism.Exists(MacroText target) -> {
          countLookup();
          // §5.7: always an A record, whatever the connection is.
          DnsAnswer<InetAddress> answer = dns.a(expand(target, domain), false, budget);
          checkAnswered(answer);
          countVoid(answer);
          yield !answer.values().isEmpty();
        }
      };
    }

    /// §5.2: another policy's PASS is a match; its absence is an error of this one.
    private boolean includes(String target) throws SpfStop {
      Outcome outcome = isDomain(target) ? domain(target, false) : Outcome.of(SpfVerdict.NONE);
      return switch (outcome.verdict()) {
        case PASS -> true;
        case FAIL, SOFTFAIL, NEUTRAL -> false;
        case NONE ->
            throw new SpfStop(SpfVerdict.PERMERROR, "include of a domain without a policy");
        case TEMPERROR, PERMERROR -> throw new SpfStop(outcome.verdict(), "include failed");
      };
    }

    private boolean exchangerMatches(String name, SpfRecord.Cidr cidr) throws SpfStop {
      DnsAnswer<DnsResolver.MailExchanger> answer = dns.mx(name, false, budget);
      checkAnswered(answer);
      countVoid(answer);
      if (answer.values().size() > SpfLimits.MX_NAMES_MAX) {
        throw new SpfStop(SpfVerdict.PERMERROR, "more than 10 mail exchangers");
      }
      for (DnsResolver.MailExchanger each : answer.values()) {
        if (!each.host().isEmpty() && anyMatches(addresses(each.host(), false), cidr)) return true;
      }
      return false;
    }

    private List<InetAddress> addresses(String name, boolean countsVoid) throws SpfStop {
      DnsAnswer<InetAddress> answer =
          four ? dns.a(name, false, budget) : dns.aaaa(name, false, budget);
      checkAnswered(answer);
      if (countsVoid) countVoid(answer);
      return answer.values();
    }

    private boolean anyMatches(List<InetAddress> addresses, SpfRecord.Cidr cidr) {
      int bits = four ? cidr.four() : cidr.six();
      return addresses.stream().anyMatch(each -> isInside(query.peer(), each, bits));
    }

    /// §5.5: names of the address that lead back to it. Errors mean that there are none.
    private List<String> validatedNames() {
      if (validatedNames.isPresent()) return validatedNames.get();
      List<String> names = new ArrayList<>();
      List<String> claimed = dns.ptr(query.peer(), budget).values();
      for (String name : claimed.subList(0, Math.min(claimed.size(), SpfLimits.PTR_NAMES_MAX))) {
        DnsAnswer<InetAddress> answer =
            four ? dns.a(name, false, budget) : dns.aaaa(name, false, budget);
        if (answer.values().contains(query.peer())) names.add(name);
      }
      validatedNames = Optional.of(List.copyOf(names));
      return validatedNames.get();
    }

    private void countLookup() throws SpfStop {
      if (++lookups > SpfLimits.LOOKUPS_MAX) {
        throw new SpfStop(SpfVerdict.PERMERROR, "more than 10 DNS lookups");
      }
    }

    private void countVoid(DnsAnswer<?> answer) throws SpfStop {
      if (answer.values().isEmpty() && ++voidLookups > SpfLimits.VOID_LOOKUPS_MAX) {
        throw new SpfStop(SpfVerdict.PERMERROR, "more than 2 DNS lookups without an answer");
      }
    }

    private static void checkAnswered(DnsAnswer<?> answer) throws SpfStop {
      if (answer instanceof DnsAnswer.Failed<?>(var _, String reason)) {
        throw new SpfStop(SpfVerdict.TEMPERROR, reason);
      }
    }

    /// §6.2: an explanation that cannot be had is left out, whatever the cause.
    private Optional<String> explanation(SpfRecord record, String domain) {
      if (record.explanation().isEmpty()) return Optional.empty();
      try {
        List<String> texts = dns.txt(expand(record.explanation().get(), domain), budget).values();
        if (texts.size() != 1) return Optional.empty();
        MacroText text = MacroText.parse(texts.getFirst(), true);
        String expanded = text.expand(letter -> value(letter, domain));
        if (expanded.isEmpty() || !expanded.chars().allMatch(c -> c >= 0x20 && c < 0x7F)) {
          return Optional.empty();
        }
        return Optional.of(
            expanded.substring(0, Math.min(expanded.length(), SpfLimits.EXPLANATION_CHARS_MAX)));
      } catch (MalformedException e) {
        return Optional.empty();
      }
    }

    /// §7.3: too long a name loses labels from the left.
    private String expand(MacroText text, String domain) {
      String name = bare(text.expand(letter -> value(letter, domain)));
      while (name.length() > SpfLimits.DOMAIN_CHARS_MAX) {
        int dot = name.indexOf('.');
        if (dot < 0) return name;
        name = name.substring(dot + 1);
      }
      return name;
    }

    private String value(char letter, String domain) {
      return switch (letter) {
        case 's' -> query.local() + "@" + query.senderDomain();
        case 'l' -> query.local();
        case 'o' -> query.senderDomain();
        case 'd' -> domain;
        case 'i' -> dotted(query.peer());
        case 'p' -> validatedName(domain);
        case 'v' -> four ? "in-addr" : "ip6";
        case 'h' -> query.helo();
        case 'c' -> PeerText.of(query.peer());
        case 'r' -> query.receiver();
        case 't' -> Long.toString(query.clock().instant().getEpochSecond());
        default -> throw new IllegalStateException("macro letter " + letter);
      };
    }

    /// §7.3: the domain itself, then something below it, then anything.
    private String validatedName(String domain) {
      List<String> names = validatedNames();
      return names.stream()
          .filter(name -> name.equalsIgnoreCase(domain))
          .findFirst()
          .or(() -> names.stream().filter(name -> isWithin(name, domain)).findFirst())
          .or(() -> names.stream().findFirst())
          .orElse("unknown");
    }
  }

  /// §7.3: an IPv6 address by its half octets.
  private static String dotted(InetAddress address) {
    if (address instanceof Inet4Address) return address.getHostAddress();
    String hex = HexFormat.of().withUpperCase().formatHex(address.getAddress());
    return String.join(".", hex.split(""));
  }

  static boolean isInside(InetAddress address, InetAddress network, int bits) {
    byte[] one = sixteen(address, network);
    byte[] other = sixteen(network, address);
    int count = one.length == 16 && address instanceof Inet4Address ? bits + 96 : bits;
    for (int i = 0; i < count; i++) {
      int mask = 0x80 >> (i % 8);
      if ((one[i / 8] & mask) != (other[i / 8] & mask)) return false;
    }
    return true;
  }

  /// Four octets where both are IPv4; otherwise sixteen, an IPv4 address as the mapped one.
  private static byte[] sixteen(InetAddress address, InetAddress beside) {
    byte[] octets = address.getAddress();
    if (octets.length == beside.getAddress().length || octets.length == 16) return octets;
    byte[] mapped = new byte[16];
    mapped[10] = (byte) 0xFF;
    mapped[11] = (byte) 0xFF;
    System.arraycopy(octets, 0, mapped, 12, 4);
    return mapped;
  }

  private static boolean isWithin(String name, String domain) {
    String lower = name.toLowerCase(Locale.ROOT);
    String parent = bare(domain).toLowerCase(Locale.ROOT);
    return lower.equals(parent) || lower.endsWith("." + parent);
  }

  private static String bare(String domain) {
    return domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
  }

  private static boolean isDomain(String domain) {
    if (domain.length() > SpfLimits.DOMAIN_CHARS_MAX || domain.startsWith("[")) return false;
    String[] labels = domain.split("\\.", -1);
    if (labels.length < 2) return false;
    for (String label : labels) {
      if (label.isEmpty() || label.length() > 63) return false;
    }
    return true;
  }
}
