package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.Recipients.Recipient;
import org.mailstead.core.directory.Recipients.Resolution;

final class RecipientsTest {
  private static Resolution resolve(CoreFixture core, String address) {
    return core.directory().recipients().resolve(EmailAddress.parse(address));
  }

  @Test
  void aUserIsReachedByPrimaryAddressAliasAndSubaddress() {
    try (var core = new CoreFixture()) {
      core.directory()
          .registrations()
          .createAlias(
              core.change("CreateAlias"), core.organization(), core.anna(), "info@example.test");
      var anna =
          new Recipient(
              core.organization(),
              core.anna(),
              core.principal(core.anna()).mailbox(),
              EmailAddress.parse("anna@example.test"));
      for (String address :
          new String[] {
            "anna@example.test",
            "ANNA@EXAMPLE.TEST",
            "info@example.test",
            "anna+news@example.test",
            "info+a+b@example.test"
          }) {
        assertThat(resolve(core, address))
            .isEqualTo(
                new Resolution.Local(core.organization(), core.anna(), java.util.List.of(anna)));
      }
    }
  }

  @Test
  @DisplayName("an exact address wins over a subaddress")
  void anExactAddressWins() {
    try (var core = new CoreFixture()) {
      core.directory()
          .registrations()
          .createAlias(
              core.change("CreateAlias"),
              core.organization(),
              core.bert(),
              "anna+bert@example.test");
      assertThat(((Resolution.Local) resolve(core, "anna+bert@example.test")).entity())
          .isEqualTo(core.bert());
      assertThat(((Resolution.Local) resolve(core, "anna+carl@example.test")).entity())
          .isEqualTo(core.anna());
    }
  }

  @Test
  void unknownAddressesAndForeignDomainsAreToldApart() {
    try (var core = new CoreFixture()) {
      assertThat(resolve(core, "nobody@example.test")).isInstanceOf(Resolution.Unknown.class);
      assertThat(resolve(core, "+anna@example.test")).isInstanceOf(Resolution.Unknown.class);
      assertThat(resolve(core, "anna@example.mail.test")).isInstanceOf(Resolution.Unknown.class);
      assertThat(resolve(core, "anna@other.test")).isInstanceOf(Resolution.Foreign.class);
      assertThat(resolve(core, "amazonjournaling@example.test"))
          .isInstanceOf(Resolution.Unknown.class);
    }
  }

  @Test
  void aChangeIsSeenAtOnceThoughAnswersAreCached() {
    try (var core = new CoreFixture()) {
      for (int i = 0; i < 3; i++) {
        assertThat(resolve(core, "x@example.test")).isInstanceOf(Resolution.Unknown.class);
        core.directory()
            .registrations()
            .createAlias(
                core.change("CreateAlias"), core.organization(), core.anna(), "x@example.test");
        assertThat(((Resolution.Local) resolve(core, "x@example.test")).entity())
            .isEqualTo(core.anna());
        core.directory()
            .registrations()
            .deleteAlias(
                core.change("DeleteAlias"), core.organization(), core.anna(), "x@example.test");
        core.directory()
            .registrations()
            .createAlias(
                core.change("CreateAlias"), core.organization(), core.bert(), "x@example.test");
        assertThat(((Resolution.Local) resolve(core, "x@example.test")).entity())
            .isEqualTo(core.bert());
        core.directory()
            .registrations()
            .deleteAlias(
                core.change("DeleteAlias"), core.organization(), core.bert(), "x@example.test");
      }
    }
  }
}
