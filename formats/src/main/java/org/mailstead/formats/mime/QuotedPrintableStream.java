package org.mailstead.formats.mime;

/// Quoted-printable (RFC 2045 §6.7). An equals sign that begins nothing known stays; white space at
/// the end of a line was added on the way and goes.
final class QuotedPrintableStream extends DecodingStream {
  private static final int SPACES_MAX = 200;

  /// Octets after an equals sign, which is the first.
  private final byte[] escape = new byte[SPACES_MAX + 4];

  private int escapeCount;

  /// White space that may be the end of its line.
  private final byte[] spaces = new byte[SPACES_MAX];

  private int spaceCount;

  QuotedPrintableStream(RegionStream source) {
    super(source, 2);
  }

  @Override
  int decode(byte[] in, int length, byte[] out) {
    int count = 0;
    for (int i = 0; i < length; i++) {
      byte octet = in[i];
      if (escapeCount > 0) {
        count = escaped(octet, out, count);
        continue;
      }
      if (octet == '=') {
        count = flushSpaces(out, count);
        escape[0] = octet;
        escapeCount = 1;
      } else if (octet == ' ' || octet == '\t') {
        if (spaceCount == SPACES_MAX) count = flushSpaces(out, count);
        spaces[spaceCount++] = octet;
      } else if (octet == '\n' || octet == '\r') {
        spaceCount = 0;
        out[count++] = octet;
      } else {
        if (spaceCount > 0) count = flushSpaces(out, count);
        out[count++] = octet;
      }
    }
    return count;
  }

  /// One more octet after an equals sign.
  private int escaped(byte octet, byte[] out, int from) {
    int count = from;
    boolean blankSoFar = escapeCount == 1 || escape[1] == ' ' || escape[1] == '\t';
    if (octet == '\n' && blankSoFar) {
      // A soft line break, with white space or CR before it.
      escapeCount = 0;
      return count;
    }
    boolean space = octet == ' ' || octet == '\t' || octet == '\r';
    if (blankSoFar && space && escapeCount < SPACES_MAX) {
      escape[escapeCount++] = octet == '\r' ? (byte) ' ' : octet;
      return count;
    }
    if (escapeCount == 1 && Character.digit(octet, 16) >= 0) {
      escape[escapeCount++] = octet;
      return count;
    }
    if (escapeCount == 2 && !blankSoFar && Character.digit(octet, 16) >= 0) {
      out[count++] = (byte) (Character.digit(escape[1], 16) << 4 | Character.digit(octet, 16));
      escapeCount = 0;
      return count;
    }
    // No escape after all.
    for (int i = 0; i < escapeCount; i++) out[count++] = escape[i];
    escapeCount = 0;
    byte[] one = {octet};
    byte[] rest = new byte[SPACES_MAX + 8];
    int more = decode(one, 1, rest);
    System.arraycopy(rest, 0, out, count, more);
    return count + more;
  }

  private int flushSpaces(byte[] out, int from) {
    System.arraycopy(spaces, 0, out, from, spaceCount);
    int count = from + spaceCount;
    spaceCount = 0;
    return count;
  }

  @Override
  int finish(byte[] out) {
    // An equals sign at the very end is a soft line break whose rest was cut.
    int count = flushSpaces(out, 0);
    if (escapeCount > 1 && escape[1] != ' ' && escape[1] != '\t') {
      for (int i = 0; i < escapeCount; i++) out[count++] = escape[i];
    }
    escapeCount = 0;
    return count;
  }
}
