package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.workmail.server.ApiFixture.text;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Mail flow rules and SMTP gateways over HTTP.
final class FlowRuleOperationsTest {
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

  private JsonNode call(String operation, String members) throws Exception {
    return api.call(operation, "{'OrganizationId':'" + o + "'" + members + "}");
  }

  private void refused(String operation, String members, String code) throws Exception {
    api.refused(operation, "{'OrganizationId':'" + o + "'" + members + "}", code);
  }

  @Test
  @DisplayName("FLW-1, FLW-4: inbound rules are made, tested with the reason, changed and removed")
  void inboundRules() throws Exception {
    String drop = ",'Name':'drop','Action':'DROP','SenderPatterns':['*spam.example']";
    String id = text(call("CreateInboundMailFlowRule", drop + ",'ClientToken':'t'"), "RuleId");
    assertThat(text(call("CreateInboundMailFlowRule", drop + ",'ClientToken':'t'"), "RuleId"))
        .isEqualTo(id);
    refused("CreateInboundMailFlowRule", drop, "NameAvailabilityException");
    call(
        "CreateInboundMailFlowRule",
        ",'Name':'good','Action':'DEFAULT','SenderPatterns':['good@spam.example','*']");

    JsonNode test = call("TestInboundMailFlowRules", ",'Sender':'good@spam.example'");
    assertThat(text(test, "Action")).isEqualTo("DEFAULT");
    assertThat(test.path("MatchedRules").valueStream().map(rule -> text(rule, "Name")))
        .containsExactly("good", "drop");
    assertThat(text(test, "Explanation"))
        .isEqualTo(
            "Rule \"good\" decides: From good@spam.example matches good@spam.example; rule"
                + " \"drop\" matches less specifically by *.spam.example.");
    assertThat(text(call("TestInboundMailFlowRules", ",'Sender':'x@a.spam.example'"), "Action"))
        .isEqualTo("DROP");

    call(
        "UpdateInboundMailFlowRule",
        ",'RuleId':'"
            + id
            + "','Name':'bounce','Action':'BOUNCE','SenderPatterns':['spam.example']");
    JsonNode found = call("DescribeInboundMailFlowRule", ",'RuleId':'" + id + "'");
    assertThat(text(found, "Action")).isEqualTo("BOUNCE");
    assertThat(found.path("SenderPatterns").toString()).isEqualTo("[\"spam.example\"]");
    assertThat(found.path("Lambda").isMissingNode()).isTrue();
    assertThat(text(call("TestInboundMailFlowRules", ",'Sender':'x@a.spam.example'"), "Action"))
        .isEqualTo("DEFAULT");
    JsonNode page = call("ListInboundMailFlowRules", ",'MaxResults':1");
    assertThat(page.path("Rules").size()).isEqualTo(1);
    String next = text(page, "NextToken");
    assertThat(call("ListInboundMailFlowRules", ",'NextToken':'" + next + "'").path("Rules").size())
        .isEqualTo(1);
    call("DeleteInboundMailFlowRule", ",'RuleId':'" + id + "'");
    call("DeleteInboundMailFlowRule", ",'RuleId':'" + id + "'");
    refused("DescribeInboundMailFlowRule", ",'RuleId':'" + id + "'", "ResourceNotFoundException");
  }

  private static final String FUNCTION =
      "{'FunctionArn':'arn:aws:lambda:eu-west-1:123456789012:function:check'";

  @Test
  @DisplayName("FLW-6: rules that call functions come back as they were made")
  void functions() throws Exception {
    String id =
        text(
            call(
                "CreateInboundMailFlowRule",
                ",'Name':'f','SenderPatterns':['*'],'Action':'RUN_LAMBDA','Lambda':"
                    + FUNCTION
                    + ",'Synchronous':true,'TimeoutMinutes':0,'FallbackAction':'DELIVER_TO_JUNK'}"),
            "RuleId");
    assertThat(
            call("DescribeInboundMailFlowRule", ",'RuleId':'" + id + "'").path("Lambda").toString())
        .contains("function:check", "\"Synchronous\":true", "DELIVER_TO_JUNK")
        .contains("\"TimeoutMinutes\":0");
    call(
        "CreateOutboundMailFlowRule",
        ",'Name':'f','SenderPatterns':['*'],'RecipientPatterns':['far.example'],"
            + "'Action':'RUN_LAMBDA','Lambda':"
            + FUNCTION
            + "}");
  }

  @Test
  @DisplayName("FLW-2, FLW-4, FLW-5: outbound rules and gateways; the password never comes back")
  void outboundRulesAndGateways() throws Exception {
    String gateway =
        text(
            call(
                "CreateSmtpGateway",
                ",'Name':'relay','Host':'relay.example','Port':587,'UserName':'u','Password':'hush-hush'"),
            "SmtpGatewayId");
    String rule = ",'Name':'all','SenderPatterns':['*'],'RecipientPatterns':['*partner.example']";
    refused(
        "CreateOutboundMailFlowRule",
        rule + ",'Action':'ROUTE_TO_SMTP_GATEWAY','SmtpGatewayId':'none'",
        "ResourceNotFoundException");
    refused(
        "CreateOutboundMailFlowRule",
        rule + ",'Action':'DROP','SmtpGatewayId':'" + gateway + "'",
        "InvalidParameterException");
    String id =
        text(
            call(
                "CreateOutboundMailFlowRule",
                rule + ",'Action':'ROUTE_TO_SMTP_GATEWAY','SmtpGatewayId':'" + gateway + "'"),
            "RuleId");
    JsonNode test =
        call(
            "TestOutboundMailFlowRules",
            ",'Sender':'amy@tour.mail.test','Recipient':'x@eu.partner.example'");
    assertThat(text(test, "Action")).isEqualTo("ROUTE_TO_SMTP_GATEWAY");
    assertThat(text(test.path("MatchedRules").path(0), "SmtpGatewayId")).isEqualTo(gateway);
    refused("DeleteSmtpGateway", ",'SmtpGatewayId':'" + gateway + "'", "EntityStateException");
    JsonNode found = call("DescribeSmtpGateway", ",'SmtpGatewayId':'" + gateway + "'");
    assertThat(found.toString()).contains("relay.example").doesNotContain("hush");
    call(
        "UpdateSmtpGateway",
        ",'SmtpGatewayId':'"
            + gateway
            + "','Name':'relay2','Host':'relay.example','Port':25,'UserName':'u'");
    assertThat(call("ListSmtpGateways", "").path("SmtpGateways").toString())
        .contains("relay2")
        .doesNotContain("hush");
    api.settle();
    assertThat(api.audit(o).toString()).contains("CreateSmtpGateway").doesNotContain("hush-hush");
    call("DeleteOutboundMailFlowRule", ",'RuleId':'" + id + "'");
    call("DeleteSmtpGateway", ",'SmtpGatewayId':'" + gateway + "'");
    refused("DescribeOutboundMailFlowRule", ",'RuleId':'" + id + "'", "ResourceNotFoundException");
  }

  @Test
  void bad() throws Exception {
    String rule = ",'Name':'r','Action':'DROP','SenderPatterns':";
    refused("CreateInboundMailFlowRule", rule + "['.spam.example']", "InvalidParameterException");
    refused(
        "CreateInboundMailFlowRule",
        ",'Name':'r','SenderPatterns':['*'],'Action':'RUN_LAMBDA'",
        "InvalidParameterException");
    refused(
        "CreateInboundMailFlowRule",
        ",'Name':'r','SenderPatterns':['*'],'Action':'DROP','Lambda':" + FUNCTION + "}",
        "InvalidParameterException");
    refused(
        "CreateInboundMailFlowRule",
        ",'Name':'r','SenderPatterns':['*'],'Action':'RUN_LAMBDA','Lambda':"
            + FUNCTION
            + ",'Synchronous':true,'TimeoutMinutes':241}",
        "ValidationException");
    refused("ListInboundMailFlowRules", ",'NextToken':'x'", "InvalidParameterException");
  }
}
