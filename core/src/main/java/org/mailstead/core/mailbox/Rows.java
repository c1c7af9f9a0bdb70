package org.mailstead.core.mailbox;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.mailstead.store.Collection;

/// The collections of a mailbox partition and their keys (docs/architecture/storage.md).
final class Rows {
  /// One row: identity, key, quota, counters.
  static final Collection HEAD = new Collection(1, "head");

  /// Folder id → names, counters.
  static final Collection FOLDERS = new Collection(2, "folders");

  /// Folder id, segment number → [Segment].
  static final Collection SEGMENTS = new Collection(3, "segments");

  /// Email id, part → sealed [StoredMessage]; write-once.
  static final Collection MESSAGES = new Collection(4, "messages");

  /// Email id → encrypted bytes of a small message; write-once.
  static final Collection INLINE = new Collection(5, "inline contents");

  /// Email id / 64 → counts of the emails with more than one placement.
  static final Collection REFERENCES = new Collection(6, "references");

  /// Folder id, version, part → time and UIDs that vanished.
  static final Collection VANISHED = new Collection(7, "vanished");

  /// Hash of a delivery id → time.
  static final Collection DELIVERIES = new Collection(8, "deliveries");

  /// Hash of a Message-ID → thread id.
  static final Collection THREADS = new Collection(9, "threads");

  /// Folder id, bit → sealed keyword.
  static final Collection KEYWORDS = new Collection(10, "keywords");

  /// Folder id, entity id → rights.
  static final Collection PERMISSIONS = new Collection(11, "permissions");

  /// Hash of a path → sealed path of a subscribed name without a folder.
  static final Collection SUBSCRIPTIONS = new Collection(12, "subscriptions");

  /// Blob id → how many emails of this mailbox refer to it. 0: to be released.
  static final Collection BLOBS = new Collection(13, "blobs");

  /// Kind, hash of a name, part → sealed part of a record of the owner: scripts, rules.
  static final Collection RECORDS = new Collection(14, "records");

  /// Hash of what is remembered → time until which, delivery that it was noted by.
  static final Collection REMEMBERED = new Collection(15, "remembered");

  static final byte[] ONLY = {0};

  private Rows() {}

  static byte[] key(long id) {
    return ByteBuffer.allocate(8).putLong(id).array();
  }

  static byte[] segment(long folder, int number) {
    return ByteBuffer.allocate(12).putLong(folder).putInt(number).array();
  }

  static byte[] message(long email, int part) {
    return ByteBuffer.allocate(9).putLong(email).put((byte) part).array();
  }

  static byte[] vanished(long folder, long version, int part) {
    return ByteBuffer.allocate(18).putLong(folder).putLong(version).putShort((short) part).array();
  }

  static byte[] keyword(long folder, int bit) {
    return ByteBuffer.allocate(9).putLong(folder).put((byte) bit).array();
  }

  static byte[] permission(long folder, byte[] entity) {
    return ByteBuffer.allocate(8 + entity.length).putLong(folder).put(entity).array();
  }

  static long id(byte[] key) {
    return ByteBuffer.wrap(key).getLong();
  }

  static byte[] rest(byte[] key) {
    return Arrays.copyOfRange(key, 8, key.length);
  }

  static long vanishedVersion(byte[] key) {
    return ByteBuffer.wrap(key).getLong(8);
  }

  /// The last four octets of a segment's key.
  static int segmentNumber(byte[] key) {
    return ByteBuffer.wrap(key).getInt(8);
  }
}
