package org.mailstead.interop;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.mailstead.core.directory.DirectoryProblem;

/// One configured directory: its settings, its servers, how its entries are read.
final class LdapDirectory implements AutoCloseable {
  private final LdapDirectorySettings settings;
  private final LdapServers servers;
  private final EntryReader reader;

  LdapDirectory(LdapDirectorySettings settings) {
    this.settings = settings;
    this.servers = new LdapServers(settings);
    this.reader = new EntryReader(settings);
  }

  LdapDirectorySettings settings() {
    return settings;
  }

  LdapServers servers() {
    return servers;
  }

  EntryReader reader() {
    return reader;
  }

  /// Why it cannot be used now; empty when it can.
  Optional<DirectoryProblem> problem() {
    return servers.problem();
  }

  void reconnect() {
    servers.reconnect();
  }

  /// Changes when base DNs, filters or attributes do.
  String scopeHash() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(settings.scope().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  @Override
  public void close() {
    servers.close();
  }
}
