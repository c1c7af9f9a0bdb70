package org.mailstead.core.directory;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// What the operator decides about directories.
///
/// @param testDomainSuffix test domains are `<alias>.<suffix>` (ORG-2)
/// @param region the region of ARNs
/// @param verifiedDomains domains that count as verified without a DNS check; [#EVERY_DOMAIN]: all
///   of them
/// @param connected directories that are not our own
public record DirectorySettings(
    String testDomainSuffix,
    String region,
    Set<String> verifiedDomains,
    DirectoryLimits limits,
    ConnectedDirectories connected) {
  public static final String EVERY_DOMAIN = "*";

  public DirectorySettings {
    testDomainSuffix = testDomainSuffix.toLowerCase(Locale.ROOT);
    verifiedDomains =
        verifiedDomains.stream()
            .map(domain -> domain.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  /// Without connected directories.
  public DirectorySettings(
      String testDomainSuffix, String region, Set<String> verifiedDomains, DirectoryLimits limits) {
    this(testDomainSuffix, region, verifiedDomains, limits, ConnectedDirectories.none());
  }
}
