package org.mailstead.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.unboundid.ldap.sdk.Modification;
import com.unboundid.ldap.sdk.ModificationType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.directory.DirectoryKind;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.EntityState;
import org.mailstead.core.directory.NewUser;
import org.mailstead.core.directory.SynchronizationState;
import org.mailstead.core.directory.UserChange;
import org.mailstead.core.directory.UserDetail;
import org.mailstead.core.directory.UserRole;

final class DirectorySynchronizationTest {
  private static MemoryLdap corp() throws Exception {
    var ldap = new MemoryLdap();
    ldap.user(
        "anna",
        "Anna Adler",
        "givenName: Anna",
        "title: Engineer",
        "l: Ulm",
        "proxyAddresses: smtp:a.adler@corp.test",
        "proxyAddresses: SMTP:anna.adler@corp.test",
        "proxyAddresses: X400:c=DE",
        "userCertificate;binary:: MAMCAQE=");
    ldap.user("bert", "Bert Berg");
    ldap.user("carl", "Carl Clemens");
    ldap.user("dora", "Dora Diehl");
    ldap.group("nested", MemoryLdap.dn("bert"), MemoryLdap.dn("carl"));
    ldap.group(
        "team",
        MemoryLdap.dn("anna"),
        "cn=nested,ou=groups," + MemoryLdap.BASE,
        "uid=nobody,ou=people," + MemoryLdap.BASE);
    return ldap;
  }

  private static void refused(
      DirectoryRefusal reason, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DirectoryRefusedException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  @Test
  @DisplayName(
      "ORG-3, USR-2: users and groups appear disabled, with details, members and proposals")
  void takesOver() throws Exception {
    try (var ldap = corp();
        var core = new InteropFixture(ldap.settings())) {
      OrganizationId corp = core.create(ldap.settings(), false).id();
      assertThat(core.directory().organizations().directoryKind(corp))
          .isEqualTo(DirectoryKind.LDAP);
      SynchronizationReport report = core.synchronize(corp);
      assertThat(report.text()).startsWith("everything compared: 4 users and 2 groups");
      assertThat(report.created()).isEqualTo(6);
      assertThat(report.problems()).isEmpty();
      assertThat(core.userNames(corp)).containsExactly("anna", "bert", "carl", "dora");
      var anna = core.user(corp, "anna");
      assertThat(anna.state()).isEqualTo(EntityState.DISABLED);
      assertThat(anna.displayName()).isEqualTo("Anna Adler");
      assertThat(anna.details())
          .containsEntry(UserDetail.FIRST_NAME, "Anna")
          .containsEntry(UserDetail.LAST_NAME, "Adler")
          .containsEntry(UserDetail.JOB_TITLE, "Engineer")
          .containsEntry(UserDetail.CITY, "Ulm");
      assertThat(core.members(corp, "team")).containsExactly("anna", "nested");
      assertThat(core.members(corp, "nested")).containsExactly("bert", "carl");
      assertThat(core.directory().lookups().identities(corp, core.id(corp, "bert"))).hasSize(3);
      assertThat(core.directory().imports().addresses(corp, anna.id()))
          .extracting(EmailAddress::toString)
          .containsExactly("anna.adler@corp.test", "a.adler@corp.test", "anna@corp.test");
      assertThat(core.directory().imports().certificates(corp, anna.id())).hasSize(1);
      SynchronizationReport again = core.synchronize(corp, true, false);
      assertThat(again.created() + again.updated() + again.removed() + again.membersChanged())
          .isZero();
    }
  }

  @Test
  @DisplayName("the identity is the entryUUID: renamed and moved users stay who they are")
  void renamesAndMoves() throws Exception {
    try (var ldap = corp();
        var core = new InteropFixture(ldap.settings())) {
      OrganizationId corp = core.create(ldap.settings(), false).id();
      core.synchronize(corp);
      EntityId anna = core.id(corp, "anna");
      core.register(corp, "anna", "anna@corp.test");
      ldap.server().modifyDN(MemoryLdap.dn("anna"), "uid=anne", true);
      ldap.server()
          .modify(
              "uid=anne,ou=people," + MemoryLdap.BASE,
              new Modification(ModificationType.REPLACE, "cn", "Anne Adler-Berg"));
      ldap.modify(
          "cn=team,ou=groups," + MemoryLdap.BASE,
          "replace: member",
          "member: uid=anne,ou=people," + MemoryLdap.BASE,
          "member: " + MemoryLdap.dn("dora"));
      SynchronizationReport report = core.synchronize(corp);
      assertThat(report.isFull()).isFalse();
      assertThat(report.updated()).isEqualTo(1);
      var anne = core.user(corp, "anne");
      assertThat(anne.id()).isEqualTo(anna);
      assertThat(anne.displayName()).isEqualTo("Anne Adler-Berg");
      assertThat(anne.state()).isEqualTo(EntityState.ENABLED);
      assertThat(anne.email().map(Object::toString)).contains("anna@corp.test");
      assertThat(core.members(corp, "team")).containsExactly("anne", "dora");
      // The old name is free for somebody new.
      core.runJobs();
      ldap.user("anna", "Anna Zweite");
      assertThat(core.synchronize(corp).created()).isEqualTo(1);
      assertThat(core.id(corp, "anna")).isNotEqualTo(anna);
    }
  }

  @Test
  @DisplayName(
      "USR-6: who left is deleted, and who comes back is somebody new with a fresh mailbox")
  void leaving() throws Exception {
    try (var ldap = corp();
        var core = new InteropFixture(ldap.settings())) {
      OrganizationId corp = core.create(ldap.settings(), false).id();
      core.synchronize(corp);
      core.register(corp, "bert", "bert@corp.test");
      EntityId bert = core.id(corp, "bert");
      var entry = ldap.server().getEntry(MemoryLdap.dn("bert"), "*", "+");
      ldap.server().delete(MemoryLdap.dn("bert"));
      SynchronizationReport report = core.synchronize(corp);
      assertThat(report.removed()).isEqualTo(1);
      core.runJobs();
      assertThat(core.userNames(corp)).containsExactly("anna", "carl", "dora");
      assertThat(core.deletedNames(corp)).containsExactly("bert");
      assertThat(core.members(corp, "nested")).containsExactly("carl");
      assertThat(entry).isNotNull();
      ldap.user("bert", "Bert Berg");
      core.synchronize(corp);
      assertThat(core.id(corp, "bert")).isNotEqualTo(bert);
      core.register(corp, "bert", "bert@corp.test");
      assertThat(core.user(corp, "bert").mailbox()).isPresent();
      core.clock().advance(Duration.ofDays(31));
      core.runJobs();
      assertThat(core.deletedNames(corp)).isEmpty();
      assertThat(core.user(corp, "bert").state()).isEqualTo(EntityState.ENABLED);
    }
  }

  @Test
  @DisplayName("a mass deletion stops with nothing changed unless it is forced")
  void massDeletion() throws Exception {
    try (var ldap = new MemoryLdap();
        var core = new InteropFixture(ldap.settings())) {
      for (int i = 0; i < 30; i++) ldap.user("user" + i, "User " + i);
      OrganizationId corp = core.create(ldap.settings(), false).id();
      core.synchronize(corp);
      for (int i = 0; i < 6; i++) ldap.server().delete(MemoryLdap.dn("user" + i));
      // 6 of 30 are 20 %: allowed.
      assertThat(core.synchronize(corp).removed()).isEqualTo(6);
      for (int i = 6; i < 12; i++) ldap.server().delete(MemoryLdap.dn("user" + i));
      assertThatThrownBy(() -> core.synchronize(corp))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("6 of 24 users are not in the directory any more, over 20 %");
      assertThat(core.userNames(corp)).hasSize(24);
      assertThat(core.synchronization().status(corp).error().orElseThrow()).contains("force");
      assertThat(core.synchronize(corp, false, true).removed()).isEqualTo(6);
      assertThat(core.synchronization().status(corp).error()).isEmpty();
    }
  }

  @Test
  @DisplayName("an empty answer never empties the address book")
  void emptyAnswer() throws Exception {
    try (var ldap = corp();
        var core = new InteropFixture(ldap.settings())) {
      OrganizationId corp = core.create(ldap.settings(), false).id();
      core.synchronize(corp);
      for (String name : List.of("anna", "bert", "carl", "dora")) {
        ldap.server().delete(MemoryLdap.dn(name));
      }
      assertThatThrownBy(() -> core.synchronize(corp))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("4 of 4 users");
    }
  }

  @Test
  @DisplayName("ORG-3: what the directory says is read-only here; what is ours is not")
  void readOnly() throws Exception {
    try (var ldap = corp();
        var core = new InteropFixture(ldap.settings())) {
      OrganizationId corp = core.create(ldap.settings(), false).id();
      core.synchronize(corp);
      var users = core.directory().users();
      var groups = core.directory().groups();
      DirectoryRefusal no = DirectoryRefusal.UNSUPPORTED_OPERATION;
      refused(
          no,
          () ->
              users.create(
                  core.change("CreateUser"), corp, NewUser.of("eve", "Eve", "Eve-Secret-1")));
      refused(no, () -> users.delete(core.change("DeleteUser"), corp, "anna"));
      refused(
          no,
          () ->
              users.resetPassword(
                  core.change("ResetPassword"), corp, core.id(corp, "anna"), "Some-Secret-1"));
      refused(
          no,
          () ->
              users.update(
                  core.change("UpdateUser"),
                  corp,
                  "anna",
                  new UserChange(
                      Optional.empty(), Optional.of("Other"), Optional.empty(), Map.of())));
      refused(
          no,
          () ->
              users.update(
                  core.change("UpdateUser"),
                  corp,
                  "anna",
                  new UserChange(
                      Optional.empty(),
                      Optional.empty(),
                      Optional.empty(),
                      Map.of(UserDetail.CITY, "Bonn"))));
      refused(no, () -> groups.create(core.change("CreateGroup"), corp, "other", false));
      refused(no, () -> groups.delete(core.change("DeleteGroup"), corp, "team"));
      refused(
          no, () -> groups.addMember(core.change("AssociateMemberToGroup"), corp, "team", "dora"));
      refused(
          no,
          () ->
              groups.removeMember(
                  core.change("DisassociateMemberFromGroup"), corp, "team", "anna"));
      // Ours: hidden from the address list, the role of a disabled user, addresses.
      users.update(
          core.change("UpdateUser"),
          corp,
          "anna",
          new UserChange(Optional.empty(), Optional.empty(), Optional.of(true), Map.of()));
      ldap.modify(MemoryLdap.dn("anna"), "replace: l", "l: Neu-Ulm");
      core.synchronize(corp);
      assertThat(core.user(corp, "anna").hiddenFromGlobalAddressList()).isTrue();
      assertThat(core.user(corp, "anna").details()).containsEntry(UserDetail.CITY, "Neu-Ulm");
      core.register(corp, "anna", "anything@corp.test");
      core.directory()
          .registrations()
          .createAlias(core.change("CreateAlias"), corp, core.id(corp, "anna"), "more@corp.test");
      core.register(corp, "team", "team@corp.test");
    }
  }

  @Test
  @DisplayName("CreateOrganization on a configured directory, and each refusal")
  void creation() throws Exception {
    try (var ldap = corp();
        var other = new MemoryLdap()) {
      var foreign =
          ldap.settings(
              "d-00000000ff",
              "foreign",
              Optional.of(new org.mailstead.core.directory.AccountId("999999999999")),
              500,
              Map.of());
      try (var core =
          new InteropFixture(
              ldap.settings(),
              foreign,
              other.settings("d-00000000aa", "away", Optional.empty(), 500, Map.of()))) {
        refused(
            DirectoryRefusal.INVALID_PARAMETER,
            () -> core.create(core.account(), "d-0123456789", "wrong", false));
        refused(DirectoryRefusal.INVALID_PARAMETER, () -> core.create(ldap.settings(), true));
        refused(
            DirectoryRefusal.DIRECTORY_UNAVAILABLE,
            () -> core.create(core.account(), "d-00000000ff", "foreign", false));
        refused(
            DirectoryRefusal.DIRECTORY_UNAVAILABLE,
            () -> core.create(core.account(), "d-ffffffffff", "none", false));
        other.server().shutDown(true);
        refused(
            DirectoryRefusal.DIRECTORY_UNAVAILABLE,
            () -> core.create(core.account(), "d-00000000aa", "away", false));
        var made = core.create(ldap.settings(), false);
        assertThat(made.usersMax()).isEqualTo(5_000);
        refused(
            DirectoryRefusal.DIRECTORY_IN_USE,
            () -> core.create(core.account(), "d-0123456789", "corp", false));
        // Gone, the directory is free for another organization, which begins anew.
        core.synchronize(made.id());
        core.directory()
            .organizations()
            .delete(core.change("DeleteOrganization"), made.id(), false, true);
        core.runJobs();
        OrganizationId again = core.create(ldap.settings(), false).id();
        assertThat(core.userNames(again)).isEmpty();
        assertThat(core.synchronize(again).created()).isEqualTo(6);
      }
    }
  }

  @Test
  @DisplayName("LIM-4: more users than the directory's size are not taken over in part")
  void tooMany() throws Exception {
    try (var ldap = corp()) {
      var small = ldap.settings("d-0123456789", "corp", Optional.empty(), 3, Map.of());
      try (var core = new InteropFixture(small)) {
        OrganizationId corp = core.create(small, false).id();
        refused(DirectoryRefusal.LIMIT_EXCEEDED, () -> core.synchronize(corp));
        assertThat(core.userNames(corp)).isEmpty();
        assertThat(core.synchronization().status(corp).error().orElseThrow())
            .contains("The directory has 4 users, the organization may have 3");
      }
    }
  }

  @Test
  @DisplayName("what cannot be taken over is named and the rest goes on")
  void problems() throws Exception {
    try (var ldap = corp();
        var core = new InteropFixture(ldap.settings())) {
      ldap.user("with space", "With Space");
      ldap.group("anna"); // The name of a user.
      OrganizationId corp = core.create(ldap.settings(), false).id();
      SynchronizationReport report = core.synchronize(corp);
      assertThat(report.problems())
          .extracting(p -> p.name() + ": " + p.text())
          .containsExactlyInAnyOrder(
              "with space: The user name is not valid.",
              "anna: Its name is in use by somebody else.");
      assertThat(core.userNames(corp)).hasSize(4);
      assertThat(core.synchronization().status(corp).problems()).hasSize(2);
      ldap.server().delete("cn=anna,ou=groups," + MemoryLdap.BASE);
      ldap.modify(MemoryLdap.dn("dora"), "replace: title", "title: A\nB".replace('\n', ' '));
      assertThat(core.synchronize(corp).problemCount()).isLessThanOrEqualTo(2);
    }
  }

  @Test
  @DisplayName("every four hours, sooner after a failure, everything compared once a day")
  void whenDue() throws Exception {
    try (var ldap = corp();
        var core = new InteropFixture(ldap.settings())) {
      OrganizationId corp = core.create(ldap.settings(), false).id();
      var job = core.synchronization();
      job.synchronizeDue();
      assertThat(core.userNames(corp)).hasSize(4);
      ldap.user("eve", "Eve Ernst");
      core.clock().advance(Duration.ofMinutes(239));
      job.synchronizeDue();
      assertThat(core.userNames(corp)).hasSize(4);
      core.clock().advance(Duration.ofMinutes(2));
      job.synchronizeDue();
      assertThat(core.userNames(corp)).hasSize(5);
      ldap.server().shutDown(true);
      core.clock().advance(Duration.ofHours(4));
      job.synchronizeDue();
      assertThat(job.status(corp).error()).isPresent();
      assertThat(job.health().problem(core.directory().organizations().load(corp)))
          .contains("The organization's directory is not reachable.");
      assertThatThrownBy(() -> core.synchronize(corp)).isInstanceOf(UnavailableException.class);
      assertThat(core.userNames(corp)).as("the cached address book goes on").hasSize(5);
      ldap.server().startListening();
      ldap.user("fritz", "Fritz Falk");
      core.clock().advance(Duration.ofMinutes(11));
      job.synchronizeDue();
      assertThat(core.userNames(corp)).hasSize(6);
      assertThat(job.health().problem(core.directory().organizations().load(corp))).isEmpty();
      core.clock().advance(Duration.ofHours(25));
      assertThat(core.synchronize(corp).isFull()).isTrue();
    }
  }

  @Test
  @DisplayName("changed attributes or filters make everything compared")
  void changedSettings() throws Exception {
    try (var ldap = corp()) {
      try (var core = new InteropFixture(ldap.settings())) {
        OrganizationId corp = core.create(ldap.settings(), false).id();
        core.synchronize(corp);
        assertThat(core.synchronize(corp).isFull()).isFalse();
      }
      var other =
          ldap.settings(
              "d-0123456789", "corp", Optional.empty(), 500, Map.of(MappedAttribute.OFFICE, "l"));
      assertThat(new LdapDirectory(other).scopeHash())
          .isNotEqualTo(new LdapDirectory(ldap.settings()).scopeHash());
      try (var core = new InteropFixture(other)) {
        OrganizationId corp = core.create(other, false).id();
        core.synchronize(corp);
        assertThat(core.user(corp, "anna").details()).containsEntry(UserDetail.OFFICE, "Ulm");
        assertThat(core.user(corp, "anna").role()).isEqualTo(UserRole.USER);
      }
    }
  }

  @Test
  @DisplayName("StartDirectorySync does not wait; one at a time; DescribeDirectorySync tells")
  void startedAndDescribed() throws Exception {
    try (var ldap = corp();
        var core = new InteropFixture(ldap.settings())) {
      OrganizationId corp = core.create(ldap.settings(), false).id();
      var job = core.synchronization();
      assertThat(job.state(corp).phase()).isEqualTo(SynchronizationState.Phase.NEVER_RUN);
      job.start(corp, true);
      job.start(corp, true); // Nothing, or another one after the first.
      await().until(() -> job.state(corp).phase() != SynchronizationState.Phase.RUNNING);
      SynchronizationState state = job.state(corp);
      assertThat(state.phase()).isEqualTo(SynchronizationState.Phase.SUCCEEDED);
      assertThat(state.isFull()).isTrue();
      assertThat(state.read()).isEqualTo(6);
      assertThat(state.next()).contains(core.clock().instant().plus(Duration.ofHours(4)));
      assertThat(state.ended()).isEqualTo(state.succeeded());
      assertThat(core.userNames(corp)).containsExactly("anna", "bert", "carl", "dora");

      int port = ldap.server().getListenPort();
      ldap.server().shutDown(true);
      refused(DirectoryRefusal.DIRECTORY_UNAVAILABLE, () -> job.start(corp, false));
      assertThatThrownBy(() -> core.synchronize(corp)).isInstanceOf(UnavailableException.class);
      assertThat(job.state(corp).phase()).isEqualTo(SynchronizationState.Phase.FAILED);
      assertThat(job.state(corp).error().orElseThrow()).contains("does not answer");
      assertThat(job.state(corp).next())
          .contains(core.clock().instant().plus(Duration.ofMinutes(10)));
      ldap.server().startListening();
      assertThat(ldap.server().getListenPort()).isEqualTo(port);
      job.start(corp, false);
      await().until(() -> job.state(corp).phase() == SynchronizationState.Phase.SUCCEEDED);
      assertThat(core.directory().connected().all()).hasSize(1);
    }
  }

  @Test
  @DisplayName("a directory that refuses the service's bind says so")
  void refusedBind() throws Exception {
    try (var ldap = corp()) {
      LdapDirectorySettings wrong =
          ldap.settings("d-0123456789", "corp", Optional.empty(), 5_000, Map.of());
      var password = new AtomicReference<>(MemoryLdap.SERVICE_PASSWORD);
      try (var core = new InteropFixture(withPassword(wrong, password::get))) {
        OrganizationId corp = core.create(wrong, false).id();
        password.set("Wrong-Secret-1");
        core.directories().directory(wrong.directory().id()).orElseThrow().reconnect();
        refused(
            DirectoryRefusal.DIRECTORY_SERVICE_AUTHENTICATION_FAILED,
            () -> core.synchronization().start(corp, false));
        assertThat(
                core.directory().connected().problem(wrong.directory().id()).orElseThrow().text())
            .contains("bind DN or password")
            .doesNotContain("Wrong-Secret-1");
      }
    }
  }

  private static LdapDirectorySettings withPassword(
      LdapDirectorySettings like, Supplier<String> password) {
    return new LdapDirectorySettings(
        like.directory(),
        like.urls(),
        like.isPlaintextAllowed(),
        like.baseDns(),
        like.bindDn(),
        password,
        like.caFile(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        like.interval(),
        like.pageEntries(),
        3,
        like.connectTimeout(),
        like.answerTimeout());
  }

  @Test
  @DisplayName("XCH-7: enabled users whose principal name is not their address are named")
  void principalNames() throws Exception {
    try (var ldap = corp();
        var core = new InteropFixture(ldap.settings())) {
      ldap.user("emil", "Emil Ernst", "userPrincipalName: Emil@corp.test");
      ldap.user("fritz", "Fritz Falk", "userPrincipalName: f@corp.local");
      OrganizationId corp = core.create(ldap.settings(), false).id();
      core.synchronize(corp);
      assertThat(core.synchronization().otherPrincipalNames(corp, 10)).isEmpty();
      for (String name : List.of("bert", "emil", "fritz")) {
        core.register(corp, name, name + "@corp.test");
      }
      assertThat(core.synchronization().otherPrincipalNames(corp, 10))
          .containsExactlyInAnyOrder("bert", "fritz");
      assertThat(core.synchronization().otherPrincipalNames(corp, 1)).hasSize(1);
    }
  }
}
