package org.mailstead.migration.files;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
import org.mailstead.formats.mime.Dates;
import org.mailstead.migration.item.ItemSummary;

/// Goes through the messages of an mbox from front to back; never holds more than a line of it. For
/// one thread.
final class MboxMessages implements AutoCloseable {
  private static final byte[] NOTHING = {};
  private static final byte[] LF = {'\n'};
  private static final byte[] CRLF = {'\r', '\n'};

  /// Other sets of flags than these are few: one object each.
  private static final int FLAG_SETS_MAX = 1_000;

  private final MboxLines lines;
  private final Map<Set<String>, Set<String>> flagSets = new HashMap<>();
  private boolean atSeparator;
  private boolean ended;

  /// A message without its octets.
  ///
  /// @param offset where its `From ` line begins
  /// @param end where the next one may begin
  /// @param flagsOffset where our fields for flags begin, 0 without a stamp
  /// @param flagsEnd where they end
  /// @param isSound whether its octets are those that its stamp promises; true without a stamp
  /// @param promisedEnd where the octets that the stamp promises end, -1 if they do not
  record Found(
      long offset,
      long end,
      Optional<MboxStamp> stamp,
      long flagsOffset,
      long flagsEnd,
      Set<String> flags,
      Instant received,
      long octets,
      boolean isSound,
      long promisedEnd) {
    String id() {
      return stamp.map(MboxStamp::id).orElse(Long.toString(offset));
    }

    ItemSummary summaryByOffset() {
      return new ItemSummary(Long.toString(offset), octets, flags, received);
    }

    ItemSummary summary() {
      return new ItemSummary(id(), octets, flags, received);
    }
  }

  MboxMessages(MboxLines lines) {
    this.lines = lines;
  }

  /// Where the next message would begin.
  long offset() {
    return atSeparator ? lines.offset() : lines.nextOffset();
  }

  /// Goes to the next message, its octets decoded into the sink. What stands before the first
  /// separator is passed over.
  Optional<Found> next(OutputStream sink) throws IOException {
    while (!atSeparator) {
      if (ended || !lines.next()) {
        ended = true;
        return Optional.empty();
      }
      atSeparator = lines.isSeparator();
    }
    atSeparator = false;
    long offset = lines.offset();
    Instant received = date(lines.text());
    Set<String> flags = new HashSet<>();
    boolean more = step();
    Optional<MboxStamp> stamp = more ? MboxStamp.parse(lines.text()) : Optional.empty();
    long flagsOffset = 0;
    long flagsEnd = 0;
    if (stamp.isPresent()) {
      received = stamp.get().received();
      flagsOffset = lines.nextOffset();
      more = step();
      for (String field : MboxStamp.FLAG_FIELDS) {
        if (!more || !lines.text().startsWith(field.strip())) continue;
        MboxStamp.readFlags(lines.text(), flags);
        more = step();
      }
      flagsEnd = more ? lines.offset() : lines.nextOffset();
    }
    Body body = new Body(sink, stamp);
    boolean header = stamp.isEmpty();
    while (more) {
      if (header && lines.isEmptyLine()) header = false;
      if (header && !lines.isContinued()) MboxStamp.readFlags(lines.text(), flags);
      body.line();
      more = step();
    }
    body.finish();
    long end = atSeparator ? lines.offset() : lines.nextOffset();
    return Optional.of(
        new Found(
            offset,
            end,
            stamp,
            flagsOffset,
            flagsEnd,
            flagSet(flags),
            received,
            body.count,
            body.isSound(),
            body.promisedEnd));
  }

  private boolean step() throws IOException {
    if (!lines.next()) {
      ended = true;
      return false;
    }
    atSeparator = lines.isSeparator();
    return !atSeparator;
  }

  private Set<String> flagSet(Set<String> flags) {
    if (flagSets.size() >= FLAG_SETS_MAX) flagSets.clear();
    return flagSets.computeIfAbsent(Set.copyOf(flags), set -> set);
  }

  private static Instant date(String separator) {
    String[] words = separator.split(" +", 3);
    if (words.length < 3) return ItemSummary.NO_DATE;
    return Dates.parse(words[2]).map(d -> d.toInstant()).orElse(ItemSummary.NO_DATE);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }

  /// Undoes the quoting. The last empty line belongs to the separator behind it, and the line end
  /// in front of that to the mbox if the message had none: so two line ends are held back.
  private final class Body {
    private final OutputStream sink;
    private final Optional<MboxStamp> stamp;
    private final CRC32C crc = new CRC32C();
    private byte[] olderEnd = NOTHING;
    private byte[] newerEnd = NOTHING;
    private boolean emptyLast;
    private long promisedEnd = -1;
    private long count;

    Body(OutputStream sink, Optional<MboxStamp> stamp) {
      this.sink = sink;
      this.stamp = stamp;
    }

    void line() throws IOException {
      put(olderEnd);
      int from = lines.isQuoted() ? 1 : 0;
      int textLength = lines.textLength();
      emptyLast = lines.isEmptyLine();
      if (emptyLast) {
        olderEnd = newerEnd;
      } else {
        put(newerEnd);
        olderEnd = NOTHING;
        put(lines.octets(), lines.start() + from, textLength - from);
      }
      newerEnd = lineEnd(textLength);
      if (emptyLast && promisedEnd < 0 && stamp.isPresent()) {
        long wanted = stamp.get().octets() - count;
        if (wanted >= 0 && wanted <= olderEnd.length) promisedEnd = lines.nextOffset();
      }
    }

    private byte[] lineEnd(int textLength) {
      if (!lines.isTerminated()) return NOTHING;
      boolean bare = lines.length() - textLength == 1;
      return bare && stamp.isPresent() && stamp.get().raw() ? LF : CRLF;
    }

    private void put(byte[] octets) throws IOException {
      put(octets, 0, octets.length);
    }

    private void put(byte[] octets, int offset, int length) throws IOException {
      if (length == 0) return;
      sink.write(octets, offset, length);
      crc.update(octets, offset, length);
      count += length;
    }

    void finish() throws IOException {
      long octetsMax = stamp.map(MboxStamp::octets).orElse(Long.MAX_VALUE);
      put(olderEnd, 0, (int) Math.clamp(octetsMax - count, 0L, olderEnd.length));
      if (!emptyLast) put(newerEnd, 0, (int) Math.clamp(octetsMax - count, 0L, newerEnd.length));
    }

    boolean isSound() {
      return stamp.isEmpty()
          || (emptyLast
              && count == stamp.get().octets()
              && (int) crc.getValue() == stamp.get().crc());
    }
  }
}
