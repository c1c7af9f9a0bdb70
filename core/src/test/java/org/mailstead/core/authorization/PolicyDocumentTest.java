package org.mailstead.core.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailstead.base.MalformedException;

@DisplayName("API-2: policies in IAM's language")
final class PolicyDocumentTest {
  private static final String ORGANIZATION =
      "arn:aws:workmail:eu-west-1:123456789012:organization/m-0123456789abcdef0123456789abcdef";

  private static PolicyDocument policy(String json) {
    return PolicyDocument.parse(json.replace('\'', '"'));
  }

  private static PolicyDocument allow(String rest) {
    return policy(
        "{'Version':'2012-10-17','Statement':{'Effect':'Allow',"
            + "'Action':'workmail:*','Resource':'*'"
            + rest
            + "}}");
  }

  private static PolicyDecision decide(
      List<PolicyDocument> policies, String action, Map<String, List<String>> context) {
    return PolicyDocument.decide(policies, new PolicyRequest(action, ORGANIZATION, context));
  }

  private static boolean holds(String condition, Map<String, List<String>> context) {
    return decide(
            List.of(allow(",'Condition':{" + condition + "}")), "workmail:CreateUser", context)
        == PolicyDecision.ALLOWED;
  }

  @Test
  void denyWinsAndNothingIsAllowedThatNoStatementSpeaksOf() {
    PolicyDocument all = allow("");
    PolicyDocument noDeletes =
        policy(
            "{'Version':'2012-10-17','Statement':[{'Sid':'a','Effect':'Deny',"
                + "'Action':['workmail:Delete*','WORKMAIL:resetpassword'],'Resource':'*'}]}");
    assertThat(decide(List.of(), "workmail:ListUsers", Map.of()))
        .isEqualTo(PolicyDecision.DENIED_BY_DEFAULT);
    assertThat(decide(List.of(noDeletes), "workmail:ListUsers", Map.of()))
        .isEqualTo(PolicyDecision.DENIED_BY_DEFAULT);
    for (List<PolicyDocument> order : List.of(List.of(all, noDeletes), List.of(noDeletes, all))) {
      assertThat(decide(order, "workmail:ListUsers", Map.of())).isEqualTo(PolicyDecision.ALLOWED);
      assertThat(decide(order, "workmail:DeleteUser", Map.of()))
          .isEqualTo(PolicyDecision.DENIED_EXPLICITLY);
      assertThat(decide(order, "workmail:ResetPassword", Map.of()))
          .isEqualTo(PolicyDecision.DENIED_EXPLICITLY);
    }
    assertThat(decide(List.of(all), "ses:SendEmail", Map.of()))
        .isEqualTo(PolicyDecision.DENIED_BY_DEFAULT);
  }

  @ParameterizedTest
  @CsvSource({
    "*, true",
    "arn:aws:workmail:*:*:organization/*, true",
    "arn:aws:workmail:eu-west-1:123456789012:organization/m-0123456789abcdef0123456789abcde?, true",
    "arn:aws:workmail:eu-west-1:123456789012:organization/m-0123456789abcdef0123456789abcde, false",
    "arn:aws:workmail:us-east-1:*:organization/*, false",
    "arn:aws:workmail:EU-WEST-1:*:organization/*, false",
  })
  void resourcesMatchByWildcardsAndInTheirLetters(String pattern, boolean matches) {
    for (boolean negated : new boolean[] {false, true}) {
      PolicyDocument document =
          policy(
              "{'Statement':{'Effect':'Allow','NotAction':'ses:*','"
                  + (negated ? "NotResource" : "Resource")
                  + "':['"
                  + pattern
                  + "']}}");
      assertThat(decide(List.of(document), "workmail:ListUsers", Map.of()))
          .isEqualTo(
              matches != negated ? PolicyDecision.ALLOWED : PolicyDecision.DENIED_BY_DEFAULT);
      assertThat(decide(List.of(document), "ses:SendEmail", Map.of()))
          .isEqualTo(PolicyDecision.DENIED_BY_DEFAULT);
    }
  }

  @Test
  void conditionsOnTheSourceAddress() {
    var inside = Map.of("aws:SourceIp", List.of("192.0.2.77"));
    var outside = Map.of("aws:SourceIp", List.of("198.51.100.1"));
    var six = Map.of("aws:SourceIp", List.of("2001:db8::7"));
    String ranges = "{'aws:sourceip':['192.0.2.0/24','2001:db8::/32']}";
    assertThat(holds("'IpAddress':" + ranges, inside)).isTrue();
    assertThat(holds("'IpAddress':" + ranges, six)).isTrue();
    assertThat(holds("'IpAddress':" + ranges, outside)).isFalse();
    assertThat(holds("'IpAddress':" + ranges, Map.of())).isFalse();
    assertThat(holds("'IpAddressIfExists':" + ranges, Map.of())).isTrue();
    assertThat(holds("'NotIpAddress':" + ranges, inside)).isFalse();
    assertThat(holds("'NotIpAddress':" + ranges, outside)).isTrue();
    assertThat(holds("'NotIpAddress':" + ranges, Map.of())).isTrue();
    assertThat(holds("'IpAddress':{'aws:SourceIp':'198.51.100.1'}", outside)).isTrue();
    assertThat(holds("'IpAddress':{'aws:SourceIp':'0.0.0.0/0'}", six)).isFalse();
  }

  @Test
  void conditionsOnTime() {
    var now = Map.of("aws:CurrentTime", List.of("2026-11-21T15:00:00Z"));
    assertThat(holds("'DateGreaterThan':{'aws:CurrentTime':'2026-11-21T14:59:59Z'}", now)).isTrue();
    assertThat(holds("'DateGreaterThan':{'aws:CurrentTime':'2026-11-21T15:00:00Z'}", now))
        .isFalse();
    assertThat(
            holds("'DateGreaterThanEquals':{'aws:CurrentTime':'2026-11-21T16:00:00+01:00'}", now))
        .isTrue();
    assertThat(holds("'DateLessThan':{'aws:CurrentTime':'2026-11-22'}", now)).isTrue();
    assertThat(holds("'DateLessThanEquals':{'aws:CurrentTime':'2026-11-21'}", now)).isFalse();
    assertThat(holds("'DateNotEquals':{'aws:CurrentTime':'2026-11-21'}", now)).isTrue();
    assertThat(
            holds(
                "'DateEquals':{'aws:EpochTime':1798761600}",
                Map.of("aws:EpochTime", List.of("1798761600"))))
        .isTrue();
  }

  @Test
  void conditionsOnTagsAndTheirKeys() {
    var tagged =
        Map.of("aws:ResourceTag/Stage", List.of("prod"), "aws:TagKeys", List.of("Stage", "Owner"));
    assertThat(holds("'StringEquals':{'aws:ResourceTag/stage':'prod'}", tagged)).isTrue();
    assertThat(holds("'StringEquals':{'aws:ResourceTag/stage':'PROD'}", tagged)).isFalse();
    assertThat(holds("'StringEqualsIgnoreCase':{'aws:ResourceTag/stage':'PROD'}", tagged)).isTrue();
    assertThat(holds("'StringNotEquals':{'aws:ResourceTag/stage':['test','dev']}", tagged))
        .isTrue();
    assertThat(holds("'StringNotEquals':{'aws:ResourceTag/stage':['test','prod']}", tagged))
        .isFalse();
    assertThat(holds("'StringLike':{'aws:ResourceTag/stage':'p*d'}", tagged)).isTrue();
    assertThat(holds("'StringNotLike':{'aws:ResourceTag/none':'*'}", tagged)).isTrue();
    assertThat(holds("'StringEquals':{'aws:RequestTag/Stage':'prod'}", tagged)).isFalse();
    assertThat(holds("'Null':{'aws:RequestTag/Stage':'true'}", tagged)).isTrue();
    assertThat(holds("'Null':{'aws:ResourceTag/Stage':'true'}", tagged)).isFalse();
    assertThat(holds("'ForAnyValue:StringEquals':{'aws:TagKeys':['Owner']}", tagged)).isTrue();
    assertThat(holds("'ForAllValues:StringEquals':{'aws:TagKeys':['Owner']}", tagged)).isFalse();
    assertThat(holds("'ForAllValues:StringEquals':{'aws:TagKeys':['Owner','Stage']}", tagged))
        .isTrue();
    assertThat(holds("'ForAllValues:StringEquals':{'aws:TagKeys':['Owner']}", Map.of())).isTrue();
    assertThat(holds("'ForAnyValue:StringEquals':{'aws:TagKeys':['Owner']}", Map.of())).isFalse();
  }

  @Test
  void allLinesOfAConditionMustHold() {
    String both =
        "'Bool':{'aws:SecureTransport':true},"
            + "'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::*:user/ops-*'},"
            + "'StringEquals':{'workmail:ImpersonationRoleId':'role-1'}";
    var context =
        Map.of(
            "aws:SecureTransport",
            List.of("true"),
            "aws:PrincipalArn",
            List.of("arn:aws:iam::123456789012:user/ops-1"),
            "workmail:ImpersonationRoleId",
            List.of("role-1"));
    assertThat(holds(both, context)).isTrue();
    for (String missing : context.keySet()) {
      var less = new java.util.HashMap<>(context);
      less.remove(missing);
      assertThat(holds(both, less)).as(missing).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "nonsense | well-formed",
        "[] | not a JSON object",
        "{'Statement':[]} | no Statement",
        "{'Version':'2026-01-01','Statement':[]} | Version",
        "{'Statement':{},'Statement':{}} | twice",
        "{'Statement':{'Effect':'allow','Action':'*','Resource':'*'}} | Allow or Deny, not 'allow'",
        "{'Statement':{'Effect':'Allow','Resource':'*'}} | either Action or NotAction is missing",
        "{'Statement':{'Effect':'Allow','Action':'*','NotAction':'*','Resource':'*'}} | not both",
        "{'Statement':{'Effect':'Allow','Action':[],'Resource':'*'}} | Action is empty",
        "{'Statement':{'Effect':'Allow','Action':'CreateUser','Resource':'*'}} | 'CreateUser' is neither",
        "{'Statement':{'Effect':'Allow','Action':'*','Resource':'m-1'}} | 'm-1' is neither",
        "{'Statement':{'Effect':'Allow','Action':'*','Resource':'*','Principal':'*'}} | Principal",
        "{'Statement':{'Effect':'Allow','Action':'*','Resource':'*','Extra':1}} | unknown element 'Extra'",
        "{'Statement':{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'StringIs':{'aws:username':'x'}}}} | unknown operator 'StringIs'",
        "{'Statement':{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'NumericEquals':{'aws:username':'1'}}}} | unknown operator",
        "{'Statement':{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'StringEquals':{'aws:Moon':'x'}}}} | unknown condition key 'aws:Moon'",
        "{'Statement':{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'StringEquals':{'aws:SourceIp':'192.0.2.1'}}}} | cannot compare",
        "{'Statement':{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'IpAddress':{'aws:SourceIp':'192.0.2.0/33'}}}} | no IP address",
        "{'Statement':{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'DateLessThan':{'aws:CurrentTime':'soon'}}}} | 'soon' is no date",
        "{'Statement':{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'Bool':{'aws:SecureTransport':'yes'}}}} | true or false",
        "{'Statement':{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'StringEquals':{'aws:TagKeys':'x'}}}} | several values",
        "{'Statement':{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'StringEquals':{'aws:username':'${aws:x}'}}}} | policy variables",
        "{'Statement':[{'Sid':'a','Effect':'Allow','Action':'*','Resource':'*'},{'Sid':'a','Effect':'Allow','Action':'*','Resource':'*'}]} | statement 2: the Sid 'a'",
      })
  void whatIsNotUnderstoodIsRefusedWithItsCause(String json, String cause) {
    assertThatThrownBy(() -> policy(json))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(cause.strip());
  }

  @Test
  void limitsOfADocument() {
    String head = "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":[";
    String one = "\"arn:aws:workmail:eu-west-1:123456789012:organization/*\"";
    int count = (PolicyLimits.CHARS_MAX - head.length() - 3) / (one.length() + 1);
    String list = (one + " , ").repeat(count) + one;
    String longest = head + list.substring(0, list.length() - one.length() - 3) + "]}}";
    assertThat(PolicyDocument.parse(longest).text().length())
        .isLessThanOrEqualTo(PolicyLimits.CHARS_MAX);
    assertThatThrownBy(() -> PolicyDocument.parse(head + list + "," + one + "]}}"))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("6144");
    assertThatThrownBy(() -> PolicyDocument.parse(" ".repeat(PolicyLimits.RAW_CHARS_MAX) + longest))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> PolicyDocument.parse("[".repeat(3_000)))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> PolicyDocument.parse("{\"a\":".repeat(1_000)))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void aHostilePatternCostsLittle() {
    PolicyDocument document =
        policy(
            "{'Statement':{'Effect':'Allow','Action':'*','Resource':'arn:aws:a:b:c:"
                + "*a".repeat(700)
                + "b'}}");
    String resource = "arn:aws:a:b:c:" + "a".repeat(1_500);
    org.junit.jupiter.api.Assertions.assertTimeout(
        Duration.ofSeconds(2),
        () ->
            assertThat(
                    PolicyDocument.decide(
                        List.of(document), new PolicyRequest("a:b", resource, Map.of())))
                .isEqualTo(PolicyDecision.DENIED_BY_DEFAULT));
  }

  @Test
  @DisplayName("API-2: the guide's full access and read-only")
  void managedPolicies() {
    var full = List.of(ManagedPolicies.find("AmazonWorkMailFullAccess").orElseThrow());
    var reader =
        List.of(
            ManagedPolicies.find("arn:aws:iam::aws:policy/AmazonWorkMailReadOnlyAccess")
                .orElseThrow());
    assertThat(decide(full, "workmail:DeleteOrganization", Map.of()))
        .isEqualTo(PolicyDecision.ALLOWED);
    assertThat(decide(full, "iam:CreateAccessKey", Map.of()))
        .isEqualTo(PolicyDecision.DENIED_BY_DEFAULT);
    for (String each : List.of("GetMailDomain", "ListUsers", "DescribeUser", "SearchMembers")) {
      assertThat(decide(reader, "workmail:" + each, Map.of())).isEqualTo(PolicyDecision.ALLOWED);
    }
    for (String each : List.of("CreateUser", "ResetPassword", "AssumeImpersonationRole")) {
      assertThat(decide(reader, "workmail:" + each, Map.of()))
          .isEqualTo(PolicyDecision.DENIED_BY_DEFAULT);
    }
    assertThat(ManagedPolicies.all()).hasSize(4);
  }
}
