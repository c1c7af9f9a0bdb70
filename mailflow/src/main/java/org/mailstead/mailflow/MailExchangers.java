package org.mailstead.mailflow;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.mailstead.mailflow.dns.DnsAnswer;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.smtp.wire.SmtpReply;

/// Finds the servers that take mail for a domain.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5321#section-5.1 RFC 5321 §5.1
/// @spec https://www.rfc-editor.org/rfc/rfc7505 RFC 7505
final class MailExchangers {
  /// Where mail for a domain goes.
  sealed interface Route {
    /// The servers to try, in this order.
    record Hosts(List<Host> hosts) implements Route {}

    /// Nowhere, for ever (5xx) or for now (4xx).
    record Nowhere(SmtpReply reply) implements Route {}
  }

  /// A server; it has one address at least.
  ///
  /// @param secure whether DNSSEC vouches for the way from the domain to these addresses (RFC 7672
  ///   §2.2.2): only then may its TLSA records be asked for
  record Host(String name, List<InetAddress> addresses, boolean secure) {
    Host(String name, List<InetAddress> addresses) {
      this(name, addresses, false);
    }
  }

  /// @param secure whether DNSSEC vouches for the MX records
  private record Exchanger(int preference, String name, boolean secure) {}

  private record Addresses(List<InetAddress> found, boolean secure) {}

  private final MailflowSettings settings;
  private final DnsResolver dns;
  private final RandomGenerator random;

  MailExchangers(MailflowSettings settings, DnsResolver dns, RandomGenerator random) {
    this.settings = settings;
    this.dns = dns;
    this.random = random;
  }

  Route find(String domain) {
    if (domain.startsWith("[")) return literal(domain);
    try {
      return ranked(domain, exchangers(domain));
    } catch (NoSuchDomain e) {
      return nowhere(550, "5.1.2", "The domain does not exist");
    } catch (LookupUnavailable e) {
      return nowhere(451, "4.4.3", "The domain cannot be looked up now: " + e.getMessage());
    }
  }

  /// The addresses of a smarthost.
  Route findHost(String host) {
    try {
      if (host.startsWith("[")) return literal(host);
      List<InetAddress> addresses = addresses(host).found();
      if (addresses.isEmpty()) return nowhere(451, "4.4.3", "The smarthost has no address");
      return new Route.Hosts(List.of(new Host(host, addresses)));
    } catch (NoSuchDomain e) {
      return systemHost(host);
    } catch (LookupUnavailable e) {
      Route fallback = systemHost(host);
      return fallback instanceof Route.Hosts
          ? fallback
          : nowhere(451, "4.4.3", "The smarthost cannot be looked up now");
    }
  }

  /// Names that only the system knows, as those of /etc/hosts.
  private static Route systemHost(String host) {
    try {
      return new Route.Hosts(List.of(new Host(host, List.of(InetAddress.getAllByName(host)))));
    } catch (UnknownHostException e) {
      return nowhere(451, "4.4.3", "The smarthost is not known");
    }
  }

  private Route literal(String domain) {
    String inside =
        domain.substring(1, domain.endsWith("]") ? domain.length() - 1 : domain.length());
    String text =
        inside.toLowerCase(Locale.ROOT).startsWith("ipv6:") ? inside.substring(5) : inside;
    try {
      InetAddress address = InetAddress.ofLiteral(text);
      if (isOwn(address)) return loop();
      return new Route.Hosts(List.of(new Host(domain, List.of(address))));
    } catch (IllegalArgumentException e) {
      return nowhere(550, "5.1.2", "The address literal cannot be read");
    }
  }

  private List<Exchanger> exchangers(String domain) throws NoSuchDomain, LookupUnavailable {
    DnsAnswer<DnsResolver.MailExchanger> answer = dns.mx(domain, true, DnsBudget.ofMessage());
    List<Exchanger> found = new ArrayList<>();
    for (DnsResolver.MailExchanger each : values(answer)) {
      found.add(new Exchanger(each.preference(), each.host(), answer.isSecure()));
    }
    // RFC 5321 §5.1: without MX records the domain itself is its exchanger.
    if (found.isEmpty()) found.add(new Exchanger(0, text(domain), answer.isSecure()));
    return found;
  }

  private Route ranked(String domain, List<Exchanger> exchangers) throws LookupUnavailable {
    // RFC 7505 §3: one record with the root as its name says that there is no mail here.
    if (exchangers.stream().allMatch(e -> e.name().isEmpty())) {
      return nowhere(556, "5.1.10", "The domain does not accept mail (null MX)");
    }
    List<Exchanger> order = new ArrayList<>(exchangers);
    // RFC 5321 §5.1: equal preferences in random order.
    Collections.shuffle(order, Random.from(random));
    order.sort(Comparator.comparingInt(Exchanger::preference));
    // RFC 5321 §5.1: our own place in the list, and whatever comes after it, must not be used.
    for (int i = 0; i < order.size(); i++) {
      if (!order.get(i).name().equalsIgnoreCase(settings.hostname())) continue;
      int own = order.get(i).preference();
      order.removeIf(e -> e.preference() >= own);
      break;
    }
    if (order.isEmpty()) return loop();
    List<Host> hosts = new ArrayList<>();
    boolean unavailable = false;
    boolean looped = false;
    int addressCount = 0;
    for (Exchanger exchanger :
        order.subList(0, Math.min(order.size(), MailflowLimits.EXCHANGERS_MAX))) {
      if (exchanger.name().isEmpty()) continue;
      try {
        Addresses addresses = addresses(exchanger.name());
        List<InetAddress> all = addresses.found();
        List<InetAddress> usable = all.stream().filter(a -> !isOwn(a)).toList();
        looped |= usable.size() < all.size();
        if (!usable.isEmpty()) {
          boolean secure = exchanger.secure() && addresses.secure();
          hosts.add(new Host(exchanger.name(), usable, secure));
        }
        addressCount += usable.size();
      } catch (NoSuchDomain e) {
        continue;
      } catch (LookupUnavailable e) {
        unavailable = true;
      }
      if (addressCount >= MailflowLimits.ADDRESS_ATTEMPTS_MAX) break;
    }
    if (!hosts.isEmpty()) return new Route.Hosts(hosts);
    if (unavailable) {
      return nowhere(451, "4.4.3", "The domain's mail servers cannot be looked up now");
    }
    if (looped) return loop();
    return nowhere(
        550, "5.4.4", "No mail server of the domain " + text(domain) + " has an address");
  }

  /// IPv6 first, as RFC 6724 has it where both work; unreachable ones fail at once.
  private Addresses addresses(String host) throws NoSuchDomain, LookupUnavailable {
    DnsBudget budget = DnsBudget.ofMessage();
    DnsAnswer<InetAddress> six = dns.aaaa(host, true, budget);
    List<InetAddress> found = new ArrayList<>(values(six));
    DnsAnswer<InetAddress> four = dns.a(host, true, budget);
    found.addAll(values(four));
    return new Addresses(found, six.isSecure() && four.isSecure());
  }

  private static <T> List<T> values(DnsAnswer<T> answer) throws NoSuchDomain, LookupUnavailable {
    return switch (answer) {
      case DnsAnswer.Found<T>(List<T> values, var _) -> values;
      case DnsAnswer.NoData<T> _ -> List.of();
      case DnsAnswer.NoName<T> _ -> throw new NoSuchDomain();
      case DnsAnswer.Failed<T>(var _, String reason) -> throw new LookupUnavailable(reason);
    };
  }

  /// Whether connecting there would reach one of our own inbound listeners.
  boolean isOwn(InetAddress address) {
    if (address.isAnyLocalAddress()) return true;
    for (InetSocketAddress listener : settings.ownListeners()) {
      if (listener.getPort() != settings.remotePort()) continue;
      if (listener.getAddress().equals(address)) return true;
      if (listener.getAddress().isAnyLocalAddress() && isOfThisMachine(address)) return true;
    }
    return false;
  }

  private static boolean isOfThisMachine(InetAddress address) {
    if (address.isLoopbackAddress()) return true;
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return false;
    }
  }

  private static Route loop() {
    return nowhere(554, "5.4.6", "The domain's mail server is this server, which does not know it");
  }

  private static Route nowhere(int code, String enhancedCode, String text) {
    return new Route.Nowhere(SmtpReply.of(code, enhancedCode, AttemptResult.clean(text)));
  }

  private static String text(String domain) {
    String lower = domain.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  /// The name does not exist at all.
  private static final class NoSuchDomain extends Exception {
    private static final long serialVersionUID = 1L;

    NoSuchDomain() {
      super("", null, false, false);
    }
  }

  /// No answer.
  private static final class LookupUnavailable extends Exception {
    private static final long serialVersionUID = 1L;

    LookupUnavailable(String text) {
      super(text, null, false, false);
    }
  }
}
