package org.mailstead.core.queue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.Invariant;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.store.BlobId;
import org.mailstead.store.Collection;
import org.mailstead.store.PartitionId;

/// Keys and values of a queue shard.
///
/// | collection | key → value |
/// |---|---|
/// | entries | entry id → header: envelope, blob, counts, due time, claim |
/// | contents | entry id → written once: the content's key, sealed; its ciphertext when small |
/// | recipients | entry id, segment number → up to 64 recipients, written once |
/// | states | entry id, recipient number → state; absent while fresh |
/// | due | due time, entry id → lane: the time index; a claimed entry is due when its claim ends |
/// | claims | entry id → –: entries that somebody works on, found at start |
/// | releases | blob id → –: content of removed entries whose holder is to be taken back |
/// | hooks | entry id → what a Run Lambda rule has to do with it; absent if nothing |
/// | hook names | entry id, segment number → up to 64 recipients as the peer named them, for hooks |
/// | counted | day, account, entry id → recipients that count against the limits (LIM-3) |
final class QueueRows {
  static final Collection ENTRIES = new Collection(1, "queue-entries");
  static final Collection RECIPIENTS = new Collection(2, "queue-recipients");
  static final Collection STATES = new Collection(3, "queue-states");
  static final Collection DUE = new Collection(4, "queue-due");
  static final Collection CLAIMS = new Collection(5, "queue-claims");
  static final Collection RELEASES = new Collection(6, "queue-releases");
  static final Collection CONTENTS = new Collection(7, "queue-contents");
  static final Collection COUNTED = new Collection(8, "queue-counted");

  static final Collection HOOKS = new Collection(9, "queue-hooks");
  static final Collection HOOK_NAMES = new Collection(10, "queue-hook-names");

  static final String PREFIX = "queue/";
  static final byte[] MARK = {1};

  private static final int FORMAT = 1;
  private static final int SMTP_UTF8 = 1;
  private static final int REQUIRE_TLS = 2;
  private static final int TARGET_LOCAL = 1;
  private static final int TARGET_REMOTE = 2;
  private static final int TARGET_GATEWAY = 3;
  private static final int TARGET_BLOCKED_BY_SENDER = 4;
  private static final int TARGET_BLOCKED_BY_RECIPIENT = 5;

  private static final int HOOK_CALL = 1;
  private static final int HOOK_DECIDED = 2;

  private QueueRows() {}

  /// The header of an entry as stored.
  ///
  /// @param blob the content's blob, held by the shard; empty when its ciphertext is in `contents`
  /// @param pendingCount recipients that are neither delivered nor failed
  /// @param due the entry's place in the time index
  /// @param lane whose it is, and what is left to do
  record Header(
      QueueId id,
      QueueEnvelope envelope,
      Optional<BlobId> blob,
      int recipientCount,
      int pendingCount,
      Instant due,
      Optional<ClaimMark> claim,
      Lane lane) {
    /// Whether an operator keeps it from being tried.
    boolean isHeld() {
      return claim.isEmpty() && !due.isBefore(QueueLimits.HELD);
    }

    Header with(int pending, Instant newDue, Optional<ClaimMark> newClaim) {
      return new Header(id, envelope, blob, recipientCount, pending, newDue, newClaim, lane);
    }

    Header with(Lane newLane) {
      return new Header(id, envelope, blob, recipientCount, pendingCount, due, claim, newLane);
    }
  }

  /// Who works on an entry.
  ///
  /// @param node a process's settled name
  /// @param incarnation this run of it
  /// @param number of the claim in this run
  record ClaimMark(String node, long incarnation, long number) {}

  static PartitionId partition(int shard) {
    return new PartitionId(PREFIX + shard);
  }

  static byte[] key(QueueId id) {
    return ByteBuffer.allocate(QueueId.BYTES).putLong(id.high()).putLong(id.low()).array();
  }

  static byte[] key(QueueId id, int number) {
    return ByteBuffer.allocate(QueueId.BYTES + 4)
        .putLong(id.high())
        .putLong(id.low())
        .putInt(number)
        .array();
  }

  static byte[] dueKey(Instant due, QueueId id) {
    return ByteBuffer.allocate(8 + QueueId.BYTES)
        .putLong(due.toEpochMilli())
        .putLong(id.high())
        .putLong(id.low())
        .array();
  }

  static byte[] dueValue(Lane lane) {
    return ByteBuffer.allocate(16).putLong(lane.sender()).putLong(lane.destination()).array();
  }

  static Lane laneOf(byte[] dueValue) {
    ByteBuffer bytes = ByteBuffer.wrap(dueValue);
    return new Lane(bytes.getLong(), bytes.getLong());
  }

  static byte[] releaseKey(BlobId blob) {
    return ByteBuffer.allocate(BlobId.BYTES).putLong(blob.high()).putLong(blob.low()).array();
  }

  static QueueId idOf(byte[] key) {
    ByteBuffer bytes = ByteBuffer.wrap(key);
    return new QueueId(bytes.getLong(), bytes.getLong());
  }

  static int numberOf(byte[] key) {
    Invariant.check(key.length == QueueId.BYTES + 4, "a queue key has the wrong length");
    return ByteBuffer.wrap(key).getInt(QueueId.BYTES);
  }

  static Instant dueOf(byte[] dueKey) {
    return Instant.ofEpochMilli(ByteBuffer.wrap(dueKey).getLong());
  }

  static QueueId dueIdOf(byte[] dueKey) {
    ByteBuffer bytes = ByteBuffer.wrap(dueKey);
    return new QueueId(bytes.getLong(8), bytes.getLong(16));
  }

  static BlobId blobOf(byte[] releaseKey) {
    ByteBuffer bytes = ByteBuffer.wrap(releaseKey);
    return new BlobId(bytes.getLong(), bytes.getLong());
  }

  static int segmentCount(int recipientCount) {
    return (recipientCount + QueueLimits.RECIPIENTS_PER_SEGMENT - 1)
        / QueueLimits.RECIPIENTS_PER_SEGMENT;
  }

  static byte[] header(Header header) {
    QueueEnvelope envelope = header.envelope();
    RowWriter row = new RowWriter(FORMAT);
    row.id(header.id());
    row.text(envelope.organization().value());
    row.text(envelope.reversePath().map(EmailAddress::toString));
    row.text(envelope.submitter().map(EntityId::value));
    row.octet(
        switch (envelope.origin()) {
          case INBOUND -> 1;
          case SUBMISSION -> 2;
          case REPORT -> 3;
          case JOURNAL -> 4;
        });
    row.octet(
        switch (envelope.priority()) {
          case NORMAL -> 1;
          case BULK -> 2;
        });
    row.octet(
        envelope
            .returnContent()
            .map(returned ->
                switch (returned) {
                  case FULL -> 1;
                  case HEADERS -> 2;
                })
            .orElse(0));
    row.text(envelope.envelopeId());
    row.octet((envelope.smtpUtf8() ? SMTP_UTF8 : 0) | (envelope.requireTls() ? REQUIRE_TLS : 0));
    row.int32(envelope.relayOffset());
    row.time(envelope.received());
    row.time(envelope.expires());
    row.octet(header.blob().isPresent() ? 1 : 0);
    header.blob().ifPresent(blob -> row.int64(blob.high()).int64(blob.low()));
    row.int32(header.recipientCount()).int32(header.pendingCount()).time(header.due());
    row.octet(header.claim().isPresent() ? 1 : 0);
    header.claim().ifPresent(c -> row.text(c.node()).int64(c.incarnation()).int64(c.number()));
    row.int64(header.lane().sender()).int64(header.lane().destination());
    return row.finish();
  }

  static Header header(byte[] value) {
    RowReader row = new RowReader(value, FORMAT);
    QueueId id = row.id();
    int flags;
    QueueEnvelope plain =
        new QueueEnvelope(
            new OrganizationId(row.text()),
            row.optionalText().map(EmailAddress::parse),
            row.optionalText().map(EntityId::new),
            origin(row.octet()),
            priority(row.octet()),
            returnContent(row.octet()),
            row.optionalText(),
            ((flags = row.octet()) & SMTP_UTF8) != 0,
            row.int32(),
            row.time(),
            row.time());
    QueueEnvelope envelope = plain.withRequireTls((flags & REQUIRE_TLS) != 0);
    Optional<BlobId> blob =
        row.octet() == 0 ? Optional.empty() : Optional.of(new BlobId(row.int64(), row.int64()));
    int recipientCount = row.int32();
    int pendingCount = row.int32();
    Instant due = row.time();
    Optional<ClaimMark> claim =
        row.octet() == 0
            ? Optional.empty()
            : Optional.of(new ClaimMark(row.text(), row.int64(), row.int64()));
    Lane lane = new Lane(row.int64(), row.int64());
    row.end();
    Invariant.check(
        recipientCount > 0 && pendingCount >= 0 && pendingCount <= recipientCount,
        "counts of a queue entry");
    return new Header(id, envelope, blob, recipientCount, pendingCount, due, claim, lane);
  }

  static byte[] segment(List<QueueRecipient> recipients) {
    RowWriter row = new RowWriter(FORMAT);
    row.int32(recipients.size());
    for (QueueRecipient recipient : recipients) {
      row.text(recipient.address().toString());
      row.text(recipient.originalRecipient());
      int notify = 0;
      for (QueueRecipient.Notify each : recipient.notifications()) notify |= bit(each);
      row.octet(notify);
      switch (recipient.target()) {
        case QueueRecipient.Target.Local(MailboxId mailbox, EntityId entity) ->
            row.octet(TARGET_LOCAL).text(mailbox.value()).text(entity.value());
        case QueueRecipient.Target.Remote() -> row.octet(TARGET_REMOTE);
        case QueueRecipient.Target.Gateway(String id) -> row.octet(TARGET_GATEWAY).text(id);
        case QueueRecipient.Target.Blocked(var by) ->
            row.octet(
                switch (by) {
                  case SENDER -> TARGET_BLOCKED_BY_SENDER;
                  case RECIPIENT -> TARGET_BLOCKED_BY_RECIPIENT;
                });
      }
    }
    return row.finish();
  }

  static List<QueueRecipient> segment(byte[] value) {
    RowReader row = new RowReader(value, FORMAT);
    int count = row.int32();
    Invariant.check(
        count > 0 && count <= QueueLimits.RECIPIENTS_PER_SEGMENT, "length of a segment");
    List<QueueRecipient> recipients = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      EmailAddress address = EmailAddress.parse(row.text());
      Optional<String> original = row.optionalText();
      int bits = row.octet();
      Set<QueueRecipient.Notify> notify = EnumSet.noneOf(QueueRecipient.Notify.class);
      for (QueueRecipient.Notify each : QueueRecipient.Notify.values()) {
        if ((bits & bit(each)) != 0) notify.add(each);
      }
      QueueRecipient.Target target = target(row);
      recipients.add(new QueueRecipient(address, original, notify, target));
    }
    row.end();
    return recipients;
  }

  private static QueueRecipient.Target target(RowReader row) {
    int kind = row.octet();
    return switch (kind) {
      case TARGET_LOCAL ->
          new QueueRecipient.Target.Local(new MailboxId(row.text()), new EntityId(row.text()));
      case TARGET_REMOTE -> new QueueRecipient.Target.Remote();
      case TARGET_GATEWAY -> new QueueRecipient.Target.Gateway(row.text());
      case TARGET_BLOCKED_BY_SENDER ->
          new QueueRecipient.Target.Blocked(QueueRecipient.Target.Blocked.By.SENDER);
      case TARGET_BLOCKED_BY_RECIPIENT ->
          new QueueRecipient.Target.Blocked(QueueRecipient.Target.Blocked.By.RECIPIENT);
      default -> throw new IllegalStateException("kind of a queue recipient: " + kind);
    };
  }

  static byte[] state(RecipientState state) {
    return new RowWriter(FORMAT)
        .octet(
            switch (state.status()) {
              case PENDING -> 1;
              case DELIVERED -> 2;
              case FAILED -> 3;
            })
        .int32(state.attempts())
        .time(state.nextAttempt())
        .octet(state.delayReported() ? 1 : 0)
        .text(cut(state.lastReply(), QueueLimits.REPLY_BYTES_MAX))
        .finish();
  }

  static RecipientState state(byte[] value) {
    RowReader row = new RowReader(value, FORMAT);
    int status = row.octet();
    RecipientState state =
        new RecipientState(
            switch (status) {
              case 1 -> RecipientState.Status.PENDING;
              case 2 -> RecipientState.Status.DELIVERED;
              case 3 -> RecipientState.Status.FAILED;
              default -> throw new IllegalStateException("status of a recipient: " + status);
            },
            row.int32(),
            row.time(),
            row.octet() == 1,
            row.text());
    row.end();
    return state;
  }

  static byte[] hook(EntryHook hook) {
    RowWriter row = new RowWriter(FORMAT);
    switch (hook) {
      case EntryHook.Call call ->
          row.octet(HOOK_CALL)
              .octet(
                  switch (call.direction()) {
                    case INBOUND -> 1;
                    case OUTBOUND -> 2;
                  })
              .text(call.rule())
              .text(call.functionArn())
              .octet(call.isSynchronous() ? 1 : 0)
              .time(call.deadline())
              .text(call.fallback())
              .text(call.gateway())
              .text(call.messageId())
              .text(call.invocationId())
              .int32(call.attempts())
              .time(call.nextAttempt())
              .text(call.lastFailure());
      case EntryHook.Decided decided ->
          row.octet(HOOK_DECIDED)
              .text(decided.rule())
              .octet(
                  decided
                      .place()
                      .map(place ->
                          switch (place) {
                            case INBOX -> 1;
                            case JUNK -> 2;
                          })
                      .orElse(0))
              .text(decided.bounceMessage());
    }
    return row.finish();
  }

  static EntryHook hook(byte[] value) {
    RowReader row = new RowReader(value, FORMAT);
    int kind = row.octet();
    EntryHook hook =
        switch (kind) {
          case HOOK_CALL ->
              new EntryHook.Call(
                  row.octet() == 1 ? EntryHook.Direction.INBOUND : EntryHook.Direction.OUTBOUND,
                  row.text(),
                  row.text(),
                  row.octet() == 1,
                  row.time(),
                  row.text(),
                  row.optionalText(),
                  row.text(),
                  row.text(),
                  row.int32(),
                  row.time(),
                  row.text());
          case HOOK_DECIDED ->
              new EntryHook.Decided(row.text(), place(row.octet()), row.optionalText());
          default -> throw new IllegalStateException("kind of a hook: " + kind);
        };
    row.end();
    return hook;
  }

  private static Optional<EntryHook.Place> place(int code) {
    return switch (code) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(EntryHook.Place.INBOX);
      case 2 -> Optional.of(EntryHook.Place.JUNK);
      default -> throw new IllegalStateException("place of a hook: " + code);
    };
  }

  static byte[] names(List<EmailAddress> names) {
    RowWriter row = new RowWriter(FORMAT).int32(names.size());
    names.forEach(name -> row.text(name.toString()));
    return row.finish();
  }

  static List<EmailAddress> names(byte[] value) {
    RowReader row = new RowReader(value, FORMAT);
    int count = row.int32();
    Invariant.check(
        count > 0 && count <= QueueLimits.RECIPIENTS_PER_SEGMENT, "length of a segment of names");
    List<EmailAddress> names = new ArrayList<>(count);
    for (int i = 0; i < count; i++) names.add(EmailAddress.parse(row.text()));
    row.end();
    return names;
  }

  /// A content's key, sealed for the organization, and its ciphertext if it has no blob.
  record StoredContent(byte[] sealedReference, Optional<byte[]> inline) {}

  static byte[] content(StoredContent content) {
    RowWriter row = new RowWriter(FORMAT).block(content.sealedReference());
    row.octet(content.inline().isPresent() ? 1 : 0);
    content.inline().ifPresent(row::block);
    return row.finish();
  }

  static StoredContent content(byte[] value) {
    RowReader row = new RowReader(value, FORMAT);
    byte[] sealed = row.block();
    Optional<byte[]> inline = row.octet() == 0 ? Optional.empty() : Optional.of(row.block());
    row.end();
    return new StoredContent(sealed, inline);
  }

  /// The text cut to so many octets of UTF-8, never inside a character.
  static String cut(String text, int bytesMax) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= bytesMax) return text;
    int end = bytesMax;
    while (end > 0 && (bytes[end] & 0xC0) == 0x80) end--;
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  private static int bit(QueueRecipient.Notify notify) {
    return switch (notify) {
      case NEVER -> 1;
      case SUCCESS -> 2;
      case FAILURE -> 4;
      case DELAY -> 8;
    };
  }

  private static QueueEnvelope.Origin origin(int code) {
    return switch (code) {
      case 1 -> QueueEnvelope.Origin.INBOUND;
      case 2 -> QueueEnvelope.Origin.SUBMISSION;
      case 3 -> QueueEnvelope.Origin.REPORT;
      case 4 -> QueueEnvelope.Origin.JOURNAL;
      default -> throw new IllegalStateException("origin of a queue entry: " + code);
    };
  }

  private static QueueEnvelope.Priority priority(int code) {
    return switch (code) {
      case 1 -> QueueEnvelope.Priority.NORMAL;
      case 2 -> QueueEnvelope.Priority.BULK;
      default -> throw new IllegalStateException("priority of a queue entry: " + code);
    };
  }

  private static Optional<QueueEnvelope.ReturnContent> returnContent(int code) {
    return switch (code) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(QueueEnvelope.ReturnContent.FULL);
      case 2 -> Optional.of(QueueEnvelope.ReturnContent.HEADERS);
      default -> throw new IllegalStateException("returned content of a queue entry: " + code);
    };
  }
}
