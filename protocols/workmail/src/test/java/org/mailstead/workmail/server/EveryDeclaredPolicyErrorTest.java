package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.directory.DirectoryLimits;

/// The second half of [EveryDeclaredErrorTest]: what rules, policies, administrators, exports and
/// the queue declare.
@DisplayName("API-1: every declared error of policies and administration is reached")
final class EveryDeclaredPolicyErrorTest {
  private static final String DOCUMENT =
      "'{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":\\\"workmail:*\\\",\\\"Resource\\\":\\\"*\\\"}}'";

  /// Lines as [DeclaredErrors] reads them.
  static final String TABLE =
      """
      PutAccessControlRule|EntityNotFound|'Name':'n','Effect':'DENY','Description':'d','UserIds':['000000000000']
      PutAccessControlRule|ResourceNotFound|'Name':'n','Effect':'DENY','Description':'d','Actions':['EWS'],'ImpersonationRoleIds':['none']
      PutAccessControlRule|LimitExceeded|'Name':'n','Effect':'DENY','Description':'d'
      GetAccessControlEffect|ResourceNotFound|'Action':'EWS','IpAddress':'192.0.2.1','ImpersonationRoleId':'none'
      GetAccessControlEffect|EntityNotFound|'Action':'IMAP','IpAddress':'192.0.2.1','UserId':'000000000000'
      CreateImpersonationRole|EntityNotFound|'Name':'n','Type':'READ_ONLY','Rules':[{'ImpersonationRuleId':'r','Effect':'ALLOW','TargetUsers':['none']}]
      CreateImpersonationRole|EntityState|'Name':'n','Type':'READ_ONLY','Rules':[{'ImpersonationRuleId':'r','Effect':'ALLOW','TargetUsers':['{gone}']}]
      CreateImpersonationRole|LimitExceeded|'Name':'n','Type':'READ_ONLY','Rules':[]
      UpdateImpersonationRole|ResourceNotFound|'ImpersonationRoleId':'none','Name':'n','Type':'READ_ONLY','Rules':[]
      UpdateImpersonationRole|EntityNotFound|'ImpersonationRoleId':'{role}','Name':'n','Type':'READ_ONLY','Rules':[{'ImpersonationRuleId':'r','Effect':'ALLOW','TargetUsers':['none']}]
      UpdateImpersonationRole|EntityState|'ImpersonationRoleId':'{role}','Name':'n','Type':'READ_ONLY','Rules':[{'ImpersonationRuleId':'r','Effect':'ALLOW','TargetUsers':['{gone}']}]
      GetImpersonationRole|ResourceNotFound|'ImpersonationRoleId':'none'
      AssumeImpersonationRole|ResourceNotFound|'ImpersonationRoleId':'none'
      GetImpersonationRoleEffect|ResourceNotFound|'ImpersonationRoleId':'none','TargetUser':'amy'
      GetImpersonationRoleEffect|EntityNotFound|'ImpersonationRoleId':'{role}','TargetUser':'none'
      GetImpersonationRoleEffect|EntityState|'ImpersonationRoleId':'{role}','TargetUser':'{gone}'
      CreateMobileDeviceAccessRule|LimitExceeded|'Name':'n','Effect':'DENY'
      UpdateMobileDeviceAccessRule|EntityNotFound|'MobileDeviceAccessRuleId':'none','Name':'n','Effect':'DENY'
      PutMobileDeviceAccessOverride|EntityNotFound|'UserId':'none','DeviceId':'D1','Effect':'DENY'
      PutMobileDeviceAccessOverride|EntityState|'UserId':'{gone}','DeviceId':'D1','Effect':'DENY'
      GetMobileDeviceAccessOverride|EntityNotFound|'UserId':'none','DeviceId':'D1'
      GetMobileDeviceAccessOverride|ResourceNotFound|'UserId':'amy','DeviceId':'D1'
      DeleteMobileDeviceAccessOverride|EntityNotFound|'UserId':'none','DeviceId':'D1'
      ListMobileDeviceAccessOverrides|EntityNotFound|'UserId':'none'
      GetMobileDevicesForUser|EntityNotFound|'UserId':'none'
      GetMobileDeviceDetails|EntityNotFound|'UserId':'none','DeviceId':'D1'
      GetMobileDeviceDetails|ResourceNotFound|'UserId':'amy','DeviceId':'D1'
      DeleteMobileDevice|EntityNotFound|'UserId':'none','DeviceId':'D1'
      WipeMobileDevice|EntityNotFound|'UserId':'none','DeviceId':'D1'
      WipeMobileDevice|ResourceNotFound|'UserId':'amy','DeviceId':'D1'
      PutRetentionPolicy|LimitExceeded|'Name':'second','FolderConfigurations':[{'Name':'INBOX','Action':'NONE'}]
      DescribeEmailMonitoringConfiguration|ResourceNotFound|
      CreateAvailabilityConfiguration|NameAvailability|'DomainName':'d0.example',{lambda}
      CreateAvailabilityConfiguration|LimitExceeded|'DomainName':'more.example',{lambda}
      UpdateAvailabilityConfiguration|ResourceNotFound|'DomainName':'none.example',{lambda}
      TestAvailabilityConfiguration|ResourceNotFound|'DomainName':'none.example'
      CreateInboundMailFlowRule|NameAvailability|'Name':'r0','Action':'DROP','SenderPatterns':['x.example']
      CreateInboundMailFlowRule|LimitExceeded|'Name':'n','Action':'DROP','SenderPatterns':['x.example']
      DescribeInboundMailFlowRule|ResourceNotFound|'RuleId':'none'
      UpdateInboundMailFlowRule|ResourceNotFound|'RuleId':'none','Name':'n','Action':'DROP','SenderPatterns':['x.example']
      UpdateInboundMailFlowRule|NameAvailability|'RuleId':'{inbound0}','Name':'r1','Action':'DROP','SenderPatterns':['p0.example']
      UpdateInboundMailFlowRule|LimitExceeded|'RuleId':'{inbound0}','Name':'r0','Action':'DROP','SenderPatterns':[{patterns},'one.example']
      CreateOutboundMailFlowRule|NameAvailability|'Name':'r0','Action':'DROP','SenderPatterns':['*'],'RecipientPatterns':['x.example']
      CreateOutboundMailFlowRule|LimitExceeded|'Name':'n','Action':'DROP','SenderPatterns':['*'],'RecipientPatterns':['x.example']
      CreateOutboundMailFlowRule|ResourceNotFound|'Name':'n','Action':'ROUTE_TO_SMTP_GATEWAY','SenderPatterns':['*'],'RecipientPatterns':['x.example'],'SmtpGatewayId':'none'
      DescribeOutboundMailFlowRule|ResourceNotFound|'RuleId':'none'
      UpdateOutboundMailFlowRule|ResourceNotFound|'RuleId':'none','Name':'n','Action':'DROP','SenderPatterns':['*'],'RecipientPatterns':['x.example']
      UpdateOutboundMailFlowRule|NameAvailability|'RuleId':'{outbound0}','Name':'r1','Action':'DROP','SenderPatterns':['*'],'RecipientPatterns':['x.example']
      UpdateOutboundMailFlowRule|LimitExceeded|'RuleId':'{outbound0}','Name':'r0','Action':'DROP','SenderPatterns':[{patterns},'one.example'],'RecipientPatterns':['*']
      CreateSmtpGateway|NameAvailability|'Name':'g0','Host':'relay.example','Port':25
      CreateSmtpGateway|LimitExceeded|'Name':'n','Host':'relay.example','Port':25
      DescribeSmtpGateway|ResourceNotFound|'SmtpGatewayId':'none'
      UpdateSmtpGateway|ResourceNotFound|'SmtpGatewayId':'none','Name':'n','Host':'relay.example','Port':25
      UpdateSmtpGateway|NameAvailability|'SmtpGatewayId':'{gateway}','Name':'g1','Host':'relay.example','Port':25
      DeleteSmtpGateway|EntityState|'SmtpGatewayId':'{gateway}'
      UpdateOrganizationSettings|EntityNotFound|'MigrationAdminEnabled':true,'MigrationAdmin':'none'
      UpdateOrganizationSettings|EntityState|'MigrationAdminEnabled':true,'MigrationAdmin':'bob'
      DescribeDirectorySync|UnsupportedOperation|
      StartDirectorySync|UnsupportedOperation|
      ListDirectories|InvalidParameter|!'NextToken':'x'
      SearchMembers|EntityNotFound|'GroupId':'none','Query':'a'
      SearchMembers|EntityState|'GroupId':'{dead}','Query':'a'
      CheckMailDomainRecords|MailDomainNotFound|'DomainName':'none.example'
      GetMailDomainDetails|MailDomainNotFound|'DomainName':'none.example'
      TestMailDomainRecordInsertion|MailDomainNotFound|'DomainName':'none.example'
      InsertMailDomainRecords|MailDomainNotFound|'DomainName':'none.example'
      ListDkimKeys|MailDomainNotFound|'DomainName':'none.example'
      RotateDkimKeys|MailDomainNotFound|'DomainName':'none.example'
      RotateDkimKeys|EntityState|'DomainName':'tour.mail.test'
      RenewDkimKeys|MailDomainNotFound|'DomainName':'none.example'
      PutMailDomainTransportPolicy|MailDomainNotFound|'DomainName':'none.example','Mode':'TESTING'
      GetMailDomainTransportPolicy|MailDomainNotFound|'DomainName':'none.example'
      GetMailDomainTransportPolicy|ResourceNotFound|'DomainName':'tour.mail.test'
      DeleteMailDomainTransportPolicy|MailDomainNotFound|'DomainName':'none.example'
      PutReportSettings|MailDomainNotFound|'ReportAddress':'a@none.example'
      GetReportSettings|ResourceNotFound|
      ListDmarcFigures|InvalidParameter|'NextToken':'x'
      ListTlsReportFigures|InvalidParameter|'NextToken':'x'
      DescribeMailboxExportJob|EntityNotFound|'JobId':'none'
      CancelMailboxExportJob|EntityNotFound|'JobId':'none','ClientToken':'t'
      StartMailboxExportJob|EntityNotFound|'EntityId':'none','ClientToken':'t','RoleArn':'{roleArn}','KmsKeyArn':'{keyArn}','S3BucketName':'export-folder','S3Prefix':'p'
      GetMessageTrace|EntityNotFound|'QueueId':'{queued}'
      TestInboundMailFlowRulesOnPastMail|ResourceNotFound|'RuleId':'none'
      TestOutboundMailFlowRulesOnPastMail|ResourceNotFound|'RuleId':'none'
      DescribeQueuedMessage|EntityNotFound|'QueueId':'{queued}'
      HoldQueuedMessage|EntityNotFound|'QueueId':'{queued}'
      ReleaseQueuedMessage|EntityNotFound|'QueueId':'{queued}'
      RetryQueuedMessage|EntityNotFound|'QueueId':'{queued}'
      DeleteQueuedMessage|EntityNotFound|'QueueId':'{queued}'
      CreateAdministrator|NameAvailability|!'AdministratorName':'OPS'
      DescribeAdministrator|EntityNotFound|!'AdministratorName':'none'
      DeleteAdministrator|EntityNotFound|!'AdministratorName':'none'
      CreateAdministratorGroup|NameAvailability|!'GroupName':'READERS'
      DescribeAdministratorGroup|EntityNotFound|!'GroupName':'none'
      DeleteAdministratorGroup|EntityNotFound|!'GroupName':'none'
      AddAdministratorToGroup|EntityNotFound|!'GroupName':'none','AdministratorName':'ops'
      AddAdministratorToGroup|LimitExceeded|!'GroupName':'readers','AdministratorName':'ops'
      RemoveAdministratorFromGroup|EntityNotFound|!'GroupName':'none','AdministratorName':'ops'
      CreateAccessPolicy|NameAvailability|!'PolicyName':'P0','PolicyDocument':{document}
      CreateAccessPolicy|ReservedName|!'PolicyName':'AmazonWorkMailFullAccess','PolicyDocument':{document}
      GetAccessPolicy|EntityNotFound|!'PolicyName':'none'
      UpdateAccessPolicy|EntityNotFound|!'PolicyName':'none','PolicyDocument':{document}
      DeleteAccessPolicy|EntityNotFound|!'PolicyName':'none'
      DeleteAccessPolicy|EntityState|!'PolicyName':'p0'
      AttachAccessPolicy|EntityNotFound|!'PolicyName':'none','AdministratorName':'ops'
      AttachAccessPolicy|LimitExceeded|!'PolicyName':'p10','AdministratorName':'ops'
      DetachAccessPolicy|EntityNotFound|!'PolicyName':'p0','AdministratorName':'none'
      CreateAccessKey|EntityNotFound|!'AdministratorName':'none'
      CreateAccessKey|LimitExceeded|!'AdministratorName':'ops'
      RotateAccessKey|EntityNotFound|!'AccessKeyId':'AKIA0000000000000000'
      RotateAccessKey|LimitExceeded|!'AccessKeyId':'{key}'
      UpdateAccessKey|EntityNotFound|!'AccessKeyId':'AKIA0000000000000000','Status':'ACTIVE'
      DeleteAccessKey|EntityNotFound|!'AccessKeyId':'AKIA0000000000000000'
      ListAccessKeys|EntityNotFound|!'AdministratorName':'none'
      """;

  /// Operations that declare nothing but errors of the organization and of the input.
  static final Map<String, String> OTHER_INPUTS =
      Map.ofEntries(
          Map.entry("DeleteAccessControlRule", "'Name':'none'"),
          Map.entry("ListAccessControlRules", ""),
          Map.entry("DeleteImpersonationRole", "'ImpersonationRoleId':'none'"),
          Map.entry("ListImpersonationRoles", ""),
          Map.entry("GetMobileDeviceAccessEffect", ""),
          Map.entry("ListMobileDeviceAccessRules", ""),
          Map.entry("DeleteMobileDeviceAccessRule", "'MobileDeviceAccessRuleId':'none'"),
          Map.entry("GetMobilePolicyDetails", ""),
          Map.entry("SetMobilePolicyDetails", "'Policy':{}"),
          Map.entry("GetDefaultRetentionPolicy", ""),
          Map.entry("DeleteRetentionPolicy", "'Id':'none'"),
          Map.entry(
              "PutEmailMonitoringConfiguration",
              "'LogGroupArn':'arn:aws:logs:eu-west-1:123456789012:log-group:mail:*'"),
          Map.entry("DeleteEmailMonitoringConfiguration", ""),
          Map.entry("DeleteAvailabilityConfiguration", "'DomainName':'none.example'"),
          Map.entry("ListAvailabilityConfigurations", ""),
          Map.entry("DeleteInboundMailFlowRule", "'RuleId':'none'"),
          Map.entry("ListInboundMailFlowRules", ""),
          Map.entry("TestInboundMailFlowRules", "'Sender':'a@x.example'"),
          Map.entry("DeleteOutboundMailFlowRule", "'RuleId':'none'"),
          Map.entry("ListOutboundMailFlowRules", ""),
          Map.entry(
              "TestOutboundMailFlowRules", "'Sender':'a@tour.mail.test','Recipient':'b@x.example'"),
          Map.entry("ListSmtpGateways", ""),
          Map.entry("DescribeInboundDmarcSettings", ""),
          Map.entry("PutInboundDmarcSettings", "'Enforced':true"),
          Map.entry("DescribeOrganizationSettings", ""),
          Map.entry("DescribeMailDomains", ""),
          Map.entry("ListDisabledMailboxes", ""),
          Map.entry("ListMailboxExportJobs", ""),
          Map.entry("ListDnsZones", ""),
          Map.entry("DeleteReportSettings", ""),
          Map.entry("ListQueuedMessages", ""),
          Map.entry("TraceMessages", ""),
          Map.entry("DescribeSendingUsage", ""),
          Map.entry("GetJournalingRules", ""),
          Map.entry("SetJournalingRules", "'Enabled':false"),
          Map.entry("GetSpamSettings", ""),
          Map.entry("SetSpamSettings", "'Enabled':false"),
          Map.entry("TestInteroperability", ""),
          Map.entry("LookupEvents", ""),
          Map.entry("ListAccessPolicies", "!"),
          Map.entry("ListAdministratorGroups", "!"),
          Map.entry("ListAdministrators", "!"));

  /// Operations whose errors have a test of their own.
  static final Map<String, String> SHOWN_BY =
      Map.of(
          "GetRawMessageContent", "MessageFlowApiTest",
          "PutRawMessageContent", "MessageFlowApiTest");

  /// Operation and error that the table cannot reach, with the test that does or the reason.
  private static final Map<String, String> ELSEWHERE =
      Map.ofEntries(
          Map.entry("HoldQueuedMessage EntityStateException", "QueueOperationsTest"),
          Map.entry("ReleaseQueuedMessage EntityStateException", "QueueOperationsTest"),
          Map.entry("RetryQueuedMessage EntityStateException", "QueueOperationsTest"),
          Map.entry("DeleteQueuedMessage EntityStateException", "QueueOperationsTest"),
          Map.entry("StartMailboxExportJob LimitExceededException", "ExportTest"),
          Map.entry("RenewDkimKeys EntityStateException", "DomainChecksTest"),
          Map.entry("PutReportSettings MailDomainStateException", "DomainChecksTest"),
          Map.entry(
              "UpdateImpersonationRole LimitExceededException",
              "the model lets no more rules through"),
          Map.entry(
              "CreateInboundMailFlowRule ResourceNotFoundException",
              "inbound rules name no gateway"),
          Map.entry(
              "UpdateInboundMailFlowRule ResourceNotFoundException",
              "inbound rules name no gateway"),
          Map.entry(
              "PutEmailMonitoringConfiguration ResourceNotFoundException",
              "a log group begins with what is written to it"),
          Map.entry("CreateAdministrator LimitExceededException", "administratorsHaveALimit"),
          Map.entry("CreateAdministratorGroup LimitExceededException", "administratorsHaveALimit"),
          Map.entry("CreateAccessPolicy LimitExceededException", "administratorsHaveALimit"));

  /// How many [#start] makes of them.
  private static final Map<String, Integer> KEPT =
      Map.of("CreateAdministrator", 1, "CreateAdministratorGroup", 12, "CreateAccessPolicy", 11);

  private static final DirectoryLimits LIMITS = DirectoryLimits.standard();

  private ApiFixture api;
  private DeclaredErrors errors;

  @BeforeEach
  void start() throws Exception {
    api = new ApiFixture(LIMITS);
    String o = api.organization("tour");
    errors = new DeclaredErrors(api, o);
    errors.name(
        "lambda",
        "'LambdaProvider':{'LambdaArn':'arn:aws:lambda:eu-west-1:123456789012:function:availability'}");
    errors.name("roleArn", "arn:aws:iam::123456789012:role/export");
    errors.name("keyArn", "arn:aws:kms:eu-west-1:123456789012:key/k");
    errors.name("document", DOCUMENT);
    errors.name("queued", "0".repeat(32));
    errors.name("patterns", patterns("p", 249));
    errors.name("amy", api.enabledUser(o, "amy", "tour.mail.test"));
    api.user(o, "bob");
    errors.name("gone", api.user(o, "gone"));
    errors.call("DeleteUser", "'UserId':'gone'");
    errors.name("dead", api.group(o, "dead"));
    errors.call("DeleteGroup", "'GroupId':'dead'");
    for (int i = 0; i < 9; i++) {
      errors.call("PutAccessControlRule", "'Name':'r" + i + "','Effect':'DENY','Description':'d'");
    }
    errors.call("PutAccessControlRule", "'Name':'default','Effect':'ALLOW','Description':'d'");
    for (int i = 0; i < 20; i++) {
      String role = "'Name':'role" + i + "','Type':'READ_ONLY','Rules':[]";
      errors.call("CreateImpersonationRole", role, "ImpersonationRoleId", "role");
    }
    for (int i = 0; i < 9; i++) {
      errors.call("CreateMobileDeviceAccessRule", "'Name':'m" + i + "','Effect':'DENY'");
    }
    for (int i = 0; i < 1000; i++) {
      errors.call("CreateAvailabilityConfiguration", "'DomainName':'d" + i + ".example',{lambda}");
    }
    for (int i = 0; i < 100; i++) {
      String gateway = "'Name':'g" + i + "','Host':'relay.example','Port':25";
      errors.call("CreateSmtpGateway", gateway, "SmtpGatewayId", "gateway");
    }
    // As many sender patterns as an organization may have, in six rules.
    for (int i = 0; i < 4; i++) {
      String senders = patterns("p" + i + "x", i == 0 ? 248 : 250);
      String rule = "'Name':'r" + i + "','Action':'DROP','SenderPatterns':[" + senders + "]";
      errors.call("CreateInboundMailFlowRule", rule, "RuleId", "inbound" + i);
    }
    for (int i = 0; i < 2; i++) {
      String action = i == 0 ? "'DROP'" : "'ROUTE_TO_SMTP_GATEWAY','SmtpGatewayId':'{gateway}'";
      String rule = "'Name':'r" + i + "','Action':" + action + ",'SenderPatterns':['*']";
      String recipients = ",'RecipientPatterns':['x" + i + ".example']";
      errors.call("CreateOutboundMailFlowRule", rule + recipients, "RuleId", "outbound" + i);
    }
    api.call("CreateAdministrator", "{'AdministratorName':'ops'}");
    api.call("CreateAdministratorGroup", "{'GroupName':'readers'}");
    for (int i = 0; i < LIMITS.accessKeysPerAccount() - 1; i++) {
      errors.call("CreateAccessKey", "!'AdministratorName':'ops'", "AccessKeyId", "key");
    }
    for (int i = 0; i < 11; i++) {
      errors.call("CreateAccessPolicy", "!'PolicyName':'p" + i + "','PolicyDocument':{document}");
      String group = "!'GroupName':'g" + i + "'";
      errors.call("CreateAdministratorGroup", group);
      if (i == 10) break;
      errors.call("AttachAccessPolicy", "!'PolicyName':'p" + i + "','AdministratorName':'ops'");
      errors.call("AddAdministratorToGroup", group + ",'AdministratorName':'ops'");
    }
  }

  private static String patterns(String prefix, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "'" + prefix + i + ".example'")
        .collect(Collectors.joining(","));
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void eachIsReached() throws Exception {
    for (Map.Entry<String, String> other : OTHER_INPUTS.entrySet()) {
      errors.also(other.getKey(), other.getValue());
    }
    errors.reach("GetDefaultRetentionPolicy", "EntityNotFoundException", "");
    errors.call("PutRetentionPolicy", "'Name':'first','FolderConfigurations':[]");
    errors.reachAll(TABLE);
    errors.reachOrganizationErrors();
    assertThat(errors.missing(ELSEWHERE.keySet())).isEmpty();
  }

  @Test
  void administratorsHaveALimit() throws Exception {
    Set<String> kinds =
        Set.of(
            "CreateAdministrator|'AdministratorName':'n%d'",
            "CreateAdministratorGroup|'GroupName':'n%d'",
            "CreateAccessPolicy|'PolicyName':'n%d','PolicyDocument':" + DOCUMENT);
    for (String kind : kinds) {
      String[] parts = kind.split("\\|", 2);
      for (int i = 0; i < DirectoryLimits.ADMINISTRATORS_MAX - KEPT.get(parts[0]); i++) {
        errors.call(parts[0], "!" + parts[1].replace("%d", String.valueOf(i)));
      }
      errors.reach(parts[0], "LimitExceededException", "!" + parts[1].replace("%d", "x"));
    }
  }
}
