package org.mailstead.core.directory;

import java.util.Optional;

/// Whether something that an organization depends on works: its key, its directory. The job of
/// [OrganizationHealth] asks every probe about every organization that serves, one after the other,
/// so that a probe gives up by itself within some seconds and does nothing for organizations that
/// it is not about.
@FunctionalInterface
public interface HealthProbe {
  /// @return one sentence that says what is wrong, shown to administrators as the organization's
  ///   ErrorMessage: without secrets or addresses of this installation; empty when all is well
  /// @throws org.mailstead.base.UnavailableException or any other exception counts as a problem
  ///   that the probe cannot name
  Optional<String> problem(Organization organization);
}
