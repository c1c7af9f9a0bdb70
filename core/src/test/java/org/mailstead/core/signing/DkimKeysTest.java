package org.mailstead.core.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailstead.base.RefusedException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.DirectoryLimits;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.TestClock;

class DkimKeysTest {
  private final TestClock clock = new TestClock();
  private final CoreFixture core =
      new CoreFixture(DirectoryLimits.standard(), clock, new MemoryStore(clock), store -> store);
  private final DkimKeys keys = new DkimKeys(core.directory(), core.keys(), clock);

  @AfterEach
  void close() {
    core.close();
  }

  @Test
  void aDomainHasTwoPairsThatStay() {
    List<DkimKey> made = keys.keys(core.organization(), CoreFixture.DOMAIN);
    assertThat(made).hasSize(4);
    assertThat(made)
        .filteredOn(DkimKey::isActive)
        .extracting(DkimKey::algorithm)
        .containsExactly(DkimKey.Algorithm.RSA, DkimKey.Algorithm.ED25519);
    assertThat(made).extracting(DkimKey::selector).doesNotHaveDuplicates();
    assertThat(
            new DkimKeys(core.directory(), core.keys(), clock)
                .keys(core.organization(), CoreFixture.DOMAIN))
        .isEqualTo(made);
    for (DkimKey key : made) {
      assertThat(
              keys.privateKey(core.organization(), CoreFixture.DOMAIN, key.selector()).getEncoded())
          .isNotEmpty();
    }
    assertThatThrownBy(() -> keys.keys(core.organization(), "other.example"))
        .isInstanceOf(DirectoryRefusedException.class);
    assertThatThrownBy(() -> keys.privateKey(core.organization(), CoreFixture.DOMAIN, "none"))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void recordsAreKeysOrAliases() {
    List<PublishedRecord> texts =
        keys.records(core.organization(), CoreFixture.DOMAIN, Optional.empty());
    assertThat(texts).allMatch(r -> r.type().equals("TXT") && r.value().startsWith("v=DKIM1; k="));
    assertThat(
            keys.records(core.organization(), CoreFixture.DOMAIN, Optional.of("dkim.host.example"))
                .getFirst())
        .isEqualTo(
            new PublishedRecord(
                "CNAME",
                "mailstead-rsa1._domainkey.example.test",
                "mailstead-rsa1.example.test.dkim.host.example"));
  }

  @Test
  void rotationChangesThePairAndOldKeysStayUntilTheirMailHasArrived() {
    List<DkimKey> before = keys.keys(core.organization(), CoreFixture.DOMAIN);
    keys.renew(core.change("RenewDkim"), core.organization(), CoreFixture.DOMAIN);
    List<DkimKey> renewed = keys.keys(core.organization(), CoreFixture.DOMAIN);
    assertThat(renewed.subList(0, 2)).isEqualTo(before.subList(0, 2));
    assertThat(renewed.get(2).record()).isNotEqualTo(before.get(2).record());
    keys.rotate(core.change("RotateDkim"), core.organization(), CoreFixture.DOMAIN);
    List<DkimKey> rotated = keys.keys(core.organization(), CoreFixture.DOMAIN);
    assertThat(rotated).extracting(DkimKey::isActive).containsExactly(false, false, true, true);
    assertThat(rotated)
        .extracting(DkimKey::record)
        .isEqualTo(renewed.stream().map(DkimKey::record).toList());
    assertThatThrownBy(
            () -> keys.renew(core.change("RenewDkim"), core.organization(), CoreFixture.DOMAIN))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("on its way");
    clock.advance(DkimKeys.RETIRED_KEPT.plus(Duration.ofSeconds(1)));
    keys.renew(core.change("RenewDkim"), core.organization(), CoreFixture.DOMAIN);
    assertThat(keys.keys(core.organization(), CoreFixture.DOMAIN).get(0).record())
        .isNotEqualTo(before.get(0).record());
  }
}
