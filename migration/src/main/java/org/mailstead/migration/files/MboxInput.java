package org.mailstead.migration.files;

import java.io.IOException;
import java.io.InputStream;

/// Where the octets of an mbox come from: something that can be opened again and is the same each
/// time.
@FunctionalInterface
public interface MboxInput {
  /// From this octet on.
  InputStream open(long offset) throws IOException;

  /// Whether opening far from the beginning costs nothing.
  default boolean isSeekable() {
    return false;
  }
}
