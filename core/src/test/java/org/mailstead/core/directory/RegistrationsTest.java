package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mailstead.core.directory.Refused.refused;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.Recipients.Resolution;

final class RegistrationsTest {
  private static Registrations registrations(CoreFixture core) {
    return core.directory().registrations();
  }

  private static void alias(CoreFixture core, EntityId entity, String alias) {
    registrations(core).createAlias(core.change("CreateAlias"), core.organization(), entity, alias);
  }

  private static void deleteAlias(CoreFixture core, EntityId entity, String alias) {
    registrations(core).deleteAlias(core.change("DeleteAlias"), core.organization(), entity, alias);
  }

  private static void primary(CoreFixture core, String entity, String email) {
    registrations(core)
        .updatePrimaryAddress(
            core.change("UpdatePrimaryEmailAddress"), core.organization(), entity, email);
  }

  private static void deregister(CoreFixture core, EntityId entity) {
    registrations(core)
        .deregister(core.change("DeregisterFromWorkMail"), core.organization(), entity.value());
  }

  private static List<String> aliases(CoreFixture core, EntityId entity) {
    return registrations(core)
        .listAliases(core.organization(), entity, PageRequest.first())
        .items()
        .stream()
        .map(EmailAddress::toString)
        .toList();
  }

  private static EntityId created(CoreFixture core, String name) {
    return core.directory()
        .users()
        .create(
            core.change("CreateUser"),
            core.organization(),
            NewUser.of(name, name, "Some-Secret-1"));
  }

  @Test
  @DisplayName("RegisterToWorkMail and its declared errors")
  void registration() {
    try (var core = new CoreFixture()) {
      EntityId dora = created(core, "dora");
      refused(
          DirectoryRefusal.EMAIL_ADDRESS_IN_USE, () -> core.register(dora, "anna@example.test"));
      refused(
          DirectoryRefusal.EMAIL_ADDRESS_IN_USE,
          () -> core.register(dora, "AmazonJournaling@example.mail.test"));
      refused(DirectoryRefusal.MAIL_DOMAIN_NOT_FOUND, () -> core.register(dora, "dora@other.test"));
      refused(
          DirectoryRefusal.ENTITY_NOT_FOUND,
          () -> core.register(new EntityId("nobody"), "nobody@example.test"));
      for (String bad : List.of("dora", "@example.test", "do ra@example.test", "dora@example")) {
        refused(DirectoryRefusal.INVALID_PARAMETER, () -> core.register(dora, bad));
      }
      core.register(dora, "dora@example.test");
      core.register(dora, "Dora@example.test"); // Enabled with this address: no change.
      refused(
          DirectoryRefusal.ENTITY_ALREADY_REGISTERED,
          () -> core.register(dora, "dora2@example.test"));
      var user = core.directory().users().describe(core.organization(), "dora");
      assertThat(user.state()).isEqualTo(EntityState.ENABLED);
      assertThat(user.enabledDate()).contains(core.clock().instant());
      assertThat(user.mailboxProvisionedDate()).contains(core.clock().instant());
      assertThat(user.mailbox()).contains(new MailboxId(dora.value()));
      assertThat(core.mailbox(dora).findFolder(List.of("INBOX"))).isPresent();
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  @DisplayName(
      "USR-6: disabled means no login and no delivery; enabling restores mailbox and aliases")
  void disablingAndEnabling() {
    try (var core = new CoreFixture()) {
      alias(core, core.anna(), "sales@example.test");
      MailboxId mailbox = core.principal(core.anna()).mailbox();
      deregister(core, core.anna());
      refused(DirectoryRefusal.ENTITY_STATE, () -> deregister(core, core.anna()));
      refused(DirectoryRefusal.ENTITY_STATE, () -> alias(core, core.anna(), "other@example.test"));
      refused(
          DirectoryRefusal.ENTITY_STATE,
          () -> deleteAlias(core, core.anna(), "sales@example.test"));
      refused(DirectoryRefusal.ENTITY_STATE, () -> primary(core, "anna", "sales@example.test"));
      assertThatThrownBy(() -> core.login("anna@example.test", CoreFixture.PASSWORD_OF_ANNA))
          .isInstanceOf(RefusedException.class);
      for (String address : List.of("anna@example.test", "sales@example.test")) {
        assertThat(core.directory().recipients().resolve(EmailAddress.parse(address)))
            .isInstanceOf(Resolution.Disabled.class);
        // Nobody else takes a disabled user's address.
        refused(DirectoryRefusal.EMAIL_ADDRESS_IN_USE, () -> alias(core, core.bert(), address));
      }
      core.clock().advance(Duration.ofDays(29));
      core.runJobs();
      core.register(core.anna(), "new@example.test");
      assertThat(core.principal(core.anna()).mailbox()).isEqualTo(mailbox);
      assertThat(aliases(core, core.anna()))
          .containsExactly("anna@example.test", "sales@example.test");
      assertThat(core.login("sales@example.test", CoreFixture.PASSWORD_OF_ANNA).primaryAddress())
          .isEqualTo(EmailAddress.parse("new@example.test"));
      core.clock().advance(Duration.ofDays(10));
      core.runJobs();
      assertThat(core.mailboxes().open(mailbox).id()).isEqualTo(mailbox);
    }
  }

  @Test
  @DisplayName("USR-6: after 30 days the mailbox is gone for good; enabling makes a fresh one")
  void theMailboxGoesAfterThirtyDays() {
    try (var core = new CoreFixture()) {
      MailboxId old = core.principal(core.anna()).mailbox();
      deregister(core, core.anna());
      core.clock().advance(Duration.ofDays(30));
      core.runJobs();
      assertThatThrownBy(() -> core.mailboxes().open(old)).isInstanceOf(RefusedException.class);
      var anna = core.directory().users().describe(core.organization(), "anna");
      assertThat(anna.mailbox()).isEmpty();
      assertThat(anna.mailboxDeprovisionedDate()).contains(core.clock().instant());
      core.register(core.anna(), "anna@example.test");
      MailboxId fresh = core.principal(core.anna()).mailbox();
      assertThat(fresh).isNotEqualTo(old);
      assertThat(core.directory().lookups().mailboxOwner(core.organization(), fresh))
          .map(user -> user.id())
          .contains(core.anna());
      assertThat(core.directory().lookups().mailboxOwner(core.organization(), old)).isEmpty();
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  @DisplayName("USR-3: aliases receive, are listed in order, and are free when deleted")
  void aliasesOfUsersAndGroups() {
    try (var core = new CoreFixture()) {
      alias(core, core.anna(), "b@example.test");
      alias(core, core.anna(), "a@example.mail.test");
      alias(core, core.team(), "everybody@example.test");
      assertThat(aliases(core, core.anna()))
          .containsExactly("a@example.mail.test", "b@example.test");
      assertThat(registrations(core).describeByAddress(core.organization(), "B@example.test").id())
          .isEqualTo(core.anna());
      assertThat(
              registrations(core)
                  .describeByAddress(core.organization(), "everybody@example.test")
                  .kind())
          .isEqualTo(EntityKind.GROUP);
      refused(
          DirectoryRefusal.EMAIL_ADDRESS_IN_USE, () -> alias(core, core.anna(), "b@example.test"));
      refused(
          DirectoryRefusal.EMAIL_ADDRESS_IN_USE, () -> alias(core, core.bert(), "b@example.test"));
      refused(
          DirectoryRefusal.ENTITY_NOT_FOUND,
          () -> alias(core, new EntityId("anna"), "c@example.test"));
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () -> deleteAlias(core, core.anna(), "anna@example.test"));
      deleteAlias(core, core.anna(), "b@example.test");
      deleteAlias(core, core.anna(), "b@example.test");
      refused(
          DirectoryRefusal.ENTITY_NOT_FOUND,
          () -> registrations(core).describeByAddress(core.organization(), "b@example.test"));
      alias(core, core.bert(), "b@example.test");
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  @DisplayName("LIM-4: a user has at most 100 aliases; they are listed in pages")
  void aliasesAreLimited() {
    try (var core = new CoreFixture()) {
      for (int i = 0; i < 100; i++) alias(core, core.anna(), "alias" + i + "@example.test");
      refused(
          DirectoryRefusal.LIMIT_EXCEEDED, () -> alias(core, core.anna(), "onemore@example.test"));
      refused(DirectoryRefusal.LIMIT_EXCEEDED, () -> primary(core, "anna", "onemore@example.test"));
      primary(core, "anna", "alias7@example.test");
      Set<EmailAddress> seen = new HashSet<>();
      Optional<String> token = Optional.empty();
      do {
        var page =
            registrations(core)
                .listAliases(core.organization(), core.anna(), new PageRequest(33, token));
        page.items().forEach(each -> assertThat(seen.add(each)).isTrue());
        token = page.nextToken();
      } while (token.isPresent());
      assertThat(seen).hasSize(100).contains(EmailAddress.parse("anna@example.test"));
      alias(core, core.bert(), "onemore@example.test");
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  @DisplayName("UpdatePrimaryEmailAddress: the old primary becomes an alias, an alias swaps")
  void primaryAddresses() {
    try (var core = new CoreFixture()) {
      primary(core, "anna", "anna.adler@example.test");
      assertThat(core.principal(core.anna()).primaryAddress().toString())
          .isEqualTo("anna.adler@example.test");
      assertThat(aliases(core, core.anna())).containsExactly("anna@example.test");
      primary(core, "anna.adler@example.test", "anna@example.test");
      assertThat(aliases(core, core.anna())).containsExactly("anna.adler@example.test");
      primary(core, "anna", "anna@example.test");
      refused(
          DirectoryRefusal.EMAIL_ADDRESS_IN_USE, () -> primary(core, "anna", "bert@example.test"));
      refused(DirectoryRefusal.MAIL_DOMAIN_NOT_FOUND, () -> primary(core, "anna", "a@other.test"));
      refused(DirectoryRefusal.ENTITY_NOT_FOUND, () -> primary(core, "nobody", "a@example.test"));
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  @DisplayName("a remote user keeps an address elsewhere, which its owner can still have here")
  void remoteUsers() {
    try (var core = new CoreFixture()) {
      EntityId remote =
          core.directory()
              .users()
              .create(
                  core.change("CreateUser"),
                  core.organization(),
                  new NewUser(
                      "rita", "Rita", Optional.empty(), UserRole.REMOTE_USER, false, Map.of()));
      core.register(remote, "rita@elsewhere.example");
      var rita = core.directory().users().describe(core.organization(), "rita@elsewhere.example");
      assertThat(rita.id()).isEqualTo(remote);
      assertThat(rita.mailbox()).isEmpty();
      refused(
          DirectoryRefusal.UNSUPPORTED_OPERATION,
          () ->
              core.directory()
                  .users()
                  .resetPassword(
                      core.change("ResetPassword"), core.organization(), remote, "Some-Secret-1"));
      EmailAddress address = EmailAddress.parse("rita@elsewhere.example");
      assertThat(core.directory().recipients().resolve(address))
          .isInstanceOf(Resolution.Foreign.class);
      Organization other =
          core.directory()
              .organizations()
              .create(
                  core.change("CreateOrganization"),
                  core.account(),
                  NewOrganization.of("elsewhere"));
      core.directory()
          .domains()
          .register(
              core.change("RegisterMailDomain"), other.id(), "elsewhere.example", Optional.empty());
      core.directory()
          .domains()
          .verified(core.change("Verify"), other.id(), "elsewhere.example", true);
      EntityId real =
          core.directory()
              .users()
              .create(
                  core.change("CreateUser"), other.id(), NewUser.of("rita", "R", "Some-Secret-1"));
      core.directory()
          .registrations()
          .register(
              core.change("RegisterToWorkMail"),
              other.id(),
              real.value(),
              "rita@elsewhere.example");
      assertThat(core.directory().recipients().resolve(address))
          .isInstanceOf(Resolution.Local.class);
      assertThat(core.check().warnings()).isEmpty();
    }
  }
}
