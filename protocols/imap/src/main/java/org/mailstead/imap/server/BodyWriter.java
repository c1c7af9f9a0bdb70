package org.mailstead.imap.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.Content;
import org.mailstead.base.EmailId;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.MessageSummary;
import org.mailstead.formats.mime.MimePart;
import org.mailstead.formats.mime.TransferDecoder;
import org.mailstead.imap.wire.FetchItem;
import org.mailstead.imap.wire.FetchItem.Partial;
import org.mailstead.imap.wire.FetchItem.SectionPath;
import org.mailstead.imap.wire.FetchItem.SectionText;
import org.mailstead.imap.wire.ResponseWriter;

/// The bodies of one message after the other: sections by offset, decoded parts.
///
/// [#prepare] reads the first piece that will be wanted, so that an unreadable message is found
/// before anything of it is written; after that a failure can only end the connection.
final class BodyWriter {
  private static final int PIECE_BYTES = 1 << 19;

  private final ResponseWriter writer;
  private final SelectedFolder selected;
  private int unknownEncodingCount;

  /// The current message, opened for the items that decode it.
  private @Nullable Content decrypted;

  private @Nullable EmailId email;
  private @Nullable MimePart root;
  private long size;

  /// Octets of the current message that were read last, and where they begin.
  private byte[] piece = new byte[0];

  private long pieceOffset;

  BodyWriter(ResponseWriter writer, SelectedFolder selected) {
    this.writer = writer;
    this.selected = selected;
  }

  int unknownEncodingCount() {
    return unknownEncodingCount;
  }

  void forget() {
    piece = new byte[0];
    root = null;
    Content opened = decrypted;
    if (opened != null) opened.close();
    decrypted = null;
  }

  void prepare(FolderView view, int sequence, @Nullable MessageSummary summary, FetchPlan plan) {
    email = view.email(sequence);
    size = view.size(sequence);
    forget();
    pieceOffset = 0;
    for (FetchPlan.Step step : plan.steps()) {
      switch (step.item()) {
        case FetchItem.Section section -> {
          if (summary != null && root == null) root = summary.structure();
          Optional<Slice> slice = find(section.path());
          if (slice.isPresent()) {
            Slice wanted = slice.get().part(section.partial());
            if (wanted.length() > 0) load(wanted.start(), wanted.length());
          }
        }
        case FetchItem.Binary _, FetchItem.BinarySize _ -> {
          if (summary != null && root == null) root = summary.structure();
          if (decrypted == null) decrypted = selected.mailbox().content(current());
          // Decrypts it: what is damaged shows now.
          if (decrypted.buffer().remaining() < size) {
            throw new IllegalStateException("message is too short");
          }
        }
        case FetchItem.Flags _,
            FetchItem.InternalDate _,
            FetchItem.Size _,
            FetchItem.Envelope _,
            FetchItem.Body _,
            FetchItem.BodyStructure _,
            FetchItem.Uid _,
            FetchItem.ModSeq _,
            FetchItem.EmailId _,
            FetchItem.ThreadId _,
            FetchItem.SaveDate _ -> {}
      }
    }
  }

  /// Octets `start` up to `end` of the message.
  private record Slice(long start, long end) {
    long length() {
      return end - start;
    }

    /// RFC 9051 §6.4.5: what lies beyond the end is cut off.
    Slice part(Partial partial) {
      if (partial.isAll()) return this;
      long from = Math.min(end, start + partial.offset());
      return new Slice(from, Math.min(end, from + partial.count()));
    }
  }

  void section(FetchItem.Section section) throws IOException {
    Optional<Slice> found = find(section.path());
    if (found.isEmpty()) {
      writer.nil();
      return;
    }
    Slice slice = found.get();
    SectionText text = section.path().text();
    if (text == SectionText.HEADER_FIELDS || text == SectionText.HEADER_FIELDS_NOT) {
      byte[] header = read(slice);
      byte[] chosen =
          HeaderFilter.filter(header, section.path().fields(), text == SectionText.HEADER_FIELDS);
      writePartial(chosen, section.partial());
      return;
    }
    writeLiteral(slice.part(section.partial()));
  }

  private void writePartial(byte[] bytes, Partial partial) throws IOException {
    int from = (int) Math.min(bytes.length, partial.isAll() ? 0 : partial.offset());
    int count = (int) Math.min(bytes.length - from, partial.count());
    writer.literalHeader(count).bytes(bytes, from, count);
  }

  private void writeLiteral(Slice slice) throws IOException {
    // Deviates: RFC 9051 §4.3 — deviations.md#nul-in-literal
    writer.literalHeader(slice.length());
    long at = slice.start();
    while (at < slice.end()) {
      load(at, slice.end() - at);
      int from = (int) (at - pieceOffset);
      int count = (int) Math.min(piece.length - from, slice.end() - at);
      writer.bytes(piece, from, count);
      at += count;
    }
  }

  private byte[] read(Slice slice) {
    load(slice.start(), slice.length());
    int from = (int) (slice.start() - pieceOffset);
    if (piece.length - from >= slice.length()) {
      return java.util.Arrays.copyOfRange(piece, from, from + (int) slice.length());
    }
    return content(slice.start(), (int) slice.length());
  }

  /// Makes `piece` hold octets from `start`, at least one and at the most `length`.
  private void load(long start, long length) {
    if (start >= pieceOffset && start < pieceOffset + piece.length) return;
    piece = content(start, (int) Math.min(length, PIECE_BYTES));
    pieceOffset = start;
  }

  private byte[] content(long start, int length) {
    EmailId current = email;
    if (current == null) throw new IllegalStateException("no message prepared");
    byte[] bytes = selected.mailbox().content(current, start, length);
    if (bytes.length == 0 && length > 0) throw new IllegalStateException("message is too short");
    return bytes;
  }

  private Optional<Slice> find(SectionPath path) {
    if (path.part().isEmpty() && path.text() == SectionText.WHOLE) {
      return Optional.of(new Slice(0, size));
    }
    MimePart message = root;
    if (message == null) return Optional.empty();
    Optional<MimePart> part = path.part().isEmpty() ? Optional.of(message) : part(path.part());
    if (part.isEmpty()) return Optional.empty();
    MimePart found = part.get();
    return switch (path.text()) {
      case WHOLE -> Optional.of(new Slice(found.bodyOffset(), found.end()));
      case MIME -> Optional.of(new Slice(found.headerOffset(), found.bodyOffset()));
      case HEADER, HEADER_FIELDS, HEADER_FIELDS_NOT ->
          header(path, found).map(m -> new Slice(m.headerOffset(), m.bodyOffset()));
      case TEXT -> header(path, found).map(m -> new Slice(m.bodyOffset(), m.end()));
    };
  }

  /// The message whose header is meant: the whole one, or the one inside a message/rfc822 part.
  private static Optional<MimePart> header(SectionPath path, MimePart part) {
    if (path.part().isEmpty()) return Optional.of(part);
    return part.isMessage() ? Optional.of(part.children().getFirst()) : Optional.empty();
  }

  /// RFC 9051 §6.4.5.1: parts of a multipart count from 1; anything else is its own part 1; the
  /// numbers of an embedded message go on with its body.
  private Optional<MimePart> part(List<Integer> numbers) {
    MimePart at = root;
    if (at == null) return Optional.empty();
    for (int i = 0; i < numbers.size(); i++) {
      int number = numbers.get(i);
      // Below the first number an embedded message stands for its body.
      if (i > 0) {
        if (at.isMessage()) at = at.children().getFirst();
        else if (!at.isMultipart()) return Optional.empty();
      }
      if (at.isMultipart()) {
        if (number > at.children().size()) return Optional.empty();
        at = at.children().get(number - 1);
      } else if (number != 1) {
        return Optional.empty();
      }
    }
    return Optional.of(at);
  }

  void binary(FetchItem.Binary item) throws IOException {
    Optional<MimePart> part = binaryPart(item.part());
    if (part.isEmpty()) {
      writer.nil();
      return;
    }
    boolean whole = item.part().isEmpty();
    if (!whole && !isDecodable(part.get())) {
      // RFC 3516 §4.3: UNKNOWN-CTE.
      unknownEncodingCount++;
      writer.nil();
      return;
    }
    Content content = opened();
    long decoded = whole ? size : size(content, part.get());
    long from = item.partial().isAll() ? 0 : Math.min(decoded, item.partial().offset());
    long count = Math.min(decoded - from, item.partial().count());
    writer.octet('~').literalHeader(count);
    try (InputStream in = whole ? content.open() : open(content, part.get())) {
      in.skipNBytes(from);
      byte[] chunk = new byte[1 << 14];
      while (count > 0) {
        int got = in.read(chunk, 0, (int) Math.min(chunk.length, count));
        if (got < 0) throw new IOException("decoded part became shorter");
        writer.bytes(chunk, 0, got);
        count -= got;
      }
    }
  }

  void binarySize(FetchItem.BinarySize item) throws IOException {
    Optional<MimePart> part = binaryPart(item.part());
    if (item.part().isEmpty()) {
      writer.number(size);
      return;
    }
    if (part.isEmpty() || !isDecodable(part.get())) {
      if (part.isPresent()) unknownEncodingCount++;
      writer.octet('0');
      return;
    }
    writer.number(size(opened(), part.get()));
  }

  private Content opened() {
    Content content = decrypted;
    if (content == null) throw new IllegalStateException("no message prepared");
    return content;
  }

  private EmailId current() {
    EmailId current = email;
    if (current == null) throw new IllegalStateException("no message prepared");
    return current;
  }

  private Optional<MimePart> binaryPart(List<Integer> numbers) {
    return numbers.isEmpty() ? Optional.ofNullable(root) : part(numbers);
  }

  /// A multipart is given as it is: it has no encoding of its own (RFC 2045 §6.4).
  private static boolean isDecodable(MimePart part) {
    return part.isMultipart() || TransferDecoder.isKnown(part.encoding());
  }

  private static long size(Content content, MimePart part) {
    if (part.isMultipart()) return part.end() - part.bodyOffset();
    return TransferDecoder.size(content.buffer(), part);
  }

  private static InputStream open(Content content, MimePart part) throws IOException {
    if (part.isMultipart()) {
      InputStream in = content.open();
      in.skipNBytes(part.bodyOffset());
      return in;
    }
    return TransferDecoder.open(content.buffer(), part);
  }

  /// HEADER.FIELDS and HEADER.FIELDS.NOT: whole fields as they stand, then the empty line.
  static final class HeaderFilter {
    private HeaderFilter() {}

    static byte[] filter(byte[] header, List<String> names, boolean keep) {
      Set<String> wanted = new HashSet<>(names);
      byte[] out = new byte[header.length + 2];
      int count = 0;
      int at = 0;
      while (at < header.length) {
        int end = fieldEnd(header, at);
        if (isEmptyLine(header, at, end)) break;
        if (wanted.contains(name(header, at, end)) == keep) {
          System.arraycopy(header, at, out, count, end - at);
          count += end - at;
        }
        at = end;
      }
      // RFC 9051 §6.4.5.1: the delimiting empty line is always there.
      out[count++] = '\r';
      out[count++] = '\n';
      return java.util.Arrays.copyOf(out, count);
    }

    /// After the line break of the field's last line.
    private static int fieldEnd(byte[] header, int start) {
      int at = start;
      while (at < header.length) {
        if (header[at++] != '\n') continue;
        if (at == header.length || (header[at] != ' ' && header[at] != '\t')) return at;
        if (isEmptyLine(header, start, at)) return at;
      }
      return at;
    }

    private static boolean isEmptyLine(byte[] header, int start, int end) {
      return (end - start == 1 && header[start] == '\n')
          || (end - start == 2 && header[start] == '\r' && header[start + 1] == '\n');
    }

    private static String name(byte[] header, int start, int end) {
      int at = start;
      while (at < end && header[at] != ':' && header[at] != '\n') at++;
      return new String(header, start, at - start, StandardCharsets.ISO_8859_1)
          .strip()
          .toLowerCase(Locale.ROOT);
    }
  }
}
