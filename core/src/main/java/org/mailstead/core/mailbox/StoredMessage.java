package org.mailstead.core.mailbox;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.ThreadId;
import org.mailstead.core.content.StagedContent;
import org.mailstead.formats.mime.MimePart;
import org.mailstead.formats.mime.StructureCodec;
import org.mailstead.store.WriteBatch;

/// The write-once row of an email, opened: summary, and the key to the content. Its stored form is
/// a format byte, the number of parts, the thread's number, then summary and content key sealed
/// with the mailbox key; what exceeds one value goes on in further parts.
final class StoredMessage implements MessageSummary {
  private static final int FORMAT = 1;
  private static final int PART_BYTES = WriteBatch.ONCE_BYTES_MAX - 64;

  /// Parts of one message at the most: some 16 MiB of summary. MimeLimits keeps a summary far
  /// below.
  private static final int PARTS_MAX = 255;

  private final EmailId email;
  private final ThreadId thread;
  private final long size;
  private final byte[] reference;
  private final byte[] envelopeText;
  private final byte[] bodyStructureText;
  private final byte[] structure;
  private final String preview;

  private StoredMessage(EmailId email, ThreadId thread, byte[] plain) {
    this.email = email;
    this.thread = thread;
    RowReader in = new RowReader(plain);
    reference = in.bytes();
    size = in.varint();
    envelopeText = in.bytes();
    bodyStructureText = in.bytes();
    structure = in.bytes();
    preview = in.text();
  }

  /// The sealed summary, the same for every email id: made before the mailbox is locked.
  static byte[] seal(MailboxKey key, StagedContent content, MessageIndex index) {
    byte[] plain =
        new RowWriter(128 + index.weight())
            .bytes(content.reference())
            .varint(content.length())
            .bytes(index.envelopeText())
            .bytes(index.bodyStructureText())
            .bytes(index.structure())
            .text(index.preview())
            .toBytes();
    return key.seal(MailboxKey.Purpose.MESSAGE, plain);
  }

  /// The stored parts of a sealed summary.
  static List<byte[]> parts(ThreadId thread, byte[] sealed) {
    int partCount = Math.max(1, (sealed.length + PART_BYTES - 1) / PART_BYTES);
    if (partCount > PARTS_MAX) throw new IllegalStateException("a summary of " + sealed.length);
    List<byte[]> parts = new ArrayList<>(partCount);
    for (int i = 0; i < partCount; i++) {
      int from = i * PART_BYTES;
      int to = Math.min(sealed.length, from + PART_BYTES);
      if (i == 0) {
        RowWriter out = new RowWriter(16 + to - from);
        out.u8(FORMAT).u8(partCount).varint(thread.value());
        parts.add(
            out.raw(partCount == 1 ? sealed : Arrays.copyOfRange(sealed, from, to)).toBytes());
      } else {
        parts.add(Arrays.copyOfRange(sealed, from, to));
      }
    }
    return parts;
  }

  static int partCount(byte[] first) {
    RowReader in = RowReader.of(first, FORMAT, "message");
    return in.u8();
  }

  static StoredMessage of(MailboxKey key, EmailId email, List<byte[]> parts) {
    RowReader in = RowReader.of(parts.getFirst(), FORMAT, "message");
    in.u8();
    ThreadId thread = new ThreadId(in.varint());
    byte[] sealed = in.rest();
    if (parts.size() > 1) {
      RowWriter all = new RowWriter(parts.size() * PART_BYTES).raw(sealed);
      parts.subList(1, parts.size()).forEach(all::raw);
      sealed = all.toBytes();
    }
    return new StoredMessage(email, thread, key.open(MailboxKey.Purpose.MESSAGE, sealed));
  }

  /// Whether the content's ciphertext is a row of the mailbox, and not a blob.
  boolean isInline() {
    return StagedContent.isInline(reference);
  }

  StagedContent content(OrganizationId organization, Optional<byte[]> inline) {
    return StagedContent.of(organization, reference, inline);
  }

  @Override
  public EmailId email() {
    return email;
  }

  @Override
  public ThreadId thread() {
    return thread;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public byte[] envelopeText() {
    return envelopeText;
  }

  @Override
  public byte[] bodyStructureText() {
    return bodyStructureText;
  }

  @Override
  public MimePart structure() {
    return StructureCodec.decode(structure);
  }

  @Override
  public String preview() {
    return preview;
  }

  /// Octets of heap, about.
  int weight() {
    return 160
        + reference.length
        + envelopeText.length
        + bodyStructureText.length
        + structure.length
        + preview.length();
  }
}
