package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.core.directory.Refused.refused;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mailstead.core.CoreFixture;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;

final class AccountsTest {
  @Test
  void aKeyIsFoundWithItsSecretUntilItIsRevoked() {
    try (var core = new CoreFixture()) {
      Accounts accounts = core.directory().accounts();
      var made =
          accounts.createKey(core.change("CreateAccessKey"), core.account(), Optional.empty());
      assertThat(made.key().id()).matches("AKIA[A-Z2-7]{16}");
      assertThat(made.secret()).hasSize(40);
      var found = accounts.findCredential(made.key().id()).orElseThrow();
      assertThat(found.secret()).isEqualTo(made.secret());
      assertThat(found.key().account()).isEqualTo(core.account());
      assertThat(found.toString()).doesNotContain(made.secret());
      core.reopen();
      accounts = core.directory().accounts();
      assertThat(accounts.findCredential(made.key().id()).orElseThrow().secret())
          .isEqualTo(made.secret());
      accounts.revokeKey(core.change("DeleteAccessKey"), core.account(), made.key().id());
      assertThat(accounts.findCredential(made.key().id())).isEmpty();
      accounts.revokeKey(core.change("DeleteAccessKey"), core.account(), made.key().id());
      assertThat(accounts.keys(core.account())).isEmpty();
    }
  }

  @Test
  void aRotatedKeyHasTheSameOwnerAndTheOldOneGoesOnWorking() {
    try (var core = new CoreFixture()) {
      Accounts accounts = core.directory().accounts();
      refused(
          DirectoryRefusal.ENTITY_NOT_FOUND,
          () ->
              accounts.createKey(
                  core.change("CreateAccessKey"), core.account(), Optional.of("ops")));
      core.directory()
          .administrators()
          .createUser(core.change("CreateUser"), core.account(), "ops");
      var old =
          accounts.createKey(core.change("CreateAccessKey"), core.account(), Optional.of("ops"));
      var fresh =
          accounts.rotateKey(core.change("RotateAccessKey"), core.account(), old.key().id());
      assertThat(fresh.key().userName()).contains("ops");
      assertThat(accounts.findCredential(old.key().id())).isPresent();
      assertThat(accounts.findCredential(fresh.key().id())).isPresent();
      assertThat(accounts.keys(core.account())).hasSize(2);
      refused(
          DirectoryRefusal.ACCOUNT_NOT_FOUND,
          () ->
              core.directory()
                  .accounts()
                  .rotateKey(
                      core.change("RotateAccessKey"), core.account(), "AKIAAAAAAAAAAAAAAAAA"));
    }
  }

  @Test
  void useIsNotedAtMostOnceInAQuarterOfAnHour() {
    try (var core = new CoreFixture()) {
      Accounts accounts = core.directory().accounts();
      AccessKey key =
          accounts
              .createKey(core.change("CreateAccessKey"), core.account(), Optional.empty())
              .key();
      accounts.used(key);
      var first = core.clock().instant();
      core.clock().advance(Duration.ofMinutes(10));
      accounts.used(accounts.findCredential(key.id()).orElseThrow().key());
      assertThat(accounts.findCredential(key.id()).orElseThrow().key().lastUsed()).contains(first);
      core.clock().advance(Duration.ofMinutes(6));
      accounts.used(accounts.findCredential(key.id()).orElseThrow().key());
      assertThat(accounts.findCredential(key.id()).orElseThrow().key().lastUsed())
          .contains(core.clock().instant());
    }
  }

  @Test
  void keysOfAnAccountAreLimitedAndUnknownAccountsRefused() {
    DirectoryLimits few =
        new DirectoryLimits(100, 1000, 1000, 100, 1000, 1000, 1000, 1000, 1000, 2);
    try (var core = new CoreFixture(few)) {
      Accounts accounts = core.directory().accounts();
      accounts.createKey(core.change("CreateAccessKey"), core.account(), Optional.empty());
      accounts.createKey(core.change("CreateAccessKey"), core.account(), Optional.empty());
      refused(
          DirectoryRefusal.LIMIT_EXCEEDED,
          () ->
              accounts.createKey(core.change("CreateAccessKey"), core.account(), Optional.empty()));
      refused(
          DirectoryRefusal.ACCOUNT_NOT_FOUND,
          () ->
              accounts.createKey(
                  core.change("CreateAccessKey"), new AccountId("000000000001"), Optional.empty()));
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  void secretsAreNotStoredAsTheyAre() {
    try (var core = new CoreFixture()) {
      var made =
          core.directory()
              .accounts()
              .createKey(core.change("CreateAccessKey"), core.account(), Optional.empty());
      byte[] secret = made.secret().getBytes(StandardCharsets.US_ASCII);
      for (int collection = 1; collection <= 201; collection++) {
        for (var row :
            core.store()
                .range(
                    new PartitionId("account/" + core.account()),
                    new org.mailstead.store.Collection(collection, "any"),
                    Range.all(),
                    1000)
                .rows()) {
          assertThat(new String(row.value(), StandardCharsets.ISO_8859_1))
              .doesNotContain(new String(secret, StandardCharsets.ISO_8859_1));
        }
      }
    }
  }
}
