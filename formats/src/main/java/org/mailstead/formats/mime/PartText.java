package org.mailstead.formats.mime;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// The decoded text of one part of a message.
public final class PartText {
  private PartText() {}

  /// The characters of a text part.
  ///
  /// @param charactersMax a longer one is cut
  public static String of(ByteBuffer message, MimePart part, int charactersMax) {
    String text = TextPart.decode(message, part, charactersMax + 4);
    return text.length() <= charactersMax ? text : text.substring(0, charactersMax);
  }

  /// A text part as people read it: HTML without its tags.
  public static String readable(ByteBuffer message, MimePart part, int charactersMax) {
    String text = of(message, part, charactersMax);
    return part.subtype().equals("html") ? HtmlText.of(text, charactersMax) : text;
  }

  /// The decoded octets of any part, one char each.
  public static String octets(ByteBuffer message, MimePart part, int bytesMax) {
    return new String(Octets.decoded(message, part, bytesMax), StandardCharsets.ISO_8859_1);
  }
}
