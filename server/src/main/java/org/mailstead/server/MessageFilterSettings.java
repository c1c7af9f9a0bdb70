package org.mailstead.server;

import java.time.Duration;
import java.util.Optional;
import org.mailstead.mailflow.filter.FilterAddress;
import org.mailstead.mailflow.filter.FilterSettings;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;

/// Reads which filters look into messages.
final class MessageFilterSettings {
  private static final long TIMEOUT_SECONDS_MAX = 300;
  private static final long POINTS_MAX = 1_000;

  static FilterSettings read(Settings settings) {
    long timeout = settings.number("filters.timeout-seconds");
    if (timeout < 1 || timeout > TIMEOUT_SECONDS_MAX) {
      throw new SettingsException("filters.timeout-seconds: 1 to " + TIMEOUT_SECONDS_MAX);
    }
    long points = settings.number("spam.points");
    if (points < 1 || points > POINTS_MAX) {
      throw new SettingsException("spam.points: 1 to " + POINTS_MAX);
    }
    try {
      return new FilterSettings(
          address(settings, "filters.clamd"),
          address(settings, "filters.spamassassin"),
          address(settings, "filters.rspamd")
              .map(address ->
                  new FilterSettings.Rspamd(address, settings.text("filters.rspamd-password"))),
          settings.texts("filters.milters").stream()
              .map(text -> address("filters.milters", text))
              .toList(),
          Duration.ofSeconds(timeout),
          settings.number("filters.message-bytes"),
          whenDown(settings.text("filters.when-down")),
          whenVirus(settings.text("filters.virus")),
          settings.isOn("filters.submissions"),
          new FilterSettings.BuiltIn(
              settings.isOn("spam.built-in"),
              points,
              settings.texts("spam.block-lists").stream()
                  .map(MessageFilterSettings::blockList)
                  .toList()));
    } catch (IllegalArgumentException e) {
      throw new SettingsException("filters, spam: " + e.getMessage());
    }
  }

  private static Optional<FilterAddress> address(Settings settings, String key) {
    String text = settings.text(key);
    return text.isEmpty() ? Optional.empty() : Optional.of(address(key, text));
  }

  private static FilterAddress address(String key, String text) {
    try {
      return new FilterAddress(text);
    } catch (IllegalArgumentException e) {
      throw new SettingsException(key + ": " + e.getMessage());
    }
  }

  private static FilterSettings.BlockList blockList(String text) {
    try {
      return FilterSettings.BlockList.parse(text);
    } catch (IllegalArgumentException e) {
      throw new SettingsException("spam.block-lists: not of the form zone or zone=points: " + text);
    }
  }

  private static FilterSettings.WhenDown whenDown(String text) {
    return switch (text) {
      case "accept" -> FilterSettings.WhenDown.ACCEPT;
      case "defer" -> FilterSettings.WhenDown.DEFER;
      default -> throw new SettingsException("filters.when-down: accept or defer, not " + text);
    };
  }

  private static FilterSettings.WhenVirus whenVirus(String text) {
    return switch (text) {
      case "refuse" -> FilterSettings.WhenVirus.REFUSE;
      case "junk" -> FilterSettings.WhenVirus.JUNK;
      default -> throw new SettingsException("filters.virus: refuse or junk, not " + text);
    };
  }

  private MessageFilterSettings() {}
}
