package org.mailstead.workmail.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.workmail.server.ApiFixture.text;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipFile;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.export.Exports;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.NewMessage;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@DisplayName("MIG-10: mailbox export jobs")
final class ExportTest {
  private static final String KEY = "arn:aws:kms:eu-west-1:111122223333:key/abcd";
  private static final String ROLE = "arn:aws:iam::111122223333:role/export";

  private ApiFixture api;
  private String o;
  private String anna;

  @BeforeEach
  void start() throws Exception {
    api = new ApiFixture();
    o = api.organization("tour");
    anna = api.enabledUser(o, "anna", "tour.mail.test");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private static String input(String o, String entity, String token, String bucket, String prefix) {
    return "{'OrganizationId':'%s','EntityId':'%s','ClientToken':'%s','RoleArn':'%s','KmsKeyArn':'%s','S3BucketName':'%s','S3Prefix':'%s','Description':'quarter'}"
        .formatted(o, entity, token, ROLE, KEY, bucket, prefix);
  }

  private String begin(String entity, String token) throws Exception {
    return text(
        api.call("StartMailboxExportJob", input(o, entity, token, "export-folder", "out/q1/")),
        "JobId");
  }

  private ObjectNode describe(String job) throws Exception {
    return api.call(
        "DescribeMailboxExportJob", "{'OrganizationId':'%s','JobId':'%s'}".formatted(o, job));
  }

  private ObjectNode ended(String job) throws Exception {
    Awaitility.await()
        .until(() -> !text(describe(job), "State").equals("RUNNING") && api.exports.isIdle());
    return describe(job);
  }

  private void fill(String user, int count) {
    EntityId id = new EntityId(user);
    Mailbox mailbox =
        api.core
            .mailboxes()
            .open(
                api.directory
                    .users()
                    .describe(new OrganizationId(o), id.value())
                    .mailbox()
                    .orElseThrow());
    for (int i = 0; i < count; i++) {
      byte[] octets = ("Subject: " + i + "\r\n\r\n" + "x".repeat(20_000)).getBytes(UTF_8);
      mailbox.append(
          mailbox.inbox(),
          List.of(new NewMessage(Content.of(octets), 0, Set.of(), api.core.clock().instant())));
    }
  }

  @Test
  void aMailboxIsExportedWithItsLog() throws Exception {
    fill(anna, 12);
    String job = begin("anna@tour.mail.test", "t1");
    ObjectNode done = ended(job);
    assertThat(text(done, "State")).as("%s", done).isEqualTo("COMPLETED");
    assertThat(done.path("EstimatedProgress").intValue()).isEqualTo(100);
    assertThat(text(done, "EntityId")).isEqualTo(anna);
    assertThat(text(done, "Description")).isEqualTo("quarter");
    assertThat(text(done, "RoleArn")).isEqualTo(ROLE);
    assertThat(text(done, "KmsKeyArn")).isEqualTo(KEY);
    assertThat(text(done, "S3BucketName")).isEqualTo("export-folder");
    assertThat(text(done, "S3Prefix")).isEqualTo("out/q1/");
    assertThat(text(done, "S3Path")).isEqualTo("out/q1/" + job + ".zip");
    assertThat(done.has("ErrorInfo")).isFalse();
    assertThat(done.path("EndTime").doubleValue())
        .isGreaterThanOrEqualTo(done.path("StartTime").doubleValue());

    Path zip = api.exportFolder.resolve("out/q1/" + job + ".zip");
    try (ZipFile file = new ZipFile(zip.toFile())) {
      assertThat(file.stream().filter(e -> e.getName().startsWith("INBOX/"))).hasSize(12);
    }
    JsonNode log =
        ApiFixture.JSON.readTree(
            Files.readString(api.exportFolder.resolve("out/q1/" + job + ".json")));
    assertThat(log.path("totalMessages").intValue()).isEqualTo(12);
    assertThat(log.path("totalNonExportableItems").intValue()).isZero();
    assertThat(log.path("totalFolders").intValue()).isGreaterThan(3);
    assertThat(log.path("totalBytes").longValue()).isEqualTo(Files.size(zip));
    assertThat(log.path("sha384Hash").stringValue())
        .isEqualTo(
            HexFormat.of()
                .formatHex(
                    java.security.MessageDigest.getInstance("SHA-384")
                        .digest(Files.readAllBytes(zip))));
    assertThat(log.has("startTime") && log.has("endTime")).isTrue();
    assertThat(api.audit(o))
        .filteredOn(r -> r.path("eventName").stringValue().equals("StartMailboxExportJob"))
        .singleElement()
        .satisfies(
            r -> assertThat(r.path("responseElements").path("jobId").stringValue()).isEqualTo(job));
  }

  @Test
  void theSameTokenIsTheSameJobAndAnotherRequestWithItIsRefused() throws Exception {
    String job = begin(anna, "t1");
    assertThat(begin(anna, "t1")).isEqualTo(job);
    api.refused(
        "StartMailboxExportJob",
        input(o, anna, "t1", "export-folder", "elsewhere"),
        "InvalidParameterException");
    ended(job);
    assertThat(begin(anna, "t1")).isEqualTo(job);
  }

  @Test
  void aMailboxIsExportedOnceADay() throws Exception {
    ended(begin(anna, "t1"));
    api.refused(
        "StartMailboxExportJob",
        input(o, anna, "t2", "export-folder", "p"),
        "LimitExceededException");
    api.core.clock().advance(Duration.ofHours(24));
    assertThat(ended(begin(anna, "t2")).path("State").stringValue()).isEqualTo("COMPLETED");
  }

  @Test
  void atMostTenJobsAtOnce() throws Exception {
    for (int i = 0; i < 10; i++) fill(api.enabledUser(o, "u" + i, "tour.mail.test"), 1);
    api.exports.close(); // As if the service ended while they wait.
    for (int i = 0; i < 10; i++) begin("u" + i, "t" + i);
    api.refused(
        "StartMailboxExportJob",
        input(o, anna, "eleven", "export-folder", "p"),
        "LimitExceededException");
    JsonNode first =
        api.call("ListMailboxExportJobs", "{'OrganizationId':'" + o + "','MaxResults':4}");
    assertThat(first.path("Jobs").size()).isEqualTo(4);
    JsonNode rest =
        api.call(
            "ListMailboxExportJobs",
            "{'OrganizationId':'%s','NextToken':'%s'}".formatted(o, text(first, "NextToken")));
    assertThat(rest.path("Jobs").size()).isEqualTo(6);
    assertThat(rest.has("NextToken")).isFalse();
    assertThat(first.path("Jobs").get(0).path("State").stringValue()).isEqualTo("RUNNING");

    // After a crash they go on from their beginning.
    try (Exports next = api.exports()) {
      next.resume();
      Awaitility.await().until(next::isIdle);
      assertThat(next.isIdle()).isTrue();
    }
    for (JsonNode job : rest.path("Jobs")) {
      assertThat(describe(text(job, "JobId")).path("State").stringValue()).isEqualTo("COMPLETED");
    }
  }

  @Test
  void afterThreeStartsAJobFails() throws Exception {
    api.exports.close();
    String job = begin(anna, "t1");
    for (int i = 0; i < 3; i++) {
      // Each of these ends in the middle of the job.
      try (Exports crashing = api.exportsThatEndAtOnce()) {
        crashing.resume();
        Awaitility.await().until(crashing::isIdle);
      }
      assertThat(describe(job).path("State").stringValue()).isEqualTo("RUNNING");
    }
    try (Exports last = api.exports()) {
      last.resume();
      Awaitility.await().until(last::isIdle);
    }
    ObjectNode failed = describe(job);
    assertThat(text(failed, "State")).isEqualTo("FAILED");
    assertThat(text(failed, "ErrorInfo")).contains("3 times");
    // Failed jobs do not count towards the day.
    try (Exports next = api.exports()) {
      begin(anna, "t2");
      next.resume();
      Awaitility.await().until(next::isIdle);
    }
  }

  @Test
  void aCancelledJobLeavesNothing() throws Exception {
    api.exports.close();
    String job = begin(anna, "t1");
    String input = "{'OrganizationId':'%s','JobId':'%s','ClientToken':'c'}".formatted(o, job);
    assertThat(api.call("CancelMailboxExportJob", input).isEmpty()).isTrue();
    assertThat(api.call("CancelMailboxExportJob", input).isEmpty()).isTrue();
    assertThat(text(describe(job), "State")).isEqualTo("CANCELLED");
    try (Exports next = api.exports()) {
      next.resume();
      assertThat(next.isIdle()).isTrue();
    }
    assertThat(api.exportFolder).isEmptyDirectory();
  }

  @Test
  void aJobThatHasEndedIsNotCancelled() throws Exception {
    String job = begin(anna, "t1");
    ended(job);
    api.refused(
        "CancelMailboxExportJob",
        "{'OrganizationId':'%s','JobId':'%s','ClientToken':'c'}".formatted(o, job),
        "InvalidParameterException");
  }

  @Test
  void aBucketThatIsAwayFailsTheJobWithItsReason() throws Exception {
    Files.delete(api.exportFolder);
    ObjectNode failed = ended(begin(anna, "t1"));
    assertThat(text(failed, "State")).isEqualTo("FAILED");
    assertThat(text(failed, "ErrorInfo")).contains("does not exist");
    Files.createDirectory(api.exportFolder);
    assertThat(ended(begin(anna, "t2")).path("State").stringValue()).isEqualTo("COMPLETED");
  }

  @Test
  void jobsOfAWeekAreListed() throws Exception {
    String job = begin(anna, "t1");
    ended(job);
    api.core.clock().advance(Duration.ofDays(7).minusMinutes(1));
    assertThat(
            api.call("ListMailboxExportJobs", "{'OrganizationId':'" + o + "'}").path("Jobs").size())
        .isEqualTo(1);
    api.core.clock().advance(Duration.ofMinutes(2));
    assertThat(
            api.call("ListMailboxExportJobs", "{'OrganizationId':'" + o + "'}").path("Jobs").size())
        .isZero();
    assertThat(text(describe(job), "State")).isEqualTo("COMPLETED");
  }

  @Test
  void declaredErrors() throws Exception {
    String group = api.group(o, "team");
    for (String entity : List.of("nobody", group)) {
      api.refused(
          "StartMailboxExportJob",
          input(o, entity, "t", "export-folder", "p"),
          "EntityNotFoundException");
    }
    for (String prefix : List.of("../out", "a//b", "a/./b")) {
      api.refused(
          "StartMailboxExportJob",
          input(o, anna, "t", "export-folder", prefix),
          "InvalidParameterException");
    }
    api.refused(
        "StartMailboxExportJob",
        input(o, anna, "t", "unknown-bucket", "p"),
        "InvalidParameterException");
    api.refused(
        "StartMailboxExportJob",
        input("m-" + "0".repeat(32), anna, "t", "export-folder", "p"),
        "OrganizationNotFoundException");
    for (String operation : List.of("DescribeMailboxExportJob", "CancelMailboxExportJob")) {
      String token = operation.startsWith("Cancel") ? ",'ClientToken':'c'" : "";
      api.refused(
          operation,
          "{'OrganizationId':'%s','JobId':'nothing'%s}".formatted(o, token),
          "EntityNotFoundException");
    }
    api.call(
        "DeleteOrganization",
        "{'OrganizationId':'" + o + "','DeleteDirectory':true,'ForceDelete':true}");
    api.settle();
    api.refused(
        "StartMailboxExportJob",
        input(o, anna, "t", "export-folder", "p"),
        "OrganizationStateException");
    api.refused(
        "ListMailboxExportJobs", "{'OrganizationId':'" + o + "'}", "OrganizationStateException");
  }
}
