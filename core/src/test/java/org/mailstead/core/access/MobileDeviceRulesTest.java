package org.mailstead.core.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;

final class MobileDeviceRulesTest {
  private static final MobileDevice IPHONE =
      new MobileDevice(
          Optional.of("iPhone"),
          Optional.of("iPhone14C5"),
          Optional.of("iOS 17.1"),
          Optional.of("Apple-iPhone14C5/2101.48"));
  private static final MobileDevice SILENT =
      new MobileDevice(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  private CoreFixture core;
  private MobileDeviceRules rules;

  @BeforeEach
  void start() {
    core = new CoreFixture();
    rules = new MobileDeviceRules(core.directory(), core.clock(), new Random(3));
  }

  @AfterEach
  void stop() {
    core.close();
  }

  private String create(AccessEffect effect, MobileDeviceRule.Conditions on) {
    return rules.create(
        core.change("CreateMobileDeviceAccessRule"),
        core.organization(),
        new MobileDeviceRule.Text("rule", Optional.empty()),
        effect,
        on,
        Optional.empty());
  }

  private void delete(String id) {
    rules.delete(core.change("DeleteMobileDeviceAccessRule"), core.organization(), id);
  }

  private boolean isAllowed(MobileDevice device) {
    return rules.effect(core.organization(), device).isAllowed();
  }

  private static MobileDeviceRule.Conditions types(List<String> in, List<String> notIn) {
    return new MobileDeviceRule.Conditions(
        in, notIn, List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
  }

  private static MobileDeviceRule.Conditions systems(List<String> in, List<String> notIn) {
    return new MobileDeviceRule.Conditions(
        List.of(), List.of(), List.of(), List.of(), in, notIn, List.of(), List.of());
  }

  @Test
  void aNewOrganizationAllowsEveryDeviceUntilTheRuleIsDeleted() {
    assertThat(isAllowed(IPHONE)).isTrue();
    assertThat(isAllowed(SILENT)).isTrue();
    delete(MobileDeviceRule.DEFAULT_ID);
    assertThat(rules.list(core.organization())).isEmpty();
    assertThat(isAllowed(IPHONE)).isFalse();
  }

  @Test
  void valuesMatchAsPrefixesInAnyCaseAndDenyComesFirst() {
    String ios = create(AccessEffect.DENY, systems(List.of("IOS 17"), List.of()));
    MobileDeviceRules.Decision denied = rules.effect(core.organization(), IPHONE);
    assertThat(denied.isAllowed()).isFalse();
    assertThat(denied.matched()).extracting(MobileDeviceRule::id).containsExactly(ios);
    assertThat(isAllowed(SILENT)).isTrue();
    delete(ios);
    create(AccessEffect.DENY, systems(List.of("7.1", "Android"), List.of()));
    assertThat(isAllowed(IPHONE)).isTrue();
  }

  @Test
  @DisplayName("$NONE matches what is not reported; Not… conditions never do")
  void unreported() {
    delete(MobileDeviceRule.DEFAULT_ID);
    String none = create(AccessEffect.ALLOW, types(List.of("$NONE"), List.of()));
    assertThat(isAllowed(SILENT)).isTrue();
    assertThat(isAllowed(IPHONE)).isFalse();
    delete(none);
    String not = create(AccessEffect.ALLOW, types(List.of(), List.of("Android")));
    assertThat(isAllowed(SILENT)).isFalse();
    assertThat(isAllowed(IPHONE)).isTrue();
    delete(not);
    create(AccessEffect.ALLOW, types(List.of("$NONE"), List.of("$NONE")));
    assertThat(isAllowed(SILENT)).isFalse();
    assertThat(isAllowed(IPHONE)).isFalse();
  }

  @Test
  void anOverrideBeatsTheRulesForItsDeviceAndUserOnly() {
    create(AccessEffect.DENY, MobileDeviceRule.Conditions.none());
    put("anna", "ABC123", AccessEffect.ALLOW);
    assertThat(rules.decide(core.organization(), core.anna(), "ABC123", IPHONE).isAllowed())
        .isTrue();
    assertThat(rules.decide(core.organization(), core.anna(), "ABC124", IPHONE).isAllowed())
        .isFalse();
    assertThat(rules.decide(core.organization(), core.bert(), "ABC123", IPHONE).isAllowed())
        .isFalse();
    put("anna@example.test", "ABC123", AccessEffect.DENY);
    assertThat(rules.decide(core.organization(), core.anna(), "ABC123", IPHONE).override())
        .isPresent();
    rules.deleteOverride(
        core.change("DeleteMobileDeviceAccessOverride"), core.organization(), "anna", "ABC123");
    refused(
        DirectoryRefusal.RESOURCE_NOT_FOUND,
        () -> rules.loadOverride(core.organization(), "anna", "ABC123"));
  }

  @Test
  void limitsAndUnknownIds() {
    for (int i = 1; i < MobileDeviceRules.RULES_MAX; i++) {
      create(AccessEffect.ALLOW, MobileDeviceRule.Conditions.none());
    }
    refused(
        DirectoryRefusal.LIMIT_EXCEEDED,
        () -> create(AccessEffect.ALLOW, MobileDeviceRule.Conditions.none()));
    refused(DirectoryRefusal.ENTITY_NOT_FOUND, () -> put("nobody", "A", AccessEffect.ALLOW));
    refused(
        DirectoryRefusal.ENTITY_NOT_FOUND,
        () ->
            rules.update(
                core.change("UpdateMobileDeviceAccessRule"),
                core.organization(),
                "none",
                new MobileDeviceRule.Text("x", Optional.empty()),
                AccessEffect.DENY,
                MobileDeviceRule.Conditions.none()));
    rules.update(
        core.change("UpdateMobileDeviceAccessRule"),
        core.organization(),
        MobileDeviceRule.DEFAULT_ID,
        new MobileDeviceRule.Text("Default", Optional.empty()),
        AccessEffect.DENY,
        MobileDeviceRule.Conditions.none());
    assertThat(isAllowed(IPHONE)).isFalse();
  }

  private void put(String user, String device, AccessEffect effect) {
    rules.putOverride(
        core.change("PutMobileDeviceAccessOverride"),
        core.organization(),
        user,
        device,
        effect,
        Optional.empty());
  }

  private static void refused(DirectoryRefusal reason, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            DirectoryRefusedException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
