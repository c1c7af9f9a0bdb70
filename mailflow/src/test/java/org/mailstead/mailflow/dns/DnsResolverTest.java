package org.mailstead.mailflow.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mailstead.mailflow.TestDns;
import org.xbill.DNS.Rcode;

class DnsResolverTest {
  @Test
  void answersAreToldApart() {
    try (TestDns dns = new TestDns()) {
      dns.txt("one.example", "text")
          .fail("down.example", Rcode.SERVFAIL)
          .cname("alias.example", "one.example")
          .cname("loop1.example", "loop2.example")
          .cname("loop2.example", "loop1.example");
      DnsResolver resolver = resolver(dns);
      DnsBudget budget = DnsBudget.ofMessage();
      assertThat(resolver.txt("one.example", budget).values()).containsExactly("text");
      assertThat(resolver.txt("alias.example.", budget).values()).containsExactly("text");
      assertThat(resolver.cname("alias.example", budget).values()).containsExactly("one.example");
      assertThat(resolver.a("one.example", false, budget)).isInstanceOf(DnsAnswer.NoData.class);
      assertThat(resolver.txt("none.example", budget)).isInstanceOf(DnsAnswer.NoName.class);
      assertThat(resolver.txt("down.example", budget).isFailed()).isTrue();
      assertThat(resolver.txt("loop1.example", budget).isFailed()).isTrue();
      for (String name : List.of("a..b", "x".repeat(64) + ".example", "a.".repeat(150))) {
        assertThat(resolver.txt(name, budget)).as(name).isInstanceOf(DnsAnswer.NoName.class);
      }
    }
  }

  @Test
  void aBudgetIsNotOverdrawn() {
    try (TestDns dns = new TestDns()) {
      DnsResolver resolver = resolver(dns);
      DnsBudget three = DnsBudget.of(Duration.ofSeconds(10), 3);
      for (int i = 0; i < 20; i++) resolver.txt(i + ".example", three);
      assertThat(dns.questionCount()).isEqualTo(3);
      assertThat(resolver.txt("x.example", three))
          .isEqualTo(
              new DnsAnswer.Failed<>(
                  DnsAnswer.Cause.BUDGET, "the time or number of questions is spent"));
      assertThat(resolver.txt("x.example", DnsBudget.of(Duration.ZERO, 3)).isFailed()).isTrue();
    }
  }

  @Test
  void aServerThatIsSilentCostsNoMoreThanTheBudget() throws Exception {
    try (var silent = new java.net.DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      DnsResolver resolver =
          new DnsResolver(
              DnsSettings.standard()
                  .withResolver(
                      new java.net.InetSocketAddress(
                          silent.getLocalAddress(), silent.getLocalPort()),
                      Duration.ofSeconds(5)),
              InstantSource.system());
      long start = System.nanoTime();
      assertThat(resolver.txt("x.example", DnsBudget.of(Duration.ofMillis(300), 5)).isFailed())
          .isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    }
  }

  @Test
  void signedZonesOfARealServerAreSecureAndForgedOnesBogus() {
    List<BindServer.Zone> zones =
        List.of(
            BindServer.Zone.signed(
                "signed.example",
                "@ IN MX 10 mail\nmail IN A 192.0.2.1\nalias IN CNAME mail\n_25._tcp.mail IN TLSA 3 1 1 "
                    + "ab".repeat(32)
                    + "\n"),
            BindServer.Zone.plain(
                "plain.example",
                "@ IN MX 10 mail\nmail IN A 192.0.2.2\nlong IN TXT "
                    + "\""
                    + "x".repeat(200)
                    + "\" ".repeat(1)
                    + ("\"" + "y".repeat(250) + "\" ").repeat(12)
                    + "\n"),
            BindServer.Zone.forged(
                "forged.example", "mail IN A 192.0.2.3\n", "192.0.2.3", "192.0.2.66"));
    try (BindServer bind = BindServer.start(zones)) {
      DnsResolver resolver =
          new DnsResolver(
              DnsSettings.standard()
                  .withResolver(bind.address(), Duration.ofSeconds(2))
                  .with(DnsSettings.Validation.OWN)
                  .withTrustAnchors(bind.anchors()),
              InstantSource.system());
      DnsBudget budget = DnsBudget.of(Duration.ofSeconds(60), 100);
      DnsAnswer<DnsResolver.MailExchanger> mx = resolver.mx("signed.example", true, budget);
      assertThat(mx.values())
          .containsExactly(new DnsResolver.MailExchanger(10, "mail.signed.example"));
      assertThat(mx.isSecure()).as("%s", mx).isTrue();
      assertThat(resolver.a("alias.signed.example", true, budget).isSecure()).isTrue();
      assertThat(resolver.tlsa("_25._tcp.mail.signed.example", budget).values()).hasSize(1);
      // A negative answer is vouched for too.
      DnsAnswer<InetAddress> none = resolver.a("none.signed.example", true, budget);
      assertThat(none).isInstanceOf(DnsAnswer.NoName.class);
      assertThat(none.isSecure()).isTrue();
      assertThat(resolver.a("mail.plain.example", true, budget))
          .isEqualTo(
              new DnsAnswer.Found<>(
                  List.of(InetAddress.ofLiteral("192.0.2.2")), DnsAnswer.Security.INSECURE));
      DnsAnswer<InetAddress> forged = resolver.a("mail.forged.example", true, budget);
      assertThat(forged)
          .isInstanceOfSatisfying(
              DnsAnswer.Failed.class,
              failed -> assertThat(failed.cause()).isEqualTo(DnsAnswer.Cause.BOGUS));
      // Whoever does not ask for security is told what the server says.
      assertThat(resolver.a("mail.forged.example", false, budget).values()).hasSize(1);
      // Longer than a datagram: asked again by TCP.
      assertThat(resolver.txt("long.plain.example", budget).values().getFirst())
          .hasSize(200 + 12 * 250);
      // From memory.
      DnsBudget spent = DnsBudget.of(Duration.ZERO, 0);
      assertThat(resolver.mx("signed.example", true, spent)).isEqualTo(mx);
    }
  }

  private static DnsResolver resolver(TestDns dns) {
    return new DnsResolver(
        DnsSettings.standard().withResolver(dns.address(), Duration.ofSeconds(1)),
        InstantSource.system());
  }
}
