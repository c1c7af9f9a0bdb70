package org.mailstead.formats.mime;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.formats.mime.MimePart.Disposition;
import org.mailstead.formats.mime.MimePart.Parameter;

/// ENVELOPE, BODYSTRUCTURE and BODY in their IMAP wire form (RFC 9051 §7.5.2), for clients without
/// UTF8=ACCEPT: a string with 8-bit octets, or a long one, is a literal.
///
/// What the grammar cannot say is said as near as it can: a multipart without parts has one empty
/// text part, and an opaque message (encoded, or too deep) shows an empty envelope and an empty
/// text, because a message/rfc822 must show some.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9051 RFC 9051 §7.5.2
public final class StructureWriter {
  private final OctetBuilder out = new OctetBuilder(512);

  private StructureWriter() {}

  /// The parenthesized ENVELOPE of a message part; of NILs if the part is no message.
  public static byte[] envelope(MimePart message) {
    StructureWriter writer = new StructureWriter();
    writer.writeEnvelope(message.envelope());
    return writer.out.toArray();
  }

  /// The parenthesized body structure with extension data.
  public static byte[] bodyStructure(MimePart message) {
    StructureWriter writer = new StructureWriter();
    writer.writeBody(message, true);
    return writer.out.toArray();
  }

  /// The parenthesized body structure without extension data.
  public static byte[] body(MimePart message) {
    StructureWriter writer = new StructureWriter();
    writer.writeBody(message, false);
    return writer.out.toArray();
  }

  private void writeEnvelope(Optional<Envelope> optional) {
    if (optional.isEmpty()) {
      out.add("(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
      return;
    }
    Envelope envelope = optional.get();
    out.add('(');
    string(envelope.date());
    out.add(' ');
    string(envelope.subject());
    addresses(envelope.from());
    // RFC 9051 §7.5.2: the server fills in Sender and Reply-To from From.
    addresses(envelope.sender().isEmpty() ? envelope.from() : envelope.sender());
    addresses(envelope.replyTo().isEmpty() ? envelope.from() : envelope.replyTo());
    addresses(envelope.to());
    addresses(envelope.cc());
    addresses(envelope.bcc());
    out.add(' ');
    string(envelope.inReplyTo());
    out.add(' ');
    string(envelope.messageId());
    out.add(')');
  }

  private void addresses(List<MimeAddress> addresses) {
    if (addresses.isEmpty()) {
      out.add(" NIL");
      return;
    }
    out.add(" (");
    for (MimeAddress address : addresses) {
      out.add('(');
      string(address.name());
      out.add(' ');
      string(address.route());
      out.add(' ');
      string(address.local());
      out.add(' ');
      string(address.host());
      out.add(')');
    }
    out.add(')');
  }

  private void writeBody(MimePart part, boolean extended) {
    out.add('(');
    if (part.isMultipart()) multipart(part, extended);
    else single(part, extended);
    out.add(')');
  }

  private void multipart(MimePart part, boolean extended) {
    // RFC 9051 §9 body-type-mpart: at least one.
    if (part.children().isEmpty()) out.add(extended ? EMPTY_TEXT_EXTENDED : EMPTY_TEXT);
    for (MimePart child : part.children()) writeBody(child, extended);
    out.add(' ');
    string(part.subtype());
    if (!extended) return;
    out.add(' ');
    parameters(part.parameters());
    extension(part);
  }

  private void single(MimePart part, boolean extended) {
    // RFC 3501 §9 knows an envelope in message/rfc822 only; to such a client anything else there
    // would be extension data in the wrong place. RFC 9051 adds message/global.
    // Deviates: RFC 9051 §7.5.2 — deviations.md#message-global
    boolean rfc822 = part.type().equals("message") && part.subtype().equals("rfc822");
    boolean message = rfc822 && part.isMessage();
    boolean opaque = rfc822 && !message;
    string(part.type());
    out.add(' ');
    string(part.subtype());
    out.add(' ');
    parameters(withCharset(part));
    out.add(' ');
    string(part.contentId());
    out.add(' ');
    string(part.description());
    out.add(' ');
    string(part.encoding());
    out.add(' ');
    out.addDecimal(part.bodyBytes());
    if (message) {
      MimePart inner = part.children().getFirst();
      out.add(' ');
      writeEnvelope(inner.envelope());
      out.add(' ');
      writeBody(inner, extended);
    } else if (opaque) {
      out.add(' ');
      writeEnvelope(Optional.empty());
      out.add(' ');
      out.add(extended ? EMPTY_TEXT_EXTENDED : EMPTY_TEXT);
    }
    if (message || opaque || part.type().equals("text")) {
      out.add(' ');
      out.addDecimal(part.bodyLines());
    }
    if (!extended) return;
    out.add(' ');
    string(part.md5());
    extension(part);
  }

  /// RFC 2046 §4.1.2: text without a charset is US-ASCII. It is said, as other servers do.
  private static List<Parameter> withCharset(MimePart part) {
    if (!part.type().equals("text")) return part.parameters();
    for (Parameter parameter : part.parameters()) {
      if (parameter.name().equals("charset")) return part.parameters();
    }
    if (part.parameters().isEmpty()) return List.of(US_ASCII);
    var parameters = new ArrayList<>(part.parameters());
    parameters.add(US_ASCII);
    return parameters;
  }

  private void extension(MimePart part) {
    out.add(' ');
    if (part.disposition().isPresent()) {
      Disposition disposition = part.disposition().get();
      out.add('(');
      string(disposition.value());
      out.add(' ');
      parameters(disposition.parameters());
      out.add(')');
    } else {
      out.add("NIL");
    }
    out.add(' ');
    List<String> languages = part.languages();
    if (languages.isEmpty()) {
      out.add("NIL");
    } else if (languages.size() == 1) {
      string(languages.getFirst());
    } else {
      char before = '(';
      for (String language : languages) {
        out.add(before);
        string(language);
        before = ' ';
      }
      out.add(')');
    }
    out.add(' ');
    string(part.location());
  }

  private void parameters(List<Parameter> parameters) {
    if (parameters.isEmpty()) {
      out.add("NIL");
      return;
    }
    char before = '(';
    for (Parameter parameter : parameters) {
      out.add(before);
      string(parameter.name());
      out.add(' ');
      string(parameter.value());
      before = ' ';
    }
    out.add(')');
  }

  private void string(Optional<String> text) {
    if (text.isPresent()) string(text.get());
    else out.add("NIL");
  }

  /// RFC 9051 §4.3: quoted if it may be. No string of IMAP holds NUL; it goes as a question mark. A
  /// bare CR, which a reader might take for the end of a line, goes as a space.
  private void string(String text) {
    int length = text.length();
    boolean escape = false;
    boolean literal = length > MimeLimits.QUOTED_BYTES_MAX;
    boolean replace = false;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') escape = true;
      else if (c > 127) literal = true;
      else if (c == 0 || c == '\r' || c == '\n') replace = true;
    }
    String safe = replace ? text.replace('\0', '?').replace('\r', ' ').replace('\n', ' ') : text;
    if (literal) {
      out.add('{');
      out.addDecimal(length);
      out.add("}\r\n");
      out.add(safe);
      return;
    }
    out.add('"');
    if (escape) {
      for (int i = 0; i < length; i++) {
        char c = safe.charAt(i);
        if (c == '"' || c == '\\') out.add('\\');
        out.add(c);
      }
    } else {
      out.add(safe);
    }
    out.add('"');
  }

  private static final String EMPTY_TEXT =
      "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0)";
  private static final String EMPTY_TEXT_EXTENDED =
      "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0 NIL NIL NIL NIL)";
  private static final Parameter US_ASCII = new Parameter("charset", "us-ascii");
}
