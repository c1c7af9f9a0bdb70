package org.mailstead.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mailstead.mailflow.filter.FilterSettings;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;

final class MessageFilterSettingsTest {
  private static FilterSettings read(Map<String, String> variables) {
    return MessageFilterSettings.read(Settings.load(Optional.empty(), variables));
  }

  @Test
  void theBuiltInFilterAloneUnlessSet() {
    assertThat(read(Map.of())).isEqualTo(FilterSettings.standard());
    assertThat(read(Map.of()).isBuiltIn()).isTrue();
    assertThat(read(Map.of("MAILSTEAD_SPAM_BUILT_IN", "false")).isBuiltIn()).isFalse();
  }

  @Test
  void everythingThatCanBeSet() {
    FilterSettings all =
        read(
            Map.of(
                "MAILSTEAD_FILTERS_CLAMD", "unix:/run/clamav/clamd.ctl",
                "MAILSTEAD_FILTERS_RSPAMD", "127.0.0.1:11333",
                "MAILSTEAD_FILTERS_RSPAMD_PASSWORD", "secret",
                "MAILSTEAD_FILTERS_SPAMASSASSIN", "[::1]:783",
                "MAILSTEAD_FILTERS_MILTERS", "127.0.0.1:8891,unix:/run/milter",
                "MAILSTEAD_FILTERS_TIMEOUT_SECONDS", "3",
                "MAILSTEAD_FILTERS_WHEN_DOWN", "defer",
                "MAILSTEAD_FILTERS_VIRUS", "junk",
                "MAILSTEAD_SPAM_POINTS", "7",
                "MAILSTEAD_SPAM_BLOCK_LISTS", "zen.example.org=4.5,bl.example.org"));
    assertThat(all.addresses()).hasSize(5);
    assertThat(all.isBuiltIn()).isFalse();
    assertThat(all.timeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(all.whenDown()).isEqualTo(FilterSettings.WhenDown.DEFER);
    assertThat(all.whenVirus()).isEqualTo(FilterSettings.WhenVirus.JUNK);
    assertThat(all.builtIn().required()).isEqualTo(7);
    assertThat(all.builtIn().blockLists())
        .containsExactly(
            new FilterSettings.BlockList("zen.example.org", 4.5),
            new FilterSettings.BlockList("bl.example.org", 3));
    assertThat(all.toString()).doesNotContain("secret");
  }

  @Test
  void aWrongValueStopsTheStartAndNamesItsKey() {
    Map<String, String> wrong =
        Map.of(
            "MAILSTEAD_FILTERS_CLAMD", "clamd",
            "MAILSTEAD_FILTERS_MILTERS", "127.0.0.1:99999",
            "MAILSTEAD_FILTERS_TIMEOUT_SECONDS", "0",
            "MAILSTEAD_FILTERS_WHEN_DOWN", "perhaps",
            "MAILSTEAD_FILTERS_VIRUS", "keep",
            "MAILSTEAD_SPAM_POINTS", "0",
            "MAILSTEAD_SPAM_BLOCK_LISTS", "nonsense");
    wrong.forEach((variable, value) -> {
      String[] words = variable.toLowerCase(java.util.Locale.ROOT).split("_", 3);
      String key = words[1] + "." + words[2].replace('_', '-');
      assertThatThrownBy(() -> read(Map.of(variable, value)))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining(key);
    });
  }
}
