package org.mailstead.mailflow.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailstead.base.MalformedException;
import org.mailstead.core.reports.RememberedPolicies;
import org.mailstead.mailflow.TestCertificate;
import org.mailstead.mailflow.TestDns;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.dns.DnsSettings;
import org.mailstead.store.TestClock;

class StsTest {
  private static final TestCertificate CERTIFICATE = TestCertificate.of("localhost");
  private static final String POLICY =
      "version: STSv1\r\nmode: enforce\r\nmx: mail.far.example\r\nmx: *.mx.far.example\r\nmax_age: 86400\r\n";

  private final TestClock clock = new TestClock();
  private final TestDns dns = new TestDns().txt("_mta-sts.far.example", "v=STSv1; id=1;");
  private final HttpsServer server = server();
  private final AtomicInteger fetches = new AtomicInteger();
  private volatile String body = POLICY;
  private volatile String type = "text/plain; charset=utf-8";
  private volatile int status = 200;
  private final DnsResolver resolver =
      new DnsResolver(
          DnsSettings.standard().withResolver(dns.address(), Duration.ofSeconds(1)), clock);
  private final StsFetch fetch =
      new StsFetch(
          CERTIFICATE.context(),
          domain ->
              URI.create("https://localhost:" + server.getAddress().getPort() + "/" + domain));
  private final StsPolicies policies = new StsPolicies(resolver, fetch, clock);

  @AfterEach
  void close() {
    server.stop(0);
    dns.close();
  }

  @Test
  void aPolicyIsFetchedOnceAndHoldsWhateverTheDnsSaysLater() {
    assertThat(find()).isPresent();
    assertThat(find().orElseThrow().allows("MAIL.far.example")).isTrue();
    assertThat(fetches).hasValue(1);
    // Somebody in between takes the record away.
    dns.forget("_mta-sts.far.example");
    assertThat(find()).isPresent();
    clock.advance(Duration.ofSeconds(86_401));
    assertThat(find()).isEmpty();
  }

  @Test
  void aNewIdFetchesAnewAndAFailureKeepsTheOldOne() {
    find();
    dns.forget("_mta-sts.far.example");
    dns.txt("_mta-sts.far.example", "v=STSv1; id=2;");
    clock.advance(TransportLimits.FETCH_PAUSE.plusSeconds(1));
    status = 500;
    assertThat(find()).isPresent();
    assertThat(fetches).hasValue(2);
    assertThat(find()).isPresent();
    assertThat(fetches).hasValue(2);
    status = 200;
    body = POLICY.replace("enforce", "none");
    clock.advance(TransportLimits.FETCH_PAUSE.plusSeconds(1));
    assertThat(find().orElseThrow().mode()).isEqualTo(StsPolicy.Mode.NONE);
  }

  @Test
  void aPolicyOutlivesARestart() {
    try (var core = new org.mailstead.core.CoreFixture()) {
      StsPolicies before = remembering(core);
      assertThat(before.find("far.example", budget())).isPresent();
      // A new run, and somebody in between who takes record and server away.
      dns.forget("_mta-sts.far.example");
      status = 500;
      assertThat(remembering(core).find("far.example", budget()).orElseThrow().mode())
          .isEqualTo(StsPolicy.Mode.ENFORCE);
      assertThat(policies.find("far.example", budget())).isEmpty();
      clock.advance(Duration.ofSeconds(86_401));
      assertThat(remembering(core).find("far.example", budget())).isEmpty();
      // Full: what is over goes first, then whatever is found.
      var small = new RememberedPolicies(core.directory(), 2);
      for (int i = 0; i < 5; i++) {
        small.put(
            new RememberedPolicies.Remembered(
                "d" + i + ".example", "1", POLICY, clock.instant().plusSeconds(60)),
            clock.instant());
      }
      assertThat(small.find("far.example")).isEmpty();
      assertThat(
              java.util.stream.IntStream.range(0, 5)
                  .filter(i -> small.find("d" + i + ".example").isPresent()))
          .hasSize(2)
          .contains(4);
    }
  }

  private StsPolicies remembering(org.mailstead.core.CoreFixture core) {
    return new StsPolicies(
        resolver, fetch, clock, Optional.of(new RememberedPolicies(core.directory(), 100)));
  }

  private static DnsBudget budget() {
    return DnsBudget.of(Duration.ofSeconds(5), 20);
  }

  @Test
  void badServersHaveNoPolicy() {
    body = "x".repeat(TransportLimits.POLICY_BYTES_MAX + 1);
    assertThat(find()).isEmpty();
    pause();
    body = POLICY;
    type = "text/html";
    assertThat(find()).isEmpty();
    pause();
    type = "text/plain";
    status = 302;
    assertThat(find()).isEmpty();
    pause();
    status = 200;
    body = "version: STSv1\nmode: enforce\nmax_age: 1\n";
    assertThat(find()).isEmpty();
  }

  @Test
  void policiesAreReadStrictly() {
    StsPolicy policy = StsPolicy.parse(POLICY);
    assertThat(policy.allows("a.mx.far.example")).isTrue();
    assertThat(policy.allows("mx.far.example")).isFalse();
    assertThat(policy.allows("a.b.mx.far.example")).isFalse();
    assertThat(StsPolicy.parse(POLICY.replace("86400", "9999999999")).maxAge())
        .isEqualTo(TransportLimits.POLICY_AGE_MAX);
    for (String bad :
        List.of(
            "",
            "version: STSv2\nmode: none\nmax_age: 1\n",
            "version: STSv1\nmode: other\nmax_age: 1\n",
            "version: STSv1\nmode: none\n",
            "version: STSv1\nmode: none\nmax_age: -1\n")) {
      assertThatThrownBy(() -> StsPolicy.parse(bad)).isInstanceOf(MalformedException.class);
    }
  }

  private void pause() {
    clock.advance(TransportLimits.FETCH_PAUSE.plusSeconds(1));
  }

  private java.util.Optional<StsPolicy> find() {
    return policies.find("far.example", DnsBudget.ofMessage());
  }

  private HttpsServer server() {
    try {
      HttpsServer made =
          HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      made.setHttpsConfigurator(new HttpsConfigurator(CERTIFICATE.context()));
      made.createContext(
          "/",
          exchange -> {
            fetches.incrementAndGet();
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
          });
      made.start();
      return made;
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
