package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mailstead.core.directory.Refused.refused;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EntityId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.Entity.User;
import org.mailstead.core.directory.Listing.PageRequest;

final class UsersTest {
  private static EntityId create(CoreFixture core, NewUser user) {
    return core.directory().users().create(core.change("CreateUser"), core.organization(), user);
  }

  private static void update(CoreFixture core, String user, UserChange change) {
    core.directory().users().update(core.change("UpdateUser"), core.organization(), user, change);
  }

  private static UserChange details(Map<UserDetail, String> details) {
    return new UserChange(Optional.empty(), Optional.empty(), Optional.empty(), details);
  }

  private static User describe(CoreFixture core, String user) {
    return core.directory().users().describe(core.organization(), user);
  }

  private static void deregister(CoreFixture core, EntityId user) {
    core.directory()
        .registrations()
        .deregister(core.change("DeregisterFromWorkMail"), core.organization(), user.value());
  }

  private static void delete(CoreFixture core, String user) {
    core.directory().users().delete(core.change("DeleteUser"), core.organization(), user);
  }

  @Test
  @DisplayName("USR-2: a new user is disabled, without address or mailbox, until it is registered")
  void aNewUserIsDisabled() {
    try (var core = new CoreFixture()) {
      EntityId id = create(core, NewUser.of("dora", "Dora", "Dora-Secret-4"));
      User dora = describe(core, "DORA");
      assertThat(dora.id()).isEqualTo(id);
      assertThat(id.value()).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
      assertThat(dora.state()).isEqualTo(EntityState.DISABLED);
      assertThat(dora.email()).isEmpty();
      assertThat(dora.mailbox()).isEmpty();
      assertThat(dora.disabledDate()).isEmpty();
      refused(
          DirectoryRefusal.ENTITY_NOT_FOUND,
          () -> core.directory().users().mailboxDetails(core.organization(), "dora"));
    }
  }

  @Test
  void aUserIsFoundByIdNameAndAddress() {
    try (var core = new CoreFixture()) {
      for (String identifier :
          List.of(core.anna().value(), "anna", "Anna", "anna@example.test", "ANNA@Example.test")) {
        assertThat(describe(core, identifier).id()).isEqualTo(core.anna());
      }
      for (String unknown :
          List.of("nobody", "nobody@example.test", core.team().value(), "x".repeat(200))) {
        refused(DirectoryRefusal.ENTITY_NOT_FOUND, () -> describe(core, unknown));
      }
    }
  }

  @Test
  void namesAreUniqueAmongUsersAndGroupsWithoutRegardToCase() {
    try (var core = new CoreFixture()) {
      refused(
          DirectoryRefusal.NAME_AVAILABILITY,
          () -> create(core, NewUser.of("ANNA", "Second", "Some-Secret-1")));
      refused(
          DirectoryRefusal.NAME_AVAILABILITY,
          () -> create(core, NewUser.of("team", "Second", "Some-Secret-1")));
      refused(
          DirectoryRefusal.NAME_AVAILABILITY,
          () ->
              core.directory()
                  .groups()
                  .create(core.change("CreateGroup"), core.organization(), "Anna", false));
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  @DisplayName("JRN-1: reserved names cannot be taken")
  void reservedNames() {
    try (var core = new CoreFixture()) {
      for (String name : List.of("amazonjournaling", "AmazonJournaling", "anyone")) {
        refused(
            DirectoryRefusal.RESERVED_NAME,
            () -> create(core, NewUser.of(name, "Somebody", "Some-Secret-1")));
      }
      refused(
          DirectoryRefusal.RESERVED_NAME,
          () ->
              core.directory()
                  .groups()
                  .create(
                      core.change("CreateGroup"), core.organization(), "amazonjournaling", false));
    }
  }

  @Test
  void badRequestsAreInvalid() {
    try (var core = new CoreFixture()) {
      for (String name : List.of("", "a b", "ä", "x".repeat(65), "a@b")) {
        refused(
            DirectoryRefusal.INVALID_PARAMETER,
            () -> create(core, NewUser.of(name, "Somebody", "Some-Secret-1")));
      }
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () -> create(core, NewUser.of("dora", "", "Some-Secret-1")));
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () -> create(core, NewUser.of("dora", "x".repeat(257), "Some-Secret-1")));
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () ->
              create(
                  core,
                  new NewUser(
                      "dora", "Dora", Optional.empty(), UserRole.SYSTEM_USER, false, Map.of())));
    }
  }

  @Test
  @DisplayName("USR-5: the refusal names the broken password rule")
  void passwordPolicy() {
    try (var core = new CoreFixture()) {
      for (String bad :
          List.of("Ab1-", "x".repeat(60) + "A1-x", "abcdefgh", "abcdefg1", "Ab1-日本語x")) {
        refused(
            DirectoryRefusal.INVALID_PASSWORD, () -> create(core, NewUser.of("dora", "D", bad)));
      }
      assertThatThrownBy(() -> create(core, NewUser.of("dora", "D", "Ab1-")))
          .hasMessageContaining("between 8 and 63");
      assertThatThrownBy(() -> create(core, NewUser.of("dora", "D", "abcdefg1")))
          .hasMessageContaining("at least 3 of these classes");
      create(core, NewUser.of("dora", "D", "äbcdefg1"));
    }
  }

  @Test
  @DisplayName("USR-4: every detail is kept, changed and cleared")
  void details() {
    try (var core = new CoreFixture()) {
      var all = new java.util.EnumMap<UserDetail, String>(UserDetail.class);
      for (UserDetail detail : UserDetail.values())
        all.put(detail, "ü".repeat(255) + detail.number() % 10);
      update(core, "anna", details(all));
      core.reopen();
      assertThat(describe(core, "anna").details()).isEqualTo(all);
      update(core, "anna", details(Map.of(UserDetail.CITY, "", UserDetail.COMPANY, "Acme")));
      assertThat(describe(core, "anna").details())
          .hasSize(UserDetail.values().length - 1)
          .containsEntry(UserDetail.COMPANY, "Acme")
          .doesNotContainKey(UserDetail.CITY);
      update(
          core,
          "anna",
          new UserChange(Optional.empty(), Optional.of("Anna Zwei"), Optional.of(true), Map.of()));
      assertThat(describe(core, "anna").displayName()).isEqualTo("Anna Zwei");
      assertThat(describe(core, "anna").hiddenFromGlobalAddressList()).isTrue();
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () -> update(core, "anna", details(Map.of(UserDetail.CITY, "x".repeat(257)))));
      refused(DirectoryRefusal.ENTITY_NOT_FOUND, () -> update(core, "nobody", details(Map.of())));
      refused(
          DirectoryRefusal.ENTITY_STATE,
          () ->
              update(
                  core,
                  "anna",
                  new UserChange(
                      Optional.of(UserRole.REMOTE_USER),
                      Optional.empty(),
                      Optional.empty(),
                      Map.of())));
    }
  }

  @Test
  @DisplayName("LIM-4: users of an organization are limited, exactly")
  void usersAreLimited() {
    try (var core = new CoreFixture(DirectoryLimits.standard().withUsersPerOrganization(4))) {
      create(core, NewUser.of("dora", "Dora", "Dora-Secret-4"));
      refused(
          DirectoryRefusal.LIMIT_EXCEEDED,
          () -> create(core, NewUser.of("emil", "Emil", "Emil-Secret-5")));
      delete(core, "dora");
      create(core, NewUser.of("emil", "Emil", "Emil-Secret-5"));
    }
  }

  @Test
  @DisplayName("USR-6: only a disabled user is deleted; a re-created one is somebody else")
  void deletion() {
    try (var core = new CoreFixture()) {
      refused(DirectoryRefusal.ENTITY_STATE, () -> delete(core, "anna"));
      deregister(core, core.anna());
      delete(core, "anna");
      delete(core, "anna");
      delete(core, core.anna().value());
      delete(core, "nobody");
      User gone = describe(core, core.anna().value());
      assertThat(gone.state()).isEqualTo(EntityState.DELETED);
      assertThat(gone.email()).isEmpty();
      refused(DirectoryRefusal.ENTITY_NOT_FOUND, () -> describe(core, "anna"));
      refused(DirectoryRefusal.ENTITY_STATE, () -> core.register(core.anna(), "anna@example.test"));
      refused(
          DirectoryRefusal.ENTITY_STATE,
          () -> update(core, core.anna().value(), details(Map.of())));
      EntityId again = core.enabledUser("anna", "Anna II", "Anna-Secret-9");
      assertThat(again).isNotEqualTo(core.anna());
      assertThat(core.principal(again).mailbox().value()).isEqualTo(again.value());
      core.runJobs();
      assertThat(
              core.directory()
                  .groups()
                  .members(core.organization(), "team", PageRequest.first())
                  .items())
          .extracting(member -> member.name())
          .containsExactly("nested");
      core.clock().advance(Duration.ofDays(31));
      core.runJobs();
      refused(DirectoryRefusal.ENTITY_NOT_FOUND, () -> describe(core, core.anna().value()));
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  @DisplayName("USR-5: a reset password works at once and the old one no more")
  void resetPassword() {
    try (var core = new CoreFixture()) {
      var users = core.directory().users();
      core.login("anna@example.test", CoreFixture.PASSWORD_OF_ANNA);
      users.resetPassword(
          core.change("ResetPassword"), core.organization(), core.anna(), "Fresh-Secret-7");
      assertThat(core.login("anna@example.test", "Fresh-Secret-7").user()).isEqualTo(core.anna());
      assertThatThrownBy(() -> core.login("anna@example.test", CoreFixture.PASSWORD_OF_ANNA))
          .hasMessage("wrong user name or password");
      refused(
          DirectoryRefusal.INVALID_PASSWORD,
          () ->
              users.resetPassword(
                  core.change("ResetPassword"), core.organization(), core.anna(), "short"));
      refused(
          DirectoryRefusal.ENTITY_NOT_FOUND,
          () ->
              users.resetPassword(
                  core.change("ResetPassword"),
                  core.organization(),
                  new EntityId("anna"),
                  "Fresh-Secret-7"));
      deregister(core, core.anna());
      delete(core, "anna");
      refused(
          DirectoryRefusal.ENTITY_STATE,
          () ->
              users.resetPassword(
                  core.change("ResetPassword"),
                  core.organization(),
                  core.anna(),
                  "Fresh-Secret-7"));
    }
  }

  @Test
  @DisplayName("LIM-2: quotas are from 1 to 51,200 MB and reach the mailbox")
  void quotas() {
    try (var core = new CoreFixture()) {
      var users = core.directory().users();
      assertThat(users.mailboxDetails(core.organization(), "anna").quotaMegabytes())
          .isEqualTo(51_200);
      users.updateMailboxQuota(core.change("UpdateMailboxQuota"), core.organization(), "anna", 10);
      assertThat(core.mailbox(core.anna()).quotaBytes()).isEqualTo(10L << 20);
      assertThat(users.mailboxDetails(core.organization(), "anna").quotaMegabytes()).isEqualTo(10);
      for (long bad : new long[] {0, -1, 51_201}) {
        refused(
            DirectoryRefusal.INVALID_PARAMETER,
            () ->
                users.updateMailboxQuota(
                    core.change("UpdateMailboxQuota"), core.organization(), "anna", bad));
      }
      deregister(core, core.anna());
      refused(
          DirectoryRefusal.ENTITY_STATE,
          () ->
              users.updateMailboxQuota(
                  core.change("UpdateMailboxQuota"), core.organization(), "anna", 10));
    }
  }

  @Test
  void listsAreSortedFilteredAndStableWhileUsersComeAndGo() {
    try (var core = new CoreFixture()) {
      for (int i = 0; i < 40; i++) {
        create(
            core,
            new NewUser(
                "user%02d".formatted(i),
                "Display %02d".formatted(39 - i),
                Optional.empty(),
                UserRole.USER,
                false,
                Map.of(UserDetail.IDENTITY_PROVIDER_USER_ID, "idp" + i % 4)));
      }
      assertThat(names(core, new EntityFilter.None(), 100)).hasSize(43).isSorted();
      assertThat(names(core, new EntityFilter.NamePrefix("USER0"), 3)).hasSize(10).isSorted();
      assertThat(names(core, new EntityFilter.DisplayNamePrefix("display 3"), 4))
          .hasSize(10)
          .first()
          .isEqualTo("user09");
      assertThat(names(core, new EntityFilter.PrimaryEmailPrefix("be"), 4)).containsExactly("bert");
      assertThat(names(core, new EntityFilter.StateIs(EntityState.ENABLED), 2))
          .containsExactly("anna", "bert", "carl");
      assertThat(names(core, new EntityFilter.StateIs(EntityState.DELETED), 2)).isEmpty();
      assertThat(names(core, new EntityFilter.IdentityProviderUserIdPrefix("idp3"), 3)).hasSize(10);
      delete(core, "user05");
      assertThat(names(core, new EntityFilter.StateIs(EntityState.DELETED), 2))
          .containsExactly("user05");
      var first =
          core.directory()
              .users()
              .list(
                  core.organization(),
                  new EntityFilter.None(),
                  new PageRequest(10, Optional.empty()));
      String last = first.items().getLast().name();
      delete(core, last);
      create(core, NewUser.of("aaaa", "First", "Some-Secret-1"));
      var second =
          core.directory()
              .users()
              .list(
                  core.organization(),
                  new EntityFilter.None(),
                  new PageRequest(10, first.nextToken()));
      assertThat(second.items())
          .extracting(User::name)
          .allSatisfy(name -> assertThat(name).isGreaterThan(last));
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () ->
              core.directory()
                  .users()
                  .list(
                      core.organization(),
                      new EntityFilter.PrimaryEmailPrefix("b"),
                      new PageRequest(10, first.nextToken())));
    }
  }

  private static List<String> names(CoreFixture core, EntityFilter filter, int countMax) {
    List<String> names = new ArrayList<>();
    Optional<String> token = Optional.empty();
    do {
      var page =
          core.directory()
              .users()
              .list(core.organization(), filter, new PageRequest(countMax, token));
      page.items().forEach(user -> names.add(user.name()));
      token = page.nextToken();
    } while (token.isPresent());
    return names;
  }

  @Test
  @DisplayName("a filter that matches little looks at a bounded number of rows a page")
  void aSparseFilterIsBounded() {
    try (var core = new CoreFixture(DirectoryLimits.standard().withUsersPerOrganization(10_000))) {
      int count = DirectoryLimits.LIST_SCAN_MAX + 50;
      for (int i = 0; i < count; i++) {
        create(
            core,
            new NewUser(
                "user%05d".formatted(i), "U", Optional.empty(), UserRole.USER, false, Map.of()));
      }
      var page =
          core.directory()
              .users()
              .list(
                  core.organization(),
                  new EntityFilter.IdentityProviderUserIdPrefix("none"),
                  PageRequest.first());
      assertThat(page.items()).isEmpty();
      assertThat(page.nextToken()).isPresent();
      var rest =
          core.directory()
              .users()
              .list(
                  core.organization(),
                  new EntityFilter.IdentityProviderUserIdPrefix("none"),
                  new PageRequest(100, page.nextToken()));
      assertThat(rest.nextToken()).isEmpty();
    }
  }
}
