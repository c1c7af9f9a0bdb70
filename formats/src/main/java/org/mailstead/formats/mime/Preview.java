package org.mailstead.formats.mime;

import java.nio.ByteBuffer;
import java.util.Optional;

/// The first words of a message (RFC 8970): of its first text part that is no attachment, plain
/// text before HTML where both say the same.
///
/// @spec https://www.rfc-editor.org/rfc/rfc8970 RFC 8970
public final class Preview {
  /// Octets of the body that are looked at; HTML begins with style that says nothing.
  private static final int PLAIN_BYTES = 2 << 10;

  private static final int HTML_BYTES = 64 << 10;

  private Preview() {}

  /// At most [MimeLimits#PREVIEW_CHARACTERS] characters on one line; empty if there is no text.
  public static String of(ByteBuffer message, MimePart structure) {
    Optional<MimePart> found = find(structure, "plain").filter(part -> part.bodyBytes() > 0);
    if (found.isPresent()) {
      String text = collapse(TextPart.decode(message, found.get(), PLAIN_BYTES), true);
      if (!text.isEmpty()) return text;
    }
    return find(structure, "html")
        .map(part -> TextPart.decode(message, part, HTML_BYTES))
        .map(html -> HtmlText.of(html, MimeLimits.PREVIEW_CHARACTERS * 2))
        .map(text -> collapse(text, false))
        .orElse("");
  }

  private static Optional<MimePart> find(MimePart part, String subtype) {
    if (part.type().equals("text")) {
      boolean attached =
          part.disposition().isPresent() && part.disposition().get().value().equals("attachment");
      boolean fits = part.subtype().equals(subtype);
      return fits && !attached ? Optional.of(part) : Optional.empty();
    }
    if (!part.isMultipart()) return Optional.empty();
    for (MimePart child : part.children()) {
      Optional<MimePart> found = find(child, subtype);
      if (found.isPresent()) return found;
    }
    return Optional.empty();
  }

  /// One line, without lines that quote another message if anything else is there.
  private static String collapse(String text, boolean plain) {
    if (plain) {
      String own = collapseLines(text, true);
      if (!own.isEmpty()) return own;
    }
    return collapseLines(text, false);
  }

  private static String collapseLines(String text, boolean withoutQuotes) {
    var out = new StringBuilder(MimeLimits.PREVIEW_CHARACTERS);
    boolean space = false;
    boolean lineStart = true;
    int characters = 0;
    for (int i = 0; i < text.length() && characters < MimeLimits.PREVIEW_CHARACTERS; ) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      if (lineStart && withoutQuotes && point == '>') {
        int end = text.indexOf('\n', i);
        if (end < 0) break;
        i = end + 1;
        space = true;
        continue;
      }
      lineStart = point == '\n';
      if (point <= ' ' || point == 0xa0 || Character.isWhitespace(point)) {
        space = true;
        continue;
      }
      if (isInvisible(point)) continue;
      if (space && !out.isEmpty()) {
        out.append(' ');
        if (++characters == MimeLimits.PREVIEW_CHARACTERS) break;
      }
      space = false;
      out.appendCodePoint(point);
      characters++;
    }
    return out.toString().strip();
  }

  private static boolean isInvisible(int point) {
    return point == 0x7f
        || (point >= 0x80 && point < 0xa0)
        || (point >= 0x200b && point <= 0x200f)
        || point == 0x34f
        || point == 0xad
        || point == 0xfeff
        || point == 0xfffd
        || (point >= 0xd800 && point <= 0xdfff);
  }
}
