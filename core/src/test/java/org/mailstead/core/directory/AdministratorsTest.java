package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.core.directory.Refused.refused;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.authorization.PolicyDecision;
import org.mailstead.core.authorization.PolicyDocument;
import org.mailstead.core.authorization.PolicyRequest;

@DisplayName("API-4: administrators, their groups, and attached policies")
final class AdministratorsTest {
  private static final String NO_DELETES =
      "{\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"workmail:Delete*\",\"Resource\":\"*\"}}";

  private static PolicyDecision may(CoreFixture core, String user, String operation) {
    return PolicyDocument.decide(
        core.directory().administrators().policiesOf(core.account(), user),
        new PolicyRequest("workmail:" + operation, "*", Map.of()));
  }

  @Test
  void whatIsAttachedToAUserOrToItsGroupsCountsAtOnce() {
    try (var core = new CoreFixture()) {
      Administrators all = core.directory().administrators();
      AccountId a = core.account();
      all.createUser(core.change("CreateUser"), a, "ops");
      all.createGroup(core.change("CreateGroup"), a, "careful");
      assertThat(may(core, "ops", "ListUsers")).isEqualTo(PolicyDecision.DENIED_BY_DEFAULT);
      all.userPolicy(core.change("AttachUserPolicy"), a, "OPS", "AmazonWorkMailFullAccess", true);
      assertThat(may(core, "ops", "DeleteUser")).isEqualTo(PolicyDecision.ALLOWED);
      all.putPolicy(core.change("CreatePolicy"), a, "no-deletes", NO_DELETES);
      all.groupPolicy(
          core.change("AttachGroupPolicy"),
          a,
          "careful",
          "arn:aws:iam::" + a + ":policy/no-deletes",
          true);
      all.member(core.change("AddUserToGroup"), a, "careful", "ops", true);
      assertThat(may(core, "ops", "DeleteUser")).isEqualTo(PolicyDecision.DENIED_EXPLICITLY);
      assertThat(may(core, "ops", "ListUsers")).isEqualTo(PolicyDecision.ALLOWED);
      core.reopen();
      assertThat(may(core, "ops", "DeleteUser")).isEqualTo(PolicyDecision.DENIED_EXPLICITLY);
      all = core.directory().administrators();
      all.putPolicy(
          core.change("CreatePolicyVersion"), a, "no-deletes", NO_DELETES.replace("Del", "Res"));
      assertThat(may(core, "ops", "DeleteUser")).isEqualTo(PolicyDecision.ALLOWED);
      all.member(core.change("RemoveUserFromGroup"), a, "careful", "ops", false);
      all.userPolicy(
          core.change("DetachUserPolicy"),
          a,
          "ops",
          "arn:aws:iam::aws:policy/AmazonWorkMailFullAccess",
          false);
      assertThat(may(core, "ops", "ListUsers")).isEqualTo(PolicyDecision.DENIED_BY_DEFAULT);
    }
  }

  @Test
  void whatIsUsedIsNotRemoved() {
    try (var core = new CoreFixture()) {
      Administrators all = core.directory().administrators();
      Accounts accounts = core.directory().accounts();
      AccountId a = core.account();
      all.createUser(core.change("CreateUser"), a, "ops");
      all.createGroup(core.change("CreateGroup"), a, "careful");
      all.putPolicy(core.change("CreatePolicy"), a, "p", NO_DELETES);
      all.member(core.change("AddUserToGroup"), a, "careful", "ops", true);
      all.groupPolicy(core.change("AttachGroupPolicy"), a, "careful", "p", true);
      var key = accounts.createKey(core.change("CreateAccessKey"), a, Optional.of("Ops")).key();
      assertThat(key.userName()).contains("ops");
      refused(
          DirectoryRefusal.ENTITY_STATE, () -> all.deleteUser(core.change("DeleteUser"), a, "ops"));
      refused(
          DirectoryRefusal.ENTITY_STATE,
          () -> all.deleteGroup(core.change("DeleteGroup"), a, "careful"));
      refused(
          DirectoryRefusal.ENTITY_STATE,
          () -> all.deletePolicy(core.change("DeletePolicy"), a, "p"));
      accounts.activateKey(core.change("UpdateAccessKey"), a, key.id(), false);
      assertThat(accounts.findCredential(key.id())).isEmpty();
      accounts.activateKey(core.change("UpdateAccessKey"), a, key.id(), true);
      assertThat(accounts.findCredential(key.id())).isPresent();
      accounts.revokeKey(core.change("DeleteAccessKey"), a, key.id());
      all.deleteUser(core.change("DeleteUser"), a, "ops");
      all.deleteGroup(core.change("DeleteGroup"), a, "careful");
      all.deletePolicy(core.change("DeletePolicy"), a, "p");
      assertThat(all.users(a)).isEmpty();
      assertThat(all.groups(a)).isEmpty();
      assertThat(all.policies(a)).isEmpty();
    }
  }

  @Test
  void refusalsNameTheirCause() {
    try (var core = new CoreFixture()) {
      Administrators all = core.directory().administrators();
      AccountId a = core.account();
      all.createUser(core.change("CreateUser"), a, "ops");
      refused(
          DirectoryRefusal.NAME_AVAILABILITY,
          () -> all.createUser(core.change("CreateUser"), a, "OPS"));
      for (String name : List.of("", "a b", "x".repeat(65), "a/b")) {
        refused(
            DirectoryRefusal.INVALID_PARAMETER,
            () -> all.createUser(core.change("CreateUser"), a, name));
      }
      refused(
          DirectoryRefusal.RESERVED_NAME,
          () ->
              all.putPolicy(
                  core.change("CreatePolicy"), a, "AmazonWorkMailFullAccess", NO_DELETES));
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () -> all.putPolicy(core.change("CreatePolicy"), a, "p", "{\"Statement\":[]}"));
      refused(
          DirectoryRefusal.ENTITY_NOT_FOUND,
          () -> all.userPolicy(core.change("AttachUserPolicy"), a, "ops", "none", true));
      for (int i = 0; i <= DirectoryLimits.ATTACHED_MAX; i++) {
        String name = "p" + i;
        all.putPolicy(core.change("CreatePolicy"), a, name, NO_DELETES);
        if (i < DirectoryLimits.ATTACHED_MAX) {
          all.userPolicy(core.change("AttachUserPolicy"), a, "ops", name, true);
        } else {
          refused(
              DirectoryRefusal.LIMIT_EXCEEDED,
              () -> all.userPolicy(core.change("AttachUserPolicy"), a, "ops", name, true));
        }
      }
    }
  }

  @Test
  void policiesLargerThanOnePageAreAllRead() {
    try (var core = new CoreFixture()) {
      Administrators all = core.directory().administrators();
      AccountId a = core.account();
      String large =
          NO_DELETES.replace(
              "\"*\"}}", "[" + "\"arn:aws:workmail:*:*:organization/*\",".repeat(150) + "\"*\"]}}");
      for (int i = 0; i < 250; i++) {
        all.putPolicy(core.change("CreatePolicy"), a, "large-" + i, large);
      }
      assertThat(all.policies(a)).hasSize(250);
      core.reopen();
      assertThat(core.directory().administrators().policies(a)).hasSize(250);
      all = core.directory().administrators();
      all.putPolicy(core.change("CreatePolicyVersion"), a, "large-7", NO_DELETES);
      assertThat(all.policies(a)).hasSize(250);
    }
  }
}
