package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.core.directory.Refused.refused;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.Recipients.Resolution;

final class MailDomainsTest {
  private static void register(CoreFixture core, String domain) {
    core.directory()
        .domains()
        .register(core.change("RegisterMailDomain"), core.organization(), domain, Optional.empty());
  }

  private static void deregister(CoreFixture core, String domain) {
    core.directory()
        .domains()
        .deregister(core.change("DeregisterMailDomain"), core.organization(), domain);
  }

  private static Organization other(CoreFixture core) {
    return core.directory()
        .organizations()
        .create(core.change("CreateOrganization"), core.account(), NewOrganization.of("other"));
  }

  @Test
  @DisplayName("DOM-4: a domain belongs to one organization only")
  void aDomainBelongsToOneOrganization() {
    try (var core = new CoreFixture()) {
      register(core, "Shop.Example");
      Organization other = other(core);
      refused(
          DirectoryRefusal.MAIL_DOMAIN_IN_USE,
          () ->
              core.directory()
                  .domains()
                  .register(
                      core.change("RegisterMailDomain"),
                      other.id(),
                      "shop.example",
                      Optional.empty()));
      refused(DirectoryRefusal.MAIL_DOMAIN_IN_USE, () -> register(core, "shop.example"));
      deregister(core, "shop.example");
      deregister(core, "shop.example");
      core.directory()
          .domains()
          .register(
              core.change("RegisterMailDomain"), other.id(), "shop.example", Optional.empty());
      refused(
          DirectoryRefusal.MAIL_DOMAIN_NOT_FOUND,
          () -> core.directory().domains().load(core.organization(), "shop.example"));
    }
  }

  @Test
  void aClientTokenRepeatsItsSuccess() {
    try (var core = new CoreFixture()) {
      for (int i = 0; i < 2; i++) {
        core.directory()
            .domains()
            .register(
                core.change("RegisterMailDomain"),
                core.organization(),
                "shop.example",
                Optional.of("t"));
      }
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () ->
              core.directory()
                  .domains()
                  .register(
                      core.change("RegisterMailDomain"),
                      core.organization(),
                      "other.example",
                      Optional.of("t")));
    }
  }

  @Test
  @DisplayName("DOM-4: the default domain is the test domain until another verified one is set")
  void theDefaultDomain() {
    try (var core = new CoreFixture()) {
      var domains = core.directory().domains();
      register(core, "shop.example");
      refused(
          DirectoryRefusal.MAIL_DOMAIN_STATE,
          () ->
              domains.updateDefault(
                  core.change("UpdateDefaultMailDomain"), core.organization(), "shop.example"));
      refused(
          DirectoryRefusal.MAIL_DOMAIN_NOT_FOUND,
          () ->
              domains.updateDefault(
                  core.change("UpdateDefaultMailDomain"), core.organization(), "none.example"));
      domains.verified(core.change("Verify"), core.organization(), "shop.example", true);
      domains.updateDefault(
          core.change("UpdateDefaultMailDomain"), core.organization(), "shop.example");
      assertThat(core.directory().organizations().load(core.organization()).defaultMailDomain())
          .isEqualTo("shop.example");
      assertThat(domains.load(core.organization(), "shop.example").defaultDomain()).isTrue();
      assertThat(domains.load(core.organization(), "example.test").defaultDomain()).isFalse();
      // Addresses stay as they were.
      assertThat(core.principal(core.anna()).primaryAddress())
          .isEqualTo(EmailAddress.parse("anna@example.test"));
      refused(DirectoryRefusal.MAIL_DOMAIN_IN_USE, () -> deregister(core, "shop.example"));
    }
  }

  @Test
  @DisplayName("DOM-4: a domain goes only when no address uses it, disabled ones included")
  void aUsedDomainStays() {
    try (var core = new CoreFixture()) {
      core.directory()
          .domains()
          .updateDefault(
              core.change("UpdateDefaultMailDomain"), core.organization(), CoreFixture.TEST_DOMAIN);
      refused(DirectoryRefusal.MAIL_DOMAIN_IN_USE, () -> deregister(core, "example.test"));
      for (var id : List.of(core.anna(), core.bert(), core.carl(), core.team(), core.nested())) {
        core.directory()
            .registrations()
            .deregister(core.change("DeregisterFromWorkMail"), core.organization(), id.value());
      }
      refused(DirectoryRefusal.MAIL_DOMAIN_IN_USE, () -> deregister(core, "example.test"));
      for (var id : List.of(core.anna(), core.bert(), core.carl())) {
        core.directory().users().delete(core.change("DeleteUser"), core.organization(), id.value());
      }
      for (var id : List.of(core.team(), core.nested())) {
        core.directory()
            .groups()
            .delete(core.change("DeleteGroup"), core.organization(), id.value());
      }
      deregister(core, "example.test");
      core.runJobs();
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  void theTestDomainCannotBeRemovedAndBadNamesAreInvalid() {
    try (var core = new CoreFixture()) {
      refused(DirectoryRefusal.INVALID_PARAMETER, () -> deregister(core, CoreFixture.TEST_DOMAIN));
      for (String bad :
          List.of("", "a", "example", "-a.example", "a..example", "a_b.example", "é.example")) {
        refused(DirectoryRefusal.INVALID_PARAMETER, () -> register(core, bad));
      }
    }
  }

  @Test
  @DisplayName("DOM-4: mail for an unverified domain is foreign, and addresses may not use it")
  void anUnverifiedDomainReceivesNothing() {
    try (var core = new CoreFixture()) {
      register(core, "shop.example");
      assertThat(core.directory().recipients().resolve(EmailAddress.parse("a@shop.example")))
          .isInstanceOf(Resolution.Foreign.class);
      refused(
          DirectoryRefusal.MAIL_DOMAIN_STATE,
          () ->
              core.directory()
                  .registrations()
                  .createAlias(
                      core.change("CreateAlias"),
                      core.organization(),
                      core.anna(),
                      "anna@shop.example"));
      core.directory()
          .domains()
          .verified(core.change("Verify"), core.organization(), "shop.example", true);
      assertThat(core.directory().recipients().resolve(EmailAddress.parse("a@shop.example")))
          .isInstanceOf(Resolution.Unknown.class);
    }
  }

  @Test
  @DisplayName("LIM-4: domains are limited; listing pages through them in order")
  void domainsAreLimitedAndListed() {
    DirectoryLimits five =
        new DirectoryLimits(100, 1000, 1000, 100, 5, 1000, 1000, 1000, 1000, 100);
    try (var core = new CoreFixture(five)) {
      for (String name : List.of("c.example", "a.example", "b.example")) register(core, name);
      refused(DirectoryRefusal.LIMIT_EXCEEDED, () -> register(core, "d.example"));
      var first =
          core.directory()
              .domains()
              .list(core.organization(), new PageRequest(2, Optional.empty()));
      assertThat(first.items())
          .extracting(MailDomain::name)
          .containsExactly("a.example", "b.example");
      var second =
          core.directory()
              .domains()
              .list(core.organization(), new PageRequest(3, first.nextToken()));
      assertThat(second.items())
          .extracting(MailDomain::name)
          .containsExactly("c.example", "example.mail.test", "example.test");
      assertThat(second.nextToken()).isEmpty();
      assertThat(core.check().warnings()).isEmpty();
    }
  }
}
