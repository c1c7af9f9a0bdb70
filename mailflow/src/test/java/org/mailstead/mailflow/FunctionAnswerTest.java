package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.flow.AddressPattern;
import org.mailstead.core.flow.FlowRule;
import org.mailstead.core.flow.FlowRules;
import org.mailstead.core.flow.InboundAction;
import org.mailstead.core.flow.LambdaHook;
import org.mailstead.core.queue.EntryHook;
import org.mailstead.core.queue.EntryHook.Direction;
import org.mailstead.http.aws.FunctionClient.Answer;
import org.mailstead.mailflow.hooks.FunctionAnswer;
import org.mailstead.mailflow.hooks.FunctionEvent;
import org.mailstead.mailflow.hooks.FunctionRoutes;
import org.mailstead.mailflow.hooks.HookLimits;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayName("FLW-6: events and answers of functions, and where functions are")
final class FunctionAnswerTest {
  private static FunctionAnswer parse(String text) {
    return FunctionAnswer.parse(
        text.replace('\'', '"').getBytes(StandardCharsets.UTF_8), Direction.INBOUND);
  }

  private static String action(FunctionAnswer answer, String address) {
    return answer
        .named()
        .getOrDefault(EmailAddress.parse(address), answer.others())
        .map(FunctionAnswer.Action::type)
        .orElse("fallback");
  }

  @Test
  void theMostRestrictiveActionDecidesWhereTheAnswerContradictsItself() {
    FunctionAnswer answer =
        parse(
            "{'actions':[{'action':{'type':'DEFAULT'},'recipients':['a@x.example','b@x.example']},"
                + "{'action':{'type':'BOUNCE'},'recipients':['A@x.example']},"
                + "{'action':{'type':'BYPASS_SPAM_CHECK'},'allRecipients':true},"
                + "{'action':{'type':'MOVE_TO_JUNK'},'allRecipients':true}]}");
    assertThat(action(answer, "a@x.example")).isEqualTo("BOUNCE");
    assertThat(action(answer, "b@x.example")).isEqualTo("DEFAULT");
    assertThat(action(answer, "c@x.example")).isEqualTo("MOVE_TO_JUNK");
  }

  @Test
  void whatTheEleventhActionNamesGetsTheFallback() {
    List<String> actions = new ArrayList<>();
    for (int i = 1; i <= 12; i++) {
      actions.add("{'action':{'type':'DROP'},'recipients':['r" + i + "@x.example']}");
    }
    FunctionAnswer answer = parse("{'actions':[" + String.join(",", actions) + "]}");
    assertThat(action(answer, "r10@x.example")).isEqualTo("DROP");
    assertThat(action(answer, "r11@x.example")).isEqualTo("fallback");
    assertThat(action(answer, "other@x.example")).isEqualTo("fallback");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{",
        "[]",
        "{'actions':[]} more",
        "{'actions':[{}]}",
        "{'actions':[{'action':{'type':'DROP'}}]}",
        "{'actions':[{'action':{'type':'drop'},'allRecipients':true}]}",
        "{'actions':[{'action':{'type':'DROP'},'allRecipients':'yes'}]}",
        "{'actions':[{'action':{'type':'DROP'},'recipients':'a@x.example'}]}",
        "{'actions':[{'action':{'type':'DROP'},'recipients':[1]}]}",
        "{'actions':[{'action':{'type':'BOUNCE','parameters':{'bounceMessage':{}}},'allRecipients':true}]}"
      })
  void answersWithAFaultAreNone(String text) {
    assertThatThrownBy(() -> parse(text)).isInstanceOf(MalformedException.class);
  }

  @Test
  void anAnswerWithoutActionsLeavesAllToTheFallback() {
    assertThat(action(parse("{'actions':[]}"), "a@x.example")).isEqualTo("fallback");
  }

  @Test
  void outboundKnowsNoJunk() {
    byte[] answer =
        "{\"actions\":[{\"action\":{\"type\":\"MOVE_TO_JUNK\"},\"allRecipients\":true}]}"
            .getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> FunctionAnswer.parse(answer, Direction.OUTBOUND))
        .hasMessage("OUTBOUND rules have no action type \"MOVE_TO_JUNK\"");
  }

  @Test
  void anEventIsCutTo128Kilobytes() {
    List<EmailAddress> recipients = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      recipients.add(EmailAddress.parse("recipient" + i + "@" + "x".repeat(60) + ".example"));
    }
    var call =
        new EntryHook.Call(
            Direction.INBOUND,
            "rule",
            "arn",
            true,
            Instant.EPOCH,
            "DROP",
            Optional.empty(),
            "m",
            "i",
            0,
            Instant.EPOCH,
            "");
    byte[] event =
        new FunctionEvent(
                call,
                Optional.empty(),
                Optional.of(EmailAddress.parse("s@x.example")),
                "😀".repeat(200),
                recipients)
            .json();
    assertThat(event.length)
        .isBetween(HookLimits.EVENT_BYTES_MAX - 300, HookLimits.EVENT_BYTES_MAX);
    JsonNode read = JsonMapper.builder().build().readTree(event);
    assertThat(read.path("truncated").booleanValue()).isTrue();
    assertThat(read.path("envelope").path("recipients").size()).isBetween(1_000, 1_999);
    assertThat(read.path("subject").stringValue()).hasSize(256);
    assertThat(read.path("sender").path("address").stringValue()).isEqualTo("s@x.example");
  }

  @Test
  void theFirstRouteThatFitsDecides() {
    var mine = new OrganizationId("m-00000000000000000000000000000001");
    var other = new OrganizationId("m-00000000000000000000000000000002");
    FunctionRoutes routes =
        FunctionRoutes.parse(
            List.of(
                mine + " arn:aws:lambda:eu-west-1:123456789012:function:a http://one.example:9000",
                "arn:aws:lambda:eu-west-1:123456789012:* https://two.example/run"),
            Optional.empty());
    String arn = "arn:aws:lambda:eu-west-1:123456789012:function:a";
    assertThat(routes.find(mine, arn).orElseThrow().uri()).hasHost("one.example");
    assertThat(routes.find(other, arn).orElseThrow().uri()).hasHost("two.example");
    assertThat(routes.find(mine, arn.replace("eu-west-1", "us-east-1"))).isEmpty();
    for (String bad : List.of("x", "arn:x ftp://y", "name http://y.example", "a b c d")) {
      assertThatThrownBy(() -> FunctionRoutes.parse(List.of(bad), Optional.empty()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({"DEFAULT, 0", "BYPASS_SPAM_CHECK, 1"})
  @DisplayName("BYPASS_SPAM_CHECK beats a policy of quarantine, DEFAULT does not")
  void bypass(String action, int inInbox) {
    String answer =
        "{\"actions\":[{\"allRecipients\":true,\"action\":{\"type\":\"" + action + "\"}}]}";
    try (var flow =
        new MailflowFixture(
            settings -> settings.with(AuthenticationSettings.standard()),
            (_, _, _) -> new Answer.Returned(answer.getBytes(StandardCharsets.UTF_8)))) {
      flow.dns.txt("_dmarc.far.example", "v=DMARC1; p=quarantine");
      FlowRules.inbound(flow.core.directory(), flow.clock, new Random(1))
          .create(
              flow.core.change("CreateInboundMailFlowRule"),
              flow.core.organization(),
              FlowRule.Terms.inbound(
                  "f",
                  InboundAction.RUN_LAMBDA,
                  List.of(AddressPattern.any()),
                  Optional.of(new LambdaHook("arn:f", true, Optional.of(0), Optional.of("DROP")))),
              Optional.empty());
      try (var sending = flow.inbound("friend@far.example").to("anna@example.test")) {
        sending.verdict(MailflowFixture.message("friend@far.example", "Hello"));
      }
      flow.settle();
      assertThat(flow.inbox(flow.core.anna())).hasSize(inInbox);
      flow.checkQueueEmpty();
    }
  }
}
