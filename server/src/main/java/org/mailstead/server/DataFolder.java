package org.mailstead.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The one folder that holds everything a service keeps, and what lies where in it.
///
/// @param root absolute
public record DataFolder(Path root) {
  public DataFolder {
    root = root.toAbsolutePath().normalize();
  }

  /// Makes the folders that are not there yet.
  ///
  /// @throws IOException one cannot be made; the text names it
  public DataFolder create() throws IOException {
    for (Path folder : new Path[] {root, store(), spool(), search()}) {
      try {
        Files.createDirectories(folder);
      } catch (IOException e) {
        throw new IOException("cannot make the folder " + folder + ": " + e, e);
      }
    }
    return this;
  }

  /// Whether a service has ever run on it.
  public boolean isUsed() {
    return Files.isDirectory(store()) && Files.exists(masterKey());
  }

  public Path store() {
    return root.resolve("store");
  }

  public Path masterKey() {
    return root.resolve("keys").resolve("master.key");
  }

  /// There while a restore is under way: what it has written so far is no store to serve.
  public Path restoring() {
    return root.resolve("RESTORING");
  }

  public boolean isRestoring() {
    return Files.exists(restoring());
  }

  public Path tls() {
    return root.resolve("tls");
  }

  /// Messages on their way in; emptied at each start.
  public Path spool() {
    return root.resolve("spool");
  }

  /// Ledgers of imports, and what could not be imported.
  public Path imports() {
    return root.resolve("imports");
  }

  /// Text indexes: derived, may be deleted.
  public Path search() {
    return root.resolve("search");
  }
}
