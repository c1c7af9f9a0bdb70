package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.keys.KeyService;
import org.mailstead.core.keys.OrganizationKeys;

@DisplayName("ORG-4: organizations become impaired and come back")
final class OrganizationHealthTest {
  private static Organization organization(CoreFixture core) {
    return core.directory().organizations().load(core.organization());
  }

  @Test
  void aProblemImpairsAndItsEndMakesActiveAgain() {
    try (var core = new CoreFixture()) {
      HealthProbe fine = _ -> Optional.empty();
      HealthProbe broken = _ -> Optional.of("The directory does not answer.");
      HealthProbe bug =
          _ -> {
            throw new IllegalStateException("secret detail");
          };
      OrganizationHealth health = core.directory().health();

      assertThat(health.runOnce(List.of(fine))).isZero();
      assertThat(health.runOnce(List.of(broken, bug))).isEqualTo(1);
      assertThat(organization(core).state()).isEqualTo(OrganizationState.IMPAIRED);
      assertThat(organization(core).errorMessage())
          .contains("The directory does not answer. A health check could not be carried out.");
      assertThat(health.runOnce(List.of(broken, bug))).isZero();

      core.reopen();
      assertThat(organization(core).state()).isEqualTo(OrganizationState.IMPAIRED);
      assertThat(core.directory().health().runOnce(List.of(fine))).isEqualTo(1);
      assertThat(organization(core).state()).isEqualTo(OrganizationState.ACTIVE);
      assertThat(organization(core).errorMessage()).isEmpty();
    }
  }

  @Test
  void anImpairedOrganizationGoesOnAndADeletedOneStaysDeleted() {
    try (var core = new CoreFixture()) {
      HealthProbe broken = _ -> Optional.of("It does not answer.");
      core.directory().health().runOnce(List.of(broken));
      core.login("anna@example.test", CoreFixture.PASSWORD_OF_ANNA);
      core.enabledUser("dora", "Dora", "Dora-Secret-4");
      assertThat(
              core.directory()
                  .recipients()
                  .resolve(org.mailstead.base.EmailAddress.parse("dora@example.test")))
          .isInstanceOf(Recipients.Resolution.Local.class);

      core.directory()
          .organizations()
          .delete(core.change("DeleteOrganization"), core.organization(), true, true);
      core.runJobs();
      assertThat(core.directory().health().runOnce(List.of(broken))).isZero();
      assertThat(organization(core).state()).isEqualTo(OrganizationState.DELETED);
    }
  }

  /// A key service that can be switched off.
  private static final class Switchable implements KeyService {
    private boolean off;

    @Override
    public byte[] wrap(OrganizationId organization, byte[] dataKey) {
      return dataKey;
    }

    @Override
    public byte[] unwrap(OrganizationId organization, byte[] wrapped) {
      if (off) throw new UnavailableException("key service", Duration.ofSeconds(1));
      return wrapped;
    }

    @Override
    public boolean isCurrent(byte[] wrapped) {
      return true;
    }
  }

  @Test
  void theProbeOfKeysAsksPastWhatIsInMemory() {
    try (var core = new CoreFixture()) {
      var service = new Switchable();
      var keys = new OrganizationKeys(core.store(), service, new java.security.SecureRandom());
      HealthProbe probe = OrganizationHealth.ofKeys(keys);
      assertThat(probe.problem(organization(core))).isEmpty();
      service.off = true;
      assertThat(probe.problem(organization(core)))
          .contains("The organization's encryption key is not reachable.");
      keys.destroy(core.organization());
      service.off = false;
      assertThat(probe.problem(organization(core))).isPresent();
    }
  }
}
