package org.mailstead.core.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.CoreFixture;

final class LoginsTest {
  private static final String ANNA = "anna@example.test";

  private static InetAddress peer(int... octets) throws Exception {
    byte[] address = new byte[octets.length];
    for (int i = 0; i < octets.length; i++) address[i] = (byte) octets[i];
    return InetAddress.getByAddress(address);
  }

  private static void fails(CoreFixture core, String name, String password, InetAddress peer) {
    assertThatThrownBy(() -> core.logins().login(name, password, Protocol.IMAP, peer))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refusal -> {
              assertThat(refusal.refusal()).isEqualTo(Refusal.AUTHENTICATION_FAILED);
              assertThat(refusal.publicText()).isEqualTo("wrong user name or password");
            });
  }

  @Test
  void aUserLogsInByAnyAddressOfHis() {
    try (var core = new CoreFixture()) {
      core.directory()
          .registrations()
          .createAlias(
              core.change("CreateAlias"), core.organization(), core.anna(), "a@example.test");
      Principal byAlias = core.login("A@example.test", CoreFixture.PASSWORD_OF_ANNA);
      assertThat(byAlias).isEqualTo(core.login(ANNA, CoreFixture.PASSWORD_OF_ANNA));
      assertThat(byAlias.primaryAddress().toString()).isEqualTo(ANNA);
    }
  }

  @Test
  @DisplayName(
      "every refusal costs exactly one hash and reads the same: unknown, disabled, wrong, no password")
  void refusalsCannotBeToldApart() throws Exception {
    try (var core = new CoreFixture()) {
      core.directory()
          .registrations()
          .deregister(core.change("Deregister"), core.organization(), "carl");
      int network = 0;
      for (String name :
          List.of(
              ANNA,
              "carl@example.test",
              "nobody@example.test",
              "anna@other.test",
              "team@example.test",
              "no address",
              "")) {
        long before = core.passwords().hashCount();
        fails(core, name, CoreFixture.PASSWORD_OF_CARL, peer(10, 0, network++, 1));
        assertThat(core.passwords().hashCount() - before).as(name).isEqualTo(1);
      }
    }
  }

  @Test
  @DisplayName(
      "a verified credential costs no hash for ten minutes, and is dropped with password or state")
  void verifiedCredentialsAreRemembered() {
    try (var core = new CoreFixture()) {
      core.login(ANNA, CoreFixture.PASSWORD_OF_ANNA);
      long hashes = core.passwords().hashCount();
      for (int i = 0; i < 50; i++) core.login(ANNA, CoreFixture.PASSWORD_OF_ANNA);
      assertThat(core.passwords().hashCount()).isEqualTo(hashes);
      core.clock().advance(Duration.ofMinutes(10));
      core.login(ANNA, CoreFixture.PASSWORD_OF_ANNA);
      assertThat(core.passwords().hashCount()).isEqualTo(hashes + 1);
      core.directory()
          .users()
          .resetPassword(
              core.change("ResetPassword"), core.organization(), core.anna(), "Fresh-Secret-7");
      fails(core, ANNA, CoreFixture.PASSWORD_OF_ANNA, CoreFixture.localhost());
      core.login(ANNA, "Fresh-Secret-7");
      core.directory()
          .registrations()
          .deregister(core.change("Deregister"), core.organization(), "anna");
      fails(core, ANNA, "Fresh-Secret-7", CoreFixture.localhost());
      core.register(core.anna(), ANNA);
      long before = core.passwords().hashCount();
      core.login(ANNA, "Fresh-Secret-7");
      assertThat(core.passwords().hashCount()).isEqualTo(before + 1);
    }
  }

  @Test
  @DisplayName(
      "failures of a name from a network make its next attempts wait, longer each time, up to a limit")
  void delaysGrow() throws Exception {
    try (var core = new CoreFixture()) {
      InetAddress attacker = peer(203, 0, 113, 5);
      for (int i = 0; i < 10; i++) {
        fails(core, ANNA, "wrong" + i, attacker);
        core.clock().advance(Duration.ofSeconds(20)); // What was slept has passed.
      }
      assertThat(core.slept())
          .startsWith(Duration.ofMillis(250), Duration.ofMillis(500), Duration.ofSeconds(1))
          .allSatisfy(d -> assertThat(d).isLessThanOrEqualTo(Duration.ofSeconds(5)));
      assertThat(core.slept().getLast()).isEqualTo(Duration.ofSeconds(5));
      int slept = core.slept().size();
      // Another network, and another name from the same one, do not wait.
      core.logins().login(ANNA, CoreFixture.PASSWORD_OF_ANNA, Protocol.IMAP, peer(198, 51, 100, 1));
      core.logins()
          .login("bert@example.test", CoreFixture.PASSWORD_OF_BERT, Protocol.IMAP, attacker);
      assertThat(core.slept()).hasSize(slept);
      // A neighbour in the same /24 counts as the same network.
      fails(core, ANNA, "wrong", peer(203, 0, 113, 77));
      assertThat(core.slept()).hasSize(slept + 1);
    }
  }

  @Test
  @DisplayName("a remembered credential never waits, and a good login ends the delay: never a ban")
  void goodCredentialsAreNotHeldUp() throws Exception {
    try (var core = new CoreFixture()) {
      InetAddress shared = peer(203, 0, 113, 5);
      core.logins().login(ANNA, CoreFixture.PASSWORD_OF_ANNA, Protocol.IMAP, shared);
      for (int i = 0; i < 8; i++) {
        fails(core, ANNA, "wrong", shared);
        core.clock().advance(Duration.ofSeconds(10));
      }
      int slept = core.slept().size();
      core.logins().login(ANNA, CoreFixture.PASSWORD_OF_ANNA, Protocol.IMAP, shared);
      assertThat(core.slept()).hasSize(slept);
      core.clock().advance(Duration.ofMinutes(11));
      core.logins().login(ANNA, CoreFixture.PASSWORD_OF_ANNA, Protocol.IMAP, shared);
      assertThat(core.slept()).hasSize(slept + 1);
      fails(core, ANNA, "wrong", shared);
      assertThat(core.slept()).hasSize(slept + 1);
    }
  }

  @Test
  @DisplayName(
      "attempts at one name from one network queue behind each other; too long a queue is turned away")
  void attemptsQueue() throws Exception {
    try (var core = new CoreFixture()) {
      InetAddress attacker = peer(203, 0, 113, 5);
      // The clock stands: as if all came at once.
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 100; i++) fails(core, ANNA, "wrong", attacker);
              })
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining(UnavailableException.class.getSimpleName());
      assertThat(core.slept())
          .isSorted()
          .last()
          .satisfies(d -> assertThat(d).isLessThanOrEqualTo(LoginLimits.standard().longestWait()));
      assertThat(core.slept().size()).isLessThan(20);
    }
  }

  @Test
  void failuresOfAWholeNetworkSlowItDown() throws Exception {
    try (var core = new CoreFixture()) {
      int free = LoginLimits.standard().freeFailuresOfNetwork();
      for (int i = 0; i <= free; i++) {
        fails(core, "user" + i + "@example.test", "wrong", peer(203, 0, 113, i));
      }
      assertThat(core.slept()).isEmpty();
      fails(core, "last@example.test", "wrong", peer(203, 0, 113, 200));
      assertThat(core.slept()).containsExactly(Duration.ofMillis(250));
      // IPv6: by /64.
      fails(core, "last@example.test", "wrong", InetAddress.getByName("2001:db8::1"));
      assertThat(LoginDelays.network(InetAddress.getByName("2001:db8::1")))
          .isEqualTo(LoginDelays.network(InetAddress.getByName("2001:db8::ffff:2")))
          .isNotEqualTo(LoginDelays.network(InetAddress.getByName("2001:db8:0:1::1")));
    }
  }

  @Test
  void tooLongNamesAndPasswordsAreRefusedWithoutHashing() {
    try (var core = new CoreFixture()) {
      long before = core.passwords().hashCount();
      fails(core, "x".repeat(321), "p", CoreFixture.localhost());
      fails(core, ANNA, "x".repeat(257), CoreFixture.localhost());
      assertThat(core.passwords().hashCount()).isEqualTo(before);
    }
  }
}
