package org.mailstead.core.mailbox;

import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;

/// What a mailbox remembers for a while so that it is not done twice: whom an automatic reply went
/// to, which messages a script has seen. Each thing is noted with the delivery that noted it: while
/// that same delivery is tried again, what it has noted itself does not stop it. Texts are kept as
/// keyed hashes.
public final class Memory {
  private static final int FORMAT = 1;

  private final Store store;
  private final PartitionId partition;
  private final Committer committer;
  private final MailboxKey key;

  Memory(Store store, PartitionId partition, Committer committer, MailboxKey key) {
    this.store = store;
    this.partition = partition;
    this.committer = committer;
    this.key = key;
  }

  private record Noted(long until, byte[] delivery) {
    static Noted of(byte[] row) {
      RowReader in = RowReader.of(row, FORMAT, "memory");
      return new Noted(in.varint(), in.raw(MailboxKey.HASH_BYTES));
    }

    boolean stops(byte[] other, long now) {
      return until > now && !Arrays.equals(delivery, other);
    }
  }

  static long until(byte[] row) {
    return Noted.of(row).until();
  }

  /// Whether another delivery has noted it and its time is not over.
  public boolean isKnown(String text, String deliveryId, Instant now) {
    Optional<byte[]> row = store.get(partition, Rows.REMEMBERED, hash(text));
    return row.isPresent() && Noted.of(row.get()).stops(delivery(deliveryId), now.getEpochSecond());
  }

  /// Notes it, durable when it returns, unless another delivery has.
  ///
  /// @return whether this delivery is the one that has noted it
  public boolean note(String text, String deliveryId, Instant now, Instant until) {
    return note(text, deliveryId, now, until, false);
  }

  /// The same; `anew` takes it from another delivery, so that its time begins anew.
  public boolean note(String text, String deliveryId, Instant now, Instant until, boolean anew) {
    byte[] hash = hash(text);
    byte[] delivery = delivery(deliveryId);
    return committer.change(draft -> {
      Optional<Noted> noted = draft.read(Rows.REMEMBERED, hash).map(Noted::of);
      if (noted.isPresent() && noted.get().until() > now.getEpochSecond()) {
        if (Arrays.equals(noted.get().delivery(), delivery)) return true;
        if (!anew) return false;
      }
      draft.put(
          Rows.REMEMBERED,
          hash,
          new RowWriter(32).u8(FORMAT).varint(until.getEpochSecond()).raw(delivery).toBytes());
      return true;
    });
  }

  private byte[] hash(String text) {
    return key.hash(MailboxKey.Purpose.REMEMBERED, text);
  }

  private byte[] delivery(String id) {
    return key.hash(MailboxKey.Purpose.DELIVERY, id);
  }
}
