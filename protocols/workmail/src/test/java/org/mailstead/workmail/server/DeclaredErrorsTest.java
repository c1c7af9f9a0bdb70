package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.workmail.server.ApiFixture.text;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.directory.DirectoryLimits;
import org.mailstead.workmail.client.WorkMailClient;
import org.mailstead.workmail.wire.shapes.ErrorCode;
import org.mailstead.workmail.wire.shapes.Operation;

/// Every declared error that can occur. Those of directories that are elsewhere
/// (DirectoryServiceAuthenticationFailed, DirectoryUnavailable but for CreateOrganization) and of
/// SES cannot.
@DisplayName("API-1: the errors that operations declare")
final class DeclaredErrorsTest {
  private static final String PASSWORD = "'Password':'Correct-horse-9'";
  private static final DirectoryLimits LIMITS =
      new DirectoryLimits(3, 5, 100, 2, 3, 100, 100, 100, 100, 100);

  /// The rest of a valid input for each operation on an organization.
  private static final Map<String, String> INPUTS =
      Map.ofEntries(
          Map.entry("DescribeOrganization", ""),
          Map.entry("DeleteOrganization", ",'DeleteDirectory':true"),
          Map.entry("RegisterMailDomain", ",'DomainName':'x.example'"),
          Map.entry("DeregisterMailDomain", ",'DomainName':'x.example'"),
          Map.entry("GetMailDomain", ",'DomainName':'x.example'"),
          Map.entry("ListMailDomains", ""),
          Map.entry("UpdateDefaultMailDomain", ",'DomainName':'x.example'"),
          Map.entry("RegisterToWorkMail", ",'EntityId':'nobody','Email':'n@tour.mail.test'"),
          Map.entry("DeregisterFromWorkMail", ",'EntityId':'nobody'"),
          Map.entry("DescribeEntity", ",'Email':'nobody@tour.mail.test'"),
          Map.entry("CreateAlias", ",'EntityId':'000000000000','Alias':'n@tour.mail.test'"),
          Map.entry("DeleteAlias", ",'EntityId':'000000000000','Alias':'n@tour.mail.test'"),
          Map.entry("ListAliases", ",'EntityId':'000000000000'"),
          Map.entry("UpdatePrimaryEmailAddress", ",'EntityId':'nobody','Email':'n@tour.mail.test'"),
          Map.entry("ListGroupsForEntity", ",'EntityId':'nobody'"),
          Map.entry("CreateUser", ",'Name':'n','DisplayName':'N'," + PASSWORD),
          Map.entry("DescribeUser", ",'UserId':'nobody'"),
          Map.entry("UpdateUser", ",'UserId':'nobody','City':'Bonn'"),
          Map.entry("DeleteUser", ",'UserId':'nobody'"),
          Map.entry("ListUsers", ""),
          Map.entry("ResetPassword", ",'UserId':'000000000000'," + PASSWORD),
          Map.entry("GetMailboxDetails", ",'UserId':'nobody'"),
          Map.entry("UpdateMailboxQuota", ",'UserId':'nobody','MailboxQuota':1"),
          Map.entry("CreateGroup", ",'Name':'n'"),
          Map.entry("DescribeGroup", ",'GroupId':'nobody'"),
          Map.entry("UpdateGroup", ",'GroupId':'nobody'"),
          Map.entry("DeleteGroup", ",'GroupId':'nobody'"),
          Map.entry("ListGroups", ""),
          Map.entry("AssociateMemberToGroup", ",'GroupId':'nobody','MemberId':'nobody'"),
          Map.entry("DisassociateMemberFromGroup", ",'GroupId':'nobody','MemberId':'nobody'"),
          Map.entry("ListGroupMembers", ",'GroupId':'nobody'"),
          Map.entry(
              "PutMailboxPermissions",
              ",'EntityId':'nobody','GranteeId':'nobody','PermissionValues':['SEND_AS']"),
          Map.entry("DeleteMailboxPermissions", ",'EntityId':'nobody','GranteeId':'nobody'"),
          Map.entry("ListMailboxPermissions", ",'EntityId':'nobody'"));

  private ApiFixture api;
  private String o;

  @BeforeEach
  void start() throws Exception {
    api = new ApiFixture(LIMITS);
    o = api.organization("tour");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void anOrganizationThatIsUnknownOrAnotherAccountsIsNotFoundByAnyOperation() throws Exception {
    try (WorkMailClient stranger = api.client(api.key(api.directory.accounts().createAccount()))) {
      for (Map.Entry<String, String> input : INPUTS.entrySet()) {
        String unknown =
            api.refused(
                    input.getKey(),
                    "{'OrganizationId':'m-" + "0".repeat(32) + "'" + input.getValue() + "}",
                    "OrganizationNotFoundException")
                .text();
        String theirs =
            api.refused(
                    stranger,
                    input.getKey(),
                    "{'OrganizationId':'" + o + "'" + input.getValue() + "}",
                    "OrganizationNotFoundException")
                .text();
        assertThat(theirs).as(input.getKey()).isEqualTo(unknown);
      }
      assertThat(api.call(stranger, "ListOrganizations", "{}").path("OrganizationSummaries").size())
          .isZero();
    }
  }

  @Test
  void aDeletedOrganizationAnswersItsStateOnly() throws Exception {
    api.call("DeleteOrganization", "{'OrganizationId':'" + o + "','DeleteDirectory':true}");
    api.settle();
    for (Map.Entry<String, String> input : INPUTS.entrySet()) {
      Operation operation = Operation.find(input.getKey()).orElseThrow();
      String json = "{'OrganizationId':'" + o + "'" + input.getValue() + "}";
      if (operation == Operation.DESCRIBE_ORGANIZATION
          || operation == Operation.DELETE_ORGANIZATION) {
        assertThat(text(api.call(input.getKey(), json), "State")).isEqualTo("Deleted");
      } else {
        assertThat(operation.errors()).contains(ErrorCode.ORGANIZATION_STATE);
        api.refused(input.getKey(), json, "OrganizationStateException");
      }
    }
  }

  @Test
  void anEntityThatDoesNotExistIsNotFoundWhereThatIsDeclared() throws Exception {
    for (Map.Entry<String, String> input : INPUTS.entrySet()) {
      Operation operation = Operation.find(input.getKey()).orElseThrow();
      String json = "{'OrganizationId':'" + o + "'" + input.getValue() + "}";
      if (!operation.errors().contains(ErrorCode.ENTITY_NOT_FOUND)
          || operation == Operation.LIST_GROUPS) {
        continue;
      }
      api.refused(input.getKey(), json, "EntityNotFoundException");
    }
    assertThat(call("DeleteUser", ",'UserId':'nobody'").isEmpty()).isTrue();
    assertThat(call("DeleteGroup", ",'GroupId':'nobody'").isEmpty()).isTrue();
    assertThat(call("ListGroups", "").has("Groups")).isTrue();
  }

  @Test
  void createOrganization() throws Exception {
    api.refused("CreateOrganization", "{'Alias':'TOUR'}", "NameAvailabilityException");
    api.refused("CreateOrganization", "{'Alias':'d-x'}", "ValidationException");
    api.refused(
        "CreateOrganization",
        "{'Alias':'x','EnableInteroperability':true}",
        "InvalidParameterException");
    api.refused(
        "CreateOrganization",
        "{'Alias':'x','DirectoryId':'d-0123456789'}",
        "DirectoryUnavailableException");
    String directory =
        text(api.call("DescribeOrganization", "{'OrganizationId':'" + o + "'}"), "DirectoryId");
    api.refused(
        "CreateOrganization",
        "{'Alias':'tour2','DirectoryId':'" + directory + "'}",
        "DirectoryInUseException");
    api.call("CreateOrganization", "{'Alias':'y','ClientToken':'t'}");
    api.refused(
        "CreateOrganization", "{'Alias':'z','ClientToken':'t'}", "InvalidParameterException");
    api.organization("third");
    api.refused("CreateOrganization", "{'Alias':'fourth'}", "LimitExceededException");
  }

  @Test
  void listsTakeMaxResultsOfOneToAHundredAndOneFilter() throws Exception {
    api.refused("ListOrganizations", "{'MaxResults':0}", "ValidationException");
    refused("ListUsers", ",'MaxResults':101", "ValidationException");
    api.refused("ListOrganizations", "{'NextToken':'x'}", "InvalidParameterException");
    refused(
        "ListUsers",
        ",'Filters':{'UsernamePrefix':'a','State':'ENABLED'}",
        "InvalidParameterException");
    refused(
        "ListGroups",
        ",'Filters':{'NamePrefix':'a','State':'ENABLED'}",
        "InvalidParameterException");
    for (String operation : List.of("ListMailDomains", "ListGroups", "ListUsers")) {
      refused(operation, ",'NextToken':'x'", "InvalidParameterException");
    }
  }

  @Test
  void deleteOrganizationWithEnabledUsersNeedsForce() throws Exception {
    api.enabledUser(o, "amy", "tour.mail.test");
    refused("DeleteOrganization", ",'DeleteDirectory':true", "OrganizationStateException");
    call("DeleteOrganization", ",'DeleteDirectory':true,'ForceDelete':true");
  }

  @Test
  void mailDomains() throws Exception {
    call("RegisterMailDomain", ",'DomainName':'verified.example'");
    String other = api.organization("other");
    api.refused(
        "RegisterMailDomain",
        "{'OrganizationId':'" + other + "','DomainName':'verified.example'}",
        "MailDomainInUseException");
    refused("RegisterMailDomain", ",'DomainName':'verified.example'", "MailDomainInUseException");
    refused("RegisterMailDomain", ",'DomainName':'-x..'", "InvalidParameterException");
    call("RegisterMailDomain", ",'DomainName':'open.example'");
    refused("UpdateDefaultMailDomain", ",'DomainName':'open.example'", "MailDomainStateException");
    refused("UpdateDefaultMailDomain", ",'DomainName':'no.example'", "MailDomainNotFoundException");
    refused("GetMailDomain", ",'DomainName':'no.example'", "MailDomainNotFoundException");
    refused("DeregisterMailDomain", ",'DomainName':'tour.mail.test'", "InvalidParameterException");
    api.verify(o, "verified.example");
    api.enabledUser(o, "amy", "verified.example");
    refused("DeregisterMailDomain", ",'DomainName':'verified.example'", "MailDomainInUseException");
    refused("RegisterMailDomain", ",'DomainName':'fourth.example'", "LimitExceededException");
  }

  @Test
  void registerToWorkMail() throws Exception {
    String amy = api.enabledUser(o, "amy", "tour.mail.test");
    String bob = api.user(o, "bob");
    call("RegisterMailDomain", ",'DomainName':'open.example'");
    String entity = ",'EntityId':'" + bob + "','Email':'";
    refused("RegisterToWorkMail", entity + "amy@tour.mail.test'", "EmailAddressInUseException");
    refused("RegisterToWorkMail", entity + "bob@no.example'", "MailDomainNotFoundException");
    refused("RegisterToWorkMail", entity + "bob@open.example'", "MailDomainStateException");
    refused("RegisterToWorkMail", entity + ".bob@tour.mail.test'", "InvalidParameterException");
    refused(
        "RegisterToWorkMail",
        ",'EntityId':'" + amy + "','Email':'other@tour.mail.test'",
        "EntityAlreadyRegisteredException");
    call("RegisterToWorkMail", ",'EntityId':'" + amy + "','Email':'amy@tour.mail.test'");
    call("DeleteUser", ",'UserId':'" + bob + "'");
    refused("RegisterToWorkMail", entity + "bob@tour.mail.test'", "EntityStateException");
  }

  @Test
  void aDisabledOrDeletedEntityIsInTheWrongState() throws Exception {
    String bob = api.user(o, "bob");
    String group = api.group(o, "team");
    refused("DeregisterFromWorkMail", ",'EntityId':'" + bob + "'", "EntityStateException");
    String alias = ",'EntityId':'" + bob + "','Alias':'b@tour.mail.test'";
    refused("CreateAlias", alias, "EntityStateException");
    refused("DeleteAlias", alias, "EntityStateException");
    refused(
        "UpdatePrimaryEmailAddress",
        ",'EntityId':'" + bob + "','Email':'b@tour.mail.test'",
        "EntityStateException");
    refused(
        "PutMailboxPermissions",
        ",'EntityId':'" + bob + "','GranteeId':'" + group + "','PermissionValues':['SEND_AS']",
        "EntityStateException");
    call("DeleteUser", ",'UserId':'" + bob + "'");
    call("DeleteGroup", ",'GroupId':'" + group + "'");
    refused("ResetPassword", ",'UserId':'" + bob + "'," + PASSWORD, "EntityStateException");
    refused("UpdateUser", ",'UserId':'" + bob + "','City':'Bonn'", "EntityStateException");
    refused("ListAliases", ",'EntityId':'" + bob + "'", "EntityStateException");
    refused("ListGroupsForEntity", ",'EntityId':'" + bob + "'", "EntityStateException");
    refused(
        "UpdateMailboxQuota", ",'UserId':'" + bob + "','MailboxQuota':5", "EntityStateException");
    refused("UpdateGroup", ",'GroupId':'" + group + "'", "EntityStateException");
    refused("ListGroupMembers", ",'GroupId':'" + group + "'", "EntityStateException");
    String amy = api.enabledUser(o, "amy", "tour.mail.test");
    String member = ",'GroupId':'" + group + "','MemberId':'" + amy + "'";
    refused("AssociateMemberToGroup", member, "EntityStateException");
    refused("DisassociateMemberFromGroup", member, "EntityStateException");
    refused("DeleteUser", ",'UserId':'" + amy + "'", "EntityStateException");
    call("CreateGroup", ",'Name':'crew'");
    call("RegisterToWorkMail", ",'EntityId':'crew','Email':'crew@tour.mail.test'");
    refused("DeleteGroup", ",'GroupId':'crew'", "EntityStateException");
  }

  @Test
  void createUser() throws Exception {
    api.user(o, "amy");
    String rest = "','DisplayName':'x',";
    refused("CreateUser", ",'Name':'AMY" + rest + PASSWORD, "NameAvailabilityException");
    refused("CreateUser", ",'Name':'b" + rest + "'Password':'short'", "InvalidPasswordException");
    refused(
        "CreateUser", ",'Name':'b','DisplayName':'a\\nb'," + PASSWORD, "InvalidParameterException");
    refused(
        "CreateUser",
        ",'Name':'b" + rest + PASSWORD + ",'Role':'SYSTEM_USER'",
        "InvalidParameterException");
    refused("CreateUser", ",'Name':'b" + rest + PASSWORD + ",'Role':'X'", "ValidationException");
    for (String name : List.of("b", "c", "d", "e")) api.user(o, name);
    // LIM-4: the limit of users, an error that CreateUser does not declare.
    assertThat(refused("CreateUser", ",'Name':'f" + rest + PASSWORD, "InvalidParameterException"))
        .contains("5 users");
  }

  @Test
  void namesKeptForTheSystem() throws Exception {
    refused(
        "CreateUser",
        ",'Name':'AmazonJournaling','DisplayName':'x'," + PASSWORD,
        "ReservedNameException");
    refused("CreateGroup", ",'Name':'amazonjournaling'", "ReservedNameException");
  }

  @Test
  void addresses() throws Exception {
    String amy = api.enabledUser(o, "amy", "tour.mail.test");
    api.enabledUser(o, "bob", "tour.mail.test");
    call("RegisterMailDomain", ",'DomainName':'open.example'");
    for (String operation : List.of("CreateAlias", "UpdatePrimaryEmailAddress")) {
      String member = operation.equals("CreateAlias") ? "Alias" : "Email";
      String entity = ",'EntityId':'" + amy + "','" + member + "':'";
      refused(operation, entity + "bob@tour.mail.test'", "EmailAddressInUseException");
      refused(operation, entity + "amy@no.example'", "MailDomainNotFoundException");
      refused(operation, entity + "amy@open.example'", "MailDomainStateException");
      refused(operation, entity + ".amy@tour.mail.test'", "InvalidParameterException");
      refused(operation, entity + "amy'", "ValidationException");
    }
    String entity = ",'EntityId':'" + amy + "','Alias':'";
    refused("DeleteAlias", entity + "amy@tour.mail.test'", "InvalidParameterException");
    call("CreateAlias", entity + "a1@tour.mail.test'");
    call("CreateAlias", entity + "a2@tour.mail.test'");
    refused("CreateAlias", entity + "a3@tour.mail.test'", "LimitExceededException");
    refused("DescribeEntity", ",'Email':'no@tour.mail.test'", "EntityNotFoundException");
  }

  @Test
  void anAliasNeedsTheIdNotTheName() throws Exception {
    api.enabledUser(o, "amy.long.name", "tour.mail.test");
    refused(
        "CreateAlias",
        ",'EntityId':'amy.long.name','Alias':'a@tour.mail.test'",
        "EntityNotFoundException");
    refused("ListAliases", ",'EntityId':'" + "x".repeat(256) + "'", "EntityNotFoundException");
  }

  @Test
  void passwordsQuotasAndRemoteUsers() throws Exception {
    String amy = api.enabledUser(o, "amy", "tour.mail.test");
    refused(
        "ResetPassword",
        ",'UserId':'" + amy + "','Password':'aaaaaaaa'",
        "InvalidPasswordException");
    refused("UpdateMailboxQuota", ",'UserId':'amy','MailboxQuota':0", "ValidationException");
    refused(
        "UpdateMailboxQuota", ",'UserId':'amy','MailboxQuota':51201", "InvalidParameterException");
    refused("UpdateUser", ",'UserId':'amy','City':'a\\tb'", "InvalidParameterException");
    refused("UpdateUser", ",'UserId':'amy','Role':'RESOURCE'", "InvalidParameterException");
    refused("UpdateUser", ",'UserId':'amy','Role':'REMOTE_USER'", "EntityStateException");
    String far =
        text(call("CreateUser", ",'Name':'far','DisplayName':'F','Role':'REMOTE_USER'"), "UserId");
    refused(
        "ResetPassword", ",'UserId':'" + far + "'," + PASSWORD, "UnsupportedOperationException");
    refused("GetMailboxDetails", ",'UserId':'far'", "EntityNotFoundException");
  }

  @Test
  void groupsAndPermissions() throws Exception {
    String team = api.group(o, "team");
    String amy = api.enabledUser(o, "amy", "tour.mail.test");
    refused("CreateGroup", ",'Name':'TEAM'", "NameAvailabilityException");
    refused(
        "AssociateMemberToGroup",
        ",'GroupId':'team','MemberId':'" + team + "'",
        "InvalidParameterException");
    refused(
        "AssociateMemberToGroup", ",'GroupId':'amy','MemberId':'amy'", "EntityNotFoundException");
    String grant = ",'EntityId':'" + amy + "','GranteeId':'";
    refused(
        "PutMailboxPermissions",
        grant + "team','PermissionValues':['FULL_ACCESS','X']",
        "ValidationException");
    refused(
        "PutMailboxPermissions",
        grant + "amy','PermissionValues':['SEND_AS']",
        "InvalidParameterException");
    refused(
        "PutMailboxPermissions",
        grant + "team','PermissionValues':[]",
        "InvalidParameterException");
    refused(
        "PutMailboxPermissions",
        grant + "nobody','PermissionValues':['SEND_AS']",
        "EntityNotFoundException");
    refused("DeleteMailboxPermissions", grant + "nobody'", "EntityNotFoundException");
  }

  private String refused(String operation, String rest, String code) throws Exception {
    return api.refused(operation, "{'OrganizationId':'" + o + "'" + rest + "}", code).text();
  }

  private tools.jackson.databind.JsonNode call(String operation, String rest) throws Exception {
    return api.call(operation, "{'OrganizationId':'" + o + "'" + rest + "}");
  }
}
