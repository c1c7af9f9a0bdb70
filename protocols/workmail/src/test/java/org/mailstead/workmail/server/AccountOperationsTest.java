package org.mailstead.workmail.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.workmail.server.ApiFixture.text;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.MailboxId;
import org.mailstead.core.logs.LogRecord;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.NewMessage;
import org.mailstead.workmail.client.WorkMailClient;
import tools.jackson.databind.JsonNode;

/// Resources, tags, identity providers and personal access tokens over HTTP, with the errors that
/// their operations declare.
final class AccountOperationsTest {
  private static final String INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef";

  private ApiFixture api;
  private String o;
  private String arn;

  @BeforeEach
  void start() throws Exception {
    api = new ApiFixture();
    o = api.organization("tour");
    arn = "arn:aws:workmail:eu-west-1:" + api.account() + ":organization/" + o;
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private String resource(String name) throws Exception {
    return text(call("CreateResource", ",'Name':'" + name + "','Type':'ROOM'"), "ResourceId");
  }

  @Test
  @DisplayName("RES-1: a resource is made, described, changed, enabled, listed and deleted")
  void resources() throws Exception {
    String room =
        text(
            call(
                "CreateResource",
                ",'Name':'blue','Type':'ROOM','Description':'Second floor',"
                    + "'HiddenFromGlobalAddressList':true"),
            "ResourceId");
    assertThat(room).matches("r-[0-9a-f]{32}");
    JsonNode made = call("DescribeResource", ",'ResourceId':'blue'");
    assertThat(made.propertyNames())
        .containsExactlyInAnyOrder(
            "ResourceId",
            "Name",
            "Type",
            "BookingOptions",
            "State",
            "Description",
            "HiddenFromGlobalAddressList");
    assertThat(made.path("BookingOptions").toString())
        .isEqualTo(
            "{\"AutoAcceptRequests\":true,\"AutoDeclineConflictingRequests\":true,"
                + "\"AutoDeclineRecurringRequests\":false}");
    assertThat(text(made, "State")).isEqualTo("DISABLED");

    String entity = ",'EntityId':'" + room + "'";
    call("RegisterToWorkMail", entity + ",'Email':'blue@tour.mail.test'");
    call("CreateAlias", entity + ",'Alias':'azure@tour.mail.test'");
    call("UpdatePrimaryEmailAddress", entity + ",'Email':'azure@tour.mail.test'");
    assertThat(call("ListAliases", entity).path("Aliases").toString())
        .isEqualTo("[\"blue@tour.mail.test\"]");
    JsonNode found = call("DescribeEntity", ",'Email':'blue@tour.mail.test'");
    assertThat(text(found, "Type")).isEqualTo("RESOURCE");
    call(
        "UpdateResource",
        ",'ResourceId':'azure@tour.mail.test','Name':'red','Type':'EQUIPMENT','Description':'',"
            + "'BookingOptions':{'AutoDeclineRecurringRequests':true},"
            + "'HiddenFromGlobalAddressList':false");
    JsonNode changed = call("DescribeResource", ",'ResourceId':'red'");
    assertThat(text(changed, "Type")).isEqualTo("EQUIPMENT");
    assertThat(text(changed, "Email")).isEqualTo("azure@tour.mail.test");
    assertThat(changed.has("Description")).isFalse();
    assertThat(changed.path("BookingOptions").path("AutoAcceptRequests").booleanValue()).isTrue();
    assertThat(changed.path("BookingOptions").path("AutoDeclineRecurringRequests").booleanValue())
        .isTrue();

    resource("green");
    assertThat(names("")).containsExactly("green", "red");
    assertThat(names(",'Filters':{'NamePrefix':'GR'}")).containsExactly("green");
    assertThat(names(",'Filters':{'PrimaryEmailPrefix':'azu'}")).containsExactly("red");
    assertThat(names(",'Filters':{'State':'ENABLED'}")).containsExactly("red");
    JsonNode first = call("ListResources", ",'MaxResults':1");
    assertThat(first.path("Resources").size()).isEqualTo(1);
    assertThat(names(",'NextToken':'" + text(first, "NextToken") + "'")).containsExactly("red");

    refused("DeleteResource", ",'ResourceId':'" + room + "'", "EntityStateException");
    call("DeregisterFromWorkMail", entity);
    call("DeleteResource", ",'ResourceId':'" + room + "'");
    call("DeleteResource", ",'ResourceId':'nothing'");
    assertThat(names("")).containsExactly("green");
    assertThat(names(",'Filters':{'State':'DELETED'}")).containsExactly("red");
    assertThat(text(call("DescribeResource", ",'ResourceId':'" + room + "'"), "State"))
        .isEqualTo("DELETED");
    refused("UpdateResource", ",'ResourceId':'" + room + "','Name':'x'", "EntityStateException");
  }

  private List<String> names(String rest) throws Exception {
    List<String> names = new ArrayList<>();
    for (JsonNode resource : call("ListResources", rest).path("Resources")) {
      names.add(text(resource, "Name"));
    }
    return names;
  }

  @Test
  @DisplayName("RES-3: delegates, and acceptance off only with one")
  void delegates() throws Exception {
    String room = resource("blue");
    String amy = api.enabledUser(o, "amy", "tour.mail.test");
    String team = api.group(o, "team");
    String id = ",'ResourceId':'" + room + "'";
    refused(
        "UpdateResource",
        id + ",'BookingOptions':{'AutoAcceptRequests':false}",
        "InvalidConfigurationException");
    call("AssociateDelegateToResource", id + ",'EntityId':'amy'");
    call("AssociateDelegateToResource", id + ",'EntityId':'" + team + "'");
    call("AssociateDelegateToResource", id + ",'EntityId':'" + team + "'");
    List<String> found = new ArrayList<>();
    for (JsonNode delegate : call("ListResourceDelegates", id).path("Delegates")) {
      found.add(text(delegate, "Type") + " " + text(delegate, "Id"));
    }
    assertThat(found).containsExactlyInAnyOrder("USER " + amy, "GROUP " + team);
    call("UpdateResource", id + ",'BookingOptions':{'AutoAcceptRequests':false}");
    call("DisassociateDelegateFromResource", id + ",'EntityId':'team'");
    refused("DisassociateDelegateFromResource", id + ",'EntityId':'amy'", "EntityStateException");

    refused("AssociateDelegateToResource", id + ",'EntityId':'no'", "EntityNotFoundException");
    refused(
        "AssociateDelegateToResource",
        id + ",'EntityId':'" + resource("red") + "'",
        "InvalidParameterException");
    call("DeleteGroup", ",'GroupId':'" + team + "'");
    refused(
        "AssociateDelegateToResource", id + ",'EntityId':'" + team + "'", "EntityStateException");
    refused("ListResourceDelegates", id + ",'NextToken':'x'", "InvalidParameterException");
    call("DeleteResource", ",'ResourceId':'" + room + "'");
    refused("ListResourceDelegates", id, "EntityStateException");
  }

  @Test
  void refusalsOfResources() throws Exception {
    resource("blue");
    String red = resource("red");
    refused("CreateResource", ",'Name':'BLUE','Type':'ROOM'", "NameAvailabilityException");
    refused("CreateResource", ",'Name':'anyone','Type':'ROOM'", "ReservedNameException");
    refused("CreateResource", ",'Name':'a b','Type':'ROOM'", "ValidationException");
    refused("CreateResource", ",'Name':'x','Type':'CAR'", "ValidationException");
    refused(
        "CreateResource",
        ",'Name':'x','Type':'ROOM','Description':'a\\nb'",
        "InvalidParameterException");
    refused(
        "UpdateResource", ",'ResourceId':'" + red + "','Name':'blue'", "NameAvailabilityException");
    refused(
        "UpdateResource",
        ",'ResourceId':'" + red + "','Description':'a\\nb'",
        "InvalidParameterException");
    refused("DescribeResource", ",'ResourceId':'none'", "EntityNotFoundException");
    refused(
        "ListResources",
        ",'Filters':{'NamePrefix':'a','State':'ENABLED'}",
        "InvalidParameterException");
    String amy = api.enabledUser(o, "amy", "tour.mail.test");
    refused("DescribeResource", ",'ResourceId':'" + amy + "'", "EntityNotFoundException");
    refused(
        "AssociateMemberToGroup",
        ",'GroupId':'" + api.group(o, "team") + "','MemberId':'blue'",
        "InvalidParameterException");
  }

  @Test
  void tags() throws Exception {
    String resource = "'ResourceARN':'" + arn + "'";
    api.call(
        "TagResource",
        "{" + resource + ",'Tags':[{'Key':'stage','Value':'test'},{'Key':'Stage','Value':''}]}");
    api.call("TagResource", "{" + resource + ",'Tags':[{'Key':'stage','Value':'live'}]}");
    assertThat(api.call("ListTagsForResource", "{" + resource + "}").path("Tags").toString())
        .isEqualTo("[{\"Key\":\"Stage\",\"Value\":\"\"},{\"Key\":\"stage\",\"Value\":\"live\"}]");
    api.call("UntagResource", "{" + resource + ",'TagKeys':['Stage','none']}");
    assertThat(api.call("ListTagsForResource", "{" + resource + "}").path("Tags").size())
        .isEqualTo(1);
    assertThat(api.directory.tags().of(new org.mailstead.base.OrganizationId(o)))
        .containsOnly(java.util.Map.entry("stage", "live"));

    for (String tag :
        List.of(
            "{'Key':'aws:x','Value':''}",
            "{'Key':'AWS:x','Value':''}",
            "{'Key':'a','Value':''},{'Key':'a','Value':'b'}",
            "{'Key':'a\\tb','Value':''}",
            "{'Key':'a','Value':'<'}")) {
      api.refused(
          "TagResource", "{" + resource + ",'Tags':[" + tag + "]}", "InvalidParameterException");
    }
    List<String> fifty = new ArrayList<>();
    for (int i = 0; i < 50; i++) fifty.add("{'Key':'key" + i + "','Value':'" + i + "'}");
    api.refused(
        "TagResource",
        "{" + resource + ",'Tags':[" + String.join(",", fifty) + "]}",
        "TooManyTagsException");
    api.call(
        "TagResource",
        "{" + resource + ",'Tags':[" + String.join(",", fifty.subList(1, 50)) + "]}");
    assertThat(api.call("ListTagsForResource", "{" + resource + "}").path("Tags").size())
        .isEqualTo(50);
  }

  @Test
  void tagsOfWhatIsNotTheCallersAreNotFound() throws Exception {
    List<String> inputs =
        List.of("TagResource ,'Tags':[]", "UntagResource ,'TagKeys':[]", "ListTagsForResource ");
    for (String input : inputs) {
      String operation = input.substring(0, input.indexOf(' '));
      String rest = input.substring(input.indexOf(' ') + 1);
      try (WorkMailClient stranger =
          api.client(api.key(api.directory.accounts().createAccount()))) {
        assertThat(
                api.refused(
                        stranger,
                        operation,
                        "{'ResourceARN':'" + arn + "'" + rest + "}",
                        "ResourceNotFoundException")
                    .status())
            .isEqualTo(404);
      }
      for (String other :
          List.of(
              arn.replace("eu-west-1", "eu-west-2"),
              arn.substring(0, arn.length() - 1),
              arn + "/user/x",
              arn.replace(o, "m-" + "0".repeat(32)))) {
        api.refused(
            operation, "{'ResourceARN':'" + other + "'" + rest + "}", "ResourceNotFoundException");
      }
    }
    call("DeleteOrganization", ",'DeleteDirectory':true");
    api.settle();
    String resource = "{'ResourceARN':'" + arn + "'";
    api.refused(
        "TagResource",
        resource + ",'Tags':[{'Key':'a','Value':'b'}]}",
        "OrganizationStateException");
    api.refused("UntagResource", resource + ",'TagKeys':['a']}", "ResourceNotFoundException");
    api.refused("ListTagsForResource", resource + "}", "ResourceNotFoundException");
  }

  private String application(String token) throws Exception {
    return text(
        api.call(
            "CreateIdentityCenterApplication",
            "{'Name':'mail','InstanceArn':'" + INSTANCE + "','ClientToken':'" + token + "'}"),
        "ApplicationArn");
  }

  private void configure(String application, String status) throws Exception {
    call("PutIdentityProviderConfiguration", configuration(application, INSTANCE, status));
  }

  private static String configuration(String application, String instance, String status) {
    return ",'AuthenticationMode':'IDENTITY_PROVIDER_AND_DIRECTORY','IdentityCenterConfiguration':"
        + "{'InstanceArn':'"
        + instance
        + "','ApplicationArn':'"
        + application
        + "'},'PersonalAccessTokenConfiguration':{'Status':'"
        + status
        + "'}";
  }

  @Test
  void identityProviders() throws Exception {
    String application = application("once");
    assertThat(application)
        .matches(
            "arn:aws:sso::" + api.account() + ":application/ssoins-0123456789abcdef/apl-.{16}");
    assertThat(application("once")).isEqualTo(application);
    assertThat(application("twice")).isNotEqualTo(application);
    api.refused(
        "CreateIdentityCenterApplication",
        "{'Name':'other','InstanceArn':'" + INSTANCE + "','ClientToken':'once'}",
        "InvalidParameterException");

    refused("DescribeIdentityProviderConfiguration", "", "ResourceNotFoundException");
    configure(application, "ACTIVE");
    JsonNode found = call("DescribeIdentityProviderConfiguration", "");
    assertThat(text(found, "AuthenticationMode")).isEqualTo("IDENTITY_PROVIDER_AND_DIRECTORY");
    assertThat(found.path("PersonalAccessTokenConfiguration").toString())
        .isEqualTo("{\"Status\":\"ACTIVE\",\"LifetimeInDays\":365}");
    assertThat(text(found.path("IdentityCenterConfiguration"), "ApplicationArn"))
        .isEqualTo(application);
    refused(
        "PutIdentityProviderConfiguration",
        configuration(application, INSTANCE.replace("0123", "3210"), "ACTIVE"),
        "ResourceNotFoundException");
    refused(
        "PutIdentityProviderConfiguration",
        configuration(application + "x", INSTANCE, "ACTIVE"),
        "ValidationException");
    String unknown = application.substring(0, application.length() - 16) + "0000000000000000";
    refused(
        "PutIdentityProviderConfiguration",
        configuration(unknown, INSTANCE, "ACTIVE"),
        "ResourceNotFoundException");

    String json = "{'ApplicationArn':'" + application + "'}";
    api.refused("DeleteIdentityCenterApplication", json, "OrganizationStateException");
    try (WorkMailClient stranger = api.client(api.key(api.directory.accounts().createAccount()))) {
      api.refused(stranger, "DeleteIdentityCenterApplication", json, "InvalidParameterException");
    }
    call("DeleteIdentityProviderConfiguration", "");
    call("DeleteIdentityProviderConfiguration", "");
    refused("DescribeIdentityProviderConfiguration", "", "ResourceNotFoundException");
    api.call("DeleteIdentityCenterApplication", json);
    api.refused("DeleteIdentityCenterApplication", json, "InvalidParameterException");
  }

  @Test
  void personalAccessTokens() throws Exception {
    String amy = api.enabledUser(o, "amy", "tour.mail.test");
    String bob = api.user(o, "bob");
    List<LogRecord> logged = new ArrayList<>();
    api.directory.personalAccessTokens().tell(logged::add);
    String user = ",'UserId':'amy','Name':'Amy\\'s phone'".replace("\\'", "’");
    refused("CreatePersonalAccessToken", user, "ResourceNotFoundException");
    String application = application("once");
    configure(application, "INACTIVE");
    refused("CreatePersonalAccessToken", user, "InvalidParameterException");
    configure(application, "ACTIVE");
    JsonNode made =
        call(
            "CreatePersonalAccessToken",
            user + ",'LifetimeInDays':7,'Scopes':['IMAP'],'ClientToken':'a'");
    String id = text(made, "PersonalAccessTokenId");
    String secret = text(made, "PersonalAccessToken");
    refused("CreatePersonalAccessToken", user + ",'ClientToken':'a'", "InvalidParameterException");
    refused("CreatePersonalAccessToken", user + ",'Scopes':['X']", "InvalidParameterException");
    refused(
        "CreatePersonalAccessToken", user + ",'LifetimeInDays':366", "InvalidParameterException");
    refused("CreatePersonalAccessToken", ",'UserId':'none','Name':'x'", "EntityNotFoundException");
    refused(
        "CreatePersonalAccessToken", ",'UserId':'" + bob + "','Name':'x'", "EntityStateException");

    JsonNode found =
        call("GetPersonalAccessTokenMetadata", ",'PersonalAccessTokenId':'" + id + "'");
    assertThat(found.propertyNames())
        .containsExactlyInAnyOrder(
            "PersonalAccessTokenId", "UserId", "Name", "DateCreated", "ExpiresTime", "Scopes");
    assertThat(text(found, "UserId")).isEqualTo(amy);
    JsonNode listed = call("ListPersonalAccessTokens", ",'UserId':'" + amy + "'");
    assertThat(listed.path("PersonalAccessTokenSummaries").size()).isEqualTo(1);
    assertThat(listed.path("PersonalAccessTokenSummaries").get(0)).isEqualTo(found);
    assertThat(call("ListPersonalAccessTokens", "").path("PersonalAccessTokenSummaries").size())
        .isEqualTo(1);
    refused("ListPersonalAccessTokens", ",'UserId':'none'", "EntityNotFoundException");
    refused("ListPersonalAccessTokens", ",'NextToken':'x'", "InvalidParameterException");
    call("DeleteUser", ",'UserId':'" + bob + "'");
    refused("ListPersonalAccessTokens", ",'UserId':'" + bob + "'", "EntityStateException");

    call("DeletePersonalAccessToken", ",'PersonalAccessTokenId':'" + id + "'");
    call("DeletePersonalAccessToken", ",'PersonalAccessTokenId':'" + id + "'");
    refused(
        "GetPersonalAccessTokenMetadata",
        ",'PersonalAccessTokenId':'" + id + "'",
        "ResourceNotFoundException");
    assertThat(api.audit(o).toString()).doesNotContain(secret.substring(25));
    assertThat(logged)
        .extracting(each -> each.members().get("action"))
        .containsExactly("create", "delete");
    assertThat(logged.getFirst().members())
        .containsEntry("user", "amy")
        .containsEntry("name", "Amy’s phone")
        .containsEntry("source_ip", "127.0.0.1")
        .containsEntry("scopes", List.of("IMAP"));
    assertThat(logged.toString()).doesNotContain(secret.substring(25));
  }

  @Test
  @DisplayName("USR-6: a mailbox comes back whole within 30 days, and not after")
  void restore() throws Exception {
    String amy = api.enabledUser(o, "amy", "tour.mail.test");
    String entity = ",'EntityId':'" + amy + "'";
    call("CreateAlias", entity + ",'Alias':'a@tour.mail.test'");
    Mailbox mailbox = api.core.mailboxes().open(new MailboxId(amy));
    var inbox = mailbox.folders().get(0).id();
    mailbox.append(
        inbox,
        List.of(
            new NewMessage(
                Content.of("Subject: kept\r\n\r\nAll of it.\r\n".getBytes(UTF_8)),
                0,
                java.util.Set.of(),
                api.core.clock().instant())));
    for (String by : List.of("RestoreMailbox", "RegisterToWorkMail")) {
      call("DeregisterFromWorkMail", entity);
      api.core.clock().advance(Duration.ofDays(29));
      api.core.runJobs();
      if (by.equals("RestoreMailbox")) {
        assertThat(text(call(by, ",'EntityId':'amy'"), "Email")).isEqualTo("amy@tour.mail.test");
        refused(by, ",'EntityId':'amy'", "EntityAlreadyRegisteredException");
      } else {
        call(by, entity + ",'Email':'amy@tour.mail.test'");
      }
      Mailbox again = api.core.mailboxes().open(new MailboxId(amy));
      assertThat(again.usedBytes()).isPositive();
      assertThat(again.view(inbox).count()).isEqualTo(1);
      assertThat(call("ListAliases", entity).path("Aliases").toString())
          .isEqualTo("[\"a@tour.mail.test\"]");
      assertThat(
              api.core
                  .directory()
                  .recipients()
                  .resolve(org.mailstead.base.EmailAddress.parse("a@tour.mail.test")))
          .isInstanceOf(org.mailstead.core.directory.Recipients.Resolution.Local.class);
    }
    call("DeregisterFromWorkMail", entity);
    api.core.clock().advance(Duration.ofDays(31));
    api.core.runJobs();
    refused("RestoreMailbox", ",'EntityId':'amy'", "EntityStateException");
    call("RegisterToWorkMail", entity + ",'Email':'amy@tour.mail.test'");
    JsonNode details = call("GetMailboxDetails", ",'UserId':'amy'");
    assertThat(details.path("MailboxSize").doubleValue()).isZero();
  }

  private String refused(String operation, String rest, String code) throws Exception {
    return api.refused(operation, "{'OrganizationId':'" + o + "'" + rest + "}", code).text();
  }

  private JsonNode call(String operation, String rest) throws Exception {
    return api.call(operation, "{'OrganizationId':'" + o + "'" + rest + "}");
  }
}
