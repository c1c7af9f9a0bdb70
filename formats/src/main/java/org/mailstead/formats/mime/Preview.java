package org.mailstead.formats.mime;

import java.nio.ByteBuffer;

/// The first words of a message (RFC 8970).
@SuppressWarnings("DoNotCallSuggester")
public final class Preview {
  private Preview() {}

  /// At most [MimeLimits#PREVIEW_CHARACTERS] characters on one line; empty if there is no text.
  public static String of(ByteBuffer message, MimePart structure) {
    throw new UnsupportedOperationException("skeleton");
  }
}
