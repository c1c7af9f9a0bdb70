package org.mailstead.migration.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// The lines of an mbox, one after the other, as slices of a buffer; the parts of a line that is
/// longer than the buffer come one after the other. For one thread.
final class MboxLines implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 18;
  private static final int SEPARATOR_BYTES_MAX = 1_000;
  private static final Pattern TIME = Pattern.compile("\\d{1,2}:\\d{2}");
  private static final Pattern YEAR = Pattern.compile("\\b(19|20)\\d{2}\\b");

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int start;
  private int end;
  private int limit;
  private boolean ended;
  private long offset;
  private boolean afterEmpty = true;
  private boolean continued;
  private boolean terminated = true;

  /// @param offset of the stream's first octet in the whole
  MboxLines(InputStream in, long offset) {
    this.in = in;
    this.offset = offset;
  }

  /// Goes to the next line, or part of one.
  boolean next() throws IOException {
    if (end > start) afterEmpty = isEmptyLine();
    continued = !terminated;
    offset += end - start;
    start = end;
    int at = start;
    while (true) {
      while (at < limit) {
        if (buffer[at++] == '\n') {
          end = at;
          terminated = true;
          return true;
        }
      }
      if (start > 0 && limit == buffer.length) {
        System.arraycopy(buffer, start, buffer, 0, limit - start);
        at -= start;
        limit -= start;
        start = 0;
        end = 0;
      }
      int got = ended || limit == buffer.length ? 0 : in.read(buffer, limit, buffer.length - limit);
      if (got < 0) ended = true;
      if (got > 0) limit += got;
      if (got <= 0 && (ended || limit == buffer.length)) {
        end = limit;
        terminated = false;
        return end > start;
      }
    }
  }

  /// Where this line begins in the whole.
  long offset() {
    return offset;
  }

  /// Where the next one does.
  long nextOffset() {
    return offset + (end - start);
  }

  byte[] octets() {
    return buffer;
  }

  int start() {
    return start;
  }

  int length() {
    return end - start;
  }

  boolean isTerminated() {
    return terminated;
  }

  /// Whether it is not the first part of its line.
  boolean isContinued() {
    return continued;
  }

  boolean isEmptyLine() {
    return terminated && !continued && textLength() == 0;
  }

  /// Octets without the line end.
  int textLength() {
    int length = end - start;
    if (!terminated) return length;
    return length > 1 && buffer[end - 2] == '\r' ? length - 2 : length - 1;
  }

  String text() {
    return new String(buffer, start, textLength(), StandardCharsets.ISO_8859_1).stripTrailing();
  }

  /// Whether a message begins here: `From ` with a time of day and a year, at the beginning or
  /// after an empty line.
  boolean isSeparator() {
    if (!afterEmpty || continued || end - start < 10 || end - start > SEPARATOR_BYTES_MAX) {
      return false;
    }
    if (!isFrom(start)) return false;
    String text = text();
    return TIME.matcher(text).find() && YEAR.matcher(text).find();
  }

  /// Whether it is `From ` behind one or more `>` (mboxrd).
  boolean isQuoted() {
    if (continued || buffer[start] != '>') return false;
    int at = start;
    while (at < end && buffer[at] == '>') at++;
    return isFrom(at);
  }

  private boolean isFrom(int at) {
    return end - at >= 5
        && buffer[at] == 'F'
        && buffer[at + 1] == 'r'
        && buffer[at + 2] == 'o'
        && buffer[at + 3] == 'm'
        && buffer[at + 4] == ' ';
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
