package org.mailstead.core.directory;

import java.util.List;
import java.util.Map;
import org.mailstead.base.EmailAddress;

/// A user or group as a connected directory has it. The directory's own identity (`objectGUID`,
/// `entryUUID`) is what it is known by: names and places may change.
public sealed interface Imported {
  /// At most [Imports#ID_BYTES_MAX] octets.
  String externalId();

  String name();

  EntityKind kind();

  /// Part of the directory itself (`krbtgt`, `Domain Admins`): listed here, but protected (USR-2).
  boolean system();

  /// The primary one first. Those on domains of the organization are proposals for registration
  /// and, under interoperability, the addresses.
  List<EmailAddress> addresses();

  /// @param hidden from the global address list; taken over when the user is new, ours after that
  /// @param resource a room or piece of equipment of Exchange
  /// @param loginDisabled the directory refuses this user's logins
  /// @param certificates for S/MIME (USR-8), DER
  record User(
      String externalId,
      String name,
      String displayName,
      Map<UserDetail, String> details,
      boolean hidden,
      boolean system,
      boolean resource,
      boolean loginDisabled,
      List<EmailAddress> addresses,
      List<byte[]> certificates)
      implements Imported {
    @Override
    public EntityKind kind() {
      return EntityKind.USER;
    }
  }

  record Group(
      String externalId, String name, boolean hidden, boolean system, List<EmailAddress> addresses)
      implements Imported {
    @Override
    public EntityKind kind() {
      return EntityKind.GROUP;
    }
  }
}
