package org.mailstead.workmail.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.http.aws.Credentials;
import org.mailstead.workmail.server.ApiFixture;
import org.mailstead.workmail.wire.shapes.Operation;
import tools.jackson.databind.JsonNode;

@DisplayName("API-1: mailstead workmail …")
final class WorkMailCliTest {
  private static ApiFixture api;
  private static String o;

  @TempDir Path folder;

  private record Outcome(int code, String out, String err) {
    JsonNode json() {
      assertThat(code).as(err).isZero();
      return ApiFixture.JSON.readTree(out);
    }
  }

  @BeforeAll
  static void start() {
    api = ApiFixture.inRealTime();
    o = run("create-organization", "--alias", "tour").json().path("OrganizationId").asString();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void anAnswerIsPrettyJsonAndAnEmptyOneIsNothing() {
    String id =
        run(
                "create-user",
                "--organization-id",
                o,
                "--name",
                "amy",
                "--display-name",
                "Amy Ä",
                "--password=Correct-horse-9",
                "--hidden-from-global-address-list")
            .json()
            .path("UserId")
            .asString();
    Outcome registered =
        run(
            "register-to-work-mail",
            "--organization-id",
            o,
            "--entity-id",
            id,
            "--email",
            "amy@tour.mail.test");
    assertThat(registered).isEqualTo(new Outcome(0, "", ""));
    Outcome described =
        run("describe-user", "--organization-id", o, "--user-id", "amy@tour.mail.test");
    assertThat(described.out()).contains("\n  \"DisplayName\" : \"Amy Ä\"");
    assertThat(described.json().path("HiddenFromGlobalAddressList").booleanValue()).isTrue();
    run(
        "update-user",
        "--organization-id",
        o,
        "--user-id",
        "amy",
        "--no-hidden-from-global-address-list");
    assertThat(
            run("describe-user", "--organization-id", o, "--user-id", "amy")
                .json()
                .path("HiddenFromGlobalAddressList")
                .booleanValue())
        .isFalse();
  }

  @Test
  void pagesAreJoinedUnlessOneIsAskedFor() {
    for (int i = 0; i < 5; i++) {
      run("create-group", "--organization-id", o, "--name", "page" + i).json();
    }
    JsonNode all = run("list-groups", "--organization-id", o, "--page-size", "2").json();
    assertThat(names(all)).contains("page0", "page1", "page2", "page3", "page4");
    assertThat(all.has("NextToken")).isFalse();
    JsonNode one = run("list-groups", "--organization-id", o, "--max-results", "2").json();
    assertThat(names(one)).hasSize(2);
    JsonNode next =
        run(
                "list-groups",
                "--organization-id",
                o,
                "--max-results",
                "1",
                "--next-token",
                one.path("NextToken").asString())
            .json();
    assertThat(names(next)).hasSize(1).doesNotContainAnyElementsOf(names(one));
  }

  @Test
  void listsAndStructuresInEveryForm() throws Exception {
    for (String filters :
        List.of("NamePrefix=form", "{\"NamePrefix\":\"form\"}", "{NamePrefix=form}")) {
      run("create-group", "--organization-id", o, "--name", "form");
      assertThat(names(run("list-groups", "--organization-id", o, "--filters", filters).json()))
          .containsExactly("form");
    }
    String bob = enabled("bob");
    enabled("cyd");
    for (String[] values :
        new String[][] {{"SEND_AS", "FULL_ACCESS"}, {"[\"SEND_AS\",\"FULL_ACCESS\"]"}}) {
      List<String> words =
          new ArrayList<>(
              List.of("put-mailbox-permissions", "--organization-id", o, "--permission-values"));
      words.addAll(List.of(values));
      words.addAll(List.of("--entity-id", "cyd", "--grantee-id", bob));
      assertThat(run(words.toArray(String[]::new)).code()).isZero();
    }
    assertThat(run("list-mailbox-permissions", "--organization-id", o, "--entity-id", "cyd").out())
        .contains("FULL_ACCESS", "SEND_AS", bob);
    Path file = folder.resolve("input");
    Files.writeString(file, "{\"OrganizationId\":\"" + o + "\"}\n");
    assertThat(run("describe-organization", "--cli-input-json", "file://" + file).json())
        .isEqualTo(run("describe-organization", "--organization-id", o).json());
    Outcome two =
        run(
            "create-organization",
            "--alias",
            "two",
            "--domains",
            "DomainName=one.example",
            "DomainName=two.example,HostedZoneId=Z1");
    assertThat(
            run(
                    "list-mail-domains",
                    "--organization-id",
                    two.json().path("OrganizationId").asString())
                .out())
        .contains("one.example", "two.example");
  }

  @Test
  void exitCodesAndTextsAreTheAwsClis() {
    Outcome refused = run("describe-user", "--organization-id", o, "--user-id", "nobody");
    assertThat(refused.code()).isEqualTo(WorkMailCli.REFUSED);
    assertThat(refused.err())
        .startsWith(
            "An error occurred (EntityNotFoundException) when calling the DescribeUser operation:");
    for (String[] wrong :
        new String[][] {
          {"do-something"},
          {"describe-user"},
          {"describe-user", "--organization-id"},
          {"describe-user", "--nonsense", "x"},
          {"describe-user", "stray"},
          {"list-users", "--organization-id", o, "--max-results", "many"},
          {"list-users", "--organization-id", o, "--filters", "Nonsense=1"},
          {"list-users", "--cli-input-json", "{"},
          {"list-users", "--organization-id", "file:///nowhere/at/all"},
        }) {
      Outcome outcome = run(wrong);
      assertThat(outcome.code()).as(String.join(" ", wrong)).isEqualTo(WorkMailCli.WRONG_USAGE);
      assertThat(outcome.err()).isNotBlank();
      assertThat(outcome.out()).isEmpty();
    }
    Outcome nobody =
        runAt(
            new Endpoint(URI.create("http://127.0.0.1:1"), "eu-west-1", Optional.empty()),
            api.credentials(),
            "list-organizations");
    assertThat(nobody.code()).isEqualTo(WorkMailCli.NO_ANSWER);
    Outcome forged =
        runAt(
            api.endpoint(),
            new Credentials(api.credentials().accessKeyId(), "x"),
            "list-organizations");
    assertThat(forged.err()).contains("(InvalidSignatureException)");
  }

  @Test
  void helpListsOperationsAndMembersFromTheModel() {
    Outcome all = run("help");
    assertThat(all.code()).isZero();
    assertThat(all.out().lines().filter(l -> l.matches("  [a-z].*")))
        .hasSize(Operation.values().length);
    assertThat(all.out())
        .contains("  register-to-work-mail", "  list-tags-for-resource", "  wipe-mobile-device");
    Outcome one = run("put-mailbox-permissions", "help");
    assertThat(one.out())
        .contains("--organization-id", "(required)", "list of FULL_ACCESS | SEND_AS");
    assertThat(run("wipe-mobile-device", "help").out())
        .contains("Asks for a device to be wiped", "--device-id");
    assertThat(run("nonsense", "help").code()).isEqualTo(WorkMailCli.WRONG_USAGE);
    assertThat(WorkMailCli.isHelp(List.of())).isTrue();
    assertThat(WorkMailCli.isHelp(List.of("list-users", "--organization-id", "x"))).isFalse();
  }

  @Test
  void namesOfFlagsAreBotocores() {
    assertThat(ServiceModel.kebab("RegisterToWorkMail")).isEqualTo("register-to-work-mail");
    assertThat(ServiceModel.kebab("ResourceARN")).isEqualTo("resource-arn");
    assertThat(ServiceModel.kebab("S3BucketName")).isEqualTo("s3-bucket-name");
    assertThat(ServiceModel.kebab("KmsKeyArn")).isEqualTo("kms-key-arn");
  }

  private static String enabled(String name) {
    String id =
        run(
                "create-user",
                "--organization-id",
                o,
                "--name",
                name,
                "--display-name",
                name,
                "--password",
                "Correct-horse-9")
            .json()
            .path("UserId")
            .asString();
    run(
        "register-to-work-mail",
        "--organization-id",
        o,
        "--entity-id",
        id,
        "--email",
        name + "@tour.mail.test");
    return id;
  }

  private static List<String> names(JsonNode page) {
    List<String> names = new ArrayList<>();
    page.path("Groups").forEach(g -> names.add(g.path("Name").asString()));
    return names;
  }

  private static Outcome run(String... args) {
    return runAt(api.endpoint(), api.credentials(), args);
  }

  private static Outcome runAt(Endpoint endpoint, Credentials credentials, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        WorkMailCli.run(
            List.of(args),
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            endpoint,
            credentials);
    return new Outcome(code, out.toString(UTF_8), err.toString(UTF_8));
  }
}
