package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// MIG-11, MIG-14: `mailstead migrate cutover` from Maildirs to the service, with a real name
/// server: no-go with its reasons, go when they are mended, and after the switch until the old may
/// go.
@Tag("acceptance")
final class CutoverTest {
  private static final String DOMAIN = "firm.example";
  private static final String HOST = "mail.new.example";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir Path folder;
  private int dns;

  @Test
  @DisplayName("MIG-11, MIG-14: no-go with reasons, go, late mail, safe to decommission")
  void fromNoGoToDecommission() throws Exception {
    Named.assumeInstalled();
    dns = Named.freePort();
    Map<String, String> settings = ServiceProcess.freePorts();
    settings.put("MAILSTEAD_LOGIN_PLAIN_WITHOUT_TLS", "true");
    settings.put("MAILSTEAD_SERVER_HOSTNAME", HOST);
    settings.put("MAILSTEAD_DNS_RESOLVER", "127.0.0.1:" + dns);
    settings.put("MAILSTEAD_DNS_AUTHORITATIVE_PORT", String.valueOf(dns));
    Instant before30 = Instant.now().minus(Duration.ofDays(30));
    message("anna", 1, "old@friends.example", "anna@" + DOMAIN, before30);
    message("ben", 2, "old@friends.example", "ben@" + DOMAIN, before30);
    inventory();
    try (ServiceProcess service = ServiceProcess.start(folder.resolve("data"), settings)) {
      String anna = people(service);
      Path file = settings(service);
      String records = records(service);

      CutoverRun first;
      try (Named _ = zone("@ 86400 IN MX 10 mx.old.example.\n")) {
        first = cutover(service, file);
      }
      assertThat(first.exitCode).isEqualTo(3);
      assertThat(first.noGo())
          .anyMatch(text -> text.startsWith("MX lives 86400 s in caches, more than 3600"))
          .anyMatch(text -> text.startsWith("SPF firm.example is missing"))
          .anyMatch(text -> text.startsWith("DKIM ") && text.endsWith("is missing"))
          .anyMatch(text -> text.contains("the alias info@firm.example is missing"))
          .anyMatch(text -> text.contains("nobody at the target has team@firm.example"))
          .anyMatch(text -> text.equals("was never carried over"))
          .anyMatch(text -> text.equals("is in the inventory and in no [[mailbox]] of the plan"))
          .anyMatch(text -> text.startsWith("info@firm.example is not taken: 550"))
          .anyMatch(text -> text.startsWith("team@firm.example is not taken: 550"));
      assertThat(first.texts("ok"))
          .contains("anna@firm.example arrived", "ben@firm.example arrived")
          .contains("the target takes mail for it")
          .anyMatch(text -> text.startsWith("AUTODISCOVER") && text.endsWith("with the MX"));
      assertThat(first.texts("warning"))
          .anyMatch(text -> text.startsWith("DMARC _dmarc.firm.example is missing"));

      // What it asked for.
      Users.workmail(service, "create-alias", "--entity-id", anna, "--alias", "info@" + DOMAIN);
      String group = id(Users.workmail(service, "create-group", "--name", "team"), "GroupId");
      Users.workmail(
          service, "register-to-work-mail", "--entity-id", group, "--email", "team@" + DOMAIN);
      Users.workmail(
          service, "associate-member-to-group", "--group-id", group, "--member-id", anna);
      Files.delete(folder.resolve("cutover-work/cutover.json"));
      inventoryWithout("forgotten");
      var _ = migrate("run", file).succeeds();
      var _ = migrate("verify", file).succeeds();

      String before = "@ 300 IN MX 10 mx.old.example.\n" + records;
      try (Named _ = zone(before)) {
        CutoverRun missing = cutover(service, file);
        assertThat(missing.noGo())
            .containsExactly(
                "group team: ben@firm.example is no member: would get nothing",
                "team@firm.example did not arrive in ben@firm.example within 5 s");
        Users.workmail(
            service,
            "associate-member-to-group",
            "--group-id",
            group,
            "--member-id",
            "ben@" + DOMAIN);
        Tool go = run(service, file);
        assertThat(go.output()).contains("team@firm.example arrived in 2 mailboxes");
        assertThat(go.exitCode()).as(go.output()).isZero();
        assertThat(go.output().strip().lines().reduce((_, last) -> last).orElseThrow())
            .startsWith("GO: 0 reasons against it");
      }
      // Nothing of it is left in the mailboxes.
      for (String user : List.of("anna@", "ben@")) {
        try (PlainImap imap = new PlainImap(service.port("imap"), user + DOMAIN, Users.PASSWORD)) {
          assertThat(imap.ok("SELECT INBOX").toString()).contains("1 EXISTS");
        }
      }

      String after =
          "@ 300 IN MX 10 %s.\nautodiscover IN CNAME %s.\n".formatted(HOST, HOST) + records;
      try (Named _ = zone(before)) {
        assertThat(cutover(service, file, "--after").noGo())
            .contains("MX still names mx.old.example", "mail was not seen to go to the target");
      }
      try (Named _ = zone(after)) {
        CutoverRun early = cutover(service, file, "--after");
        assertThat(early.exitCode).isEqualTo(3);
        assertThat(early.noGo()).hasSize(1).first().asString().contains("a week is over on");

        Instant switched = Instant.now().minus(Duration.ofDays(20));
        String[] since = {"--after", "--switched", switched.toString()};
        // A printer that still submits to the old service, and a stranger to a forgotten alias.
        Instant late = Instant.now().minus(Duration.ofDays(2));
        message("anna", 3, "printer@" + DOMAIN, "anna@" + DOMAIN, late);
        message("ben", 4, "late@friends.example", "sales@" + DOMAIN, late);
        bounce("ben", 5, "invoices@" + DOMAIN, Instant.now().minus(Duration.ofDays(12)));
        assertThat(cutover(service, file, since).noGo())
            .contains("1 messages of the old service are not at the target")
            .contains("2 messages of the old service are not at the target")
            .contains("still sent through the old service by printer@firm.example")
            .anyMatch(text -> text.endsWith("addresses that the target lacks: sales@firm.example"));
        var _ = migrate("run", file).succeeds();
        CutoverRun carried = cutover(service, file, since);
        assertThat(carried.noGo())
            .noneMatch(text -> text.contains("not at the target"))
            .contains("mail to these own addresses came back: invoices@firm.example")
            .anyMatch(text -> text.startsWith("2 messages came since"));

        // Long enough ago, nothing missed.
        for (String box : List.of("anna", "ben")) empty(box);
        message("anna", 6, "late@friends.example", "anna@" + DOMAIN, switched.plusSeconds(60));
        Users.workmail(
            service, "create-alias", "--entity-id", anna, "--alias", "invoices@" + DOMAIN);
        var _ = migrate("run", file, "--allow-mass-removal").succeeds();
        Tool safe = run(service, file, since);
        assertThat(safe.exitCode()).as(safe.output()).isZero();
        assertThat(safe.output()).contains("SAFE TO DECOMMISSION the old service: 0 reasons");
      }
    }
  }

  /// A check as programs read it.
  private record CutoverRun(int exitCode, JsonNode report) {
    List<String> texts(String level) {
      List<String> texts = new ArrayList<>();
      for (JsonNode each : report.path("findings")) {
        if (each.path("level").asString("").equals(level))
          texts.add(each.path("text").asString(""));
      }
      return texts;
    }

    List<String> noGo() {
      assertThat(report.path("go").asBoolean(true)).as(report.toString()).isFalse();
      return texts("no-go");
    }
  }

  private CutoverRun cutover(ServiceProcess service, Path file, String... more) throws Exception {
    List<String> words = new ArrayList<>(List.of(more));
    words.add("--json");
    Tool tool = run(service, file, words.toArray(String[]::new));
    return new CutoverRun(tool.exitCode(), JSON.readTree(tool.output()));
  }

  private Tool run(ServiceProcess service, Path file, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                ServiceProcess.HOME.resolve("mailstead").toString(),
                "migrate",
                "cutover",
                file.toString(),
                "--resolver",
                "127.0.0.1:" + dns,
                "--authoritative-port",
                String.valueOf(dns),
                "--endpoint-url",
                "https://" + service.ready().path("endpoints").path("api").asString(""),
                "--ca-bundle",
                service.text("caCertificate"),
                "--organization-id",
                service.text("organizationId")));
    command.addAll(List.of(more));
    return Tool.run(
        Map.of(
            "AWS_ACCESS_KEY_ID", service.text("accessKeyId"),
            "AWS_SECRET_ACCESS_KEY", service.text("secretAccessKey"),
            "AWS_DEFAULT_REGION", service.text("region")),
        "",
        command);
  }

  private static Tool migrate(String word, Path file, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                ServiceProcess.HOME.resolve("mailstead").toString(),
                "migrate",
                word,
                file.toString()));
    command.addAll(List.of(more));
    return Tool.run(Map.of(), "", command);
  }

  private Named zone(String records) throws IOException {
    return Named.start(folder, dns, DOMAIN, records);
  }

  /// @return anna's id
  private static String people(ServiceProcess service) throws Exception {
    Users.workmail(service, "register-mail-domain", "--domain-name", DOMAIN);
    String anna = "";
    for (String name : List.of("ben", "anna")) {
      anna =
          id(
              Users.workmail(
                  service,
                  "create-user",
                  "--name",
                  name,
                  "--display-name",
                  name,
                  "--password",
                  Users.PASSWORD),
              "UserId");
      Users.workmail(
          service, "register-to-work-mail", "--entity-id", anna, "--email", name + "@" + DOMAIN);
    }
    return anna;
  }

  private static String id(String answer, String member) {
    return answer.replaceAll("(?s).*\"" + member + "\"\\s*:\\s*\"([^\"]+)\".*", "$1");
  }

  /// What the target's API asks for, but for the records that make the switch.
  private static String records(ServiceProcess service) throws Exception {
    StringBuilder zone = new StringBuilder();
    JsonNode domain =
        JSON.readTree(Users.workmail(service, "get-mail-domain", "--domain-name", DOMAIN));
    for (JsonNode each : domain.path("Records")) {
      String name = each.path("Hostname").asString("");
      String type = each.path("Type").asString("");
      if (type.equals("MX") || name.startsWith("autodiscover")) continue;
      String value = each.path("Value").asString("").replace("\"", "");
      zone.append(name).append(". IN ").append(type).append(' ');
      if (type.equals("CNAME")) zone.append(value).append(".");
      for (int at = 0; type.equals("TXT") && at < value.length(); at += 200) {
        zone.append(" \"").append(value, at, Math.min(value.length(), at + 200)).append('"');
      }
      zone.append('\n');
    }
    return zone.toString();
  }

  private Path settings(ServiceProcess service) throws IOException {
    return Files.writeString(
        folder.resolve("cutover.toml"),
        """
        work = "cutover-work"
        [source]
        kind = "maildir"
        path = "boxes"
        [target]
        host = "localhost"
        port = %1$d
        ca-file = "%2$s"
        [cutover]
        inventory = "inventory.json"
        smtp-host = "localhost"
        smtp-port = %3$d
        smtp-ca-file = "%2$s"
        from = "probe@outside.example"
        wait-seconds = 5
        [[mailbox]]
        source = "anna"
        target = "anna@%4$s"
        target-password = '%5$s'
        [[mailbox]]
        source = "ben"
        target = "ben@%4$s"
        target-password = '%5$s'
        """
            .formatted(
                service.port("imaps"),
                service.text("caCertificate"),
                service.port("smtp"),
                DOMAIN,
                Users.PASSWORD));
  }

  private void inventory() throws IOException {
    Files.writeString(
        folder.resolve("inventory.json"),
        """
        {"at":"%1$s","organization":"firm","domains":["%2$s"],
         "users":[%3$s,%4$s,%5$s],
         "groups":[{"name":"team","email":"team@%2$s","hidden":false,"aliases":[],"members":["anna@%2$s","ben@%2$s"],"permissions":[]}],
         "resources":[],"problems":[]}
        """
            .formatted(
                Instant.now(),
                DOMAIN,
                user("anna", "\"info@" + DOMAIN + "\""),
                user("ben", ""),
                user("forgotten", "")));
  }

  private static String user(String name, String aliases) {
    return """
    {"name":"%1$s","displayName":"%1$s","firstName":"","lastName":"","email":"%1$s@%2$s","role":"USER","aliases":[%3$s],"sizeMegabytes":1.0,"quotaMegabytes":100,"permissions":[]}
    """
        .formatted(name, DOMAIN, aliases)
        .strip();
  }

  private void inventoryWithout(String name) throws IOException {
    Path file = folder.resolve("inventory.json");
    Files.writeString(file, Files.readString(file).replace("," + user(name, ""), ""));
  }

  private void message(String box, int number, String from, String to, Instant received)
      throws IOException {
    file(
        box,
        number,
        "From: <%s>\r\nTo: <%s>\r\nSubject: Number %d\r\n\r\nHello\r\n".formatted(from, to, number),
        received);
  }

  private void bounce(String box, int number, String failed, Instant received) throws IOException {
    file(
        box,
        number,
        """
        From: <mailer-daemon@old.example>
        To: <ben@firm.example>
        Subject: Undelivered
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"

        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; old.example

        Final-Recipient: rfc822; %s
        Action: failed
        Status: 5.1.1

        --b--
        """
            .formatted(failed)
            .replace("\n", "\r\n"),
        received);
  }

  private void file(String box, int number, String text, Instant received) throws IOException {
    Path current = folder.resolve("boxes").resolve(box).resolve("cur");
    Files.createDirectories(current);
    Path file = current.resolve("170000000" + number + ".m" + number + ".host:2,S");
    Files.write(file, text.getBytes(StandardCharsets.US_ASCII));
    Files.setLastModifiedTime(file, FileTime.from(received));
  }

  private void empty(String box) throws IOException {
    try (var files = Files.list(folder.resolve("boxes").resolve(box).resolve("cur"))) {
      for (Path file : files.filter(f -> f.toString().matches(".*\\.m[3-5]\\..*")).toList()) {
        Files.delete(file);
      }
    }
  }
}
