package org.mailstead.core.directory;

import java.util.List;
import org.mailstead.base.OrganizationId;

/// Takes users and groups of connected directories over (ORG-3). Implemented by whoever speaks
/// their protocol.
public interface DirectorySynchronizer {
  /// Of an organization on a connected directory.
  SynchronizationState state(OrganizationId organization);

  /// Begins a synchronization and does not wait for its end; while one is under way no other
  /// begins.
  ///
  /// @param isFull everything is compared, not only what changed
  /// @throws DirectoryRefusedException DIRECTORY_UNAVAILABLE,
  ///   DIRECTORY_SERVICE_AUTHENTICATION_FAILED
  void start(OrganizationId organization, boolean isFull);

  /// Enabled users whose `userPrincipalName` is not their primary address (XCH-7), by name, the
  /// first of them.
  ///
  /// @throws org.mailstead.base.UnavailableException the directory does not answer
  List<String> otherPrincipalNames(OrganizationId organization, int countMax);

  /// Where no directory is connected.
  static DirectorySynchronizer none() {
    return new DirectorySynchronizer() {
      @Override
      public SynchronizationState state(OrganizationId organization) {
        return SynchronizationState.NEVER;
      }

      @Override
      public void start(OrganizationId organization, boolean isFull) {
        throw new DirectoryRefusedException(
            DirectoryRefusal.UNSUPPORTED_OPERATION, "No directory is connected.");
      }

      @Override
      public List<String> otherPrincipalNames(OrganizationId organization, int countMax) {
        return List.of();
      }
    };
  }
}
