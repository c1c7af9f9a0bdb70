package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mailstead.core.directory.Refused.refused;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.Recipients.Resolution;

final class OrganizationsTest {
  private static Organization create(CoreFixture core, NewOrganization request) {
    return core.directory()
        .organizations()
        .create(core.change("CreateOrganization"), core.account(), request);
  }

  private static NewOrganization withToken(String alias, String token) {
    return new NewOrganization(
        alias, Optional.of(token), Optional.empty(), List.of(), Optional.empty(), false);
  }

  private static NewOrganization withDomains(String alias, String... domains) {
    return new NewOrganization(
        alias, Optional.empty(), Optional.empty(), List.of(domains), Optional.empty(), false);
  }

  private static NewOrganization onDirectory(String alias, String directory) {
    return new NewOrganization(
        alias, Optional.empty(), Optional.of(directory), List.of(), Optional.empty(), false);
  }

  @Test
  @DisplayName("ORG-2: a new organization is active, with its directory and verified test domain")
  void aNewOrganizationIsActive() {
    try (var core = new CoreFixture()) {
      Organization made = create(core, NewOrganization.of("Acme-1"));
      assertThat(made.id().value()).matches("m-[0-9a-f]{32}");
      assertThat(made.directory().value()).matches("d-[0-9a-f]{10}");
      assertThat(made.state()).isEqualTo(OrganizationState.ACTIVE);
      assertThat(made.alias()).isEqualTo("Acme-1");
      assertThat(made.defaultMailDomain()).isEqualTo("acme-1.mail.test");
      assertThat(made.completed()).contains(core.clock().instant());
      assertThat(made.usersMax()).isEqualTo(1000);
      assertThat(made.arn("eu-west-1"))
          .isEqualTo("arn:aws:workmail:eu-west-1:" + core.account() + ":organization/" + made.id());
      var domain = core.directory().domains().load(made.id(), "acme-1.mail.test");
      assertThat(domain.testDomain() && domain.defaultDomain() && domain.verified()).isTrue();
    }
  }

  @Test
  @DisplayName("ORG-1: an alias is globally unique, without regard to case")
  void anAliasIsUnique() {
    try (var core = new CoreFixture()) {
      AccountId other = core.directory().accounts().createAccount();
      refused(
          DirectoryRefusal.NAME_AVAILABILITY,
          () ->
              core.directory()
                  .organizations()
                  .create(core.change("CreateOrganization"), other, NewOrganization.of("EXAMPLE")));
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  @DisplayName("ORG-1: another account's organization is not found")
  void anotherAccountsOrganizationIsNotFound() {
    try (var core = new CoreFixture()) {
      AccountId other = core.directory().accounts().createAccount();
      refused(
          DirectoryRefusal.ORGANIZATION_NOT_FOUND,
          () -> core.directory().organizations().load(other, core.organization()));
      refused(
          DirectoryRefusal.ORGANIZATION_NOT_FOUND,
          () ->
              core.directory()
                  .organizations()
                  .load(core.account(), new OrganizationId("m-00000000000000000000000000000000")));
      refused(
          DirectoryRefusal.ORGANIZATION_NOT_FOUND,
          () -> core.directory().users().describe(new OrganizationId("nonsense"), "anna"));
    }
  }

  @Test
  void badRequestsAreInvalid() {
    try (var core = new CoreFixture()) {
      for (String alias : List.of("", "d-abc", "-a", "a-", "a b", "a.b", "x".repeat(63))) {
        refused(DirectoryRefusal.INVALID_PARAMETER, () -> create(core, NewOrganization.of(alias)));
      }
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () ->
              create(
                  core,
                  new NewOrganization(
                      "kms",
                      Optional.empty(),
                      Optional.empty(),
                      List.of(),
                      Optional.of("arn:aws:kms:x"),
                      false)));
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () ->
              create(
                  core,
                  new NewOrganization(
                      "interop",
                      Optional.empty(),
                      Optional.empty(),
                      List.of(),
                      Optional.empty(),
                      true)));
    }
  }

  @Test
  void theSameClientTokenAnswersWithTheSameOrganizationForADay() {
    try (var core = new CoreFixture()) {
      Organization first = create(core, withToken("acme", "token-1"));
      assertThat(create(core, withToken("acme", "token-1")).id()).isEqualTo(first.id());
      refused(
          DirectoryRefusal.INVALID_PARAMETER, () -> create(core, withToken("other", "token-1")));
      core.clock().advance(Duration.ofHours(25));
      refused(DirectoryRefusal.NAME_AVAILABILITY, () -> create(core, withToken("acme", "token-1")));
    }
  }

  @Test
  @DisplayName("ORG-7: organizations of an account are limited; deleted ones do not count")
  void organizationsAreLimited() {
    DirectoryLimits two =
        new DirectoryLimits(2, 1000, 1000, 100, 1000, 1000, 1000, 1000, 1000, 100);
    try (var core = new CoreFixture(two)) {
      Organization second = create(core, NewOrganization.of("second"));
      assertThatThrownBy(() -> create(core, NewOrganization.of("third")))
          .hasMessage("You have reached the maximum number of organizations you can create");
      refused(DirectoryRefusal.LIMIT_EXCEEDED, () -> create(core, NewOrganization.of("third")));
      core.directory()
          .organizations()
          .delete(core.change("DeleteOrganization"), second.id(), true, false);
      core.runJobs();
      assertThat(create(core, NewOrganization.of("third")).state())
          .isEqualTo(OrganizationState.ACTIVE);
    }
  }

  @Test
  void domainsGivenAtCreationAreRegisteredAndThoseOfOthersRefused() {
    try (var core = new CoreFixture()) {
      Organization made = create(core, withDomains("acme", "acme.example"));
      assertThat(core.directory().domains().load(made.id(), "acme.example").verified()).isFalse();
      refused(
          DirectoryRefusal.MAIL_DOMAIN_IN_USE,
          () -> create(core, withDomains("other", "acme.example")));
      // Nothing is left of the refused one.
      assertThat(core.check().warnings()).isEmpty();
      assertThat(create(core, NewOrganization.of("other")).state())
          .isEqualTo(OrganizationState.ACTIVE);
    }
  }

  @Test
  void listingPagesThroughAllOfThem() {
    try (var core = new CoreFixture()) {
      for (int i = 0; i < 7; i++) create(core, NewOrganization.of("acme" + i));
      Set<OrganizationId> seen = new HashSet<>();
      Optional<String> token = Optional.empty();
      int pages = 0;
      do {
        var page = core.directory().organizations().list(core.account(), new PageRequest(3, token));
        page.items().forEach(each -> assertThat(seen.add(each.id())).isTrue());
        token = page.nextToken();
        pages++;
      } while (token.isPresent());
      assertThat(seen).hasSize(8).contains(core.organization());
      assertThat(pages).isEqualTo(3);
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () ->
              core.directory()
                  .organizations()
                  .list(core.account(), new PageRequest(3, Optional.of("nonsense"))));
      refused(DirectoryRefusal.INVALID_PARAMETER, () -> new PageRequest(101, Optional.empty()));
    }
  }

  @Test
  @DisplayName(
      "ORG-4, ORG-5: deletion asks for force with enabled users, destroys the key, frees names")
  void deletion() {
    try (var core = new CoreFixture()) {
      var organizations = core.directory().organizations();
      byte[] sealed = core.keys().seal(core.organization(), new byte[] {1, 2, 3});
      var mailbox = core.principal(core.anna()).mailbox();
      refused(
          DirectoryRefusal.ORGANIZATION_STATE,
          () ->
              organizations.delete(
                  core.change("DeleteOrganization"), core.organization(), true, false));
      assertThat(
              organizations
                  .delete(core.change("DeleteOrganization"), core.organization(), true, true)
                  .state())
          .isEqualTo(OrganizationState.DELETING);
      refused(
          DirectoryRefusal.ORGANIZATION_STATE,
          () -> core.directory().users().describe(core.organization(), "anna"));
      assertThatThrownBy(() -> core.login("anna@example.test", CoreFixture.PASSWORD_OF_ANNA))
          .isInstanceOf(RefusedException.class);
      assertThat(core.directory().recipients().resolve(EmailAddress.parse("anna@example.test")))
          .isInstanceOf(Resolution.Disabled.class);
      core.runJobs();
      assertThat(organizations.load(core.account(), core.organization()).state())
          .isEqualTo(OrganizationState.DELETED);
      assertThat(
              organizations
                  .delete(core.change("DeleteOrganization"), core.organization(), true, true)
                  .state())
          .isEqualTo(OrganizationState.DELETED);
      assertThatThrownBy(() -> core.keys().open(core.organization(), sealed))
          .isInstanceOf(RefusedException.class);
      assertThatThrownBy(() -> core.mailboxes().open(mailbox)).isInstanceOf(RefusedException.class);
      assertThat(core.directory().recipients().resolve(EmailAddress.parse("anna@example.test")))
          .isInstanceOf(Resolution.Foreign.class);
      // Alias and domain are free again, its directory is gone.
      Organization again = create(core, withDomains("example", "example.test"));
      assertThat(
              core.directory()
                  .users()
                  .list(again.id(), new EntityFilter.None(), PageRequest.first())
                  .items())
          .isEmpty();
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  @DisplayName("ORG-5: a directory that was kept makes a new organization with its users, disabled")
  void aKeptDirectoryIsUsedAgain() {
    try (var core = new CoreFixture()) {
      var organizations = core.directory().organizations();
      String directory = organizations.load(core.organization()).directory().value();
      refused(
          DirectoryRefusal.DIRECTORY_IN_USE, () -> create(core, onDirectory("example", directory)));
      refused(
          DirectoryRefusal.DIRECTORY_UNAVAILABLE,
          () -> create(core, onDirectory("example", "d-0000000000")));
      organizations.delete(core.change("DeleteOrganization"), core.organization(), false, true);
      core.runJobs();
      assertThat(core.check().warnings()).isEmpty();
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () -> create(core, onDirectory("different", directory)));
      Organization again = create(core, onDirectory("example", directory));
      var anna = core.directory().users().describe(again.id(), "anna");
      assertThat(anna.id()).isEqualTo(core.anna());
      assertThat(anna.state()).isEqualTo(EntityState.DISABLED);
      assertThat(anna.email()).isEmpty();
      assertThat(anna.mailbox()).isEmpty();
      core.directory()
          .registrations()
          .register(
              core.change("RegisterToWorkMail"), again.id(), "anna", "anna@example.mail.test");
      assertThat(core.login("anna@example.mail.test", CoreFixture.PASSWORD_OF_ANNA).mailbox())
          .isNotEqualTo(anna.mailbox());
      assertThat(core.check().warnings()).isEmpty();
    }
  }
}
