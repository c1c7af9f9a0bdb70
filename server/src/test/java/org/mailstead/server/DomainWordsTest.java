package org.mailstead.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.RefusedException;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.domains.EditableZone;
import org.mailstead.core.domains.TransportPolicies;
import org.mailstead.core.domains.TransportPolicies.TransportPolicy;
import org.mailstead.http.HttpHeaders;
import org.mailstead.http.HttpRequest;
import org.mailstead.http.HttpResponse;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;
import tools.jackson.databind.json.JsonMapper;

/// What the operator can do for domains: keys, records, policies, and the zones of the settings.
class DomainWordsTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir Path folder;

  @Test
  @DisplayName("DOM-5: keys are shown, exported as a zone file has them, and rotated by force only")
  void dkimWords() throws Exception {
    Settings settings =
        Settings.load(
            Optional.empty(),
            Map.of(
                "MAILSTEAD_SERVER_HOSTNAME", "mx.host.example",
                "MAILSTEAD_DNS_RESOLVER", "127.0.0.1:1"));
    DataFolder data = new DataFolder(folder.resolve("data")).create();
    try (Domain domain = Domain.open(data, settings)) {
      FirstRun.prepare(domain, FirstRun.ALIAS);
      register(domain, "shop.example");
      assertThat(run(domain, "dkim-show", Map.of("domain", "Shop.Example")))
          .containsExactly(
              "mailstead-rsa1   rsa      signs",
              "mailstead-ed1    ed25519  signs",
              "mailstead-rsa2   rsa      waits",
              "mailstead-ed2    ed25519  waits");
      assertThat(run(domain, "dkim-export", Map.of("domain", "shop.example")))
          .hasSize(4)
          .first()
          .asString()
          .startsWith("mailstead-rsa1._domainkey.shop.example. 3600 IN TXT \"v=DKIM1; k=rsa; p=")
          .contains("\" \"");
      assertThatThrownBy(() -> run(domain, "dkim-rotate", Map.of("domain", "shop.example")))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("mailstead-rsa2");
      assertThat(run(domain, "dkim-rotate", Map.of("domain", "shop.example", "force", true)))
          .contains("mailstead-rsa2   rsa      signs");
      assertThatThrownBy(() -> run(domain, "dkim-renew", Map.of("domain", "shop.example")))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("on its way");
      assertThatThrownBy(() -> run(domain, "dkim-show", Map.of("domain", "no.example")))
          .isInstanceOf(RefusedException.class);
      assertThatThrownBy(() -> run(domain, "records-propose", Map.of("domain", "shop.example")))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("No zone that may be written to holds shop.example");
    }
  }

  @Test
  @DisplayName("MTA-STS: our policies are served by name, for verified domains only")
  void policiesAreServed() throws Exception {
    Settings settings =
        Settings.load(
            Optional.empty(),
            Map.of(
                "MAILSTEAD_SERVER_HOSTNAME", "mx.host.example",
                "MAILSTEAD_DOMAINS_VERIFIED", "shop.example"));
    DataFolder data = new DataFolder(folder.resolve("data")).create();
    try (Domain domain = Domain.open(data, settings)) {
      FirstRun.prepare(domain, FirstRun.ALIAS);
      register(domain, "shop.example");
      register(domain, "unverified.example");
      Organization organization = FirstRun.organization(domain);
      var policies = new TransportPolicies(domain.directory());
      var handler = new TransportPolicyHandler(policies, domain.domainSettings().mailHost());
      assertThat(get(handler, "GET", "mta-sts.shop.example").status()).isEqualTo(404);
      for (String name : List.of("shop.example", "unverified.example")) {
        policies.put(
            change(domain),
            organization.id(),
            name,
            new TransportPolicy(TransportPolicies.Mode.ENFORCE, TransportPolicies.AGE_USUAL));
      }
      HttpResponse answer = get(handler, "GET", "MTA-STS.Shop.Example:443");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.headers().first("Content-Type").orElseThrow()).startsWith("text/plain");
      assertThat(new String(answer.body(), StandardCharsets.US_ASCII))
          .isEqualTo(
              "version: STSv1\r\nmode: enforce\r\nmx: mx.host.example\r\nmax_age: 1209600\r\n");
      for (String host :
          List.of(
              "mta-sts.unverified.example",
              "shop.example",
              "mta-sts.no.example",
              "mta-sts.",
              "",
              "mta-sts." + "x".repeat(5_000) + ".example")) {
        assertThat(get(handler, "GET", host).status()).as(host).isEqualTo(404);
      }
      assertThat(get(handler, "POST", "mta-sts.shop.example").status()).isEqualTo(405);
    }
  }

  @Test
  @DisplayName("DOM-3: tables [zones.<id>] are read, and what is wrong in them is named")
  void zoneSettings() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "c2VjcmV0LXNlY3JldC1zZWNyZXQ=\n");
    String good =
        """
        [zones.one]
        name = "Shop.Example"
        server = "127.0.0.1:53"
        tsig-key = "mailstead"
        secret-file = "%s"
        organizations = ["m-00000000000000000000000000000001"]
        [zones.two]
        kind = "route53"
        name = "cloud.example"
        access-key-id = "AKIAEXAMPLE"
        secret-file = "%s"
        """
            .formatted(secret, secret);
    List<EditableZone> zones = zones(good);
    assertThat(zones)
        .extracting(zone -> zone.editor().zone() + " by " + zone.editor().provider())
        .containsExactlyInAnyOrder(
            "shop.example by dynamic updates at 127.0.0.1:53", "cloud.example by Route 53");
    for (Map.Entry<String, String> wrong :
        Map.of(
                "kind = \"route53\"", "kind = \"magic\"",
                "server = \"127.0.0.1:53\"", "",
                "tsig-key = \"mailstead\"", "",
                "name = \"cloud.example\"", "name = \"not a zone\"",
                "[\"m-00000000000000000000000000000001\"]", "[\"shop\"]",
                "access-key-id = \"AKIAEXAMPLE\"", "")
            .entrySet()) {
      assertThatThrownBy(() -> zones(good.replace(wrong.getKey(), wrong.getValue())))
          .as(wrong.getKey())
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("zones.")
          .hasMessageNotContaining("c2Vj");
    }
    Files.writeString(secret, "not base64 at all!");
    assertThatThrownBy(() -> zones(good))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("Base64")
        .hasMessageNotContaining("not base64 at all");
    Files.delete(secret);
    assertThatThrownBy(() -> zones(good)).hasMessageContaining("secret-file");
  }

  private List<EditableZone> zones(String toml) throws Exception {
    Path file = Files.writeString(folder.resolve("mailstead.toml"), toml);
    try (var client =
        new org.mailstead.http.aws.AwsClient(
            java.time.InstantSource.system(),
            new java.util.Random(1),
            Thread::sleep,
            org.mailstead.http.aws.AwsLimits.PROMPT)) {
      return DnsZoneSettings.read(
          Settings.load(Optional.of(file), Map.of()), client, java.time.InstantSource.system());
    }
  }

  private static HttpResponse get(TransportPolicyHandler handler, String method, String host) {
    return handler.handle(
        new HttpRequest(
            method,
            TransportPolicyHandler.PATH,
            "",
            HttpHeaders.of("Host", host),
            new byte[0],
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
            true));
  }

  private static Change change(Domain domain) {
    return FirstRun.change(
        domain, FirstRun.organization(domain).account(), "PutMailDomainTransportPolicy", "test");
  }

  private static void register(Domain domain, String name) {
    Organization organization = FirstRun.organization(domain);
    Change change = FirstRun.change(domain, organization.account(), "RegisterMailDomain", "test");
    domain.directory().domains().register(change, organization.id(), name, Optional.empty());
  }

  @SuppressWarnings("unchecked")
  private static List<String> run(Domain domain, String word, Map<String, Object> request)
      throws Exception {
    var known = new DomainWords(domain).words().get(word);
    return (List<String>) known.run(JSON.valueToTree(request), _ -> {});
  }
}
