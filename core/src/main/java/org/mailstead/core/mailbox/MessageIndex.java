package org.mailstead.core.mailbox;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.formats.mime.Envelope;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.formats.mime.MessageScanner;
import org.mailstead.formats.mime.MimePart;
import org.mailstead.formats.mime.Preview;
import org.mailstead.formats.mime.StructureCodec;
import org.mailstead.formats.mime.StructureWriter;

/// What one scan of a message's bytes gives, the same for every mailbox that it goes to: envelope,
/// structure, preview, ids for threading.
public final class MessageIndex {
  private final byte[] envelopeText;
  private final byte[] bodyStructureText;
  private final byte[] structure;
  private final String preview;
  private final List<String> threadIds;

  private MessageIndex(
      byte[] envelopeText,
      byte[] bodyStructureText,
      byte[] structure,
      String preview,
      List<String> threadIds) {
    this.envelopeText = envelopeText;
    this.bodyStructureText = bodyStructureText;
    this.structure = structure;
    this.preview = preview;
    this.threadIds = threadIds;
  }

  /// Every byte sequence is a message.
  public static MessageIndex scan(Content content) {
    ByteBuffer bytes = content.buffer();
    MimePart structure = MessageScanner.scan(bytes);
    return new MessageIndex(
        StructureWriter.envelope(structure),
        StructureWriter.bodyStructure(structure),
        StructureCodec.encode(structure),
        Preview.of(bytes, structure),
        threadIds(bytes, structure));
  }

  byte[] envelopeText() {
    return envelopeText;
  }

  byte[] bodyStructureText() {
    return bodyStructureText;
  }

  byte[] structure() {
    return structure;
  }

  String preview() {
    return preview;
  }

  /// Message-IDs that place the message in a conversation, its own first.
  List<String> threadIds() {
    return threadIds;
  }

  private static List<String> threadIds(ByteBuffer bytes, MimePart structure) {
    Set<String> ids = new LinkedHashSet<>();
    structure
        .envelope()
        .flatMap(Envelope::messageId)
        .ifPresent(own -> ids.addAll(messageIds(own).stream().limit(1).toList()));
    List<String> references =
        new ArrayList<>(
            HeaderFields.of(bytes, structure)
                .find("References")
                .map(MessageIndex::messageIds)
                .orElse(List.of()));
    structure
        .envelope()
        .flatMap(Envelope::inReplyTo)
        .ifPresent(parent -> references.addAll(messageIds(parent)));
    int rest = MailboxLimits.THREAD_IDS_MAX - ids.size();
    if (references.size() > rest) {
      ids.add(references.getFirst());
      ids.addAll(references.subList(references.size() - rest + 1, references.size()));
    } else {
      ids.addAll(references);
    }
    return List.copyOf(ids);
  }

  /// RFC 5322 §3.6.4: what stands between angle brackets, without them.
  private static List<String> messageIds(String raw) {
    List<String> ids = new ArrayList<>();
    int at = 0;
    while (true) {
      int open = raw.indexOf('<', at);
      int close = open < 0 ? -1 : raw.indexOf('>', open);
      if (close < 0) return ids;
      String id = raw.substring(open + 1, close).strip();
      if (!id.isEmpty() && id.length() <= MailboxLimits.THREAD_ID_BYTES_MAX) ids.add(id);
      at = close + 1;
    }
  }

  int weight() {
    return envelopeText.length
        + bodyStructureText.length
        + structure.length
        + preview.getBytes(StandardCharsets.UTF_8).length;
  }
}
