package org.mailstead.formats.mime;

import java.io.InputStream;
import java.nio.ByteBuffer;

/// A part's body with its Content-Transfer-Encoding undone, lenient.
@SuppressWarnings("DoNotCallSuggester")
public final class TransferDecoder {
  private TransferDecoder() {}

  public static InputStream open(ByteBuffer message, MimePart part) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Whether the encoding is one that can be undone (for BINARY's UNKNOWN-CTE, RFC 3516).
  public static boolean isKnown(String encoding) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The length of the decoded body, counted by decoding (BINARY.SIZE).
  public static long size(ByteBuffer message, MimePart part) {
    throw new UnsupportedOperationException("skeleton");
  }
}
