package org.mailstead.formats.mime;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// A message that we compose ourselves, in strict RFC 5322 and MIME: fields in the order in which
/// they are added, CRLF everywhere, no line beyond 998 octets.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5322 RFC 5322 §3
/// @spec https://www.rfc-editor.org/rfc/rfc3464 RFC 3464 §2
public final class MessageWriter {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM uuuu HH:mm:ss xx", Locale.ENGLISH);

  private static final int LINE_OCTETS_MAX = 998;

  private final RandomGenerator random;
  private final OctetBuilder out = new OctetBuilder(1024);
  private final HeaderWriter headers = new HeaderWriter(out);

  /// @param random for boundaries
  public MessageWriter(RandomGenerator random) {
    this.random = random;
  }

  /// A field of a status report, or a parameter.
  public record Field(String name, String value) {}

  /// @param name shown; may be empty
  public record Mailbox(String name, String address) {}

  /// What a message says.
  public sealed interface Body {
    record Text(String text) implements Body {}

    /// @param type such as `application/pdf`
    record Attachment(String type, Optional<String> filename, byte[] octets) implements Body {}

    /// @param groups the fields of the message, then those of each recipient (RFC 3464 §2.1)
    record DeliveryStatus(List<List<Field>> groups) implements Body {}

    /// A whole message. One that no transport would carry as it is (longer lines than 998 octets,
    /// bare CR or LF, NUL) is reduced to its header.
    record Message(byte[] octets) implements Body {}

    /// The header of a message; of the octets what comes before the empty line is taken.
    record MessageHeader(byte[] octets) implements Body {}

    record Multipart(String subtype, List<Field> parameters, List<Body> parts) implements Body {}
  }

  /// A delivery report (RFC 3464): text for people, status for programs, the message or its header.
  public static Body report(String text, List<List<Field>> groups, Body original) {
    return new Body.Multipart(
        "report",
        List.of(new Field("report-type", "delivery-status")),
        List.of(new Body.Text(text), new Body.DeliveryStatus(groups), original));
  }

  /// An unstructured field, encoded where needed.
  public MessageWriter text(String name, String value) {
    headers.field(name, HeaderWriter.text(value));
    return this;
  }

  /// A structured field whose syntax is the caller's: message ids, addresses of the envelope.
  public MessageWriter structured(String name, String value) {
    headers.field(name, HeaderWriter.words(value));
    return this;
  }

  public MessageWriter date(String name, OffsetDateTime value) {
    headers.field(name, HeaderWriter.words(DATE.format(value)));
    return this;
  }

  public MessageWriter addresses(String name, List<Mailbox> mailboxes) {
    var words = new ArrayList<String>();
    for (Mailbox mailbox : mailboxes) {
      if (!words.isEmpty()) words.set(words.size() - 1, words.getLast() + ",");
      words.addAll(HeaderWriter.mailbox(mailbox.name(), mailbox.address()));
    }
    headers.field(name, words);
    return this;
  }

  /// The whole message. The writer is spent.
  public byte[] toBytes(Body body) {
    structured("MIME-Version", "1.0");
    write(body);
    return out.toArray();
  }

  /// Content fields, empty line, body; ends with a line break.
  private void write(Body body) {
    switch (body) {
      case Body.Text text -> writeText(text.text());
      case Body.Attachment attachment -> writeAttachment(attachment);
      case Body.DeliveryStatus status -> writeStatus(status);
      case Body.Message message -> writeMessage(message.octets());
      case Body.MessageHeader header -> writeMessageHeader(header.octets());
      case Body.Multipart multipart -> writeMultipart(multipart);
    }
  }

  private void writeText(String text) {
    byte[] octets = canonical(text.getBytes(StandardCharsets.UTF_8));
    boolean ascii = Charsets.isAscii(octets);
    structured("Content-Type", "text/plain; charset=" + (ascii ? "us-ascii" : "utf-8"));
    boolean plain = ascii && longestLine(octets) <= 78 && indexOf(octets, 0) < 0;
    structured("Content-Transfer-Encoding", plain ? "7bit" : "quoted-printable");
    out.add("\r\n");
    if (plain) out.add(octets);
    else quotedPrintable(octets);
  }

  private void writeAttachment(Body.Attachment attachment) {
    structured("Content-Type", attachment.type());
    var words = new ArrayList<String>();
    if (attachment.filename().isPresent()) {
      words.add("attachment;");
      words.addAll(HeaderWriter.parameter("filename", attachment.filename().get()));
    } else {
      words.add("attachment");
    }
    headers.field("Content-Disposition", words);
    structured("Content-Transfer-Encoding", "base64");
    out.add("\r\n");
    out.add(Base64.getMimeEncoder().encode(attachment.octets()));
    out.add("\r\n");
  }

  private void writeStatus(Body.DeliveryStatus status) {
    structured("Content-Type", "message/delivery-status");
    out.add("\r\n");
    boolean first = true;
    for (List<Field> group : status.groups()) {
      if (!first) out.add("\r\n");
      first = false;
      for (Field field : group) {
        // RFC 3464 §2.1: ASCII; what a peer said may be anything.
        headers.field(field.name(), HeaderWriter.words(ascii(field.value())));
      }
    }
  }

  private static String ascii(String text) {
    var ascii = new StringBuilder(text);
    for (int i = 0; i < ascii.length(); i++) if (ascii.charAt(i) > 126) ascii.setCharAt(i, '?');
    return ascii.toString();
  }

  private void writeMessage(byte[] octets) {
    if (longestLine(octets) > LINE_OCTETS_MAX || indexOf(octets, 0) >= 0 || !isCanonical(octets)) {
      writeMessageHeader(octets);
      return;
    }
    structured("Content-Type", "message/rfc822");
    if (!Charsets.isAscii(octets)) structured("Content-Transfer-Encoding", "8bit");
    out.add("\r\n");
    out.add(octets);
    if (octets.length > 0 && octets[octets.length - 1] != '\n') out.add("\r\n");
  }

  private void writeMessageHeader(byte[] octets) {
    byte[] header = canonical(octets);
    int end = 0;
    var kept = new ByteArrayOutputStream();
    while (end < header.length) {
      int next = end;
      while (header[next] != '\n') next++;
      next++;
      if (next - end <= 2) break;
      if (next - end <= LINE_OCTETS_MAX) {
        for (int i = end; i < next; i++) kept.write(header[i] == 0 ? '?' : header[i]);
      }
      end = next;
    }
    byte[] lines = kept.toByteArray();
    // RFC 6522 §4.
    structured("Content-Type", "text/rfc822-headers");
    if (!Charsets.isAscii(lines)) structured("Content-Transfer-Encoding", "8bit");
    out.add("\r\n");
    out.add(lines);
  }

  private void writeMultipart(Body.Multipart multipart) {
    var parts = new ArrayList<byte[]>();
    boolean ascii = true;
    for (Body body : multipart.parts()) {
      MessageWriter part = new MessageWriter(random);
      part.write(body);
      byte[] octets = part.out.toArray();
      ascii &= Charsets.isAscii(octets);
      parts.add(octets);
    }
    String boundary = boundary(parts);
    var words = new ArrayList<String>();
    words.add("multipart/" + multipart.subtype() + ";");
    for (Field parameter : multipart.parameters()) {
      List<String> written = HeaderWriter.parameter(parameter.name(), parameter.value());
      words.addAll(written);
      words.set(words.size() - 1, words.getLast() + ";");
    }
    words.add("boundary=" + HeaderWriter.quoted(boundary));
    headers.field("Content-Type", words);
    if (!ascii) structured("Content-Transfer-Encoding", "8bit");
    out.add("\r\n");
    for (byte[] part : parts) {
      out.add("--" + boundary + "\r\n");
      out.add(part);
    }
    out.add("--" + boundary + "--\r\n");
  }

  /// One that occurs in no part. `=_` occurs in no quoted-printable or base64 text (RFC 2045 §6.7).
  private String boundary(List<byte[]> parts) {
    while (true) {
      String boundary = "=_" + Long.toUnsignedString(random.nextLong(), 36);
      byte[] line = ("--" + boundary).getBytes(StandardCharsets.US_ASCII);
      boolean occurs = false;
      for (byte[] part : parts) occurs |= contains(part, line);
      if (!occurs) return boundary;
    }
  }

  private static boolean contains(byte[] octets, byte[] sought) {
    for (int i = 0; i + sought.length <= octets.length; i++) {
      int k = 0;
      while (k < sought.length && octets[i + k] == sought[k]) k++;
      if (k == sought.length) return true;
    }
    return false;
  }

  /// CRLF line ends, also at the end.
  private static byte[] canonical(byte[] octets) {
    OctetBuilder canonical = new OctetBuilder(octets.length + 64);
    for (int i = 0; i < octets.length; i++) {
      byte octet = octets[i];
      if (octet == '\r' || octet == '\n') {
        if (octet == '\r' && i + 1 < octets.length && octets[i + 1] == '\n') i++;
        canonical.add("\r\n");
      } else {
        canonical.add(octet);
      }
    }
    if (octets.length > 0 && octets[octets.length - 1] != '\n' && octets[octets.length - 1] != '\r')
      canonical.add("\r\n");
    return canonical.toArray();
  }

  private static boolean isCanonical(byte[] octets) {
    for (int i = 0; i < octets.length; i++) {
      if (octets[i] == '\n' && (i == 0 || octets[i - 1] != '\r')) return false;
      if (octets[i] == '\r' && (i + 1 == octets.length || octets[i + 1] != '\n')) return false;
    }
    return true;
  }

  private static int longestLine(byte[] octets) {
    int longest = 0;
    int start = 0;
    for (int i = 0; i <= octets.length; i++) {
      if (i < octets.length && octets[i] != '\n') continue;
      longest = Math.max(longest, i - start - 1);
      start = i + 1;
    }
    return longest;
  }

  private static int indexOf(byte[] octets, int sought) {
    for (int i = 0; i < octets.length; i++) if (octets[i] == sought) return i;
    return -1;
  }

  private void quotedPrintable(byte[] octets) {
    int column = 0;
    for (int i = 0; i < octets.length; i++) {
      int octet = octets[i] & 0xff;
      if (octet == '\r') {
        out.add("\r\n");
        i++;
        column = 0;
        continue;
      }
      boolean lineEnd = i + 1 >= octets.length || octets[i + 1] == '\r';
      boolean space = octet == ' ' || octet == '\t';
      boolean plain = (octet > ' ' && octet < 127 && octet != '=') || (space && !lineEnd);
      // RFC 2045 §6.7 rule 5: 76 columns with the equals sign of the soft break.
      if (column + (plain ? 1 : 3) > 75) {
        out.add("=\r\n");
        column = 0;
      }
      if (plain) {
        out.add(octet);
        column++;
      } else {
        out.add('=');
        out.add(HEX.charAt(octet >> 4));
        out.add(HEX.charAt(octet & 15));
        column += 3;
      }
    }
  }

  private static final String HEX = "0123456789ABCDEF";
}
