package org.mailstead.server;

import org.mailstead.core.directory.DirectoryLimits;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;

/// The limits of LIM-4 and ORG-7 as the operator has them. What the guide calls hard can be
/// lowered, but raised only together with `limits.beyond-the-guide`: clients and tools made for
/// WorkMail may not expect more.
final class DirectoryLimitSettings {
  private static final long ORGANIZATIONS_MAX = 100_000;
  private static final long ALIASES_MAX = 1_000;
  private static final long DOMAINS_MAX = 1_500;

  private DirectoryLimitSettings() {}

  /// @throws SettingsException a value is out of range: the text names key and range
  static DirectoryLimits read(Settings settings) {
    DirectoryLimits usual = DirectoryLimits.standard();
    boolean beyond = settings.isOn("limits.beyond-the-guide");
    return usual.with(
        (int) number(settings, "limits.organizations-per-account", ORGANIZATIONS_MAX),
        number(settings, "limits.users-per-organization", DirectoryLimits.USERS_MAX),
        (int) hard(settings, "limits.aliases", usual.aliasesPerEntity(), ALIASES_MAX, beyond),
        (int)
            hard(
                settings,
                "limits.domains-per-organization",
                usual.domainsPerOrganization(),
                DOMAINS_MAX,
                beyond));
  }

  private static long hard(
      Settings settings, String key, long guide, long ceiling, boolean beyond) {
    long value = number(settings, key, ceiling);
    if (value > guide && !beyond) {
      throw new SettingsException(
          key + ": more than " + guide + " needs limits.beyond-the-guide = true");
    }
    return value;
  }

  private static long number(Settings settings, String key, long ceiling) {
    long value = settings.number(key);
    if (value < 1 || value > ceiling) throw new SettingsException(key + ": 1 to " + ceiling);
    return value;
  }
}
