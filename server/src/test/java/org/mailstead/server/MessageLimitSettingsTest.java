package org.mailstead.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;

@DisplayName("LIM-1: limits on one message that the operator sets")
final class MessageLimitSettingsTest {
  private static final String MESSAGE = "MAILSTEAD_LIMITS_MESSAGE_BYTES";
  private static final String APPEND = "MAILSTEAD_LIMITS_APPEND_BYTES";
  private static final String RECIPIENTS = "MAILSTEAD_LIMITS_RECIPIENTS";
  private static final String BEYOND = "MAILSTEAD_LIMITS_BEYOND_THE_GUIDE";

  private static MessageLimitSettings read(Map<String, String> environment) {
    return MessageLimitSettings.read(Settings.load(Optional.empty(), environment));
  }

  @Test
  void theDefaultsAreTheGuides() {
    assertThat(read(Map.of())).isEqualTo(new MessageLimitSettings(25 << 20, 150 << 20, 500));
  }

  @Test
  void theyAreOnlyLoweredUnlessTheSwitchIsOn() {
    assertThat(read(Map.of(MESSAGE, "1000000")).messageBytes()).isEqualTo(1_000_000);
    for (var each :
        Map.of(MESSAGE, "26214401", APPEND, "157286401", RECIPIENTS, "501").entrySet()) {
      assertThatThrownBy(() -> read(Map.of(each.getKey(), each.getValue())))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("limits.beyond-the-guide");
      assertThat(read(Map.of(each.getKey(), each.getValue(), BEYOND, "true"))).isNotNull();
    }
  }

  @Test
  void whatNoServerMayRefuseOrCannotHoldIsRefused() {
    for (var each :
        Map.of(MESSAGE, "41943041", APPEND, "1073741825", RECIPIENTS, "99").entrySet()) {
      assertThatThrownBy(() -> read(Map.of(each.getKey(), each.getValue(), BEYOND, "true")))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining(" to ");
    }
    assertThatThrownBy(() -> read(Map.of(MESSAGE, "100"))).isInstanceOf(SettingsException.class);
    assertThatThrownBy(() -> read(Map.of(APPEND, "1000000")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("limits.append-bytes");
  }
}
