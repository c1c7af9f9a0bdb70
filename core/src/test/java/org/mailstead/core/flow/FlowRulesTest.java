package org.mailstead.core.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.OrganizationRecords.Kind;

final class FlowRulesTest {
  private final CoreFixture core = new CoreFixture();
  private final FlowRules<InboundAction> inbound =
      FlowRules.inbound(core.directory(), core.clock(), new Random(1));
  private final FlowRules<OutboundAction> outbound =
      FlowRules.outbound(core.directory(), core.clock(), new Random(2));
  private final SmtpGateways gateways =
      new SmtpGateways(core.directory(), core.keys(), core.clock(), new Random(3));

  @AfterEach
  void stop() {
    core.close();
  }

  private String create(String name, int patternCount) {
    return inbound.create(
        core.change("CreateInboundMailFlowRule"),
        core.organization(),
        FlowRule.Terms.inbound(
            name, InboundAction.DROP, patterns(name, patternCount), Optional.empty()),
        Optional.empty());
  }

  private static List<AddressPattern> patterns(String name, int count) {
    List<AddressPattern> patterns = new ArrayList<>();
    for (int i = 0; i < count; i++) patterns.add(AddressPattern.parse(name + i + ".example"));
    return patterns;
  }

  private static void refused(DirectoryRefusal reason, ThrowingCallable call) {
    var refusal = catchThrowableOfType(DirectoryRefusedException.class, call);
    assertThat(refusal).as("refusal " + reason).isNotNull();
    assertThat(refusal.reason()).isEqualTo(reason);
  }

  private static SmtpGateway.Terms gateway(String host, Optional<String> password) {
    return new SmtpGateway.Terms("relay", host, 587, Optional.of("user"), password);
  }

  private String createGateway() {
    return gateways.create(
        core.change("CreateSmtpGateway"),
        core.organization(),
        gateway("relay.example", Optional.of("top-secret-password")),
        Optional.of("token"));
  }

  private String route(String gateway) {
    return outbound.create(
        core.change("CreateOutboundMailFlowRule"),
        core.organization(),
        new FlowRule.Terms<>(
            "route",
            OutboundAction.ROUTE_TO_SMTP_GATEWAY,
            List.of(AddressPattern.any()),
            List.of(AddressPattern.any()),
            Optional.of(gateway),
            Optional.empty()),
        Optional.empty());
  }

  @Test
  @DisplayName("FLW-1: 250 patterns a rule, 1,000 an organization, inbound and outbound together")
  void limits() {
    refused(DirectoryRefusal.LIMIT_EXCEEDED, () -> create("a", 251));
    String a = create("a", 250);
    create("b", 250);
    create("c", 250);
    create("d", 249);
    route(createGateway());
    refused(DirectoryRefusal.LIMIT_EXCEEDED, () -> create("e", 1));
    inbound.delete(core.change("DeleteInboundMailFlowRule"), core.organization(), a);
    create("e", 250);
    assertThat(inbound.all(core.organization())).hasSize(4);
  }

  @Test
  void changesAreSeenAtOnceAndNamesAreUnique() {
    String id = create("a", 2);
    refused(DirectoryRefusal.NAME_AVAILABILITY, () -> create("a", 1));
    var changed =
        FlowRule.Terms.inbound(
            "a", InboundAction.DEFAULT, List.of(AddressPattern.any()), Optional.empty());
    assertThat(inbound.all(core.organization()).getFirst().terms().action())
        .isEqualTo(InboundAction.DROP);
    inbound.update(core.change("Update"), core.organization(), id, changed);
    assertThat(inbound.all(core.organization()).getFirst().terms()).isEqualTo(changed);
    assertThat(inbound.load(core.organization(), id).terms()).isEqualTo(changed);
    inbound.delete(core.change("Delete"), core.organization(), id);
    assertThat(inbound.all(core.organization())).isEmpty();
    refused(
        DirectoryRefusal.RESOURCE_NOT_FOUND,
        () -> inbound.update(core.change("Update"), core.organization(), id, changed));
  }

  private FlowRule.Terms<InboundAction> function(InboundAction action, LambdaHook hook) {
    return FlowRule.Terms.inbound("f", action, List.of(AddressPattern.any()), Optional.of(hook));
  }

  private void refused(InboundAction action, LambdaHook hook) {
    refused(
        DirectoryRefusal.INVALID_PARAMETER,
        () ->
            inbound.create(
                core.change("Create"),
                core.organization(),
                function(action, hook),
                Optional.empty()));
  }

  @Test
  @DisplayName("FLW-6: a synchronous function has a timeout and a fallback, which is no function")
  void functions() {
    var told = new LambdaHook("arn", false, Optional.empty(), Optional.empty());
    var asked = new LambdaHook("arn", true, Optional.of(240), Optional.of("DELIVER_TO_JUNK"));
    refused(InboundAction.DROP, told);
    refused(
        InboundAction.RUN_LAMBDA, new LambdaHook("arn", false, Optional.of(1), Optional.empty()));
    refused(
        InboundAction.RUN_LAMBDA, new LambdaHook("arn", true, Optional.of(241), Optional.empty()));
    refused(
        InboundAction.RUN_LAMBDA,
        new LambdaHook("arn", true, Optional.empty(), Optional.of("RUN_LAMBDA")));
    for (LambdaHook hook : List.of(told, asked)) {
      String id =
          inbound.create(
              core.change("Create"),
              core.organization(),
              function(InboundAction.RUN_LAMBDA, hook),
              Optional.empty());
      assertThat(inbound.load(core.organization(), id).terms().lambda()).contains(hook);
      inbound.delete(core.change("Delete"), core.organization(), id);
    }
  }

  @Test
  @DisplayName(
      "FLW-6: a synchronous outbound function is for all recipients; a gateway as fallback")
  void outboundFunctions() {
    var all = List.of(AddressPattern.any());
    var some = List.of(AddressPattern.parse("far.example"));
    var hook = new LambdaHook("arn", true, Optional.empty(), Optional.of("ROUTE_TO_SMTP_GATEWAY"));
    String gateway = createGateway();
    for (var terms :
        List.of(
            new FlowRule.Terms<>(
                "f", OutboundAction.RUN_LAMBDA, all, some, Optional.of(gateway), Optional.of(hook)),
            new FlowRule.Terms<>(
                "f", OutboundAction.RUN_LAMBDA, all, all, Optional.empty(), Optional.of(hook)),
            new FlowRule.Terms<>(
                "f", OutboundAction.RUN_LAMBDA, all, all, Optional.empty(), Optional.empty()))) {
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () ->
              outbound.create(core.change("Create"), core.organization(), terms, Optional.empty()));
    }
    outbound.create(
        core.change("Create"),
        core.organization(),
        new FlowRule.Terms<>(
            "f", OutboundAction.RUN_LAMBDA, all, all, Optional.of(gateway), Optional.of(hook)),
        Optional.empty());
  }

  @Test
  @DisplayName("FLW-5: a gateway's password is sealed, kept on a change, and not sent elsewhere")
  void gatewayPasswords() {
    String id = createGateway();
    assertThat(createGateway()).as("the same client token").isEqualTo(id);
    byte[] stored =
        core.directory().records().find(core.organization(), Kind.SMTP_GATEWAY, id).orElseThrow();
    assertThat(new String(stored, StandardCharsets.ISO_8859_1))
        .contains("relay.example")
        .doesNotContain("secret");
    assertThat(gateways.load(core.organization(), id).toString()).doesNotContain("secret");

    var renamed =
        new SmtpGateway.Terms("new", "relay.example", 25, Optional.of("user"), Optional.empty());
    gateways.update(core.change("Update"), core.organization(), id, renamed);
    assertThat(gateways.load(core.organization(), id).terms().password())
        .contains("top-secret-password");
    refused(
        DirectoryRefusal.INVALID_PARAMETER,
        () ->
            gateways.update(
                core.change("Update"),
                core.organization(),
                id,
                gateway("thief.example", Optional.empty())));
  }

  @Test
  void aGatewayThatARuleUsesCannotBeDeletedAndARuleNeedsAGatewayThatIs() {
    refused(DirectoryRefusal.RESOURCE_NOT_FOUND, () -> route("none"));
    String id = createGateway();
    String rule = route(id);
    refused(
        DirectoryRefusal.ENTITY_STATE,
        () -> gateways.delete(core.change("Delete"), core.organization(), id));
    outbound.delete(core.change("Delete"), core.organization(), rule);
    gateways.delete(core.change("Delete"), core.organization(), id);
    assertThat(gateways.find(core.organization(), id)).isEmpty();
  }
}
