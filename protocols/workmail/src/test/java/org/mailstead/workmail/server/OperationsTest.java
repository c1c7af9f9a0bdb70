package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.workmail.server.ApiFixture.text;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.MailboxId;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.NewMessage;
import tools.jackson.databind.JsonNode;

@DisplayName("API-1: what the operations answer")
final class OperationsTest {
  private ApiFixture api;
  private String o;

  @BeforeEach
  void start() throws Exception {
    api = new ApiFixture();
    o = api.organization("tour");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  @DisplayName("ORG-2: an organization is made, described, listed and deleted")
  void organizations() throws Exception {
    JsonNode described = call("DescribeOrganization", "");
    assertThat(described.propertyNames())
        .containsExactlyInAnyOrder(
            "OrganizationId",
            "Alias",
            "State",
            "DirectoryId",
            "DirectoryType",
            "DefaultMailDomain",
            "CompletedDate",
            "ARN",
            "InteroperabilityEnabled");
    assertThat(text(described, "OrganizationId")).isEqualTo(o).matches("m-[0-9a-f]{32}");
    assertThat(text(described, "Alias")).isEqualTo("tour");
    assertThat(text(described, "State")).isEqualTo("Active");
    assertThat(text(described, "DirectoryType")).isEqualTo("VpcDirectory");
    assertThat(text(described, "DefaultMailDomain")).isEqualTo("tour.mail.test");
    assertThat(described.path("CompletedDate").toString()).isEqualTo("1798761600.000");
    assertThat(text(described, "ARN"))
        .isEqualTo("arn:aws:workmail:eu-west-1:" + api.account() + ":organization/" + o);
    assertThat(described.path("InteroperabilityEnabled").booleanValue()).isFalse();

    JsonNode summaries = api.call("ListOrganizations", "{}").path("OrganizationSummaries");
    assertThat(summaries.size()).isEqualTo(1);
    assertThat(summaries.get(0).propertyNames())
        .containsExactlyInAnyOrder("OrganizationId", "Alias", "DefaultMailDomain", "State");

    JsonNode deleted = call("DeleteOrganization", ",'DeleteDirectory':true");
    assertThat(text(deleted, "OrganizationId")).isEqualTo(o);
    assertThat(text(deleted, "State")).isIn("Deleting", "Deleted");
    api.settle();
    assertThat(text(call("DescribeOrganization", ""), "State")).isEqualTo("Deleted");
  }

  @Test
  void theSameClientTokenAnswersWithTheSameOrganization() throws Exception {
    String first =
        text(api.call("CreateOrganization", "{'Alias':'two','ClientToken':'t'}"), "OrganizationId");
    assertThat(
            text(
                api.call("CreateOrganization", "{'Alias':'two','ClientToken':'t'}"),
                "OrganizationId"))
        .isEqualTo(first);
  }

  @Test
  @DisplayName("DOM-4: mail domains")
  void mailDomains() throws Exception {
    assertThat(call("RegisterMailDomain", ",'DomainName':'Verified.example'").isEmpty()).isTrue();
    call("RegisterMailDomain", ",'DomainName':'other.example'");
    api.verify(o, "verified.example");
    JsonNode domain = call("GetMailDomain", ",'DomainName':'verified.example'");
    assertThat(text(domain, "OwnershipVerificationStatus")).isEqualTo("VERIFIED");
    assertThat(text(domain, "DkimVerificationStatus")).isEqualTo("PENDING");
    assertThat(domain.path("IsTestDomain").booleanValue()).isFalse();
    assertThat(domain.path("IsDefault").booleanValue()).isFalse();
    assertThat(domain.path("Records").toString())
        .contains(
            "{\"Hostname\":\"verified.example\",\"Type\":\"MX\",\"Value\":\"10 mx.example\"}");
    assertThat(
            text(
                call("GetMailDomain", ",'DomainName':'other.example'"),
                "OwnershipVerificationStatus"))
        .isEqualTo("PENDING");
    JsonNode test = call("GetMailDomain", ",'DomainName':'tour.mail.test'");
    assertThat(test.path("IsTestDomain").booleanValue()).isTrue();
    assertThat(test.path("IsDefault").booleanValue()).isTrue();
    assertThat(test.path("Records").size()).isZero();
    call("UpdateDefaultMailDomain", ",'DomainName':'verified.example'");
    assertThat(call("ListMailDomains", "").path("MailDomains").toString())
        .isEqualTo(
            ("[{'DefaultDomain':false,'DomainName':'other.example'},"
                    + "{'DefaultDomain':false,'DomainName':'tour.mail.test'},"
                    + "{'DefaultDomain':true,'DomainName':'verified.example'}]")
                .replace('\'', '"'));
    call("DeregisterMailDomain", ",'DomainName':'other.example'");
    assertThat(call("ListMailDomains", "").path("MailDomains").size()).isEqualTo(2);
  }

  @Test
  @DisplayName("USR-1 USR-2: a user's life")
  void users() throws Exception {
    String id =
        text(
            call(
                "CreateUser",
                ",'Name':'amy','DisplayName':'Amy Ä','Password':'Correct-horse-9',"
                    + "'FirstName':'Amy','LastName':'Ä','HiddenFromGlobalAddressList':true"),
            "UserId");
    JsonNode made = call("DescribeUser", ",'UserId':'" + id + "'");
    assertThat(made.toString())
        .isEqualTo(
            ("{'DisplayName':'Amy Ä','FirstName':'Amy','HiddenFromGlobalAddressList':true,"
                    + "'LastName':'Ä','Name':'amy','State':'DISABLED','UserId':'"
                    + id
                    + "','UserRole':'USER'}")
                .replace('\'', '"'));
    call("RegisterToWorkMail", ",'EntityId':'amy','Email':'Amy@tour.mail.test'");
    JsonNode enabled = call("DescribeUser", ",'UserId':'amy@tour.mail.test'");
    assertThat(text(enabled, "State")).isEqualTo("ENABLED");
    assertThat(text(enabled, "Email")).isEqualToIgnoringCase("amy@tour.mail.test");
    assertThat(enabled.path("EnabledDate").toString()).isEqualTo("1798761600.000");
    assertThat(enabled.path("MailboxProvisionedDate").isNumber()).isTrue();

    call(
        "UpdateUser",
        ",'UserId':'amy','DisplayName':'Amy B','City':'Bonn','Initials':'A','Telephone':'1',"
            + "'Street':'S','JobTitle':'J','Company':'C','ZipCode':'Z','Department':'D',"
            + "'Country':'DE','Office':'O','LastName':'','HiddenFromGlobalAddressList':false");
    JsonNode updated = call("DescribeUser", ",'UserId':'" + id + "'");
    assertThat(text(updated, "DisplayName")).isEqualTo("Amy B");
    assertThat(text(updated, "City")).isEqualTo("Bonn");
    assertThat(text(updated, "Office")).isEqualTo("O");
    assertThat(updated.path("HiddenFromGlobalAddressList").booleanValue()).isFalse();
    assertThat(updated.has("LastName")).isFalse();
    assertThat(text(updated, "FirstName")).isEqualTo("Amy");

    assertThat(
            call("ResetPassword", ",'UserId':'" + id + "','Password':'Another-horse-8'").isEmpty())
        .isTrue();
    Mailbox mailbox = api.core.mailboxes().open(new MailboxId(id));
    mailbox.append(
        mailbox.folders().get(0).id(),
        List.of(
            new NewMessage(
                Content.of(new byte[512 * 1024]), 0, Set.of(), api.core.clock().instant())));
    assertThat(call("GetMailboxDetails", ",'UserId':'amy'").toString())
        .isEqualTo("{\"MailboxQuota\":51200,\"MailboxSize\":0.5}");
    call("UpdateMailboxQuota", ",'UserId':'" + id + "','MailboxQuota':100");
    assertThat(call("GetMailboxDetails", ",'UserId':'amy'").path("MailboxQuota").intValue())
        .isEqualTo(100);

    call("DeregisterFromWorkMail", ",'EntityId':'" + id + "'");
    assertThat(text(call("DescribeUser", ",'UserId':'" + id + "'"), "State")).isEqualTo("DISABLED");
    call("DeleteUser", ",'UserId':'" + id + "'");
    assertThat(text(call("DescribeUser", ",'UserId':'" + id + "'"), "State")).isEqualTo("DELETED");
    call("DeleteUser", ",'UserId':'nobody'");
  }

  @Test
  void aRemoteUserHasNoPassword() throws Exception {
    String id =
        text(
            call("CreateUser", ",'Name':'far','DisplayName':'Far','Role':'REMOTE_USER'"), "UserId");
    assertThat(text(call("DescribeUser", ",'UserId':'" + id + "'"), "UserRole"))
        .isEqualTo("REMOTE_USER");
  }

  @Test
  @DisplayName("USR-3: aliases and primary addresses")
  void addresses() throws Exception {
    String id = api.enabledUser(o, "amy", "tour.mail.test");
    call("CreateAlias", ",'EntityId':'" + id + "','Alias':'first@tour.mail.test'");
    call("CreateAlias", ",'EntityId':'" + id + "','Alias':'gone@tour.mail.test'");
    call("DeleteAlias", ",'EntityId':'" + id + "','Alias':'gone@tour.mail.test'");
    call("UpdatePrimaryEmailAddress", ",'EntityId':'amy','Email':'first@tour.mail.test'");
    assertThat(call("ListAliases", ",'EntityId':'" + id + "'").toString())
        .isEqualTo("{\"Aliases\":[\"amy@tour.mail.test\"]}");
    assertThat(call("DescribeEntity", ",'Email':'amy@tour.mail.test'").toString())
        .isEqualTo("{\"EntityId\":\"" + id + "\",\"Name\":\"amy\",\"Type\":\"USER\"}");
  }

  @Test
  @DisplayName("GRP-1: groups and their members")
  void groups() throws Exception {
    String id = api.group(o, "All hands");
    String inner = api.group(o, "inner");
    String amy = api.enabledUser(o, "amy", "tour.mail.test");
    assertThat(call("DescribeGroup", ",'GroupId':'" + id + "'").toString())
        .isEqualTo(
            ("{'GroupId':'"
                    + id
                    + "','HiddenFromGlobalAddressList':false,'Name':'All hands',"
                    + "'State':'DISABLED'}")
                .replace('\'', '"'));
    call("UpdateGroup", ",'GroupId':'" + id + "','HiddenFromGlobalAddressList':true");
    call("RegisterToWorkMail", ",'EntityId':'" + id + "','Email':'all@tour.mail.test'");
    call("AssociateMemberToGroup", ",'GroupId':'" + id + "','MemberId':'" + amy + "'");
    call("AssociateMemberToGroup", ",'GroupId':'all@tour.mail.test','MemberId':'inner'");
    JsonNode members = call("ListGroupMembers", ",'GroupId':'" + id + "'").path("Members");
    assertThat(members.size()).isEqualTo(2);
    assertThat(members.toString())
        .contains("\"Type\":\"GROUP\"", "\"Type\":\"USER\"", amy, inner, "\"EnabledDate\":");
    assertThat(call("ListGroupsForEntity", ",'EntityId':'" + amy + "'").toString())
        .isEqualTo(
            ("{'Groups':[{'GroupId':'" + id + "','GroupName':'All hands'}]}").replace('\'', '"'));
    assertThat(
            call("ListGroupsForEntity", ",'EntityId':'amy','Filters':{'GroupNamePrefix':'x'}")
                .toString())
        .isEqualTo("{\"Groups\":[]}");
    call("DisassociateMemberFromGroup", ",'GroupId':'" + id + "','MemberId':'" + amy + "'");
    assertThat(call("ListGroupMembers", ",'GroupId':'" + id + "'").path("Members").size())
        .isEqualTo(1);
    JsonNode listed = call("ListGroups", ",'Filters':{'PrimaryEmailPrefix':'all'}").path("Groups");
    assertThat(listed.size()).isEqualTo(1);
    assertThat(text(listed.get(0), "Id")).isEqualTo(id);
    assertThat(text(listed.get(0), "Email")).isEqualTo("all@tour.mail.test");
    call("DeregisterFromWorkMail", ",'EntityId':'" + id + "'");
    call("DeleteGroup", ",'GroupId':'" + id + "'");
    call("DeleteGroup", ",'GroupId':'nobody'");
  }

  @Test
  @DisplayName("PRM-1: mailbox permissions")
  void mailboxPermissions() throws Exception {
    String amy = api.enabledUser(o, "amy", "tour.mail.test");
    String bob = api.enabledUser(o, "bob", "tour.mail.test");
    call(
        "PutMailboxPermissions",
        ",'EntityId':'amy','GranteeId':'"
            + bob
            + "','PermissionValues':['SEND_AS','FULL_ACCESS','SEND_AS']");
    assertThat(call("ListMailboxPermissions", ",'EntityId':'" + amy + "'").toString())
        .isEqualTo(
            ("{'Permissions':[{'GranteeId':'"
                    + bob
                    + "','GranteeType':'USER','PermissionValues':['FULL_ACCESS','SEND_AS']}]}")
                .replace('\'', '"'));
    call("DeleteMailboxPermissions", ",'EntityId':'amy','GranteeId':'bob'");
    assertThat(call("ListMailboxPermissions", ",'EntityId':'amy'").toString())
        .isEqualTo("{\"Permissions\":[]}");
  }

  @Test
  void filtersOfListUsers() throws Exception {
    api.enabledUser(o, "amy", "tour.mail.test");
    api.user(o, "bob");
    assertThat(names(",'Filters':{'UsernamePrefix':'AM'}")).isEqualTo("amy");
    assertThat(names(",'Filters':{'DisplayNamePrefix':'bo'}")).isEqualTo("bob");
    assertThat(names(",'Filters':{'PrimaryEmailPrefix':'amy@'}")).isEqualTo("amy");
    assertThat(names(",'Filters':{'State':'DISABLED'}")).isEqualTo("bob");
    assertThat(names(",'Filters':{'IdentityProviderUserIdPrefix':'0'}")).isEmpty();
    assertThat(names("")).isEqualTo("amy bob");
  }

  private String names(String rest) throws Exception {
    StringBuilder names = new StringBuilder();
    for (JsonNode user : call("ListUsers", rest).path("Users")) {
      if (text(user, "UserRole").equals("SYSTEM_USER")) continue;
      names.append(names.isEmpty() ? "" : " ").append(text(user, "Name"));
    }
    return names.toString();
  }

  private JsonNode call(String operation, String rest) throws Exception {
    return api.call(operation, "{'OrganizationId':'" + o + "'" + rest + "}");
  }
}
