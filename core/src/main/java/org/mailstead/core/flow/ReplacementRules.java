package org.mailstead.core.flow;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.formats.mime.MessageScanner;
import org.mailstead.formats.mime.MimePart;

/// What may take the place of a message on its way: a message in the form of RFC 5322 with its
/// required fields, whose multiparts are closed, whose immutable fields are those of the original,
/// and whose unique fields are there once.
///
/// @spec
///   https://docs.aws.amazon.com/workmail/latest/APIReference/API_messageflow_RawMessageContent.html
///   AWS WorkMail Message Flow API: RawMessageContent
public final class ReplacementRules {
  /// RFC 5321 §4.5.3.1.6, with CRLF.
  static final int LINE_BYTES_MAX = 1000;

  private static final int BOUNDARY_DEPTH_MAX = 100;

  /// RFC 5322 §3.6.
  private static final List<String> REQUIRED = List.of("From", "Date");

  /// Who sent it, when, under which id and by which way is not the rule's to say. The guide names
  /// no list: decision 0023.
  private static final List<String> IMMUTABLE =
      List.of("Message-ID", "Date", "From", "Sender", "Return-Path", "Received");

  /// RFC 5322 §3.6, RFC 2045 §3.
  private static final Set<String> UNIQUE =
      Set.of(
          "Date",
          "From",
          "Sender",
          "Reply-To",
          "To",
          "Cc",
          "Bcc",
          "Message-ID",
          "In-Reply-To",
          "References",
          "Subject",
          "Return-Path",
          "MIME-Version",
          "Content-Type",
          "Content-Transfer-Encoding",
          "Content-Disposition",
          "Content-ID",
          "Content-Description");

  private ReplacementRules() {}

  /// Lone line feeds become CRLF: programs that rewrite messages write the line ends of their
  /// system.
  public static byte[] normalized(byte[] octets) {
    var out = new ByteArrayOutputStream(octets.length + 1024);
    for (int i = 0; i < octets.length; i++) {
      if (octets[i] == '\n' && (i == 0 || octets[i - 1] != '\r')) out.write('\r');
      out.write(octets[i]);
    }
    return out.toByteArray();
  }

  /// What is wrong with a replacement, for its author; empty: nothing.
  static Optional<String> problem(ByteBuffer original, ByteBuffer replacement) {
    Optional<String> form = lineProblem(replacement);
    if (form.isPresent()) return form;
    MimePart root = MessageScanner.scan(replacement);
    HeaderFields fields = HeaderFields.of(replacement, root);
    HeaderFields before = HeaderFields.of(original, MessageScanner.scan(original));
    for (String name : REQUIRED) {
      if (fields.find(name).isEmpty()) return Optional.of("The header " + name + " is missing.");
    }
    for (String name : UNIQUE.stream().sorted().toList()) {
      if (fields.findAll(name).size() > 1) {
        return Optional.of("The header " + name + " may appear only once.");
      }
    }
    for (String name : IMMUTABLE) {
      if (!values(fields, name).equals(values(before, name))) {
        return Optional.of("The header " + name + " must not be changed.");
      }
    }
    return boundaryProblem(replacement, root, 0);
  }

  private static List<String> values(HeaderFields fields, String name) {
    return fields.findAll(name).stream()
        .map(value -> value.strip().replaceAll("\\s+", " "))
        .toList();
  }

  /// Line ends and lengths everywhere, and in the header nothing but fields.
  private static Optional<String> lineProblem(ByteBuffer octets) {
    int start = 0;
    boolean inHeader = true;
    for (int i = 0; i < octets.limit(); i++) {
      byte octet = octets.get(i);
      if (octet == 0) return Optional.of("The message has a NUL octet.");
      boolean ends = octet == '\n';
      if (octet == '\r' && (i + 1 == octets.limit() || octets.get(i + 1) != '\n')) {
        return Optional.of("The message has a carriage return that ends no line.");
      }
      if (i - start + 1 > LINE_BYTES_MAX) {
        return Optional.of("A line is longer than 1,000 octets, line end included.");
      }
      if (!ends) continue;
      if (i == 0 || octets.get(i - 1) != '\r') {
        return Optional.of("The message has a line feed without a carriage return.");
      }
      if (inHeader) {
        if (i - start == 1) {
          if (start == 0) return Optional.of("The message has no header.");
          inHeader = false;
        } else if (!isFieldLine(octets, start, i, start == 0)) {
          return Optional.of("The header has a line that is no header field.");
        }
      }
      start = i + 1;
    }
    return inHeader
        ? Optional.of("The message has no empty line after its header.")
        : Optional.empty();
  }

  /// RFC 5322 §2.2: a name of printable characters and a colon, or a folded line.
  private static boolean isFieldLine(ByteBuffer octets, int start, int end, boolean first) {
    byte begin = octets.get(start);
    if (begin == ' ' || begin == '\t') return !first;
    for (int i = start; i < end; i++) {
      byte octet = octets.get(i);
      if (octet == ':') return i > start;
      if (octet <= ' ' || octet >= 127) return false;
    }
    return false;
  }

  /// RFC 2046 §5.1.1: each multipart has a boundary, at least one part, and its last delimiter.
  private static Optional<String> boundaryProblem(ByteBuffer octets, MimePart part, int depth) {
    if (depth > BOUNDARY_DEPTH_MAX) return Optional.of("The parts are nested too deep.");
    if (part.isMultipart()) {
      Optional<String> boundary =
          part.parameters().stream()
              .filter(p -> p.name().equals("boundary"))
              .map(MimePart.Parameter::value)
              .filter(value -> !value.isEmpty())
              .findFirst();
      if (boundary.isEmpty()) return Optional.of("A multipart has no boundary.");
      byte[] last = ("--" + boundary.get() + "--").getBytes(StandardCharsets.ISO_8859_1);
      if (part.children().isEmpty() || !hasLine(octets, part, last)) {
        return Optional.of("A multipart is not closed by its boundary.");
      }
    }
    for (MimePart child : part.children()) {
      Optional<String> problem = boundaryProblem(octets, child, depth + 1);
      if (problem.isPresent()) return problem;
    }
    return Optional.empty();
  }

  private static boolean hasLine(ByteBuffer octets, MimePart part, byte[] text) {
    for (long at = part.bodyOffset(); at + text.length <= part.end(); at++) {
      boolean begins = at == part.bodyOffset() || octets.get((int) at - 1) == '\n';
      if (begins && matches(octets, (int) at, text)) return true;
    }
    return false;
  }

  private static boolean matches(ByteBuffer octets, int at, byte[] text) {
    for (int i = 0; i < text.length; i++) {
      if (octets.get(at + i) != text[i]) return false;
    }
    return true;
  }
}
