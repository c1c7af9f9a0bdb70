package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.directory.DirectoryLimits;
import org.mailstead.workmail.wire.shapes.Operation;

/// A table with an input for every error that an operation declares. Whoever builds an operation
/// adds lines for its errors to the table (or an input to [#OTHER_INPUTS]); what is then missing
/// fails the test, and what cannot happen is said in [#CANNOT_HAPPEN] with the reason.
@DisplayName("API-1: every declared error of every operation is reached")
final class EveryDeclaredErrorTest {
  private static final DirectoryLimits LIMITS =
      new DirectoryLimits(3, 10, 100, 2, 3, 100, 100, 100, 100, 100);
  private static final String PASSWORD = "'Password':'Correct-horse-9'";
  private static final String INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef";
  private static final String NO_APPLICATION =
      "arn:aws:sso::123456789012:application/ssoins-0123456789abcdef/apl-0123456789abcdef";
  private static final String PROVIDER =
      "'AuthenticationMode':'IDENTITY_PROVIDER_ONLY','PersonalAccessTokenConfiguration':"
          + "{'Status':'ACTIVE'},'IdentityCenterConfiguration':{'InstanceArn':'"
          + INSTANCE
          + "','ApplicationArn':'"
          + NO_APPLICATION
          + "'}";

  private static final String TABLE =
      """
      CreateOrganization|InvalidParameter|!'Alias':'x','EnableInteroperability':true
      CreateOrganization|NameAvailability|!'Alias':'TOUR'
      CreateOrganization|DirectoryUnavailable|!'Alias':'x','DirectoryId':'d-0123456789'
      CreateOrganization|DirectoryInUse|!'Alias':'x','DirectoryId':'{directory}'
      CreateOrganization|LimitExceeded|!'Alias':'fourth'
      ListOrganizations|InvalidParameter|!'NextToken':'x'
      DeleteOrganization|OrganizationState|'DeleteDirectory':true
      RegisterMailDomain|InvalidParameter|'DomainName':'-x..'
      RegisterMailDomain|MailDomainInUse|'DomainName':'open.example'
      RegisterMailDomain|LimitExceeded|'DomainName':'fourth.example'
      DeregisterMailDomain|InvalidParameter|'DomainName':'tour.mail.test'
      DeregisterMailDomain|MailDomainInUse|'DomainName':'shown.example'
      GetMailDomain|MailDomainNotFound|'DomainName':'no.example'
      UpdateDefaultMailDomain|MailDomainNotFound|'DomainName':'no.example'
      UpdateDefaultMailDomain|MailDomainState|'DomainName':'open.example'
      ListMailDomains|InvalidParameter|'NextToken':'x'
      RegisterToWorkMail|InvalidParameter|'EntityId':'bob','Email':'.b@tour.mail.test'
      RegisterToWorkMail|EmailAddressInUse|'EntityId':'bob','Email':'amy@tour.mail.test'
      RegisterToWorkMail|EntityNotFound|'EntityId':'none','Email':'n@tour.mail.test'
      RegisterToWorkMail|EntityState|'EntityId':'{gone}','Email':'g@tour.mail.test'
      RegisterToWorkMail|EntityAlreadyRegistered|'EntityId':'amy','Email':'a@tour.mail.test'
      RegisterToWorkMail|MailDomainNotFound|'EntityId':'bob','Email':'b@no.example'
      RegisterToWorkMail|MailDomainState|'EntityId':'bob','Email':'b@open.example'
      DeregisterFromWorkMail|EntityNotFound|'EntityId':'none'
      DeregisterFromWorkMail|EntityState|'EntityId':'bob'
      RestoreMailbox|InvalidParameter|'EntityId':'off','Email':'.b@tour.mail.test'
      RestoreMailbox|EmailAddressInUse|'EntityId':'off','Email':'amy@tour.mail.test'
      RestoreMailbox|EntityNotFound|'EntityId':'none'
      RestoreMailbox|EntityState|'EntityId':'bob'
      RestoreMailbox|EntityAlreadyRegistered|'EntityId':'amy'
      RestoreMailbox|MailDomainNotFound|'EntityId':'off','Email':'b@no.example'
      RestoreMailbox|MailDomainState|'EntityId':'off','Email':'b@open.example'
      DescribeEntity|EntityNotFound|'Email':'none@tour.mail.test'
      CreateAlias|InvalidParameter|'EntityId':'{amy}','Alias':'.a@tour.mail.test'
      CreateAlias|EmailAddressInUse|'EntityId':'{amy}','Alias':'crew@tour.mail.test'
      CreateAlias|EntityNotFound|'EntityId':'000000000000','Alias':'n@tour.mail.test'
      CreateAlias|EntityState|'EntityId':'{bob}','Alias':'n@tour.mail.test'
      CreateAlias|MailDomainNotFound|'EntityId':'{amy}','Alias':'a@no.example'
      CreateAlias|MailDomainState|'EntityId':'{amy}','Alias':'a@open.example'
      CreateAlias|LimitExceeded|'EntityId':'{amy}','Alias':'a3@tour.mail.test'
      DeleteAlias|InvalidParameter|'EntityId':'{amy}','Alias':'amy@tour.mail.test'
      DeleteAlias|EntityNotFound|'EntityId':'000000000000','Alias':'n@tour.mail.test'
      DeleteAlias|EntityState|'EntityId':'{bob}','Alias':'n@tour.mail.test'
      ListAliases|InvalidParameter|'EntityId':'{amy}','NextToken':'x'
      ListAliases|EntityNotFound|'EntityId':'000000000000'
      ListAliases|EntityState|'EntityId':'{gone}'
      UpdatePrimaryEmailAddress|InvalidParameter|'EntityId':'amy','Email':'.a@tour.mail.test'
      UpdatePrimaryEmailAddress|EmailAddressInUse|'EntityId':'amy','Email':'crew@tour.mail.test'
      UpdatePrimaryEmailAddress|EntityNotFound|'EntityId':'none','Email':'n@tour.mail.test'
      UpdatePrimaryEmailAddress|EntityState|'EntityId':'bob','Email':'n@tour.mail.test'
      UpdatePrimaryEmailAddress|MailDomainNotFound|'EntityId':'amy','Email':'a@no.example'
      UpdatePrimaryEmailAddress|MailDomainState|'EntityId':'amy','Email':'a@open.example'
      ListGroupsForEntity|InvalidParameter|'EntityId':'amy','NextToken':'x'
      ListGroupsForEntity|EntityNotFound|'EntityId':'none'
      ListGroupsForEntity|EntityState|'EntityId':'{gone}'
      CreateUser|InvalidParameter|'Name':'n','DisplayName':'a\\nb',{password}
      CreateUser|InvalidPassword|'Name':'n','DisplayName':'N','Password':'short'
      CreateUser|NameAvailability|'Name':'AMY','DisplayName':'N',{password}
      CreateUser|ReservedName|'Name':'amazonjournaling','DisplayName':'N',{password}
      DescribeUser|EntityNotFound|'UserId':'none'
      UpdateUser|InvalidParameter|'UserId':'amy','City':'a\\nb'
      UpdateUser|EntityNotFound|'UserId':'none','City':'Bonn'
      UpdateUser|EntityState|'UserId':'{gone}','City':'Bonn'
      DeleteUser|EntityState|'UserId':'amy'
      ListUsers|InvalidParameter|'NextToken':'x'
      ResetPassword|EntityNotFound|'UserId':'000000000000',{password}
      ResetPassword|EntityState|'UserId':'{gone}',{password}
      ResetPassword|InvalidPassword|'UserId':'{amy}','Password':'short'
      ResetPassword|UnsupportedOperation|'UserId':'{far}',{password}
      GetMailboxDetails|EntityNotFound|'UserId':'none'
      UpdateMailboxQuota|InvalidParameter|'UserId':'amy','MailboxQuota':51201
      UpdateMailboxQuota|EntityNotFound|'UserId':'none','MailboxQuota':1
      UpdateMailboxQuota|EntityState|'UserId':'bob','MailboxQuota':1
      CreateGroup|NameAvailability|'Name':'CREW'
      CreateGroup|ReservedName|'Name':'anyone'
      CreateGroup|InvalidParameter|'Name':'  '
      DescribeGroup|EntityNotFound|'GroupId':'none'
      UpdateGroup|EntityNotFound|'GroupId':'none'
      UpdateGroup|EntityState|'GroupId':'{dead}'
      DeleteGroup|EntityState|'GroupId':'crew'
      ListGroups|InvalidParameter|'NextToken':'x'
      AssociateMemberToGroup|InvalidParameter|'GroupId':'crew','MemberId':'crew'
      AssociateMemberToGroup|EntityNotFound|'GroupId':'crew','MemberId':'none'
      AssociateMemberToGroup|EntityState|'GroupId':'crew','MemberId':'{gone}'
      DisassociateMemberFromGroup|EntityNotFound|'GroupId':'crew','MemberId':'none'
      DisassociateMemberFromGroup|EntityState|'GroupId':'{dead}','MemberId':'amy'
      ListGroupMembers|InvalidParameter|'GroupId':'crew','NextToken':'x'
      ListGroupMembers|EntityNotFound|'GroupId':'none'
      ListGroupMembers|EntityState|'GroupId':'{dead}'
      CreateResource|InvalidParameter|'Name':'n','Type':'ROOM','Description':'a\\nb'
      CreateResource|NameAvailability|'Name':'HALL','Type':'ROOM'
      CreateResource|ReservedName|'Name':'anyone','Type':'ROOM'
      DescribeResource|EntityNotFound|'ResourceId':'none'
      UpdateResource|InvalidParameter|'ResourceId':'hall','Description':'a\\nb'
      UpdateResource|EntityNotFound|'ResourceId':'none'
      UpdateResource|EntityState|'ResourceId':'{lost}'
      UpdateResource|NameAvailability|'ResourceId':'hall','Name':'amy'
      UpdateResource|InvalidConfiguration|'ResourceId':'hall','BookingOptions':{'AutoAcceptRequests':false}
      DeleteResource|EntityState|'ResourceId':'hall'
      ListResources|InvalidParameter|'NextToken':'x'
      AssociateDelegateToResource|InvalidParameter|'ResourceId':'hall','EntityId':'hall'
      AssociateDelegateToResource|EntityNotFound|'ResourceId':'hall','EntityId':'none'
      AssociateDelegateToResource|EntityState|'ResourceId':'{lost}','EntityId':'amy'
      DisassociateDelegateFromResource|EntityNotFound|'ResourceId':'hall','EntityId':'none'
      DisassociateDelegateFromResource|EntityState|'ResourceId':'{lost}','EntityId':'amy'
      ListResourceDelegates|InvalidParameter|'ResourceId':'hall','NextToken':'x'
      ListResourceDelegates|EntityNotFound|'ResourceId':'none'
      ListResourceDelegates|EntityState|'ResourceId':'{lost}'
      PutMailboxPermissions|InvalidParameter|'EntityId':'amy','GranteeId':'amy','PermissionValues':['SEND_AS']
      PutMailboxPermissions|EntityNotFound|'EntityId':'amy','GranteeId':'none','PermissionValues':['SEND_AS']
      PutMailboxPermissions|EntityState|'EntityId':'bob','GranteeId':'amy','PermissionValues':['SEND_AS']
      DeleteMailboxPermissions|EntityNotFound|'EntityId':'amy','GranteeId':'none'
      DeleteMailboxPermissions|EntityState|'EntityId':'{gone}','GranteeId':'amy'
      ListMailboxPermissions|InvalidParameter|'EntityId':'amy','NextToken':'x'
      ListMailboxPermissions|EntityNotFound|'EntityId':'none'
      TagResource|InvalidParameter|!'ResourceARN':'{arn}','Tags':[{'Key':'aws:x','Value':''}]
      TagResource|ResourceNotFound|!'ResourceARN':'{arn}0','Tags':[]
      TagResource|TooManyTags|!'ResourceARN':'{arn}','Tags':[{'Key':'one more','Value':''}]
      UntagResource|ResourceNotFound|!'ResourceARN':'{arn}0','TagKeys':[]
      ListTagsForResource|ResourceNotFound|!'ResourceARN':'{arn}0'
      CreateIdentityCenterApplication|InvalidParameter|!'Name':'b','InstanceArn':'{instance}','ClientToken':'t'
      DeleteIdentityCenterApplication|InvalidParameter|!'ApplicationArn':'{noapplication}'
      DeleteIdentityCenterApplication|OrganizationState|!'ApplicationArn':'{application}'
      PutIdentityProviderConfiguration|ResourceNotFound|{provider}
      ListPersonalAccessTokens|InvalidParameter|'NextToken':'x'
      ListPersonalAccessTokens|EntityNotFound|'UserId':'none'
      ListPersonalAccessTokens|EntityState|'UserId':'{gone}'
      GetPersonalAccessTokenMetadata|ResourceNotFound|'PersonalAccessTokenId':'none'
      CreatePersonalAccessToken|InvalidParameter|'UserId':'amy','Name':'x','Scopes':['X']
      CreatePersonalAccessToken|EntityNotFound|'UserId':'none','Name':'x'
      CreatePersonalAccessToken|EntityState|'UserId':'bob','Name':'x'
      CreatePersonalAccessToken|LimitExceeded|'UserId':'amy','Name':'x'
      ListInboxRules|EntityNotFound|'UserId':'none'
      PutInboxRules|InvalidParameter|'UserId':'amy','Rules':[{'Name':'r','Actions':{}}]
      PutInboxRules|EntityNotFound|'UserId':'bob','Rules':[]
      GetOutOfOffice|EntityNotFound|'UserId':'bob'
      PutOutOfOffice|InvalidParameter|'UserId':'amy','Enabled':true
      PutOutOfOffice|EntityNotFound|'UserId':'none','Enabled':false
      """;

  /// Valid inputs of operations without a line for OrganizationNotFound: any line of theirs does.
  private static final Map<String, String> OTHER_INPUTS =
      Map.of(
          "DescribeOrganization", "",
          "DescribeIdentityProviderConfiguration", "",
          "DeleteIdentityProviderConfiguration", "",
          "DeletePersonalAccessToken", "'PersonalAccessTokenId':'none'");

  /// Operation and error, with the reason.
  private static final Map<String, String> CANNOT_HAPPEN =
      Map.of(
          "UpdateResource EmailAddressInUseException", "its input has no address",
          "UpdateResource MailDomainNotFoundException", "its input has no address",
          "UpdateResource MailDomainStateException", "its input has no address",
          "ListGroups EntityNotFoundException", "its input names no entity",
          "DescribeOrganization OrganizationStateException", "it answers in every state");

  private ApiFixture api;
  private DeclaredErrors errors;

  @BeforeEach
  void start() throws Exception {
    api = new ApiFixture(LIMITS);
    String o = api.organization("tour");
    errors = new DeclaredErrors(api, o);
    errors.name("password", PASSWORD);
    errors.name("instance", INSTANCE);
    errors.name("noapplication", NO_APPLICATION);
    errors.name("provider", PROVIDER);
    errors.call("DescribeOrganization", "", "DirectoryId", "directory");
    api.call("CreateOrganization", "{'Alias':'second'}");
    api.call("CreateOrganization", "{'Alias':'third'}");
    errors.call("RegisterMailDomain", "'DomainName':'open.example'");
    errors.call("RegisterMailDomain", "'DomainName':'shown.example'");
    api.verify(o, "shown.example");
    errors.name("amy", api.enabledUser(o, "amy", "tour.mail.test"));
    errors.call("CreateAlias", "'EntityId':'{amy}','Alias':'a1@tour.mail.test'");
    errors.call("CreateAlias", "'EntityId':'{amy}','Alias':'a2@shown.example'");
    errors.name("bob", api.user(o, "bob"));
    api.enabledUser(o, "off", "tour.mail.test");
    errors.call("DeregisterFromWorkMail", "'EntityId':'off'");
    errors.name("gone", api.user(o, "gone"));
    errors.call("DeleteUser", "'UserId':'gone'");
    errors.call(
        "CreateUser", "'Name':'far','DisplayName':'F','Role':'REMOTE_USER'", "UserId", "far");
    api.group(o, "crew");
    errors.call("RegisterToWorkMail", "'EntityId':'crew','Email':'crew@tour.mail.test'");
    errors.name("dead", api.group(o, "dead"));
    errors.call("DeleteGroup", "'GroupId':'dead'");
    errors.call("CreateResource", "'Name':'hall','Type':'ROOM'");
    errors.call("RegisterToWorkMail", "'EntityId':'hall','Email':'hall@tour.mail.test'");
    errors.call("CreateResource", "'Name':'lost','Type':'ROOM'", "ResourceId", "lost");
    errors.call("DeleteResource", "'ResourceId':'lost'");
    List<String> tags = new ArrayList<>();
    for (int i = 0; i < 50; i++) tags.add("{'Key':'key" + i + "','Value':''}");
    errors.call("TagResource", "!'ResourceARN':'{arn}','Tags':[" + String.join(",", tags) + "]");
    errors.call(
        "CreateIdentityCenterApplication",
        "!'Name':'a','InstanceArn':'{instance}','ClientToken':'t'",
        "ApplicationArn",
        "application");
    errors.call(
        "PutIdentityProviderConfiguration", PROVIDER.replace(NO_APPLICATION, "{application}"));
    for (int i = 0; i < 50; i++) {
      errors.call("CreatePersonalAccessToken", "'UserId':'amy','Name':'t" + i + "'");
    }
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void eachIsReached() throws Exception {
    errors.reachAll(TABLE);
    for (Map.Entry<String, String> other : OTHER_INPUTS.entrySet()) {
      errors.also(other.getKey(), other.getValue());
    }
    errors.call("DeleteIdentityProviderConfiguration", "");
    String unconfigured = "ResourceNotFoundException";
    errors.reach("CreatePersonalAccessToken", unconfigured, "'UserId':'amy','Name':'x'");
    errors.reach("DescribeIdentityProviderConfiguration", unconfigured, "");
    errors.also("TagResource", "!'ResourceARN':'{arn}','Tags':[{'Key':'a','Value':'b'}]");
    errors.reachOrganizationErrors();
    assertThat(errors.missing(CANNOT_HAPPEN.keySet())).isEmpty();
  }

  /// Each operation that is built has its lines in one of the tables.
  @Test
  void noOperationIsLeftOut() {
    Set<String> shown = new TreeSet<>(OTHER_INPUTS.keySet());
    for (String table : List.of(TABLE, EveryDeclaredPolicyErrorTest.TABLE)) {
      table.lines().forEach(line -> shown.add(line.substring(0, line.indexOf('|'))));
    }
    shown.addAll(EveryDeclaredPolicyErrorTest.OTHER_INPUTS.keySet());
    Set<String> left = new TreeSet<>();
    for (Operation operation : Operation.values()) {
      boolean without =
          operation.errors().stream().allMatch(DeclaredErrors::isElsewhere)
              || EveryDeclaredPolicyErrorTest.SHOWN_BY.containsKey(operation.wireName());
      if (!shown.contains(operation.wireName()) && !without) left.add(operation.wireName());
    }
    assertThat(left).isEmpty();
  }
}
