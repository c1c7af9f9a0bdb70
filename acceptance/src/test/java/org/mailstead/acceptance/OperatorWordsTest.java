package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `mailstead token` and `mailstead organization` beside the running service; tokens as the
/// password of IMAP and SMTP; a room that gets mail.
@Tag("acceptance")
final class OperatorWordsTest {
  private static final String INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef";

  @TempDir Path folder;

  private Path data() {
    return folder.resolve("data");
  }

  @Test
  @DisplayName("ORG-5 LIM-4 RES-1: tokens, limits, administrators, a room, removal")
  void tokensLimitsAdministratorsARoomAndRemoval() throws Exception {
    Map<String, String> settings = new HashMap<>(ServiceProcess.freePorts());
    settings.put("MAILSTEAD_LOGIN_PLAIN_WITHOUT_TLS", "true");
    try (ServiceProcess service = ServiceProcess.start(data(), settings)) {
      String user = Users.create(service, 1).getFirst();
      tokens(service, user);
      room(service, user);
      assertThat(mailstead("queue", "list", "--count", "5")).contains("empty");
      assertThat(mailstead("queue", "count")).contains("recipients waiting");
      assertThat(mailstead("queue", "usage")).contains("of 100000");
      refused("queue id", "queue", "show", "x");
      refused("no such message", "queue", "hold", "0".repeat(32));
      assertThat(mailstead("organization", "users-max", service.text("alias"), "2"))
          .contains("2 users");
      refused("10000000", "organization", "users-max", service.text("alias"), "10000001");
      String admin = service.text("adminAddress");
      assertThat(mailstead("organization", "administrators", service.text("alias")))
          .contains(admin);
      refused(
          "protected", "organization", "administrators", service.text("alias"), "--remove", admin);
      refused("confirm", "organization", "delete", service.text("alias"), "--confirm", "other");
      refused(
          "enabled users",
          "organization",
          "delete",
          service.text("alias"),
          "--confirm",
          service.text("alias"));
      assertThat(
              mailstead(
                  "organization",
                  "delete",
                  service.text("alias"),
                  "--confirm",
                  service.text("alias"),
                  "--delete-directory",
                  "--force"))
          .contains("Delet");
      assertThat(mailstead("organization", "list")).contains("Delet");
    }
  }

  private void tokens(ServiceProcess service, String user) throws Exception {
    refused("identity provider", "token", "create", user, "--name", "phone");
    String application =
        workmail(
                service,
                "create-identity-center-application",
                "--name",
                "mail",
                "--instance-arn",
                INSTANCE)
            .replaceAll("(?s).*\"ApplicationArn\"\\s*:\\s*\"([^\"]+)\".*", "$1");
    workmail(
        service,
        "put-identity-provider-configuration",
        "--organization-id",
        service.text("organizationId"),
        "--authentication-mode",
        "IDENTITY_PROVIDER_AND_DIRECTORY",
        "--identity-center-configuration",
        "{\"InstanceArn\":\"" + INSTANCE + "\",\"ApplicationArn\":\"" + application + "\"}",
        "--personal-access-token-configuration",
        "{\"Status\":\"ACTIVE\"}");
    String made = mailstead("token", "create", user, "--name", "phone", "--days", "30");
    String secret = made.replaceAll("(?s).*token: (mspat-\\S+).*", "$1");
    String id = made.replaceAll("(?s).*id: (\\S+).*", "$1");
    try (PlainImap imap = new PlainImap(service.port("imap"), user, secret)) {
      imap.ok("NOOP");
    }
    assertThat(smtpLogin(service, user, secret)).startsWith("235 ");
    assertThatThrownBy(() -> new PlainImap(service.port("imap"), user, Users.PASSWORD))
        .isInstanceOf(Throwable.class);
    assertThat(smtpLogin(service, user, Users.PASSWORD)).startsWith("535 ");
    assertThat(mailstead("token", "list", user)).contains("phone").doesNotContain("never");
    mailstead("token", "delete", user, id);
    assertThat(smtpLogin(service, user, secret)).startsWith("535 ");
    workmail(
        service,
        "delete-identity-provider-configuration",
        "--organization-id",
        service.text("organizationId"));
    assertThat(smtpLogin(service, user, Users.PASSWORD)).startsWith("235 ");
  }

  private void room(ServiceProcess service, String user) throws Exception {
    String o = service.text("organizationId");
    String room =
        workmail(
                service,
                "create-resource",
                "--organization-id",
                o,
                "--name",
                "blue",
                "--type",
                "ROOM")
            .replaceAll("(?s).*\"ResourceId\"\\s*:\\s*\"([^\"]+)\".*", "$1");
    String address = "blue@" + service.text("testDomain");
    workmail(
        service,
        "register-to-work-mail",
        "--organization-id",
        o,
        "--entity-id",
        room,
        "--email",
        address);
    workmail(
        service,
        "put-mailbox-permissions",
        "--organization-id",
        o,
        "--entity-id",
        room,
        "--grantee-id",
        user,
        "--permission-values",
        "FULL_ACCESS");
    try (PlainSmtp smtp = new PlainSmtp(service.port("smtp"))) {
      assertThat(
              smtp.send(
                  "someone@elsewhere.example",
                  List.of(address),
                  "Subject: booking\r\n\r\nAt ten.\r\n".getBytes(StandardCharsets.US_ASCII)))
          .startsWith("250");
    }
    try (PlainImap imap = new PlainImap(service.port("imap"), user, Users.PASSWORD)) {
      String inbox =
          imap.ok("LIST \"\" \"*" + address + "*INBOX\"")
              .getFirst()
              .line()
              .replaceAll(".*\"([^\"]*INBOX)\".*|.* (\\S*INBOX)$", "$1$2");
      assertThat(imap.ok("STATUS \"" + inbox + "\" (MESSAGES)").getFirst().line())
          .contains("MESSAGES 1");
    }
  }

  private static String smtpLogin(ServiceProcess service, String user, String secret)
      throws Exception {
    var trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (var in = Files.newInputStream(Path.of(service.text("caCertificate")))) {
      trusted.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    var tls = SSLContext.getInstance("TLS");
    tls.init(null, trust.getTrustManagers(), null);
    String plain = "\0" + user + "\0" + secret;
    try (var socket =
            tls.getSocketFactory().createSocket("127.0.0.1", service.port("submissions"));
        var in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      socket.setSoTimeout(60_000);
      reply(in);
      var out = socket.getOutputStream();
      out.write("EHLO acceptance.example\r\n".getBytes(StandardCharsets.US_ASCII));
      reply(in);
      String auth = Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.US_ASCII));
      out.write(("AUTH PLAIN " + auth + "\r\n").getBytes(StandardCharsets.US_ASCII));
      return reply(in);
    }
  }

  private static String reply(BufferedReader in) throws Exception {
    String line = in.readLine();
    while (line != null && line.length() > 3 && line.charAt(3) == '-') line = in.readLine();
    return String.valueOf(line);
  }

  private static String workmail(ServiceProcess service, String... words) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(ServiceProcess.HOME.resolve("mailstead").toString(), "workmail"));
    command.add(words[0]);
    command.addAll(
        List.of(
            "--endpoint-url",
            "https://" + service.ready().path("endpoints").path("api").asString(""),
            "--ca-bundle",
            service.text("caCertificate")));
    command.addAll(List.of(words).subList(1, words.length));
    return Tool.run(
            Map.of(
                "AWS_ACCESS_KEY_ID", service.text("accessKeyId"),
                "AWS_SECRET_ACCESS_KEY", service.text("secretAccessKey"),
                "AWS_DEFAULT_REGION", service.text("region")),
            "",
            command)
        .succeeds()
        .output();
  }

  private Tool run(String... words) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(ServiceProcess.HOME.resolve("mailstead").toString()));
    command.addAll(List.of(words));
    command.addAll(List.of("--data", data().toString()));
    return Tool.run(ServiceProcess.freePorts(), "", command);
  }

  private String mailstead(String... words) throws Exception {
    return run(words).succeeds().output();
  }

  private void refused(String text, String... words) throws Exception {
    Tool tool = run(words);
    assertThat(tool.exitCode()).as(tool.output()).isEqualTo(1);
    assertThat(tool.output()).contains(text);
  }
}
