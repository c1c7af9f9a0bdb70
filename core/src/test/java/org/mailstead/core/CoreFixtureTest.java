package org.mailstead.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.core.directory.Recipients.Resolution;

final class CoreFixtureTest {
  @Test
  void everybodyLogsInAndTheGroupReachesAllOfThem() {
    try (var core = new CoreFixture()) {
      assertThat(core.login("anna@example.test", CoreFixture.PASSWORD_OF_ANNA).user())
          .isEqualTo(core.anna());
      assertThat(core.login("Bert@example.test", CoreFixture.PASSWORD_OF_BERT).user())
          .isEqualTo(core.bert());
      assertThat(core.login("carl@example.test", CoreFixture.PASSWORD_OF_CARL).user())
          .isEqualTo(core.carl());
      assertThat(core.mailbox(core.anna()).folders()).isNotEmpty();
      var team = core.directory().recipients().resolve(EmailAddress.parse("team@example.test"));
      assertThat(((Resolution.Local) team).recipients())
          .extracting(recipient -> recipient.entity())
          .containsExactlyInAnyOrder(core.anna(), core.bert(), core.carl());
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  void everythingIsThereAfterReopening() {
    try (var core = new CoreFixture()) {
      core.reopen();
      assertThat(core.login("anna@example.test", CoreFixture.PASSWORD_OF_ANNA).user())
          .isEqualTo(core.anna());
    }
  }
}
