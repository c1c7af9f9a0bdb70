package org.mailstead.core.directory;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.Invariant;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Collection;
import org.mailstead.store.Page;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// How the shards of a directory note what came from a connected one. An entity lies in the shard
/// of its external id: ids of new entities are drawn until they do, so that entity and notes change
/// in one commit. The notes go with the entity's deletion; who comes back is somebody new (USR-6).
final class ImportedRows {
  /// External id → kind, entity, fingerprint, whether logins are refused there.
  static final Collection IMPORTED = new Collection(30, "imported");

  /// Entity → external id, whether logins are refused there.
  static final Collection IDENTITIES = new Collection(31, "identities");

  /// [entity, part] → addresses and certificates.
  static final Collection ATTACHMENTS = new Collection(32, "attachments");

  private static final int FORMAT = 1;
  private static final int PART_BYTES = 3_500;
  private static final int PARTS_MAX = 100;
  private static final int FINGERPRINT_BYTES = 16;

  private ImportedRows() {}

  record Note(EntityKind kind, EntityId entity, byte[] fingerprint, boolean loginDisabled) {
    static Note read(byte[] row) {
      var in = new ValueReader(row, FORMAT);
      EntityKind kind = in.flag() ? EntityKind.GROUP : EntityKind.USER;
      return new Note(kind, new EntityId(in.text()), in.octets(), in.flag());
    }

    byte[] value() {
      return new ValueWriter(FORMAT)
          .flag(kind == EntityKind.GROUP)
          .text(entity.value())
          .octets(fingerprint)
          .flag(loginDisabled)
          .value();
    }
  }

  record Attachments(List<EmailAddress> addresses, List<byte[]> certificates) {}

  static int shard(String externalId) {
    return Math.floorMod(externalId.hashCode(), EntityRows.SHARD_COUNT);
  }

  static Optional<Note> find(Store store, DirectoryId directory, String externalId) {
    return store
        .get(Entities.shard(directory, shard(externalId)), IMPORTED, EntityRows.utf8(externalId))
        .map(Note::read);
  }

  /// The fingerprint that no object has: the next synchronization looks at it again.
  static byte[] unsettled() {
    return new byte[FINGERPRINT_BYTES];
  }

  /// Equal exactly when everything that is taken over is equal.
  static byte[] fingerprint(Imported imported) {
    var out = new ValueWriter(FORMAT).text(imported.name()).flag(imported.system());
    for (EmailAddress address : imported.addresses()) out.text(address.toString());
    switch (imported) {
      case Imported.User user -> {
        out.text(user.displayName()).flag(user.resource()).flag(user.loginDisabled());
        for (UserDetail detail : UserDetail.values()) {
          out.text(user.details().getOrDefault(detail, ""));
        }
        user.certificates().forEach(out::octets);
      }
      case Imported.Group _ -> {}
    }
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(out.value());
      return Arrays.copyOf(hash, FINGERPRINT_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  static void write(PartitionChange commit, Imported imported, Note note) {
    commit.put(IMPORTED, EntityRows.utf8(imported.externalId()), note.value());
    commit.put(
        IDENTITIES,
        EntityRows.utf8(note.entity.value()),
        new ValueWriter(FORMAT).text(imported.externalId()).flag(note.loginDisabled).value());
    writeAttachments(commit, note.entity, imported);
  }

  private static void writeAttachments(PartitionChange commit, EntityId id, Imported imported) {
    List<byte[]> certificates =
        switch (imported) {
          case Imported.User user -> user.certificates();
          case Imported.Group _ -> List.of();
        };
    var out = new ValueWriter(FORMAT).number(imported.addresses().size());
    for (EmailAddress address : imported.addresses()) out.text(address.toString());
    out.number(certificates.size());
    certificates.forEach(out::octets);
    byte[] value = out.value();
    boolean none = imported.addresses().isEmpty() && certificates.isEmpty();
    int count = none ? 0 : (value.length + PART_BYTES - 1) / PART_BYTES;
    deleteAttachments(commit, id, count);
    for (int i = 0; i < count; i++) {
      int end = Math.min(value.length, (i + 1) * PART_BYTES);
      commit.put(
          ATTACHMENTS,
          EntityRows.pair(id, new byte[] {(byte) i}),
          Arrays.copyOfRange(value, i * PART_BYTES, end));
    }
  }

  private static void deleteAttachments(PartitionChange commit, EntityId id, int from) {
    for (Row row : commit.range(ATTACHMENTS, EntityRows.entity(id), PARTS_MAX).rows()) {
      if (row.key()[row.key().length - 1] >= from) commit.delete(ATTACHMENTS, row.key());
    }
  }

  static void delete(PartitionChange commit, String externalId, EntityId id) {
    commit.delete(IMPORTED, EntityRows.utf8(externalId));
    commit.delete(IDENTITIES, EntityRows.utf8(id.value()));
    deleteAttachments(commit, id, 0);
  }

  static Attachments attachments(Store store, DirectoryId directory, EntityId id) {
    Page page =
        store.range(Entities.shard(directory, id), ATTACHMENTS, EntityRows.entity(id), PARTS_MAX);
    if (page.rows().isEmpty()) return new Attachments(List.of(), List.of());
    Invariant.check(page.next().isEmpty(), "more attachments of an entity than there can be");
    var value = new java.io.ByteArrayOutputStream();
    page.rows().forEach(row -> value.writeBytes(row.value()));
    var in = new ValueReader(value.toByteArray(), FORMAT);
    List<EmailAddress> addresses = new ArrayList<>();
    for (long left = in.number(); left > 0; left--) addresses.add(EmailAddress.parse(in.text()));
    List<byte[]> certificates = new ArrayList<>();
    for (long left = in.number(); left > 0; left--) certificates.add(in.octets());
    return new Attachments(List.copyOf(addresses), List.copyOf(certificates));
  }

  /// What the directory knows of an entity's logins.
  record Identity(String externalId, boolean loginDisabled) {}

  static Optional<Identity> identity(Store store, DirectoryId directory, EntityId id) {
    return store
        .get(Entities.shard(directory, id), IDENTITIES, EntityRows.utf8(id.value()))
        .map(row -> {
          var in = new ValueReader(row, FORMAT);
          return new Identity(in.text(), in.flag());
        });
  }
}
