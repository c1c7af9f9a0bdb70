package org.mailstead.migration.ledger;

import java.io.IOException;

/// Where the octets of one ledger are. Tests have one that forgets what was not forced.
public interface LedgerStorage extends AutoCloseable {
  /// Everything that is there.
  byte[] readAll() throws IOException;

  void append(byte[] octets, int offset, int count) throws IOException;

  /// Returns when all that was appended would survive a loss of power.
  void force() throws IOException;

  /// Cuts off what follows, durably.
  void truncate(long length) throws IOException;

  @Override
  void close() throws IOException;
}
