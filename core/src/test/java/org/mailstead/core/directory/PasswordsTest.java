package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.mailstead.base.UnavailableException;

final class PasswordsTest {
  @Test
  void theStandardCostIsNineteenMebibytesTwice() {
    try (var passwords = new Passwords(Passwords.Cost.standard(), new SecureRandom())) {
      String hash = passwords.hash("Correct-Horse-1");
      assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
      assertThat(passwords.verify("Correct-Horse-1", hash)).isTrue();
      assertThat(passwords.verify("Correct-Horse-2", hash)).isFalse();
      assertThat(passwords.hash("Correct-Horse-1")).isNotEqualTo(hash);
      assertThat(passwords.verify("", passwords.dummy())).isFalse();
    }
  }

  /// The reference implementation's test vector for Argon2id version 19, `echo -n password | argon2
  /// somesalt -id -t 2 -k 65536 -p 1` (github.com/P-H-C/phc-winner-argon2, src/test.c).
  @Test
  void hashesOfOthersAreVerified() {
    try (var passwords = new Passwords(new Passwords.Cost(64, 1), new SecureRandom())) {
      String reference =
          "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
      assertThat(passwords.verify("password", reference)).isTrue();
      assertThat(passwords.verify("Password", reference)).isFalse();
    }
  }

  @Test
  void onlySoManyWait() throws Exception {
    try (var passwords = new Passwords(new Passwords.Cost(8 * 1024, 1), new SecureRandom())) {
      int tries = Passwords.WAITING_MAX + Passwords.RUNNING_MAX + 40;
      var turnedAway = new AtomicInteger();
      var start = new CountDownLatch(1);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < tries; i++) {
        threads.add(
            Thread.startVirtualThread(() -> {
              try {
                start.await();
                passwords.hash("x");
              } catch (UnavailableException e) {
                turnedAway.incrementAndGet();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }));
      }
      start.countDown();
      for (Thread thread : threads) thread.join();
      assertThat(turnedAway.get()).isPositive().isLessThanOrEqualTo(40);
      assertThat(passwords.hashCount()).isEqualTo(tries - turnedAway.get());
    }
  }

  @Test
  void aHashOfAnotherFormIsABug() {
    try (var passwords = new Passwords(new Passwords.Cost(64, 1), new SecureRandom())) {
      assertThatThrownBy(() -> passwords.verify("x", "{SHA}abc"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageNotContaining("abc");
    }
  }
}
