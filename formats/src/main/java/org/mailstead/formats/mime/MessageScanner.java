package org.mailstead.formats.mime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// One pass over a message that finds its structure with byte offsets. It accepts every input.
///
/// The pass goes line by line. A line ends with LF, with or without CR before it; a bare CR is an
/// ordinary octet. A line that begins with `--` is compared with the boundaries of all multiparts
/// that are open: the longest boundary that the line begins with counts (RFC 2046 §5.1.1 asks for
/// no more than the beginning, and a boundary may be the beginning of another), the innermost first
/// among equals. A boundary also ends a header, whose body is empty then. Line breaks are counted
/// as they pass, so that a part's line count is a difference of two numbers.
///
/// The pass reads an array. A buffer that has none is copied in windows, never as a whole if it is
/// large.
///
/// @spec https://www.rfc-editor.org/rfc/rfc2046 RFC 2046 §5.1
public final class MessageScanner {
  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long LINE_FEEDS = 0x0a0a0a0a0a0a0a0aL;
  private static final long LOW = 0x0101010101010101L;
  private static final long LOW_SEVEN = 0x7f7f7f7f7f7f7f7fL;
  private static final long HIGH = 0x8080808080808080L;

  /// A buffer without an array up to this size is copied at once.
  private static final int COPY_BYTES_MAX = 256 << 10;

  private static final int WINDOW_BYTES = 128 << 10;

  /// How much of a line is in the window when it is compared with boundaries.
  private static final int LINE_HEAD_BYTES = MimeLimits.BOUNDARY_BYTES_MAX + 64;

  private final ByteBuffer buffer;
  private final int start;
  private final int size;

  /// The window: message offset `p` is `octets[p - windowBase]`, for `p` up to `windowEnd`.
  private byte[] octets;

  private int windowBase;
  private int windowEnd;

  /// Where the pass is, and the line breaks before it.
  private int position;

  private int lines;

  private final HeaderReader headers;
  private int partCount = 1;

  // Deviates: RFC 2046 §5.1.1 — deviations.md#longest-boundary
  /// Open multiparts that still look for their boundary, outermost first.
  private PartBuilder[] open = new PartBuilder[8];

  private int openCount;

  /// Set by [#matchesBoundary].
  private int matchedIndex;

  private boolean matchedClose;

  private MessageScanner(ByteBuffer message) {
    this.buffer = message;
    this.start = message.position();
    this.size = message.remaining();
    if (message.hasArray()) {
      octets = message.array();
      windowBase = -(message.arrayOffset() + start);
      windowEnd = size;
    } else {
      octets = new byte[size <= COPY_BYTES_MAX ? size : WINDOW_BYTES];
      windowEnd = octets.length;
      buffer.get(start, octets);
    }
    headers = new HeaderReader();
  }

  /// The structure of the bytes between position and limit of the buffer, offsets relative to its
  /// position. The buffer's position is not moved.
  public static MimePart scan(ByteBuffer message) {
    return new MessageScanner(message).scan();
  }

  private MimePart scan() {
    PartBuilder root = new PartBuilder(null, true);
    boolean atBoundary = readHeader(root);
    PartBuilder current = root;
    boolean fresh = true;
    while (true) {
      if (fresh && !atBoundary) {
        PartBuilder message = descend(current);
        if (message != current) {
          current = message;
          atBoundary = readHeader(current);
          continue;
        }
      }
      if (!atBoundary && !skipToBoundary()) break;
      PartBuilder multipart = open[matchedIndex];
      boolean close = matchedClose;
      int lineStart = position;
      int linesBefore = lines;
      skipLine();
      if (!close && partCount >= MimeLimits.PARTS_MAX) {
        // The rest belongs to the part that is open.
        fresh = false;
        atBoundary = false;
        continue;
      }
      // The line break before the boundary belongs to it, unless it is the end of a header.
      int breakBytes = current.bodyOffset == lineStart ? 0 : breakBytesBefore(lineStart);
      int bodyEnd = lineStart - breakBytes;
      int linesEnd = breakBytes == 0 ? linesBefore : linesBefore - 1;
      while (current != multipart) {
        current.close(bodyEnd, linesEnd);
        current = current.requireParent();
      }
      openCount = close ? matchedIndex : matchedIndex + 1;
      Arrays.fill(open, openCount, open.length, null);
      fresh = !close;
      if (close) {
        atBoundary = false;
      } else {
        current = current.addChild(false);
        partCount++;
        atBoundary = readHeader(current);
      }
    }
    for (PartBuilder part = current; part != null; part = part.parent) part.close(size, lines);
    return root.build();
  }

  /// Opens what is inside a part: remembers the boundary of a multipart, returns the message inside
  /// of a message/rfc822. Returns the part itself otherwise.
  private PartBuilder descend(PartBuilder part) {
    if (part.depth >= MimeLimits.DEPTH_MAX) return part;
    if (part.holdsMessage()) {
      if (partCount >= MimeLimits.PARTS_MAX) return part;
      partCount++;
      return part.addChild(true);
    }
    byte[] boundary = part.findBoundary();
    if (boundary.length > 0) {
      if (openCount == open.length) open = Arrays.copyOf(open, openCount * 2);
      part.boundary = boundary;
      open[openCount++] = part;
    }
    return part;
  }

  /// Reads the header at the position and leaves the position at the body.
  ///
  /// @return whether it ended with a boundary, which is at the position and in the match
  private boolean readHeader(PartBuilder part) {
    part.headerOffset = position;
    headers.begin(part);
    int lookEnd = (int) Math.min((long) position + MimeLimits.HEADER_BYTES_MAX, size);
    int field = -1;
    boolean atBoundary = false;
    while (position < size) {
      int lineStart = position;
      if (lineStart >= lookEnd && field >= 0) field = flush(field, lookEnd);
      if (lineStart + LINE_HEAD_BYTES > windowEnd && windowEnd < size) extend(field, lineStart);
      byte first = octets[lineStart - windowBase];
      if (first == '\n'
          || (first == '\r'
              && lineStart + 1 < size
              && octets[lineStart + 1 - windowBase] == '\n')) {
        if (field >= 0) field = flush(field, lineStart);
        position += first == '\n' ? 1 : 2;
        lines++;
        break;
      }
      if (first != ' ' && first != '\t') {
        if (field >= 0) field = flush(field, lineStart);
        if (first == '-' && openCount > 0 && matchesBoundary(lineStart)) {
          atBoundary = true;
          break;
        }
        if (lineStart < lookEnd) field = lineStart;
      }
      if (field >= 0 && !skipFieldLine(field, lookEnd)) field = flush(field, lookEnd);
      if (field < 0 || lineStart == position) skipLine();
    }
    if (field >= 0) flush(field, Math.min(position, lookEnd));
    headers.end();
    part.bodyOffset = position;
    part.bodyLinesStart = lines;
    return atBoundary;
  }

  /// Hands a field over; it is in the window.
  private int flush(int field, int end) {
    headers.field(octets, field - windowBase, end - windowBase);
    return -1;
  }

  /// Makes room for more of a header, keeping the field that is being collected.
  private void extend(int field, int lineStart) {
    int keep = field >= 0 ? field : lineStart;
    load(keep, 2 * Math.max(windowEnd - keep, 0) + WINDOW_BYTES);
  }

  /// Moves behind the next line break if it comes before `limit`, keeping the field in the window.
  /// Otherwise the position stays, and all up to the limit is in the window.
  private boolean skipFieldLine(int field, int limit) {
    int from = position;
    while (true) {
      int end = Math.min(windowEnd, limit) - windowBase;
      byte[] a = octets;
      for (int i = from - windowBase; i < end; i++) {
        if (a[i] == '\n') {
          lines++;
          position = i + windowBase + 1;
          return true;
        }
      }
      if (windowEnd >= limit) return false;
      from = windowEnd;
      extend(field, position);
    }
  }

  /// Moves to the next line that begins with an open boundary, counting line breaks.
  ///
  /// @return false at the end of the message
  private boolean skipToBoundary() {
    if (openCount == 0) {
      countToEnd();
      return false;
    }
    while (position < size) {
      if (position + LINE_HEAD_BYTES > windowEnd && windowEnd < size) load(position, WINDOW_BYTES);
      // Lines that begin before this are compared with enough of them in the window.
      int safeEnd = (windowEnd < size ? windowEnd - LINE_HEAD_BYTES : windowEnd) - windowBase;
      int wordEnd = windowEnd - windowBase - 8;
      byte[] a = octets;
      int i = position - windowBase;
      int count = lines;
      while (i <= safeEnd) {
        if (i <= wordEnd) {
          if (a[i] == '-' && a[i + 1] == '-') {
            position = i + windowBase;
            lines = count;
            if (matchesBoundary(position)) return true;
          }
          long word = (long) WORD.get(a, i) ^ LINE_FEEDS;
          long mask = (word - LOW) & ~word & HIGH;
          while (mask == 0) {
            i += 8;
            if (i > wordEnd) break;
            word = (long) WORD.get(a, i) ^ LINE_FEEDS;
            mask = (word - LOW) & ~word & HIGH;
          }
          if (mask != 0) {
            i += (Long.numberOfTrailingZeros(mask) >>> 3) + 1;
            count++;
            continue;
          }
        } else if (i + 1 < windowEnd - windowBase && a[i] == '-' && a[i + 1] == '-') {
          position = i + windowBase;
          lines = count;
          if (matchesBoundary(position)) return true;
        }
        // Fewer than eight octets are left in the window, or the line goes on behind it.
        position = i + windowBase;
        lines = count;
        skipLine();
        count = lines;
        i = position - windowBase;
        a = octets;
        safeEnd = (windowEnd < size ? windowEnd - LINE_HEAD_BYTES : windowEnd) - windowBase;
        wordEnd = windowEnd - windowBase - 8;
        if (position >= size) break;
      }
      position = i + windowBase;
      lines = count;
    }
    return false;
  }

  /// Moves behind the next line break, or to the end.
  private void skipLine() {
    while (position < size) {
      if (position >= windowEnd) load(position, WINDOW_BYTES);
      byte[] a = octets;
      int end = windowEnd - windowBase;
      int i = position - windowBase;
      while (i + 8 <= end) {
        long word = (long) WORD.get(a, i) ^ LINE_FEEDS;
        long mask = (word - LOW) & ~word & HIGH;
        if (mask != 0) {
          lines++;
          position = i + windowBase + (Long.numberOfTrailingZeros(mask) >>> 3) + 1;
          return;
        }
        i += 8;
      }
      while (i < end) {
        if (a[i++] == '\n') {
          lines++;
          position = i + windowBase;
          return;
        }
      }
      position = i + windowBase;
    }
  }

  private void countToEnd() {
    while (position < size) {
      if (position >= windowEnd) load(position, WINDOW_BYTES);
      byte[] a = octets;
      int end = windowEnd - windowBase;
      int i = position - windowBase;
      int count = 0;
      for (; i + 8 <= end; i += 8) {
        long word = (long) WORD.get(a, i) ^ LINE_FEEDS;
        count += Long.bitCount(~(((word & LOW_SEVEN) + LOW_SEVEN) | word | LOW_SEVEN));
      }
      for (; i < end; i++) if (a[i] == '\n') count++;
      lines += count;
      position = windowEnd;
    }
  }

  /// Whether the line that begins here, with its head in the window, begins with an open boundary.
  private boolean matchesBoundary(int lineStart) {
    int from = lineStart - windowBase + 2;
    int end = windowEnd - windowBase;
    if (from > end || octets[from - 2] != '-' || octets[from - 1] != '-') return false;
    int longest = 0;
    for (int n = openCount - 1; n >= 0; n--) {
      byte[] boundary = open[n].boundary;
      int length = boundary.length;
      if (length <= longest || from + length > end) continue;
      // Most are told apart by their ends, without a call.
      if (octets[from + length - 1] != boundary[length - 1] || octets[from] != boundary[0])
        continue;
      if (!Arrays.equals(octets, from, from + length, boundary, 0, length)) continue;
      int after = from + length;
      boolean close = after + 1 < end && octets[after] == '-' && octets[after + 1] == '-';
      longest = length;
      matchedIndex = n;
      matchedClose = close;
    }
    return longest > 0;
  }

  /// The octets of the line break before a line: it belongs to the boundary (RFC 2046 §5.1.1).
  private int breakBytesBefore(int lineStart) {
    if (lineStart == 0 || octetAt(lineStart - 1) != '\n') return 0;
    return lineStart > 1 && octetAt(lineStart - 2) == '\r' ? 2 : 1;
  }

  private byte octetAt(int offset) {
    return buffer.get(start + offset);
  }

  /// Moves the window so that it begins here. Only a buffer without an array comes here.
  private void load(int from, int length) {
    int count = Math.min(length, size - from);
    byte[] target = octets.length < count ? new byte[count] : octets;
    buffer.get(start + from, target, 0, count);
    octets = target;
    windowBase = from;
    windowEnd = from + count;
  }
}
