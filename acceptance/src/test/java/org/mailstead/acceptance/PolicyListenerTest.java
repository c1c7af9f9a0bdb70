package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The listener for our own MTA-STS policies, asked by curl as other servers ask it: by the name of
/// the policy host, with its certificate checked.
@Tag("acceptance")
final class PolicyListenerTest {
  @TempDir Path folder;

  @Test
  @DisplayName(
      "RFC 8461 §3.3: our policies are served over HTTPS, under the policy host's name only")
  void policiesAreServedOverHttps() throws Exception {
    assumeTrue(
        Tool.isInstalled("curl") && Tool.isInstalled("openssl"),
        "skipped: Debian's curl or openssl is not installed");
    Path certificate = folder.resolve("certificate.pem");
    Path key = folder.resolve("key.pem");
    Tool.run(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=mta-sts.shop.example",
            "-addext",
            "subjectAltName=DNS:mta-sts.shop.example,DNS:localhost,IP:127.0.0.1",
            "-days",
            "2",
            "-keyout",
            key.toString(),
            "-out",
            certificate.toString())
        .succeeds();
    Map<String, String> settings = new HashMap<>(ServiceProcess.freePorts());
    settings.put("MAILSTEAD_LISTEN_MTA_STS", "127.0.0.1:0");
    settings.put("MAILSTEAD_SERVER_HOSTNAME", "mx.host.example");
    settings.put("MAILSTEAD_TLS_CERTIFICATE", certificate.toString());
    settings.put("MAILSTEAD_TLS_KEY", key.toString());
    try (ServiceProcess service = ServiceProcess.start(folder.resolve("data"), settings)) {
      workmail(service, certificate, "register-mail-domain", "--domain-name", "shop.example");
      workmail(
          service,
          certificate,
          "put-mail-domain-transport-policy",
          "--domain-name",
          "shop.example",
          "--mode",
          "ENFORCE");
      Tool policy = curl(service, certificate, "mta-sts.shop.example", "/.well-known/mta-sts.txt");
      assertThat(policy.succeeds().output())
          .contains("HTTP/1.1 200", "text/plain")
          .contains("version: STSv1\r\nmode: enforce\r\nmx: mx.host.example\r\nmax_age: ");
      assertThat(curl(service, certificate, "mta-sts.shop.example", "/").output())
          .contains("HTTP/1.1 404");
      assertThat(curl(service, certificate, "localhost", "/.well-known/mta-sts.txt").output())
          .contains("HTTP/1.1 404");
      assertThat(
              curl(service, certificate, "mta-sts.other.example", "/.well-known/mta-sts.txt")
                  .exitCode())
          .as("no certificate of that name")
          .isEqualTo(60);
    }
  }

  private static void workmail(ServiceProcess service, Path certificate, String... words)
      throws Exception {
    List<String> command =
        new ArrayList<>(List.of(ServiceProcess.HOME.resolve("mailstead").toString(), "workmail"));
    command.addAll(List.of(words));
    command.addAll(
        List.of(
            "--endpoint-url",
            "https://" + service.ready().path("endpoints").path("api").asString(""),
            "--ca-bundle",
            certificate.toString(),
            "--organization-id",
            service.text("organizationId")));
    Tool.run(
            Map.of(
                "AWS_ACCESS_KEY_ID", service.text("accessKeyId"),
                "AWS_SECRET_ACCESS_KEY", service.text("secretAccessKey"),
                "AWS_DEFAULT_REGION", service.text("region")),
            "",
            command)
        .succeeds();
  }

  private static Tool curl(ServiceProcess service, Path certificate, String host, String path)
      throws Exception {
    int port = service.port("mta-sts");
    return Tool.run(
        "curl",
        "-sS",
        "-i",
        "--http1.1",
        "--noproxy",
        "*",
        "--cacert",
        certificate.toString(),
        "--resolve",
        host + ":" + port + ":127.0.0.1",
        "https://" + host + ":" + port + path);
  }
}
