package org.mailstead.imap.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.formats.mime.MessageScanner;
import org.mailstead.formats.mime.MimePart;

/// Gives the parts of a message that hold NUL the encoding base64 before it is stored. BODY[…] and
/// RFC822 can only be sent as a literal, which must not hold NUL; BINARY[…] gives the octets back
/// as they came.
///
/// @spec https://www.rfc-editor.org/rfc/rfc3516 RFC 3516 §4.4
final class BinaryConversion {
  // Deviates: RFC 3516 §4.4 — deviations.md#binary-append
  private static final String ENCODING = "Content-Transfer-Encoding";
  private static final Set<String> IDENTITY = Set.of("7bit", "8bit", "binary");

  /// Three quarters of a line of 76 characters (RFC 2045 §6.8), many times.
  private static final int CHUNK_BYTES = 57 * 512;

  private static final byte[] CRLF = {'\r', '\n'};

  /// Octets of the message to be replaced: by text, or by themselves in base64.
  private record Edit(long start, long end, Optional<String> text) {}

  private final ByteBuffer message;
  private final List<Edit> edits = new ArrayList<>();

  private BinaryConversion(ByteBuffer message) {
    this.message = message;
  }

  /// The converted message; the caller closes both.
  ///
  /// @throws RefusedException INVALID for NUL where no encoding can help, as in a header
  static Content convert(Content content, ContentSpool spool) {
    BinaryConversion conversion = new BinaryConversion(content.buffer());
    conversion.visit(MessageScanner.scan(content.buffer()), true);
    try (ContentSpool.Writer writer = spool.newWriter()) {
      conversion.write(writer);
      return writer.finish();
    }
  }

  private void visit(MimePart part, boolean root) {
    if (part.isMultipart() || part.isMessage()) {
      for (MimePart child : part.children()) visit(child, false);
      return;
    }
    if (!hasNul(part.bodyOffset(), part.end()) || !IDENTITY.contains(part.encoding())) return;
    boolean named = false;
    for (HeaderFields.Field field : HeaderFields.of(message, part)) {
      if (!field.name().equalsIgnoreCase(ENCODING)) continue;
      edits.add(new Edit(field.start(), field.end(), Optional.of(named ? "" : header())));
      named = true;
    }
    if (!named) {
      // RFC 2045 §4: without MIME-Version the field means nothing.
      String version =
          root && HeaderFields.of(message, part).find("MIME-Version").isEmpty()
              ? "MIME-Version: 1.0\r\n"
              : "";
      edits.add(
          new Edit(part.headerOffset(), part.headerOffset(), Optional.of(version + header())));
    }
    edits.add(new Edit(part.bodyOffset(), part.end(), Optional.empty()));
  }

  private static String header() {
    return ENCODING + ": base64\r\n";
  }

  private void write(ContentSpool.Writer writer) {
    long at = 0;
    for (Edit edit : edits) {
      copy(at, edit.start(), writer);
      if (edit.text().isPresent()) {
        byte[] text = edit.text().get().getBytes(StandardCharsets.US_ASCII);
        writer.write(text, 0, text.length);
      } else {
        encode(edit.start(), edit.end(), writer);
        // A part's last line break belongs to the boundary; the message's own is missed at the end.
        if (edit.end() == message.limit()) writer.write(CRLF, 0, CRLF.length);
      }
      at = edit.end();
    }
    copy(at, message.limit(), writer);
  }

  private void copy(long start, long end, ContentSpool.Writer writer) {
    if (hasNul(start, end)) {
      throw new RefusedException(
          Refusal.INVALID, "the message contains NUL in a header or in an encoded part");
    }
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, end - start)];
    for (long at = start; at < end; at += chunk.length) {
      int count = (int) Math.min(chunk.length, end - at);
      message.get((int) at, chunk, 0, count);
      writer.write(chunk, 0, count);
    }
  }

  private void encode(long start, long end, ContentSpool.Writer writer) {
    Base64.Encoder encoder = Base64.getMimeEncoder();
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, end - start)];
    for (long at = start; at < end; at += chunk.length) {
      int count = (int) Math.min(chunk.length, end - at);
      message.get((int) at, chunk, 0, count);
      byte[] source = count == chunk.length ? chunk : java.util.Arrays.copyOf(chunk, count);
      byte[] encoded = encoder.encode(source);
      if (at > start) writer.write(CRLF, 0, CRLF.length);
      writer.write(encoded, 0, encoded.length);
    }
  }

  private boolean hasNul(long start, long end) {
    for (int at = (int) start; at < end; at++) if (message.get(at) == 0) return true;
    return false;
  }
}
