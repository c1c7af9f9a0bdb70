package org.mailstead.migration.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.migration.item.NewItem;

/// One mbox that we write. Thread-safe.
///
/// Every message says how many octets it has, their checksum, and how much of the file was durable
/// before it. So a crash needs no second file to be understood: what was not durable then is
/// verified, and what is not whole is cut off ([#recover]). Flags are exchanged in place where they
/// fit; everything else is written into a new file that takes the old one's place.
final class MboxFile {
  private static final byte[] SEPARATOR =
      "\n\nFrom MAILER-DAEMON ".getBytes(StandardCharsets.US_ASCII);
  private static final int BLOCK_BYTES = 1 << 20;

  private final Path file;
  private final Map<String, Long> offsets = new HashMap<>();
  private boolean everythingKnown;
  private boolean recovered;

  MboxFile(Path file) {
    this.file = file;
  }

  /// Remembers where a message of ours is.
  synchronized void remember(MboxMessages.Found found) {
    if (found.stamp().isPresent()) offsets.put(found.id(), found.offset());
  }

  /// Where an item is.
  synchronized Optional<Long> offset(String id) throws IOException {
    if (!id.startsWith("m")) return Optional.of(Long.parseLong(id));
    Long known = offsets.get(id);
    if (known == null && !everythingKnown) {
      everythingKnown = true;
      MboxReader.list(this::open, 0, this::remember);
      known = offsets.get(id);
    }
    return Optional.ofNullable(known);
  }

  private java.io.InputStream open(long offset) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    channel.position(offset);
    return Channels.newInputStream(channel);
  }

  /// Once, before anything is written: cuts off what a crash has left unfinished.
  ///
  /// @throws RefusedException somebody else's mail is in the file
  synchronized void recover() throws IOException {
    if (recovered) return;
    Files.deleteIfExists(successor());
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long size = channel.size();
      if (size > 0) {
        long whole = whole(channel);
        if (whole < size) {
          channel.truncate(whole);
          channel.force(true);
        }
      }
    }
    recovered = true;
  }

  /// How much of the file is whole.
  private long whole(FileChannel channel) throws IOException {
    if (stampAt(0).isEmpty()) {
      String start = new String(read(channel, 0, 4_096), StandardCharsets.ISO_8859_1);
      boolean torn = start.startsWith("From MAILER-DAEMON ") && start.split("\n", -1).length < 3;
      if (torn || start.charAt(0) == 0) return 0;
      throw new RefusedException(
          Refusal.WRONG_STATE,
          file + " has messages that were not written by Mailstead: choose another folder");
    }
    long last = lastStamped(channel);
    long start = stampAt(last).map(MboxStamp::after).filter(a -> a <= last).orElse(last);
    if (!isBoundary(channel, start)) start = last;
    try (MboxMessages messages = new MboxMessages(new MboxLines(open(start), start))) {
      while (true) {
        Optional<MboxMessages.Found> found = messages.next(OutputStream.nullOutputStream());
        if (found.isEmpty()) return channel.size();
        if (found.get().stamp().isEmpty() && isTornHead(channel, found.get().offset())) {
          return found.get().offset();
        }
        if (found.get().isSound()) continue;
        long end = found.get().promisedEnd();
        return end > 0 && end < channel.size() && isSound(found.get(), channel)
            ? end
            : found.get().offset();
      }
    }
  }

  /// Whether our `From ` line is there, and the line behind it only in part.
  private static boolean isTornHead(FileChannel channel, long offset) throws IOException {
    String head = new String(read(channel, offset, 1_000), StandardCharsets.ISO_8859_1);
    if (!head.startsWith("From MAILER-DAEMON ")) return false;
    int newline = head.indexOf('\n');
    String rest = newline < 0 ? "" : head.substring(newline + 1);
    return rest.isEmpty()
        || rest.charAt(0) == 0
        || rest.startsWith(MboxStamp.FIELD)
        || MboxStamp.FIELD.startsWith(rest.replace("\u0000", ""));
  }

  /// Whether the message is whole and something else follows it.
  private boolean isSound(MboxMessages.Found found, FileChannel channel) throws IOException {
    channel.truncate(found.promisedEnd());
    try (MboxMessages again =
        new MboxMessages(new MboxLines(open(found.offset()), found.offset()))) {
      return again
          .next(OutputStream.nullOutputStream())
          .filter(MboxMessages.Found::isSound)
          .isPresent();
    }
  }

  private static byte[] read(FileChannel channel, long offset, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) > 0) continue;
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  /// The last message of ours that begins in the file.
  private long lastStamped(FileChannel channel) throws IOException {
    long end = channel.size();
    while (end > SEPARATOR.length) {
      long start = Math.max(0, end - BLOCK_BYTES);
      byte[] block = read(channel, start, (int) (end - start));
      for (int at = block.length - SEPARATOR.length; at >= 0; at--) {
        if (Arrays.equals(block, at, at + SEPARATOR.length, SEPARATOR, 0, SEPARATOR.length)
            && stampAt(start + at + 2).isPresent()) {
          return start + at + 2;
        }
      }
      if (start == 0) break;
      end = start + SEPARATOR.length;
    }
    return 0;
  }

  private Optional<MboxStamp> stampAt(long offset) throws IOException {
    try (MboxLines lines = new MboxLines(open(offset), offset)) {
      if (!lines.next() || !lines.isSeparator() || !lines.next()) return Optional.empty();
      return lines.isTerminated() ? MboxStamp.parse(lines.text()) : Optional.empty();
    }
  }

  /// Whether messages end or begin here.
  synchronized boolean isBoundary(long offset) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return isBoundary(channel, offset);
    }
  }

  private static boolean isBoundary(FileChannel channel, long offset) throws IOException {
    if (offset == 0) return true;
    if (offset < 2 || offset > channel.size()) return false;
    String around = new String(read(channel, offset - 2, 7), StandardCharsets.ISO_8859_1);
    return around.equals("\n\nFrom ") || (offset == channel.size() && around.equals("\n\n"));
  }

  /// Appends a batch; it is durable when this returns.
  ///
  /// @return the ids of its items
  synchronized List<String> append(List<NewItem> batch) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long size = channel.size();
      if (size > 0 && !isBoundary(channel, size)) {
        // Somebody's editor was here: a separator needs an empty line in front.
        boolean inLine = read(channel, size - 1, 1)[0] != '\n';
        channel.write(ByteBuffer.wrap(new byte[] {'\n', '\n'}, 0, inLine ? 2 : 1), size);
      }
      List<String> ids = new ArrayList<>(batch.size());
      for (MboxWriter.Appended each : MboxWriter.append(channel, batch)) {
        ids.add(each.id());
        offsets.put(each.id(), each.offset());
      }
      return ids;
    }
  }

  synchronized void setFlags(Set<String> ids, Set<String> flags) throws IOException {
    byte[] fields = MboxStamp.flagFields(flags);
    Set<String> unfit = new HashSet<>();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (String id : ids) {
        refuseForeign(id);
        Optional<Long> offset = offset(id);
        if (offset.isEmpty()) continue;
        long[] place = flagFields(offset.get());
        if (place[1] - place[0] == fields.length) {
          channel.write(ByteBuffer.wrap(fields), place[0]);
        } else {
          unfit.add(id);
        }
      }
      channel.force(true);
    }
    if (!unfit.isEmpty()) rewrite(unfit, fields, Set.of());
  }

  /// Where the fields for flags of a message begin and end.
  private long[] flagFields(long message) throws IOException {
    try (MboxLines lines = new MboxLines(open(message), message)) {
      boolean here = lines.next();
      here &= lines.next();
      if (!here) throw new IOException("no message at " + message);
      long start = lines.nextOffset();
      long end = start;
      boolean more = lines.next();
      for (String field : MboxStamp.FLAG_FIELDS) {
        if (!more || !lines.text().startsWith(field.strip())) continue;
        end = lines.nextOffset();
        more = lines.next();
      }
      return new long[] {start, end};
    }
  }

  private static void refuseForeign(String id) {
    if (!id.startsWith("m")) {
      throw new RefusedException(
          Refusal.WRONG_STATE, "the message at " + id + " was not written by Mailstead");
    }
  }

  synchronized void remove(Set<String> ids) throws IOException {
    Set<String> present = new HashSet<>();
    for (String id : ids) {
      if (id.startsWith("m") && offset(id).isPresent()) present.add(id);
    }
    if (!present.isEmpty()) rewrite(Set.of(), new byte[0], present);
  }

  private Path successor() {
    return file.resolveSibling("." + file.getFileName() + ".new");
  }

  private void rewrite(Set<String> changed, byte[] fields, Set<String> removed) throws IOException {
    try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ);
        FileChannel to =
            FileChannel.open(
                successor(),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        MboxMessages messages = new MboxMessages(new MboxLines(open(0), 0))) {
      long copied = 0;
      while (true) {
        Optional<MboxMessages.Found> next = messages.next(OutputStream.nullOutputStream());
        if (next.isEmpty()) break;
        MboxMessages.Found found = next.get();
        if (removed.contains(found.id())) {
          copy(from, copied, found.offset(), to);
          copied = found.end();
        } else if (changed.contains(found.id())) {
          copy(from, copied, found.flagsOffset(), to);
          ByteBuffer fresh = ByteBuffer.wrap(fields);
          while (fresh.hasRemaining()) to.write(fresh);
          copied = found.flagsEnd();
        }
      }
      copy(from, copied, from.size(), to);
      to.force(true);
    }
    Files.move(successor(), file, StandardCopyOption.ATOMIC_MOVE);
    StoredFile.forceFolder(java.util.Objects.requireNonNull(file.getParent(), "no folder"));
    offsets.clear();
    everythingKnown = false;
  }

  private static void copy(FileChannel from, long start, long end, FileChannel to)
      throws IOException {
    long at = start;
    while (at < end) at += from.transferTo(at, end - at, to);
  }
}
