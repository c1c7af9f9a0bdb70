package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A Run Lambda rule as a customer of WorkMail has it: the rule is made with the AWS CLI, the
/// function runs in Node and works on messages with the AWS CLI, too.
@Tag("acceptance")
final class RunLambdaTest {
  private static final String ARN = "arn:aws:lambda:eu-west-1:123456789012:function:external";
  private static final String BUCKET = "function-mail";

  @TempDir Path folder;

  @Test
  @DisplayName("FLW-6: a Node function replaces a message by PutRawMessageContent and a bucket")
  void aFunctionReplacesAMessage() throws Exception {
    assumeTrue(
        Tool.isInstalled("node") && Tool.isInstalled("aws"),
        "skipped: Debian's nodejs or awscli is not installed");
    Path bucket = Files.createDirectory(folder.resolve("bucket"));
    int port = freePort();
    Map<String, String> settings = new HashMap<>(ServiceProcess.freePorts());
    settings.put("MAILSTEAD_LOGIN_PLAIN_WITHOUT_TLS", "true");
    settings.put("MAILSTEAD_LAMBDA_FUNCTIONS", ARN + " http://127.0.0.1:" + port);
    settings.put("MAILSTEAD_S3_FOLDERS", BUCKET + "=" + bucket);
    try (ServiceProcess service = ServiceProcess.start(folder.resolve("data"), settings)) {
      List<String> users = Users.create(service, 2);
      Users.workmail(
          service,
          "create-inbound-mail-flow-rule",
          "--name",
          "external",
          "--action",
          "RUN_LAMBDA",
          "--sender-patterns",
          "[\"*\"]",
          "--lambda",
          "{\"FunctionArn\":\""
              + ARN
              + "\",\"Synchronous\":true,\"TimeoutMinutes\":30,\"FallbackAction\":\"DELIVER_TO_JUNK\"}");
      Process function = function(service, port, bucket);
      try {
        try (PlainSmtp smtp = new PlainSmtp(service.port("smtp"))) {
          String message =
              "From: Stranger <stranger@example.org>\r\nTo: u0@example.org\r\n"
                  + "Subject: Offer\r\nDate: Fri, 1 Jan 2027 00:00:00 +0000\r\n"
                  + "Message-ID: <one@example.org>\r\n\r\nHello.\r\n";
          assertThat(
                  smtp.send(
                      "stranger@example.org", users, message.getBytes(StandardCharsets.US_ASCII)))
              .startsWith("250");
        }
        Awaitility.await()
            .atMost(90, TimeUnit.SECONDS)
            .untilAsserted(() -> assertThat(inbox(service, users.getFirst())).hasSize(1));
        assertThat(inbox(service, users.getFirst()).getFirst())
            .contains(
                "Subject: [External] Offer", "\r\n\r\nHello. Seen by the function in INBOUND.");
        assertThat(inbox(service, users.getLast())).as("the function dropped it").isEmpty();
        try (var files = Files.list(bucket)) {
          assertThat(files.filter(file -> file.getFileName().toString().startsWith("updated-")))
              .hasSize(1);
        }
      } finally {
        function.destroyForcibly();
      }
    }
  }

  private Process function(ServiceProcess service, int port, Path bucket) throws IOException {
    Path script = folder.resolve("run-lambda.cjs");
    try (var in = RunLambdaTest.class.getResourceAsStream("/run-lambda.cjs")) {
      Files.copy(in, script, StandardCopyOption.REPLACE_EXISTING);
    }
    ProcessBuilder builder =
        new ProcessBuilder(
                "node",
                script.toString(),
                "https://" + service.ready().path("endpoints").path("api").asString(""),
                bucket.toString(),
                BUCKET)
            .redirectErrorStream(true);
    builder
        .environment()
        .putAll(
            Map.of(
                "FUNCTION_PORT", Integer.toString(port),
                "AWS_ACCESS_KEY_ID", service.text("accessKeyId"),
                "AWS_SECRET_ACCESS_KEY", service.text("secretAccessKey"),
                "AWS_DEFAULT_REGION", service.text("region"),
                "AWS_CA_BUNDLE", service.text("caCertificate"),
                "AWS_EC2_METADATA_DISABLED", "true",
                "AWS_CONFIG_FILE", "/dev/null",
                "AWS_SHARED_CREDENTIALS_FILE", "/dev/null"));
    Process process = builder.start();
    var out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    assertThat(out.readLine()).isEqualTo("ready");
    Thread.ofVirtual()
        .start(() -> out.lines().forEach(line -> System.out.println("function: " + line)));
    return process;
  }

  private static List<String> inbox(ServiceProcess service, String user) throws IOException {
    try (PlainImap imap = new PlainImap(service.port("imap"), user, Users.PASSWORD)) {
      imap.ok("EXAMINE INBOX");
      return imap.ok("UID FETCH 1:* (BODY.PEEK[])").stream()
          .filter(response -> !response.literals().isEmpty())
          .map(response -> new String(response.literals().getFirst(), StandardCharsets.ISO_8859_1))
          .toList();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
