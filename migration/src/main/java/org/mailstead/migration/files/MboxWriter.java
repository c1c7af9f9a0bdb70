package org.mailstead.migration.files;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.mailstead.base.Content;
import org.mailstead.migration.item.NewItem;

/// Appends messages to an mbox: quoted by mboxrd's rule, LF at the ends of lines, each with its
/// [MboxStamp].
final class MboxWriter {
  private static final int CHUNK_BYTES = 1 << 16;
  private static final int BUFFER_BYTES = 1 << 18;

  private MboxWriter() {}

  /// A message that was appended.
  record Appended(String id, long offset) {}

  /// Appends a batch and waits for the disk; after a failure the file is as it was.
  static List<Appended> append(FileChannel channel, List<NewItem> batch) throws IOException {
    long start = channel.size();
    boolean done = false;
    try {
      channel.position(start);
      CountedStream out =
          new CountedStream(
              new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES), start);
      List<Appended> appended = new ArrayList<>(batch.size());
      for (NewItem item : batch) {
        String id = "m" + UUID.randomUUID().toString().replace("-", "");
        appended.add(new Appended(id, out.offset));
        write(out, id, item, start);
      }
      out.flush();
      channel.force(true);
      done = true;
      return appended;
    } finally {
      if (!done) channel.truncate(start);
    }
  }

  private static void write(OutputStream out, String id, NewItem item, long after)
      throws IOException {
    Survey survey = new Survey();
    survey.read(item.content());
    MboxStamp stamp =
        new MboxStamp(
            id,
            survey.count,
            (int) survey.crc.getValue(),
            !survey.isCrlfOnly(),
            after,
            item.received());
    out.write(stamp.head());
    out.write(MboxStamp.flagFields(item.flags()));
    quoted(item.content(), !stamp.raw(), out);
    if (survey.last != '\n') out.write('\n');
    out.write('\n');
  }

  private static void quoted(Content content, boolean dropCr, OutputStream out) throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    // How much of `>*From ` the line has shown: -1 when it cannot be one any more.
    int seen = 0;
    int marks = 0;
    boolean crHeld = false;
    try (InputStream in = content.open()) {
      for (int got = in.read(chunk); got >= 0; got = in.read(chunk)) {
        for (int i = 0; i < got; i++) {
          byte octet = chunk[i];
          if (crHeld) {
            crHeld = false;
            if (octet != '\n') {
              flush(out, seen, marks, false);
              seen = -1;
              out.write('\r');
            }
          }
          if (dropCr && octet == '\r') {
            crHeld = true;
            continue;
          }
          if (seen < 0) {
            int from = i;
            while (chunk[i] != '\n' && i + 1 < got && !(dropCr && chunk[i + 1] == '\r')) i++;
            out.write(chunk, from, i + 1 - from);
            if (chunk[i] == '\n') {
              seen = 0;
              marks = 0;
            }
          } else if (octet == '>' && seen == 0) {
            marks++;
          } else if (octet == "From ".charAt(seen)) {
            if (++seen == 5) {
              flush(out, seen, marks, true);
              seen = -1;
            }
          } else {
            flush(out, seen, marks, false);
            out.write(octet);
            seen = octet == '\n' ? 0 : -1;
            marks = 0;
          }
        }
      }
    }
    flush(out, Math.max(0, seen), seen < 0 ? 0 : marks, false);
    if (crHeld) out.write('\r');
  }

  /// Writes what was held back of a line that may be a quoted or bare `From `.
  private static void flush(OutputStream out, int seen, int marks, boolean quote)
      throws IOException {
    if (seen < 0) return;
    if (quote) out.write('>');
    for (int i = 0; i < marks; i++) out.write('>');
    for (int i = 0; i < seen; i++) out.write("From ".charAt(i));
  }

  /// What must be known of a message before it is written.
  private static final class Survey {
    private final CRC32C crc = new CRC32C();
    private long count;
    private long crlfCount;
    private long lfCount;
    private boolean twoCrs;
    private byte last;
    private byte lastButOne;

    void read(Content content) throws IOException {
      byte[] chunk = new byte[CHUNK_BYTES];
      try (InputStream in = content.open()) {
        for (int got = in.read(chunk); got >= 0; got = in.read(chunk)) {
          crc.update(chunk, 0, got);
          count += got;
          for (int i = 0; i < got; i++) {
            byte octet = chunk[i];
            if (octet == '\n') {
              lfCount++;
              if (last == '\r') {
                crlfCount++;
                twoCrs |= lastButOne == '\r';
              }
            }
            lastButOne = last;
            last = octet;
          }
        }
      }
    }

    /// Whether LF alone says everything.
    boolean isCrlfOnly() {
      return lfCount == crlfCount && !twoCrs && last != '\r';
    }
  }

  private static final class CountedStream extends OutputStream {
    private final OutputStream out;
    private long offset;

    CountedStream(OutputStream out, long offset) {
      this.out = out;
      this.offset = offset;
    }

    @Override
    public void write(int octet) throws IOException {
      out.write(octet);
      offset++;
    }

    @Override
    public void write(byte[] octets, int from, int count) throws IOException {
      out.write(octets, from, count);
      offset += count;
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }
  }
}
