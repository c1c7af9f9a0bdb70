package org.mailstead.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.directory.DirectoryLimits;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;

@DisplayName("LIM-4 ORG-7: limits that the operator sets")
final class DirectoryLimitSettingsTest {
  private static DirectoryLimits read(Map<String, String> environment) {
    return DirectoryLimitSettings.read(Settings.load(Optional.empty(), environment));
  }

  @Test
  void theDefaultsAreTheGuides() {
    assertThat(read(Map.of())).isEqualTo(DirectoryLimits.standard());
  }

  @Test
  void softOnesGoUpToTheirCeiling() {
    DirectoryLimits limits =
        read(
            Map.of(
                "MAILSTEAD_LIMITS_USERS_PER_ORGANIZATION",
                "10000000",
                "MAILSTEAD_LIMITS_ORGANIZATIONS_PER_ACCOUNT",
                "5"));
    assertThat(limits.usersPerOrganization()).isEqualTo(10_000_000);
    assertThat(limits.organizationsPerAccount()).isEqualTo(5);
    assertThatThrownBy(() -> read(Map.of("MAILSTEAD_LIMITS_USERS_PER_ORGANIZATION", "10000001")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("limits.users-per-organization: 1 to 10000000");
    assertThatThrownBy(() -> read(Map.of("MAILSTEAD_LIMITS_USERS_PER_ORGANIZATION", "0")))
        .isInstanceOf(SettingsException.class);
  }

  @Test
  void hardOnesAreOnlyLoweredUnlessTheSwitchIsOn() {
    assertThat(read(Map.of("MAILSTEAD_LIMITS_ALIASES", "7")).aliasesPerEntity()).isEqualTo(7);
    assertThatThrownBy(() -> read(Map.of("MAILSTEAD_LIMITS_ALIASES", "101")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("limits.beyond-the-guide");
    DirectoryLimits limits =
        read(
            Map.of(
                "MAILSTEAD_LIMITS_ALIASES",
                "101",
                "MAILSTEAD_LIMITS_DOMAINS_PER_ORGANIZATION",
                "1500",
                "MAILSTEAD_LIMITS_BEYOND_THE_GUIDE",
                "true"));
    assertThat(limits.aliasesPerEntity()).isEqualTo(101);
    assertThat(limits.domainsPerOrganization()).isEqualTo(1_500);
  }
}
