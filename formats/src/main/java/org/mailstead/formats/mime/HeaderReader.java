package org.mailstead.formats.mime;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailstead.formats.mime.MimePart.Disposition;

/// Takes the fields that a structure keeps out of one header after another of a message.
///
/// Of a field that may occur once the first counts, as most readers do; address fields are joined,
/// so that no reader sees an address that another one did not check.
final class HeaderReader {
  private PartBuilder part = new PartBuilder(null, false);
  private int fieldCount;
  private int bytesLeft = MimeLimits.STRUCTURE_BYTES_MAX;

  private boolean typeSeen;
  private boolean encodingSeen;
  private @Nullable String date;
  private @Nullable String subject;
  private @Nullable String inReplyTo;
  private @Nullable String messageId;
  private List<MimeAddress> from = List.of();
  private List<MimeAddress> sender = List.of();
  private List<MimeAddress> replyTo = List.of();
  private List<MimeAddress> to = List.of();
  private List<MimeAddress> cc = List.of();
  private List<MimeAddress> bcc = List.of();

  void begin(PartBuilder header) {
    part = header;
    fieldCount = 0;
    typeSeen = false;
    encodingSeen = false;
    date = null;
    subject = null;
    inReplyTo = null;
    messageId = null;
    from = List.of();
    sender = List.of();
    replyTo = List.of();
    to = List.of();
    cc = List.of();
    bcc = List.of();
  }

  void end() {
    if (!part.message) return;
    part.envelope =
        new Envelope(
            Optional.ofNullable(date),
            Optional.ofNullable(subject),
            from,
            sender,
            replyTo,
            to,
            cc,
            bcc,
            Optional.ofNullable(inReplyTo),
            Optional.ofNullable(messageId));
  }

  /// One field with its continuation lines.
  void field(byte[] octets, int start, int end) {
    if (++fieldCount > MimeLimits.HEADER_FIELDS_MAX) return;
    int last = Math.min(end, start + NAME_BYTES_MAX);
    int colon = start;
    while (colon < last && octets[colon] != ':') colon++;
    if (colon == last) return;
    int nameEnd = colon;
    // RFC 5322 §4.5: white space before the colon is obsolete, not wrong.
    while (nameEnd > start && (octets[nameEnd - 1] == ' ' || octets[nameEnd - 1] == '\t'))
      nameEnd--;
    int value = colon + 1;
    switch (nameEnd - start) {
      case 2 -> {
        if (!part.message) return;
        if (is(octets, start, TO)) to = addresses(to, octets, value, end);
        else if (is(octets, start, CC)) cc = addresses(cc, octets, value, end);
      }
      case 3 -> {
        if (part.message && is(octets, start, BCC)) bcc = addresses(bcc, octets, value, end);
      }
      case 4 -> {
        if (!part.message) return;
        if (is(octets, start, FROM)) from = addresses(from, octets, value, end);
        // Deviates: RFC 5322 §3.6 — deviations.md#field-twice
        else if (date == null && is(octets, start, DATE)) date = text(octets, value, end);
      }
      case 6 -> {
        if (part.message && is(octets, start, SENDER))
          sender = addresses(sender, octets, value, end);
      }
      case 7 -> {
        if (part.message && subject == null && is(octets, start, SUBJECT))
          subject = text(octets, value, end);
      }
      case 8 -> {
        if (part.message && is(octets, start, REPLY_TO))
          replyTo = addresses(replyTo, octets, value, end);
      }
      case 10 -> {
        if (part.message && messageId == null && is(octets, start, MESSAGE_ID))
          messageId = text(octets, value, end);
        else if (part.contentId == null && is(octets, start, CONTENT_ID))
          part.contentId = textUnlessEmpty(octets, value, end);
      }
      case 11 -> {
        if (part.message && inReplyTo == null && is(octets, start, IN_REPLY_TO))
          inReplyTo = text(octets, value, end);
        else if (part.md5 == null && is(octets, start, CONTENT_MD5))
          part.md5 = textUnlessEmpty(octets, value, end);
      }
      case 12 -> {
        if (!typeSeen && is(octets, start, CONTENT_TYPE)) contentType(text(octets, value, end));
      }
      case 16 -> {
        if (part.languages.isEmpty() && is(octets, start, CONTENT_LANGUAGE))
          part.languages = languages(text(octets, value, end));
        else if (part.location == null && is(octets, start, CONTENT_LOCATION))
          part.location = textUnlessEmpty(octets, value, end);
      }
      case 19 -> {
        if (part.disposition == null && is(octets, start, CONTENT_DISPOSITION))
          disposition(text(octets, value, end));
        else if (part.description == null && is(octets, start, CONTENT_DESCRIPTION))
          part.description = textUnlessEmpty(octets, value, end);
      }
      case 25 -> {
        if (!encodingSeen && is(octets, start, CONTENT_TRANSFER_ENCODING))
          encoding(text(octets, value, end));
      }
      default -> {}
    }
  }

  private void contentType(String value) {
    typeSeen = true;
    StructuredValue parsed = StructuredValue.parse(value);
    int slash = parsed.value().indexOf('/');
    String type = slash < 0 ? parsed.value() : parsed.value().substring(0, slash);
    String subtype = slash < 0 ? "" : parsed.value().substring(slash + 1);
    if (!type.isEmpty() && !subtype.isEmpty()) {
      part.type = type;
      part.subtype = subtype;
      part.parameters = parsed.parameters();
    } else {
      // RFC 2045 §5.2: what cannot be read is text/plain.
      part.type = "text";
      part.subtype = "plain";
      part.parameters = type.equals("text") ? parsed.parameters() : List.of();
    }
  }

  private void encoding(String value) {
    encodingSeen = true;
    int end = 0;
    while (end < value.length() && StructuredValue.isTokenOctet(value.charAt(end))) end++;
    if (end > 0) part.encoding = StructuredValue.lower(value.substring(0, end));
  }

  private void disposition(String value) {
    StructuredValue parsed = StructuredValue.parse(value);
    if (parsed.value().isEmpty() && parsed.parameters().isEmpty()) return;
    // RFC 2183 §2.8: an unknown kind is an attachment; so is one that is not named.
    String kind = parsed.value().isEmpty() ? "attachment" : parsed.value();
    part.disposition = new Disposition(kind, parsed.parameters());
  }

  /// RFC 3282: tags with commas between them.
  private static List<String> languages(String value) {
    var tags = new ArrayList<String>();
    for (String tag : StructuredValue.withoutComments(value).split(",", -1)) {
      String trimmed = tag.strip();
      if (!trimmed.isEmpty() && tags.size() < MimeLimits.PARAMETERS_MAX) tags.add(trimmed);
    }
    return List.copyOf(tags);
  }

  private List<MimeAddress> addresses(List<MimeAddress> before, byte[] a, int start, int end) {
    List<MimeAddress> parsed = AddressParser.parse(text(a, start, end));
    if (before.isEmpty()) return parsed;
    if (parsed.isEmpty() || before.size() >= MimeLimits.ADDRESSES_MAX) return before;
    var joined = new ArrayList<MimeAddress>(before.size() + parsed.size());
    joined.addAll(before);
    int more = Math.min(parsed.size(), MimeLimits.ADDRESSES_MAX - before.size());
    joined.addAll(parsed.subList(0, more));
    return List.copyOf(joined);
  }

  private @Nullable String textUnlessEmpty(byte[] octets, int start, int end) {
    String text = text(octets, start, end);
    return text.isEmpty() ? null : text;
  }

  private String text(byte[] octets, int start, int end) {
    int count = Math.min(end - start, Math.min(MimeLimits.FIELD_BYTES_MAX, bytesLeft));
    if (count <= 0) return "";
    String text = unfold(octets, start, start + count);
    bytesLeft -= text.length();
    return text;
  }

  /// A value without line breaks, and without white space around it (RFC 5322 §2.2.3). The white
  /// space of a continuation line becomes one space, as IMAP servers show it.
  static String unfold(byte[] octets, int start, int end) {
    int from = start;
    int to = end;
    while (from < to && isSpace(octets[from])) from++;
    while (to > from && isSpace(octets[to - 1])) to--;
    int i = from;
    while (i < to && octets[i] != '\n') i++;
    if (i == to) return new String(octets, from, to - from, StandardCharsets.ISO_8859_1);
    byte[] out = new byte[to - from];
    int count = 0;
    for (i = from; i < to; i++) {
      byte octet = octets[i];
      if (octet == '\r' && i + 1 < to && octets[i + 1] == '\n') continue;
      if (octet == '\n') {
        while (i + 1 < to && (octets[i + 1] == ' ' || octets[i + 1] == '\t')) i++;
        octet = ' ';
      }
      out[count++] = octet;
    }
    return new String(out, 0, count, StandardCharsets.ISO_8859_1);
  }

  private static boolean isSpace(byte octet) {
    return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
  }

  private static boolean is(byte[] octets, int start, byte[] name) {
    for (int i = 0; i < name.length; i++) {
      int octet = octets[start + i];
      if (octet != name[i] && (octet < 'A' || octet > 'Z' || octet + 32 != name[i])) return false;
    }
    return true;
  }

  private static byte[] name(String name) {
    return name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
  }

  /// No field that is kept has a longer name, with white space behind it.
  private static final int NAME_BYTES_MAX = 128;

  private static final byte[] TO = name("to");
  private static final byte[] CC = name("cc");
  private static final byte[] BCC = name("bcc");
  private static final byte[] FROM = name("from");
  private static final byte[] DATE = name("date");
  private static final byte[] SENDER = name("sender");
  private static final byte[] SUBJECT = name("subject");
  private static final byte[] REPLY_TO = name("reply-to");
  private static final byte[] MESSAGE_ID = name("message-id");
  private static final byte[] IN_REPLY_TO = name("in-reply-to");
  private static final byte[] CONTENT_ID = name("content-id");
  private static final byte[] CONTENT_MD5 = name("content-md5");
  private static final byte[] CONTENT_TYPE = name("content-type");
  private static final byte[] CONTENT_LANGUAGE = name("content-language");
  private static final byte[] CONTENT_LOCATION = name("content-location");
  private static final byte[] CONTENT_DISPOSITION = name("content-disposition");
  private static final byte[] CONTENT_DESCRIPTION = name("content-description");
  private static final byte[] CONTENT_TRANSFER_ENCODING = name("content-transfer-encoding");
}
