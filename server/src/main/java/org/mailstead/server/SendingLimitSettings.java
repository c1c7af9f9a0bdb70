package org.mailstead.server;

import org.mailstead.core.queue.SendingMaxima;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;

/// The limits on recipients a day (LIM-3) as the operator has them: lower at will, higher than the
/// guide's only together with `limits.beyond-the-guide`.
final class SendingLimitSettings {
  private SendingLimitSettings() {}

  /// @throws SettingsException a value is out of range: the text names key and range
  static SendingMaxima read(Settings settings) {
    return new SendingMaxima(
        number(settings, "limits.external-recipients-per-user", SendingMaxima.USER_EXTERNAL),
        number(settings, "limits.external-recipients-per-account", SendingMaxima.ACCOUNT_EXTERNAL),
        number(settings, "limits.test-domain-recipients", SendingMaxima.ACCOUNT_TEST));
  }

  private static int number(Settings settings, String key, int guide) {
    long value = settings.number(key);
    if (value < 1 || value > SendingMaxima.CEILING) {
      throw new SettingsException(key + ": 1 to " + SendingMaxima.CEILING);
    }
    if (value > guide && !settings.isOn("limits.beyond-the-guide")) {
      throw new SettingsException(
          key + ": more than " + guide + " needs limits.beyond-the-guide = true");
    }
    return (int) value;
  }
}
