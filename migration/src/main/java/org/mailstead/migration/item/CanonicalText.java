package org.mailstead.migration.item;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.Content;
import org.mailstead.formats.mime.Charsets;
import org.mailstead.formats.mime.Dates;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.formats.mime.HeaderText;
import org.mailstead.formats.mime.MessageScanner;
import org.mailstead.formats.mime.MimePart;
import org.mailstead.formats.mime.TransferDecoder;

/// The fingerprint of what a message says, whatever a server did to its form: encoded words and
/// charsets decoded (NFC), white space folded, transfer encodings undone, line endings alike.
///
/// Only what no server rewrites goes in: sender, recipients, subject, the moment of Date, and the
/// decoded leaves with their media types. Message-ID, Received and X- fields stay out. It is for
/// comparing a message with its own copy; it never makes one of two messages whose octets both
/// exist at the source.
public final class CanonicalText {
  private static final List<String> FIELDS = List.of("From", "To", "Cc", "Subject");
  private static final int CHUNK_BYTES = 8 << 10;

  /// Text of a leaf is decoded as a whole up to this size; above, its octets count as they are.
  private static final int TEXT_BYTES_MAX = 4 << 20;

  private CanonicalText() {}

  public static Fingerprint of(Content content) throws IOException {
    MessageDigest digest = Fingerprint.newDigest();
    ByteBuffer message = content.buffer();
    MimePart root = MessageScanner.scan(message);
    HeaderFields header = HeaderFields.of(message, root);
    for (String name : FIELDS) {
      text(digest, name);
      for (String value : header.findAll(name)) text(digest, folded(HeaderText.decode(value)));
    }
    Optional<String> date = header.find("Date");
    text(
        digest,
        date.flatMap(Dates::parse)
            .map(moment -> Long.toString(moment.toEpochSecond()))
            .orElseGet(() -> date.map(CanonicalText::folded).orElse("")));
    part(digest, message, root, 0);
    return Fingerprint.of(0, digest.digest());
  }

  private static void part(MessageDigest digest, ByteBuffer message, MimePart part, int depth)
      throws IOException {
    if (!part.children().isEmpty() && depth < 100) {
      for (MimePart child : part.children()) part(digest, message, child, depth + 1);
      return;
    }
    text(digest, part.type() + "/" + part.subtype());
    try (InputStream in = TransferDecoder.open(message, part)) {
      if (part.type().equals("text") && part.bodyBytes() <= TEXT_BYTES_MAX) {
        String charset =
            part.parameters().stream()
                .filter(p -> p.name().equals("charset"))
                .map(MimePart.Parameter::value)
                .findFirst()
                .orElse("");
        text(digest, lines(Charsets.decode(in.readAllBytes(), charset)));
        return;
      }
      byte[] chunk = new byte[CHUNK_BYTES];
      for (int got = in.read(chunk); got >= 0; got = in.read(chunk)) digest.update(chunk, 0, got);
    }
    digest.update((byte) 0);
  }

  /// White space runs are one space; letters as they are, in composed form.
  static String folded(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC).strip().replaceAll("\\s+", " ");
  }

  /// Line endings alike, no white space at their ends, no empty lines at the end.
  private static String lines(String text) {
    String alike = Normalizer.normalize(text, Normalizer.Form.NFC).replace("\u0000", "");
    return alike.replaceAll("[ \\t]*(\\r\\n|\\r|\\n)", "\n").stripTrailing();
  }

  private static void text(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  /// The subject decoded and folded, for reports; `(no subject)` without one.
  public static String subject(Content content) {
    String subject = headerText(content, "Subject");
    return subject.isEmpty() ? "(no subject)" : subject;
  }

  /// A field decoded and folded; empty if absent.
  public static String headerText(Content content, String name) {
    return header(content).find(name).map(HeaderText::decode).map(CanonicalText::folded).orElse("");
  }

  /// The header of a message, found without scanning its parts.
  public static HeaderFields header(Content content) {
    ByteBuffer message = content.buffer();
    int end = message.remaining();
    for (int i = 0; i + 1 < message.remaining(); i++) {
      if (message.get(i) == '\n'
          && (message.get(i + 1) == '\n'
              || (message.get(i + 1) == '\r'
                  && i + 2 < message.remaining()
                  && message.get(i + 2) == '\n'))) {
        end = i + 1;
        break;
      }
    }
    return HeaderFields.of(message, 0, end);
  }

  /// Letters for comparing names without regard to case.
  public static String caseless(String text) {
    return folded(text).toLowerCase(Locale.ROOT);
  }
}
