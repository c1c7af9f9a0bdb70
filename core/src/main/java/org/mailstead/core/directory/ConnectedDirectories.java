package org.mailstead.core.directory;

import java.util.List;
import java.util.Optional;

/// The configured directories that are not ours. Implemented by whoever speaks their protocol.
public interface ConnectedDirectories {
  Optional<ConnectedDirectory> find(DirectoryId directory);

  /// In the order of the settings.
  List<ConnectedDirectory> all();

  /// Why it cannot be used now; empty when it can, or when no such directory is configured. Gives
  /// up within some seconds.
  Optional<DirectoryProblem> problem(DirectoryId directory);

  /// None is configured.
  static ConnectedDirectories none() {
    return new ConnectedDirectories() {
      @Override
      public Optional<ConnectedDirectory> find(DirectoryId directory) {
        return Optional.empty();
      }

      @Override
      public List<ConnectedDirectory> all() {
        return List.of();
      }

      @Override
      public Optional<DirectoryProblem> problem(DirectoryId directory) {
        return Optional.empty();
      }
    };
  }
}
