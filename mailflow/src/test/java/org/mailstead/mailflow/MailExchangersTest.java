package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailstead.mailflow.MailExchangers.Route;
import org.xbill.DNS.Rcode;

class MailExchangersTest {
  private final TestDns dns = new TestDns();
  private final MailflowSettings settings =
      MailflowSettings.of("mx.ours.example").withResolver(dns.address(), Duration.ofSeconds(1));

  @AfterEach
  void close() {
    dns.close();
  }

  @Test
  void exchangersComeByPreferenceAndEqualOnesInRandomOrder() {
    dns.mx("far.example", 20, "c.example")
        .mx("far.example", 10, "a.example")
        .mx("far.example", 10, "b.example")
        .address("a.example", "192.0.2.1")
        .address("b.example", "192.0.2.2")
        .address("c.example", "192.0.2.3");
    Set<List<String>> orders = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      List<String> order = names(find("far.example", settings, seed));
      assertThat(order).hasSize(3).endsWith("c.example");
      orders.add(order);
    }
    assertThat(orders).hasSize(2);
  }

  @Test
  void ipv6AddressesComeBeforeIpv4Ones() {
    dns.mx("far.example", 10, "a.example")
        .address("a.example", "192.0.2.1")
        .address("a.example", "2001:db8::1");
    assertThat(addresses(find("far.example"))).containsExactly("2001:db8:0:0:0:0:0:1", "192.0.2.1");
  }

  @Test
  void withoutMxRecordsTheDomainItselfIsTheExchanger() {
    dns.address("far.example", "192.0.2.9");
    assertThat(names(find("far.example"))).containsExactly("far.example");
    assertThat(addresses(find("far.example"))).containsExactly("192.0.2.9");
  }

  @Test
  void anInternationalDomainIsLookedUpByItsAsciiForm() {
    dns.address("xn--bcher-kva.example", "192.0.2.9");
    assertThat(addresses(find("bücher.example"))).containsExactly("192.0.2.9");
  }

  @Test
  void anAddressLiteralNeedsNoDns() {
    assertThat(addresses(find("[192.0.2.1]"))).containsExactly("192.0.2.1");
    assertThat(addresses(find("[IPv6:2001:db8::7]"))).containsExactly("2001:db8:0:0:0:0:0:7");
    assertThat(reply(find("[nonsense]"))).startsWith("550 5.1.2");
    assertThat(dns.questionCount()).isZero();
  }

  @Test
  void aNullMxMeansNoMail() {
    dns.mx("silent.example", 0, ".");
    assertThat(reply(find("silent.example"))).startsWith("556 5.1.10");
  }

  @Test
  void whatDoesNotExistIsPermanentAndWhatDoesNotAnswerIsNot() {
    dns.fail("broken.example", Rcode.SERVFAIL).mx("empty.example", 1, "gone.example");
    dns.mx("half.example", 1, "broken.example");
    assertThat(reply(find("missing.example"))).startsWith("550 5.1.2");
    assertThat(reply(find("empty.example"))).startsWith("550 5.4.4");
    assertThat(reply(find("broken.example"))).startsWith("451 4.4.3");
    assertThat(reply(find("half.example"))).startsWith("451 4.4.3");
  }

  @Test
  void aResolverThatIsSilentCostsAtMostItsTimeouts() {
    var closed = new TestDns();
    var silent = settings.withResolver(closed.address(), Duration.ofMillis(100));
    closed.close();
    assertThat(reply(find("far.example", silent, 0))).startsWith("451 4.4.3");
  }

  @Test
  void ourOwnPlaceAmongTheExchangersAndAllThatFollowAreLeftOut() {
    dns.mx("backup.example", 10, "first.example")
        .mx("backup.example", 20, "MX.ours.example")
        .mx("backup.example", 30, "last.example")
        .address("first.example", "192.0.2.1")
        .address("last.example", "192.0.2.3");
    assertThat(names(find("backup.example"))).containsExactly("first.example");

    dns.mx("ours.example", 10, "mx.ours.example").mx("ours.example", 20, "last.example");
    assertThat(reply(find("ours.example"))).startsWith("554 5.4.6");
  }

  @Test
  void nothingIsEverSentToOurOwnListeners() {
    dns.mx("loop.example", 10, "other.name.example")
        .address("other.name.example", "127.0.0.1")
        .address("other.name.example", "0.0.0.0");
    var listening =
        settings.withOwnListeners(
            Set.of(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 25)));
    assertThat(reply(find("loop.example", listening, 0))).startsWith("554 5.4.6");
    assertThat(reply(find("[127.0.0.1]", listening, 0))).startsWith("554 5.4.6");
    // On another port it is somebody else.
    assertThat(addresses(find("loop.example", listening.withRemotePort(2525), 0)))
        .containsExactly("127.0.0.1");
  }

  @Test
  void noMoreAddressesAreLookedUpThanOneAttemptTries() {
    for (int i = 0; i < 40; i++) {
      dns.mx("crowd.example", i, "h" + i + ".example")
          .address("h" + i + ".example", "192.0.2." + i);
    }
    assertThat(names(find("crowd.example"))).hasSize(MailflowLimits.ADDRESS_ATTEMPTS_MAX);
    for (int i = 0; i < 40; i++) dns.mx("ghosts.example", i, "gone" + i + ".example");
    int before = dns.questionCount();
    assertThat(reply(find("ghosts.example"))).startsWith("550 5.4.4");
    assertThat(dns.questionCount() - before).isLessThanOrEqualTo(1 + MailflowLimits.EXCHANGERS_MAX);
  }

  private Route find(String domain) {
    return find(domain, settings, 1);
  }

  private static Route find(String domain, MailflowSettings with, long seed) {
    return new MailExchangers(
            with,
            new org.mailstead.mailflow.dns.DnsResolver(
                with.dns(), java.time.InstantSource.system()),
            new Random(seed))
        .find(domain);
  }

  private static List<String> names(Route route) {
    return ((Route.Hosts) route).hosts().stream().map(MailExchangers.Host::name).toList();
  }

  private static List<String> addresses(Route route) {
    return ((Route.Hosts) route)
        .hosts().stream()
            .flatMap(host -> host.addresses().stream())
            .map(InetAddress::getHostAddress)
            .toList();
  }

  private static String reply(Route route) {
    return ((Route.Nowhere) route).reply().toString();
  }
}
