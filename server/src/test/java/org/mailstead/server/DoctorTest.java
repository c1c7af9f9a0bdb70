package org.mailstead.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.directory.AccountId;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.MailDomainRecord;
import org.mailstead.core.directory.MailDomainRecord.Purpose;
import org.mailstead.core.directory.Organization;
import org.mailstead.server.DoctorReport.Finding;
import org.mailstead.server.DoctorReport.Level;
import org.mailstead.server.settings.Settings;

class DoctorTest {
  private static final Path NAMED = Path.of("/usr/sbin/named");

  @TempDir Path folder;

  @Test
  @DisplayName("DOM-2, DOM-6: the lines that doctor prints, published in BIND, verify the domain")
  void publishesWhatDoctorSays() throws Exception {
    boolean hasBind = Files.isExecutable(NAMED);
    if (!hasBind) System.out.println("not run: named (Debian package bind9) is missing");
    Assumptions.assumeTrue(hasBind, "named (Debian package bind9) is missing");
    int port = freePort();
    Settings settings = settings(port);
    DataFolder data = new DataFolder(folder.resolve("data")).create();
    try (Domain domain = Domain.open(data, settings)) {
      FirstRun.prepare(domain, FirstRun.ALIAS);
      Organization organization = FirstRun.organization(domain);
      register(domain, organization.account(), organization.id());
      assertThatThrownBy(
              () -> Doctor.examine(domain, settings, Optional.of("no.example"), Optional.empty()))
          .isInstanceOf(RefusedException.class);
      DoctorReport before;
      Process empty = named(port, "", "first");
      try {
        before = Doctor.examine(domain, settings, Optional.empty(), Optional.empty());
      } finally {
        empty.destroyForcibly().waitFor();
      }
      assertThat(before.isHealthy()).isFalse();
      assertThat(before.text())
          .contains("domain shop.example", "PROBLEM  not verified", "shop.example. 3600 IN MX 10");
      StringBuilder zone = new StringBuilder();
      for (Finding each : before.findings()) {
        each.next().stream()
            .filter(line -> line.contains(" IN "))
            .forEach(line -> zone.append(line).append('\n'));
      }
      assertThat(zone.toString().lines()).hasSize(9);
      Process full = named(port, zone.toString(), "second");
      try {
        DoctorReport after =
            Doctor.examine(domain, settings, Optional.of("Shop.Example"), Optional.empty());
        List<Finding> ofDomain =
            after.findings().stream().filter(f -> f.about().startsWith("domain")).toList();
        assertThat(ofDomain).noneMatch(each -> each.level() == Level.PROBLEM);
        assertThat(ofDomain)
            .filteredOn(each -> each.level() == Level.WARNING)
            .extracting(Finding::text)
            .containsExactly(
                "postmaster@shop.example reaches nobody", "abuse@shop.example reaches nobody");
        assertThat(ofDomain.getFirst().text()).startsWith("verified");
        // Nothing listens here.
        assertThat(after.isHealthy()).isFalse();
        assertThat(after.text()).contains("does not answer");
      } finally {
        full.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void longTextsAreSplitForZoneFiles() {
    var record =
        new MailDomainRecord(
            Purpose.DKIM, MailDomainRecord.Type.TXT, "a.example", "x".repeat(300), 60);
    assertThat(Doctor.zoneLine(record))
        .isEqualTo("a.example. 60 IN TXT \"" + "x".repeat(255) + "\" \"" + "x".repeat(45) + "\"");
  }

  private static void register(Domain domain, AccountId account, OrganizationId organization) {
    Change change = FirstRun.change(domain, account, "RegisterMailDomain", "test");
    domain.directory().domains().register(change, organization, "shop.example", Optional.empty());
  }

  private static Settings settings(int port) {
    Map<String, String> environment = new HashMap<>();
    environment.put("MAILSTEAD_SERVER_HOSTNAME", "mx.host.example");
    environment.put("MAILSTEAD_DNS_RESOLVER", "127.0.0.1:" + port);
    environment.put("MAILSTEAD_DNS_AUTHORITATIVE_PORT", String.valueOf(port));
    return Settings.load(Optional.empty(), environment);
  }

  private static int freePort() throws Exception {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private Process named(int port, String records, String name) throws Exception {
    Path own = Files.createDirectory(folder.resolve(name));
    Files.writeString(
        own.resolve("zone"),
        "$TTL 0\n@ IN SOA ns1 h 1 60 60 60 0\n@ IN NS ns1\nns1 IN A 127.0.0.1\n" + records);
    Path configuration =
        Files.writeString(
            own.resolve("named.conf"),
            """
            options { directory "%s"; pid-file none; session-keyfile none; listen-on port %d { 127.0.0.1; };
              listen-on-v6 { none; }; recursion no; dnssec-validation no; };
            controls { };
            zone "shop.example" { type primary; file "zone"; };
            """
                .formatted(own, port));
    Path log = own.resolve("log");
    Process process =
        new ProcessBuilder(NAMED.toString(), "-g", "-n", "1", "-c", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Awaitility.await()
        .until(() -> !process.isAlive() || Files.readString(log).contains("all zones loaded"));
    if (process.isAlive()) return process;
    throw new IllegalStateException("named did not start:\n" + Files.readString(log));
  }
}
