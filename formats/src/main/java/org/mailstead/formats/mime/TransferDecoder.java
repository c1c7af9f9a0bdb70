package org.mailstead.formats.mime;

import java.io.InputStream;
import java.nio.ByteBuffer;

/// A part's body with its Content-Transfer-Encoding undone, lenient: it never fails. Line breaks
/// stay as they are.
///
/// @spec https://www.rfc-editor.org/rfc/rfc2045 RFC 2045 §6
public final class TransferDecoder {
  private TransferDecoder() {}

  /// The stream needs no closing and throws nothing. An unknown encoding is not undone.
  public static InputStream open(ByteBuffer message, MimePart part) {
    return open(message, part.bodyOffset(), part.end(), part.encoding());
  }

  static InputStream open(ByteBuffer message, long start, long end, String encoding) {
    RegionStream region = new RegionStream(message, start, end);
    return switch (encoding) {
      case "base64" -> new Base64Stream(region);
      case "quoted-printable" -> new QuotedPrintableStream(region);
      case "uuencode", "x-uuencode", "x-uue", "uue" -> new UuStream(region);
      default -> region;
    };
  }

  /// Whether the encoding is one that can be undone; if not, BINARY answers UNKNOWN-CTE (RFC 3516
  /// §4.3).
  public static boolean isKnown(String encoding) {
    return switch (encoding) {
      case "7bit", "8bit", "binary", "base64", "quoted-printable" -> true;
      case "uuencode", "x-uuencode", "x-uue", "uue" -> true;
      default -> false;
    };
  }

  /// The length of the decoded body, counted by decoding (BINARY.SIZE).
  public static long size(ByteBuffer message, MimePart part) {
    InputStream decoded = open(message, part);
    if (decoded instanceof RegionStream) return part.bodyBytes();
    byte[] piece = new byte[8 << 10];
    long size = 0;
    while (true) {
      int count = Octets.read(decoded, piece);
      if (count < 0) return size;
      size += count;
    }
  }
}
