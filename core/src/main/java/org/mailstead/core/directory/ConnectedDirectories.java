package org.mailstead.core.directory;

import java.util.Optional;

/// The configured directories that are not ours. Implemented by whoever speaks their protocol.
public interface ConnectedDirectories {
  Optional<ConnectedDirectory> find(DirectoryId directory);

  /// Whether it answers now; gives up within some seconds.
  boolean isReachable(DirectoryId directory);

  /// None is configured.
  static ConnectedDirectories none() {
    return new ConnectedDirectories() {
      @Override
      public Optional<ConnectedDirectory> find(DirectoryId directory) {
        return Optional.empty();
      }

      @Override
      public boolean isReachable(DirectoryId directory) {
        return false;
      }
    };
  }
}
