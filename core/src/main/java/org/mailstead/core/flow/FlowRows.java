package org.mailstead.core.flow;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.BlobId;
import org.mailstead.store.Collection;
import org.mailstead.store.PartitionId;

/// Keys and values of the partitions `flow/<0…15>`. The hash of a message's id chooses its shard.
final class FlowRows {
  static final String PREFIX = "flow/";
  static final int SHARD_COUNT = 16;

  /// Message id → [FlowMessage].
  static final Collection MESSAGES = new Collection(1, "messages");

  /// Name of a content → sealed reference, and the ciphertext when small; write-once.
  static final Collection CONTENTS = new Collection(2, "contents");

  /// Time of registration, message id → nothing.
  static final Collection TIMES = new Collection(3, "times");

  private static final int FORMAT = 1;

  /// @param blob plain, so that it can be released when the organization's key is gone
  /// @param reference sealed
  record StoredContent(Optional<BlobId> blob, byte[] reference, Optional<byte[]> inline) {}

  private FlowRows() {}

  static PartitionId partition(String messageId) {
    return shard(Math.floorMod(messageId.hashCode(), SHARD_COUNT));
  }

  static PartitionId shard(int number) {
    return new PartitionId(PREFIX + number);
  }

  static byte[] key(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] key) {
    return new String(key, StandardCharsets.UTF_8);
  }

  static byte[] timeKey(FlowMessage message) {
    byte[] id = key(message.id());
    return ByteBuffer.allocate(8 + id.length)
        .putLong(message.registered().toEpochMilli())
        .put(id)
        .array();
  }

  static Instant timeOf(byte[] key) {
    return Instant.ofEpochMilli(ByteBuffer.wrap(key).getLong());
  }

  static String idOf(byte[] timeKey) {
    return text(Arrays.copyOfRange(timeKey, 8, timeKey.length));
  }

  static byte[] value(StoredContent content) {
    return new ValueWriter(FORMAT)
        .optionalText(content.blob().map(BlobId::toString))
        .octets(content.reference())
        .flag(content.inline().isPresent())
        .octets(content.inline().orElse(new byte[0]))
        .value();
  }

  static StoredContent content(byte[] value) {
    var in = new ValueReader(value, FORMAT);
    Optional<BlobId> blob = in.optionalText().map(BlobId::parse);
    byte[] reference = in.octets();
    boolean inline = in.flag();
    byte[] octets = in.octets();
    return new StoredContent(blob, reference, inline ? Optional.of(octets) : Optional.empty());
  }
}
