package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole service on an OpenLDAP directory: from the settings file to logins by IMAP and SMTP,
/// with the directory killed and back. What a synchronization does in detail is tested in
/// `interop`, against OpenLDAP and Samba.
@Tag("acceptance")
final class ConnectedDirectoryTest {
  private static final String BASE = "dc=corp,dc=test";
  private static final Duration HEALTH_MAX = Duration.ofSeconds(150);

  @TempDir Path folder;

  @Test
  @DisplayName("ORG-3, ORG-4: an organization on LDAP, the directory away and back")
  void anOrganizationOnLdap() throws Exception {
    assumeTrue(Tool.isInstalled("openssl"), "openssl is not installed");
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/slapd")), "slapd is not installed");
    int port = freePort();
    prepareSlapd();
    Process slapd = startSlapd(port);
    Path data = Files.createDirectories(folder.resolve("data"));
    Files.writeString(data.resolve("mailstead.toml"), settings(port));
    Map<String, String> variables = new HashMap<>(ServiceProcess.freePorts());
    variables.put("MAILSTEAD_LOGIN_PLAIN_WITHOUT_TLS", "true");
    try (ServiceProcess service = ServiceProcess.start(data, variables)) {
      String id =
          workmail(
                  service,
                  "create-organization",
                  "--alias",
                  "corp",
                  "--directory-id",
                  "d-0123456789",
                  "--domains",
                  "DomainName=corp.test")
              .succeeds()
              .output()
              .replaceAll("(?s).*\"OrganizationId\"\\s*:\\s*\"([^\"]+)\".*", "$1");
      String report = mailstead("directory", "sync", "corp", "--full", "--data", data.toString());
      assertThat(report).contains("2 users and 1 groups in the directory");
      assertThat(mailstead("directory", "status", "corp", "--data", data.toString()))
          .contains("users, groups     2, 1");
      assertThat(workmail(service, "describe-organization", "--organization-id", id).output())
          .contains("\"DirectoryType\"", "\"LDAP\"", "\"Active\"");
      assertThat(workmail(service, "list-directories").succeeds().output())
          .contains("\"d-0123456789\"", "\"LDAP\"", "true");
      assertThat(
              workmail(service, "start-directory-sync", "--organization-id", id, "--mode", "FULL")
                  .succeeds()
                  .output())
          .containsAnyOf("RUNNING", "SUCCEEDED");
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() ->
              assertThat(
                      workmail(service, "describe-directory-sync", "--organization-id", id)
                          .succeeds()
                          .output())
                  .contains("SUCCEEDED", "\"FULL\"", "NextTime"));
      for (String name : List.of("anna", "bert")) {
        workmail(
                service,
                "register-to-work-mail",
                "--organization-id",
                id,
                "--entity-id",
                name,
                "--email",
                name + "@corp.test")
            .succeeds();
      }
      Tool refused =
          workmail(
              service,
              "create-user",
              "--organization-id",
              id,
              "--name",
              "eve",
              "--display-name",
              "Eve",
              "--password",
              "Eve-Secret-11");
      assertThat(refused.exitCode()).isNotZero();
      assertThat(refused.output()).contains("UnsupportedOperationException");
      new PlainImap(service.port("imap"), "anna@corp.test", "Secret-of-anna").close();
      assertThat(authenticate(service, "anna@corp.test", "Secret-of-anna")).startsWith("235");
      assertThat(authenticate(service, "anna@corp.test", "wrong")).startsWith("535");

      assertThat(
              workmail(service, "test-interoperability", "--organization-id", id)
                  .succeeds()
                  .output())
          .contains("UserPrincipalNames", "is not the primary address of: ", "anna")
          .contains("No availability configuration names an EWS endpoint")
          .doesNotContain("No user is enabled");

      slapd.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
      Tool away = workmail(service, "start-directory-sync", "--organization-id", id);
      assertThat(away.exitCode()).isNotZero();
      assertThat(away.output()).contains("DirectoryUnavailableException");
      assertThat(workmail(service, "list-directories").succeeds().output())
          .contains("false", "does not answer");
      assertThatThrownBy(
              () -> new PlainImap(service.port("imap"), "bert@corp.test", "Secret-of-bert"))
          .hasMessageContaining("NO [UNAVAILABLE]");
      assertThat(authenticate(service, "bert@corp.test", "Secret-of-bert")).startsWith("454 4.7.0");
      awaitState(service, id, "Impaired");
      assertThat(workmail(service, "list-users", "--organization-id", id).succeeds().output())
          .contains("Anna Adler", "Bert Berg");

      slapd = startSlapd(port);
      new PlainImap(service.port("imap"), "bert@corp.test", "Secret-of-bert").close();
      awaitState(service, id, "Active");
    } finally {
      slapd.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
  }

  private static void awaitState(ServiceProcess service, String id, String state) {
    Awaitility.await()
        .atMost(HEALTH_MAX)
        .pollInterval(Duration.ofSeconds(5))
        .untilAsserted(() ->
            assertThat(workmail(service, "describe-organization", "--organization-id", id).output())
                .contains("\"" + state + "\""));
  }

  private static Tool workmail(ServiceProcess service, String operation, String... members)
      throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                ServiceProcess.HOME.resolve("mailstead").toString(),
                "workmail",
                operation,
                "--endpoint-url",
                "https://" + service.ready().path("endpoints").path("api").asString(""),
                "--ca-bundle",
                service.text("caCertificate")));
    command.addAll(List.of(members));
    return Tool.run(
        Map.of(
            "AWS_ACCESS_KEY_ID", service.text("accessKeyId"),
            "AWS_SECRET_ACCESS_KEY", service.text("secretAccessKey"),
            "AWS_DEFAULT_REGION", service.text("region")),
        "",
        command);
  }

  private static String mailstead(String... words) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ServiceProcess.HOME.resolve("mailstead").toString());
    command.addAll(List.of(words));
    return Tool.run(Map.of(), "", command).succeeds().output();
  }

  /// What submission over TLS answers to AUTH PLAIN.
  private static String authenticate(ServiceProcess service, String name, String password)
      throws Exception {
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, new TrustManager[] {new TrustAll()}, null);
    String plain =
        Base64.getEncoder()
            .encodeToString(("\0" + name + "\0" + password).getBytes(StandardCharsets.UTF_8));
    try (Socket socket =
            tls.getSocketFactory().createSocket("127.0.0.1", service.port("submissions"));
        var in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      socket.setSoTimeout(60_000);
      reply(in);
      socket.getOutputStream().write("EHLO client.test\r\n".getBytes(StandardCharsets.US_ASCII));
      reply(in);
      socket
          .getOutputStream()
          .write(("AUTH PLAIN " + plain + "\r\n").getBytes(StandardCharsets.US_ASCII));
      return reply(in);
    }
  }

  private static String reply(BufferedReader in) throws IOException {
    String line = in.readLine();
    while (line != null && line.length() > 3 && line.charAt(3) == '-') line = in.readLine();
    return String.valueOf(line);
  }

  private static final class TrustAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private String settings(int port) throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "Service-Secret-1\n");
    return """
    [directories.d-0123456789]
    kind = "ldap"
    alias = "corp"
    urls = ["ldaps://127.0.0.1:%d"]
    base-dns = ["%s"]
    bind-dn = "cn=mailstead,%s"
    bind-password-file = "%s"
    ca-file = "%s"
    """
        .formatted(port, BASE, BASE, secret, folder.resolve("cert.pem"));
  }

  private void prepareSlapd() throws Exception {
    Tool.run(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            folder.resolve("key.pem").toString(),
            "-out",
            folder.resolve("cert.pem").toString())
        .succeeds();
    Files.createDirectories(folder.resolve("ldap"));
    Files.writeString(
        folder.resolve("slapd.conf"),
        """
        include /etc/ldap/schema/core.schema
        include /etc/ldap/schema/cosine.schema
        include /etc/ldap/schema/inetorgperson.schema
        modulepath /usr/lib/ldap
        moduleload back_mdb
        pidfile %1$s/pid
        TLSCertificateFile %1$s/cert.pem
        TLSCertificateKeyFile %1$s/key.pem
        database mdb
        suffix "%2$s"
        directory %1$s/ldap
        limits dn.exact="cn=mailstead,%2$s" size=unlimited
        access to attrs=userPassword by anonymous auth by * none
        access to * by dn.exact="cn=mailstead,%2$s" read by * none
        """
            .formatted(folder, BASE));
    Path entries =
        Files.writeString(
            folder.resolve("entries.ldif"),
            """
            dn: %1$s
            objectClass: domain
            dc: corp

            dn: cn=mailstead,%1$s
            objectClass: organizationalRole
            objectClass: simpleSecurityObject
            cn: mailstead
            userPassword: Service-Secret-1

            dn: uid=anna,%1$s
            objectClass: inetOrgPerson
            uid: anna
            cn: Anna Adler
            sn: Adler
            userPassword: Secret-of-anna

            dn: uid=bert,%1$s
            objectClass: inetOrgPerson
            uid: bert
            cn: Bert Berg
            sn: Berg
            userPassword: Secret-of-bert

            dn: cn=team,%1$s
            objectClass: groupOfNames
            cn: team
            member: uid=anna,%1$s
            """
                .formatted(BASE));
    Tool.run(
            "/usr/sbin/slapadd",
            "-f",
            folder.resolve("slapd.conf").toString(),
            "-l",
            entries.toString())
        .succeeds();
  }

  private Process startSlapd(int port) throws Exception {
    Process slapd =
        new ProcessBuilder(
                "/usr/sbin/slapd",
                "-d",
                "0",
                "-f",
                folder.resolve("slapd.conf").toString(),
                "-h",
                "ldaps://127.0.0.1:" + port + "/")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("slapd.log").toFile())
            .start();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> {
          try (var socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
          } catch (IOException e) {
            return false;
          }
        });
    return slapd;
  }
}
