package org.mailstead.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.queue.SendingMaxima;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;

@DisplayName("LIM-3: limits on recipients that the operator sets")
final class SendingLimitSettingsTest {
  private static SendingMaxima read(Map<String, String> environment) {
    return SendingLimitSettings.read(Settings.load(Optional.empty(), environment));
  }

  @Test
  void theDefaultsAreTheGuides() {
    assertThat(read(Map.of())).isEqualTo(new SendingMaxima(10_000, 100_000, 200));
  }

  @Test
  void theyAreOnlyLoweredUnlessTheSwitchIsOn() {
    String user = "MAILSTEAD_LIMITS_EXTERNAL_RECIPIENTS_PER_USER";
    String test = "MAILSTEAD_LIMITS_TEST_DOMAIN_RECIPIENTS";
    assertThat(read(Map.of(user, "7")).userExternal()).isEqualTo(7);
    assertThatThrownBy(() -> read(Map.of(test, "201")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("limits.beyond-the-guide");
    assertThat(
            read(Map.of(test, "5000", "MAILSTEAD_LIMITS_BEYOND_THE_GUIDE", "true")).accountTest())
        .isEqualTo(5_000);
    assertThatThrownBy(() -> read(Map.of(user, "0"))).isInstanceOf(SettingsException.class);
  }
}
