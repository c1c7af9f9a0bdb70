package org.mailstead.formats.mime;

import java.nio.ByteBuffer;
import org.mailstead.formats.mime.HeaderFields.Field;

/// All text of a message for search, decoded but not folded.
///
/// @param headers every field as `Name: value` lines, those of embedded messages not included
/// @param body text of every text part, file names, and embedded messages with their headers
/// @param complete false if a bound of [MimeLimits] cut it
public record MessageText(
    String subject,
    String from,
    String to,
    String cc,
    String bcc,
    String headers,
    String body,
    boolean complete) {

  public static MessageText of(ByteBuffer message, MimePart structure) {
    HeaderFields fields = HeaderFields.of(message, structure);
    Collector collector = new Collector(message);
    String headers = collector.headers(fields);
    collector.part(structure);
    return new MessageText(
        joined(fields, "subject"),
        joined(fields, "from"),
        joined(fields, "to"),
        joined(fields, "cc"),
        joined(fields, "bcc"),
        headers,
        collector.body.toString(),
        collector.complete);
  }

  private static String joined(HeaderFields fields, String name) {
    var out = new StringBuilder();
    for (String value : fields.findAll(name)) {
      if (!out.isEmpty()) out.append('\n');
      out.append(HeaderText.decode(value));
    }
    return out.toString();
  }

  private static final class Collector {
    private ByteBuffer message;
    private int encodedDepth;
    private final StringBuilder body = new StringBuilder();
    private int charactersLeft = MimeLimits.SEARCH_CHARACTERS_MAX;
    private boolean complete = true;

    Collector(ByteBuffer message) {
      this.message = message;
    }

    String headers(HeaderFields fields) {
      var out = new StringBuilder();
      int count = 0;
      for (Field field : fields) {
        if (++count > MimeLimits.HEADER_FIELDS_MAX || out.length() >= charactersLeft) {
          complete = false;
          break;
        }
        out.append(field.name()).append(": ");
        out.append(HeaderText.decode(fields.value(field))).append('\n');
      }
      charactersLeft = Math.max(charactersLeft - out.length(), 0);
      return out.toString();
    }

    void part(MimePart part) {
      if (charactersLeft == 0) {
        complete = false;
        return;
      }
      ParameterText.filename(part).ifPresent(name -> add(name + "\n"));
      part.description().ifPresent(text -> add(HeaderText.decode(text) + "\n"));
      if (part.isMultipart()) {
        for (MimePart child : part.children()) part(child);
      } else if (part.isMessage()) {
        MimePart inner = part.children().getFirst();
        add(headers(HeaderFields.of(message, inner)));
        part(inner);
      } else if (isEncodedMessage(part)) {
        encodedMessage(part);
      } else if (isText(part)) {
        text(part);
      }
    }

    private static boolean isEncodedMessage(MimePart part) {
      return part.type().equals("message")
          && (part.subtype().equals("rfc822") || part.subtype().equals("global"))
          && (part.encoding().equals("base64") || part.encoding().equals("quoted-printable"));
    }

    /// The structure does not look into an encoded message; people expect to find it.
    private void encodedMessage(MimePart part) {
      if (encodedDepth >= MimeLimits.ENCODED_DEPTH_MAX) {
        complete = false;
        return;
      }
      byte[] octets = Octets.decoded(message, part, charactersLeft);
      if (part.bodyBytes() > charactersLeft) complete = false;
      ByteBuffer outer = message;
      message = ByteBuffer.wrap(octets);
      encodedDepth++;
      MimePart inner = MessageScanner.scan(message);
      add(headers(HeaderFields.of(message, inner)));
      part(inner);
      encodedDepth--;
      message = outer;
    }

    /// Reports of delivery, and headers sent in their place, are text by another name.
    private static boolean isText(MimePart part) {
      return part.type().equals("text")
          || (part.type().equals("message")
              && (part.encoding().equals("7bit") || part.encoding().equals("8bit")));
    }

    private void text(MimePart part) {
      int bytesMax = (int) Math.min(charactersLeft + 4L, Integer.MAX_VALUE);
      String text = TextPart.decode(message, part, bytesMax);
      if (part.bodyBytes() > bytesMax) complete = false;
      if (part.subtype().equals("html")) text = HtmlText.of(text, charactersLeft);
      add(text);
      add("\n");
    }

    private void add(String text) {
      if (text.length() > charactersLeft) {
        complete = false;
        body.append(text, 0, charactersLeft);
        charactersLeft = 0;
      } else {
        body.append(text);
        charactersLeft -= text.length();
      }
    }
  }
}
