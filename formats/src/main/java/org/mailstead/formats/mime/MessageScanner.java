package org.mailstead.formats.mime;

import java.nio.ByteBuffer;

/// One pass over a message that finds its structure with byte offsets. It accepts every input.
@SuppressWarnings("DoNotCallSuggester")
public final class MessageScanner {
  private MessageScanner() {}

  /// The structure of the bytes between position and limit of the buffer, offsets relative to its
  /// position. The buffer's position is not moved.
  public static MimePart scan(ByteBuffer message) {
    throw new UnsupportedOperationException("skeleton");
  }
}
