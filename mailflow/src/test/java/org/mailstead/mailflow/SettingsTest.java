package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mailstead.smtp.client.ClientSettings;

class SettingsTest {
  @Test
  void aPasswordIsNeverPrintedAndNeverSentWithoutTls() {
    var credentials = Optional.of(new Smarthost.Credentials("user", "geheim"));
    var smarthost = new Smarthost("relay.example", 587, ClientSettings.Tls.VERIFIED, credentials);
    assertThat(MailflowSettings.of("mx.example").withSmarthost(smarthost).toString())
        .contains("relay.example")
        .doesNotContain("geheim");
    assertThatThrownBy(() ->
            new Smarthost("relay.example", 587, ClientSettings.Tls.OPPORTUNISTIC, credentials))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theLastRetryDelayRepeats() {
    MailflowSettings settings = MailflowSettings.of("mx.example");
    assertThat(settings.retryDelay(1)).isEqualTo(Duration.ofMinutes(1));
    assertThat(settings.retryDelay(9)).isEqualTo(Duration.ofHours(4));
    assertThat(settings.retryDelay(500)).isEqualTo(Duration.ofHours(4));
  }
}
