package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.workmail.server.ApiFixture.text;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.workmail.client.WorkMailClient;
import org.mailstead.workmail.wire.shapes.ErrorCode;
import org.mailstead.workmail.wire.shapes.Operation;
import tools.jackson.databind.JsonNode;

@DisplayName(
    "What the operations about access and mail policies answer, and every error they declare")
final class AccessOperationsTest {
  private static final String EWS =
      "'EwsProvider':{'EwsEndpoint':'https://mail.example/EWS/Exchange.asmx','EwsUsername':'svc@mail.example','EwsPassword':'Hidden-Word-1'}";
  private static final String LAMBDA =
      "'LambdaProvider':{'LambdaArn':'arn:aws:lambda:eu-west-1:123456789012:function:availability'}";
  private static final String GROUP_ARN =
      "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/workmail/events/tour:*";

  /// The rest of a valid input for each operation.
  private static final Map<String, String> INPUTS = new TreeMap<>();

  static {
    INPUTS.put("PutAccessControlRule", ",'Name':'r','Effect':'DENY','Description':'d'");
    INPUTS.put("DeleteAccessControlRule", ",'Name':'r'");
    INPUTS.put("ListAccessControlRules", "");
    INPUTS.put(
        "GetAccessControlEffect",
        ",'IpAddress':'192.0.2.1','Action':'IMAP','UserId':'000000000000'");
    INPUTS.put("CreateMobileDeviceAccessRule", ",'Name':'r','Effect':'DENY'");
    INPUTS.put(
        "UpdateMobileDeviceAccessRule",
        ",'MobileDeviceAccessRuleId':'x','Name':'r','Effect':'DENY'");
    INPUTS.put("DeleteMobileDeviceAccessRule", ",'MobileDeviceAccessRuleId':'x'");
    INPUTS.put("ListMobileDeviceAccessRules", "");
    INPUTS.put("GetMobileDeviceAccessEffect", "");
    INPUTS.put(
        "PutMobileDeviceAccessOverride", ",'UserId':'nobody','DeviceId':'A1','Effect':'ALLOW'");
    INPUTS.put("GetMobileDeviceAccessOverride", ",'UserId':'nobody','DeviceId':'A1'");
    INPUTS.put("DeleteMobileDeviceAccessOverride", ",'UserId':'nobody','DeviceId':'A1'");
    INPUTS.put("ListMobileDeviceAccessOverrides", ",'UserId':'nobody'");
    INPUTS.put("CreateImpersonationRole", ",'Name':'n','Type':'READ_ONLY','Rules':[]");
    INPUTS.put(
        "UpdateImpersonationRole",
        ",'ImpersonationRoleId':'x','Name':'n','Type':'READ_ONLY','Rules':[]");
    INPUTS.put("GetImpersonationRole", ",'ImpersonationRoleId':'x'");
    INPUTS.put("DeleteImpersonationRole", ",'ImpersonationRoleId':'x'");
    INPUTS.put("ListImpersonationRoles", "");
    INPUTS.put("AssumeImpersonationRole", ",'ImpersonationRoleId':'x'");
    INPUTS.put("GetImpersonationRoleEffect", ",'ImpersonationRoleId':'x','TargetUser':'nobody'");
    INPUTS.put("PutRetentionPolicy", ",'Name':'p','FolderConfigurations':[]");
    INPUTS.put("GetDefaultRetentionPolicy", "");
    INPUTS.put("DeleteRetentionPolicy", ",'Id':'x'");
    INPUTS.put("DescribeInboundDmarcSettings", "");
    INPUTS.put("PutInboundDmarcSettings", ",'Enforced':false");
    INPUTS.put("PutEmailMonitoringConfiguration", ",'LogGroupArn':'" + GROUP_ARN + "'");
    INPUTS.put("DescribeEmailMonitoringConfiguration", "");
    INPUTS.put("DeleteEmailMonitoringConfiguration", "");
    INPUTS.put("CreateAvailabilityConfiguration", ",'DomainName':'mail.example'," + LAMBDA);
    INPUTS.put("UpdateAvailabilityConfiguration", ",'DomainName':'mail.example'," + LAMBDA);
    INPUTS.put("DeleteAvailabilityConfiguration", ",'DomainName':'mail.example'");
    INPUTS.put("ListAvailabilityConfigurations", "");
    INPUTS.put("TestAvailabilityConfiguration", ",'DomainName':'mail.example'");
  }

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

  private JsonNode call(String operation, String rest) throws Exception {
    return api.call(operation, "{'OrganizationId':'" + o + "'" + rest + "}");
  }

  private String refused(String operation, String rest, String code) throws Exception {
    return api.refused(operation, "{'OrganizationId':'" + o + "'" + rest + "}", code).text();
  }

  private static List<String> texts(JsonNode array) {
    return array.valueStream().map(JsonNode::stringValue).toList();
  }

  // ---- every operation

  @Test
  void anotherAccountsOrganizationIsNotFoundByAnyOperation() throws Exception {
    try (WorkMailClient stranger = api.client(api.key(api.directory.accounts().createAccount()))) {
      for (Map.Entry<String, String> input : INPUTS.entrySet()) {
        String theirs =
            api.refused(
                    stranger,
                    input.getKey(),
                    "{'OrganizationId':'" + o + "'" + input.getValue() + "}",
                    "OrganizationNotFoundException")
                .text();
        assertThat(
                api.refused(
                        input.getKey(),
                        "{'OrganizationId':'m-" + "0".repeat(32) + "'" + input.getValue() + "}",
                        "OrganizationNotFoundException")
                    .text())
            .isEqualTo(theirs);
      }
    }
  }

  @Test
  void aDeletedOrganizationIsInTheWrongStateForAll() throws Exception {
    call("DeleteOrganization", ",'DeleteDirectory':true");
    api.settle();
    for (Map.Entry<String, String> input : INPUTS.entrySet()) {
      refused(input.getKey(), input.getValue(), "OrganizationStateException");
    }
  }

  @Test
  void whatIsNotThereIsNotFoundWhereThatIsDeclaredAndDeletedQuietlyOtherwise() throws Exception {
    for (Map.Entry<String, String> input : INPUTS.entrySet()) {
      var errors = Operation.find(input.getKey()).orElseThrow().errors();
      String name = input.getKey();
      if (name.startsWith("Delete") && !errors.contains(ErrorCode.ENTITY_NOT_FOUND)) {
        assertThat(call(name, input.getValue()).isEmpty()).as(name).isTrue();
      } else if (errors.contains(ErrorCode.RESOURCE_NOT_FOUND)
          && !List.of(
                  "PutAccessControlRule",
                  "GetAccessControlEffect",
                  "GetMobileDeviceAccessOverride",
                  "PutEmailMonitoringConfiguration")
              .contains(name)) {
        refused(name, input.getValue(), "ResourceNotFoundException");
      } else if (errors.contains(ErrorCode.ENTITY_NOT_FOUND)
          && !List.of("PutAccessControlRule", "CreateImpersonationRole").contains(name)) {
        refused(name, input.getValue(), "EntityNotFoundException");
      }
    }
  }

  @Test
  @DisplayName("each change is recorded once, with its commit; no record holds a password")
  void audited() throws Exception {
    Map<String, String> changes = new TreeMap<>(INPUTS);
    changes.keySet().removeIf(name -> name.matches("(Get|List|Describe).*"));
    changes.keySet().removeIf(name -> name.matches(".*(Override|Assume|Update).*"));
    changes.put("CreateAvailabilityConfiguration", ",'DomainName':'ews.example'," + EWS);
    changes.put("TestAvailabilityConfiguration", "," + LAMBDA);
    for (Map.Entry<String, String> each : changes.entrySet()) call(each.getKey(), each.getValue());
    List<JsonNode> records = api.audit(o);
    for (String name : changes.keySet()) {
      assertThat(records.stream().filter(r -> name.equals(r.path("eventName").stringValue(""))))
          .as(name)
          .hasSize(1);
    }
    assertThat(records.toString()).contains("ews.example").doesNotContain("Hidden-Word-1");
  }

  // ---- access control rules

  @Test
  void accessControlRules() throws Exception {
    String amy = api.enabledUser(o, "amy", "tour.mail.test");
    JsonNode first = call("ListAccessControlRules", "").path("Rules").get(0);
    assertThat(text(first, "Name")).isEqualTo("default");
    assertThat(text(first, "Effect")).isEqualTo("ALLOW");
    assertThat(text(first, "Description")).isEqualTo("Default WorkMail Rule");
    assertThat(first.path("DateCreated").doubleValue()).isZero();
    assertThat(first.path("DateModified").doubleValue()).isZero();
    call(
        "PutAccessControlRule",
        ",'Name':'office','Effect':'DENY','Description':'d','NotIpRanges':['198.51.100.0/24'],'Actions':['IMAP','SMTP'],'UserIds':['"
            + amy
            + "']");
    JsonNode rule = call("ListAccessControlRules", "").path("Rules").get(1);
    assertThat(texts(rule.path("NotIpRanges"))).containsExactly("198.51.100.0/24");
    assertThat(texts(rule.path("Actions"))).containsExactly("IMAP", "SMTP");
    assertThat(rule.has("IpRanges")).isFalse();
    String user = ",'UserId':'" + amy + "'";
    JsonNode denied =
        call("GetAccessControlEffect", ",'IpAddress':'192.0.2.1','Action':'IMAP'" + user);
    assertThat(text(denied, "Effect")).isEqualTo("DENY");
    assertThat(texts(denied.path("MatchedRules"))).containsExactly("office");
    JsonNode allowed =
        call("GetAccessControlEffect", ",'IpAddress':'198.51.100.7','Action':'IMAP'" + user);
    assertThat(text(allowed, "Effect")).isEqualTo("ALLOW");
    assertThat(texts(allowed.path("MatchedRules"))).containsExactly("default");
    call("DeleteAccessControlRule", ",'Name':'default'");
    call("DeleteAccessControlRule", ",'Name':'office'");
    JsonNode nothing =
        call("GetAccessControlEffect", ",'IpAddress':'198.51.100.7','Action':'IMAP'" + user);
    assertThat(text(nothing, "Effect")).isEqualTo("DENY");
    assertThat(nothing.path("MatchedRules").isEmpty()).isTrue();
  }

  @Test
  void refusalsOfAccessControlRules() throws Exception {
    String amy = api.enabledUser(o, "amy", "tour.mail.test");
    String put = ",'Name':'r','Effect':'DENY','Description':'d'";
    refused("PutAccessControlRule", put + ",'Actions':['POP']", "InvalidParameterException");
    refused("PutAccessControlRule", put + ",'IpRanges':['::/0']", "ValidationException");
    refused("PutAccessControlRule", put + ",'IpRanges':['1.2.3.4/33']", "ValidationException");
    refused(
        "PutAccessControlRule",
        put + ",'Actions':['" + "IMAP','".repeat(10) + "SMTP']",
        "ValidationException");
    refused("PutAccessControlRule", put + ",'UserIds':['000000000000']", "EntityNotFoundException");
    refused(
        "PutAccessControlRule",
        put + ",'NotUserIds':['" + "x".repeat(256) + "']",
        "EntityNotFoundException");
    refused(
        "PutAccessControlRule", put + ",'ImpersonationRoleIds':['x']", "ResourceNotFoundException");
    for (int i = 0; i < 9; i++) {
      call("PutAccessControlRule", ",'Name':'r" + i + "','Effect':'DENY','Description':'d'");
    }
    refused("PutAccessControlRule", put, "LimitExceededException");
    String effect = ",'IpAddress':'192.0.2.1','Action':";
    refused("GetAccessControlEffect", effect + "'IMAP'", "InvalidParameterException");
    refused(
        "GetAccessControlEffect",
        effect + "'POP','UserId':'" + amy + "'",
        "InvalidParameterException");
    refused(
        "GetAccessControlEffect",
        effect + "'EWS','UserId':'" + amy + "','ImpersonationRoleId':'x'",
        "InvalidParameterException");
    refused(
        "GetAccessControlEffect",
        effect + "'IMAP','ImpersonationRoleId':'x'",
        "InvalidParameterException");
    refused(
        "GetAccessControlEffect",
        effect + "'EWS','ImpersonationRoleId':'x'",
        "ResourceNotFoundException");
    refused(
        "GetAccessControlEffect",
        ",'IpAddress':'::1','Action':'IMAP','UserId':'" + amy + "'",
        "ValidationException");
  }

  // ---- mobile devices

  @Test
  void mobileDevices() throws Exception {
    String amy = api.enabledUser(o, "amy", "tour.mail.test");
    assertThat(text(call("GetMobileDeviceAccessEffect", ""), "Effect")).isEqualTo("ALLOW");
    String rule = ",'Name':'no old','Effect':'DENY','DeviceOperatingSystems':['ios 1']";
    String id =
        text(
            call("CreateMobileDeviceAccessRule", rule + ",'ClientToken':'t'"),
            "MobileDeviceAccessRuleId");
    assertThat(
            text(
                call("CreateMobileDeviceAccessRule", rule + ",'ClientToken':'t'"),
                "MobileDeviceAccessRuleId"))
        .isEqualTo(id);
    refused(
        "CreateMobileDeviceAccessRule",
        ",'Name':'other','Effect':'DENY','ClientToken':'t'",
        "InvalidParameterException");
    JsonNode denied = call("GetMobileDeviceAccessEffect", ",'DeviceOperatingSystem':'iOS 12.4'");
    assertThat(text(denied, "Effect")).isEqualTo("DENY");
    assertThat(text(denied.path("MatchedRules").get(0), "MobileDeviceAccessRuleId")).isEqualTo(id);
    call(
        "UpdateMobileDeviceAccessRule",
        ",'MobileDeviceAccessRuleId':'" + id + "','Name':'none','Effect':'DENY'");
    assertThat(text(call("GetMobileDeviceAccessEffect", ""), "Effect")).isEqualTo("DENY");
    assertThat(call("ListMobileDeviceAccessRules", "").path("Rules").size()).isEqualTo(2);
    call("DeleteMobileDeviceAccessRule", ",'MobileDeviceAccessRuleId':'" + id + "'");
    for (int i = 0; i < 9; i++) call("CreateMobileDeviceAccessRule", ",'Name':'r','Effect':'DENY'");
    refused(
        "CreateMobileDeviceAccessRule", ",'Name':'r','Effect':'DENY'", "LimitExceededException");
    refused(
        "CreateMobileDeviceAccessRule",
        ",'Name':'r','Effect':'DENY','DeviceTypes':[]",
        "ValidationException");

    for (String device : List.of("A1", "A2", "A3")) {
      call(
          "PutMobileDeviceAccessOverride",
          ",'UserId':'amy','DeviceId':'" + device + "','Effect':'ALLOW','Description':'mine'");
    }
    String bob = api.enabledUser(o, "bob", "tour.mail.test");
    call("PutMobileDeviceAccessOverride", ",'UserId':'bob','DeviceId':'A1','Effect':'DENY'");
    JsonNode found =
        call("GetMobileDeviceAccessOverride", ",'UserId':'amy@tour.mail.test','DeviceId':'A1'");
    assertThat(text(found, "UserId")).isEqualTo(amy);
    assertThat(text(found, "Description")).isEqualTo("mine");
    assertThat(found.path("DateCreated").isNumber()).isTrue();
    refused(
        "GetMobileDeviceAccessOverride",
        ",'UserId':'amy','DeviceId':'A9'",
        "ResourceNotFoundException");
    refused(
        "GetMobileDeviceAccessOverride",
        ",'UserId':'no','DeviceId':'A9'",
        "EntityNotFoundException");
    assertThat(overrides("")).hasSize(4);
    assertThat(overrides(",'UserId':'amy'")).hasSize(3);
    assertThat(overrides(",'DeviceId':'A1'")).hasSize(2);
    assertThat(overrides(",'DeviceId':'A1','UserId':'bob'")).containsExactly(bob + "/A1");
    refused("ListMobileDeviceAccessOverrides", ",'NextToken':'x'", "InvalidParameterException");
    call("DeleteMobileDeviceAccessOverride", ",'UserId':'amy','DeviceId':'A1'");
    call("DeleteMobileDeviceAccessOverride", ",'UserId':'amy','DeviceId':'A1'");
    assertThat(overrides(",'DeviceId':'A1'")).containsExactly(bob + "/A1");
    call("DeregisterFromWorkMail", ",'EntityId':'bob'");
    call("DeleteUser", ",'UserId':'bob'");
    refused(
        "PutMobileDeviceAccessOverride",
        ",'UserId':'" + bob + "','DeviceId':'A1','Effect':'DENY'",
        "EntityStateException");
  }

  /// By pages of one.
  private List<String> overrides(String filter) throws Exception {
    List<String> found = new java.util.ArrayList<>();
    String token = "";
    while (true) {
      JsonNode page = call("ListMobileDeviceAccessOverrides", filter + ",'MaxResults':1" + token);
      for (JsonNode each : page.path("Overrides")) {
        found.add(text(each, "UserId") + "/" + text(each, "DeviceId"));
      }
      if (!page.has("NextToken")) return found;
      token = ",'NextToken':'" + text(page, "NextToken") + "'";
    }
  }

  // ---- impersonation

  @Test
  void impersonationRoles() throws Exception {
    String amy = api.enabledUser(o, "amy", "tour.mail.test");
    String bob = api.enabledUser(o, "bob", "tour.mail.test");
    String rules =
        ",'Rules':[{'ImpersonationRuleId':'all','Effect':'ALLOW'},{'ImpersonationRuleId':'no-bob','Name':'No Bob','Effect':'DENY','TargetUsers':['bob@tour.mail.test']}]";
    String role =
        text(
            call(
                "CreateImpersonationRole",
                ",'Name':'sync','Type':'FULL_ACCESS','Description':'d'" + rules),
            "ImpersonationRoleId");
    String id = ",'ImpersonationRoleId':'" + role + "'";
    JsonNode described = call("GetImpersonationRole", id);
    assertThat(text(described, "Name")).isEqualTo("sync");
    assertThat(texts(described.path("Rules").get(1).path("TargetUsers"))).containsExactly(bob);
    assertThat(described.path("Rules").get(0).has("TargetUsers")).isFalse();
    JsonNode denied = call("GetImpersonationRoleEffect", id + ",'TargetUser':'bob'");
    assertThat(text(denied, "Effect")).isEqualTo("DENY");
    assertThat(text(denied, "Type")).isEqualTo("FULL_ACCESS");
    assertThat(denied.path("MatchedRules").size()).isEqualTo(1);
    assertThat(text(denied.path("MatchedRules").get(0), "Name")).isEqualTo("No Bob");
    assertThat(
            text(call("GetImpersonationRoleEffect", id + ",'TargetUser':'" + amy + "'"), "Effect"))
        .isEqualTo("ALLOW");
    JsonNode assumed = call("AssumeImpersonationRole", id);
    assertThat(assumed.path("ExpiresIn").longValue()).isEqualTo(900);
    String token = text(assumed, "Token");
    assertThat(api.audit(o).toString()).contains("AssumeImpersonationRole").doesNotContain(token);
    call(
        "PutAccessControlRule",
        ",'Name':'r','Effect':'DENY','Description':'d','ImpersonationRoleIds':['" + role + "']");
    JsonNode effect =
        call("GetAccessControlEffect", ",'IpAddress':'192.0.2.1','Action':'EWS'" + id);
    assertThat(text(effect, "Effect")).isEqualTo("DENY");
    call("UpdateImpersonationRole", id + ",'Name':'none','Type':'READ_ONLY','Rules':[]");
    assertThat(text(call("GetImpersonationRole", id), "Type")).isEqualTo("READ_ONLY");
    assertThat(text(call("GetImpersonationRoleEffect", id + ",'TargetUser':'amy'"), "Effect"))
        .isEqualTo("DENY");
    refused("GetImpersonationRoleEffect", id + ",'TargetUser':'nobody'", "EntityNotFoundException");
    String cid = api.user(o, "cid");
    refused("GetImpersonationRoleEffect", id + ",'TargetUser':'cid'", "EntityStateException");
    call("DeleteUser", ",'UserId':'cid'");
    String about =
        ",'Name':'n','Type':'READ_ONLY','Rules':[{'ImpersonationRuleId':'a','Effect':'ALLOW','TargetUsers':['%s']}]";
    refused("CreateImpersonationRole", about.formatted("nobody"), "EntityNotFoundException");
    refused("CreateImpersonationRole", about.formatted(cid), "EntityStateException");
    refused("UpdateImpersonationRole", id + about.formatted("nobody"), "EntityNotFoundException");
    refused("UpdateImpersonationRole", id + about.formatted(cid), "EntityStateException");
    refused(
        "CreateImpersonationRole",
        ",'Name':'n','Type':'READ_ONLY','Rules':[{'ImpersonationRuleId':'a','Effect':'ALLOW'},{'ImpersonationRuleId':'a','Effect':'DENY'}]",
        "InvalidParameterException");
    for (int i = 1; i < 20; i++) {
      call("CreateImpersonationRole", ",'Name':'n" + i + "','Type':'READ_ONLY','Rules':[]");
    }
    refused(
        "CreateImpersonationRole",
        ",'Name':'n','Type':'READ_ONLY','Rules':[]",
        "LimitExceededException");
    JsonNode page = call("ListImpersonationRoles", ",'MaxResults':19");
    assertThat(page.path("Roles").size()).isEqualTo(19);
    JsonNode rest =
        call(
            "ListImpersonationRoles",
            ",'MaxResults':19,'NextToken':'" + text(page, "NextToken") + "'");
    assertThat(rest.path("Roles").size()).isEqualTo(1);
    assertThat(rest.has("NextToken")).isFalse();
    call("DeleteImpersonationRole", id);
    refused("AssumeImpersonationRole", id, "ResourceNotFoundException");
  }

  // ---- retention, DMARC, monitoring

  @Test
  void retention() throws Exception {
    String folders =
        ",'FolderConfigurations':[{'Name':'INBOX','Action':'DELETE','Period':730},{'Name':'JUNK_EMAIL','Action':'NONE'}]";
    call("PutRetentionPolicy", ",'Name':'Default','Description':'all'" + folders);
    JsonNode policy = call("GetDefaultRetentionPolicy", "");
    assertThat(text(policy, "Name")).isEqualTo("Default");
    assertThat(policy.path("FolderConfigurations").get(0).path("Period").intValue()).isEqualTo(730);
    assertThat(policy.path("FolderConfigurations").get(1).has("Period")).isFalse();
    String id = text(policy, "Id");
    refused("PutRetentionPolicy", ",'Name':'Second'" + folders, "LimitExceededException");
    refused("PutRetentionPolicy", ",'Id':'no','Name':'x'" + folders, "InvalidParameterException");
    call("PutRetentionPolicy", ",'Id':'" + id + "','Name':'Renamed','FolderConfigurations':[]");
    assertThat(text(call("GetDefaultRetentionPolicy", ""), "Id")).isEqualTo(id);
    for (String bad :
        List.of(
            "{'Name':'INBOX','Action':'DELETE'}",
            "{'Name':'INBOX','Action':'NONE'},{'Name':'INBOX','Action':'NONE'}")) {
      refused(
          "PutRetentionPolicy",
          ",'Id':'" + id + "','Name':'x','FolderConfigurations':[" + bad + "]",
          "InvalidParameterException");
    }
    refused(
        "PutRetentionPolicy",
        ",'Name':'x','FolderConfigurations':[{'Name':'INBOX','Action':'DELETE','Period':731}]",
        "ValidationException");
    call("DeleteRetentionPolicy", ",'Id':'other'");
    call("DeleteRetentionPolicy", ",'Id':'" + id + "'");
    refused("GetDefaultRetentionPolicy", "", "EntityNotFoundException");
  }

  @Test
  void dmarcAndMonitoring() throws Exception {
    assertThat(call("DescribeInboundDmarcSettings", "").path("Enforced").booleanValue()).isTrue();
    call("PutInboundDmarcSettings", ",'Enforced':false");
    assertThat(call("DescribeInboundDmarcSettings", "").path("Enforced").booleanValue()).isFalse();
    call(
        "PutEmailMonitoringConfiguration",
        ",'LogGroupArn':'" + GROUP_ARN + "','RoleArn':'arn:aws:iam::123456789012:role/events'");
    JsonNode found = call("DescribeEmailMonitoringConfiguration", "");
    assertThat(text(found, "LogGroupArn")).isEqualTo(GROUP_ARN);
    assertThat(text(found, "RoleArn")).isEqualTo("arn:aws:iam::123456789012:role/events");
    call("PutEmailMonitoringConfiguration", ",'LogGroupArn':'" + GROUP_ARN + "'");
    assertThat(call("DescribeEmailMonitoringConfiguration", "").has("RoleArn")).isFalse();
    call("DeleteEmailMonitoringConfiguration", "");
    call("DeleteEmailMonitoringConfiguration", "");
    refused("DescribeEmailMonitoringConfiguration", "", "ResourceNotFoundException");
  }

  // ---- availability configurations

  @Test
  void availabilityConfigurations() throws Exception {
    call("CreateAvailabilityConfiguration", ",'DomainName':'Mail.Example'," + EWS);
    refused(
        "CreateAvailabilityConfiguration",
        ",'DomainName':'mail.example'," + EWS,
        "NameAvailabilityException");
    String token = ",'ClientToken':'t','DomainName':'other.example'," + LAMBDA;
    call("CreateAvailabilityConfiguration", token);
    call("CreateAvailabilityConfiguration", token);
    for (String operation :
        List.of("CreateAvailabilityConfiguration", "UpdateAvailabilityConfiguration")) {
      String domain = ",'DomainName':'mail.example'";
      refused(operation, domain, "InvalidParameterException");
      refused(operation, domain + "," + EWS + "," + LAMBDA, "InvalidParameterException");
    }
    JsonNode page = call("ListAvailabilityConfigurations", ",'MaxResults':1");
    JsonNode ews = page.path("AvailabilityConfigurations").get(0);
    assertThat(text(ews, "DomainName")).isEqualTo("mail.example");
    assertThat(text(ews, "ProviderType")).isEqualTo("EWS");
    assertThat(ews.path("EwsProvider").propertyNames())
        .containsExactlyInAnyOrder("EwsEndpoint", "EwsUsername");
    assertThat(page.toString()).doesNotContain("Hidden-Word-1");
    JsonNode rest =
        call("ListAvailabilityConfigurations", ",'NextToken':'" + text(page, "NextToken") + "'");
    assertThat(text(rest.path("AvailabilityConfigurations").get(0), "ProviderType"))
        .isEqualTo("LAMBDA");
    call("UpdateAvailabilityConfiguration", ",'DomainName':'mail.example'," + LAMBDA);
    call("DeleteAvailabilityConfiguration", ",'DomainName':'mail.example'");
    call("DeleteAvailabilityConfiguration", ",'DomainName':'mail.example'");
    refused(
        "UpdateAvailabilityConfiguration",
        ",'DomainName':'mail.example'," + LAMBDA,
        "ResourceNotFoundException");
    refused("TestAvailabilityConfiguration", "", "InvalidParameterException");
    refused(
        "TestAvailabilityConfiguration",
        ",'DomainName':'other.example'," + LAMBDA,
        "InvalidParameterException");
    refused("TestAvailabilityConfiguration", "," + EWS + "," + LAMBDA, "InvalidParameterException");
  }

  @Test
  void anOrganizationHasAThousandAvailabilityConfigurations() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      call("CreateAvailabilityConfiguration", ",'DomainName':'d" + i + ".example'," + LAMBDA);
    }
    refused(
        "CreateAvailabilityConfiguration",
        ",'DomainName':'more.example'," + LAMBDA,
        "LimitExceededException");
  }

  // ---- isolation

  @Test
  void theIdsOfAnotherOrganizationMeanNothing() throws Exception {
    String other = api.organization("other");
    String theirs =
        text(
            api.call(
                "CreateImpersonationRole",
                "{'OrganizationId':'" + other + "','Name':'n','Type':'READ_ONLY','Rules':[]}"),
            "ImpersonationRoleId");
    String user = api.enabledUser(other, "eve", "other.mail.test");
    refused(
        "AssumeImpersonationRole",
        ",'ImpersonationRoleId':'" + theirs + "'",
        "ResourceNotFoundException");
    refused(
        "PutAccessControlRule",
        ",'Name':'r','Effect':'DENY','Description':'d','UserIds':['" + user + "']",
        "EntityNotFoundException");
    refused(
        "PutMobileDeviceAccessOverride",
        ",'UserId':'" + user + "','DeviceId':'A','Effect':'DENY'",
        "EntityNotFoundException");
    call("DeleteImpersonationRole", ",'ImpersonationRoleId':'" + theirs + "'");
    assertThat(
            api.call("ListImpersonationRoles", "{'OrganizationId':'" + other + "'}")
                .path("Roles")
                .size())
        .isEqualTo(1);
  }
}
