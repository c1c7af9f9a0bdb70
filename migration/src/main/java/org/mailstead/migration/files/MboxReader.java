package org.mailstead.migration.files;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.ReadItem;

/// Reads messages of an mbox in the order in which they stand there, going over it once; one that
/// is asked for out of order costs a new beginning. Holds one message.
final class MboxReader implements ItemReader {
  /// To skip less than this by reading is cheaper than to open anew.
  private static final long READ_OVER_BYTES_MAX = 1 << 20;

  /// Where an item is; empty if it is not there any more.
  @FunctionalInterface
  interface Offsets {
    Optional<Long> find(String id) throws IOException;
  }

  private final MboxInput input;
  private final Deque<ItemSummary> items;
  private final Offsets offsets;
  private final ContentSpool spool;
  private final boolean byOffset;
  private @Nullable MboxMessages messages;

  MboxReader(MboxInput input, List<ItemSummary> items, Offsets offsets, ContentSpool spool) {
    this(input, items, offsets, spool, false);
  }

  /// @param byOffset whether the ids are offsets, stamp or not
  MboxReader(
      MboxInput input,
      List<ItemSummary> items,
      Offsets offsets,
      ContentSpool spool,
      boolean byOffset) {
    this.byOffset = byOffset;
    this.input = input;
    this.items = new ArrayDeque<>(items);
    this.offsets = offsets;
    this.spool = spool;
  }

  /// Every message from an offset on.
  static List<ItemSummary> list(MboxInput input, long from, Consumer<MboxMessages.Found> listener)
      throws IOException {
    return list(input, from, listener, false);
  }

  /// @param byOffset whether the ids are offsets, stamp or not
  static List<ItemSummary> list(
      MboxInput input, long from, Consumer<MboxMessages.Found> listener, boolean byOffset)
      throws IOException {
    List<ItemSummary> items = new ArrayList<>();
    try (MboxMessages messages = new MboxMessages(new MboxLines(input.open(from), from))) {
      while (true) {
        Optional<MboxMessages.Found> found = messages.next(OutputStream.nullOutputStream());
        if (found.isEmpty()) return items;
        items.add(byOffset ? found.get().summaryByOffset() : found.get().summary());
        listener.accept(found.get());
      }
    }
  }

  @Override
  public Optional<ReadItem> next() throws IOException {
    ItemSummary item = items.pollFirst();
    if (item == null) return Optional.empty();
    Optional<Long> offset = offsets.find(item.id());
    if (offset.isEmpty()) return Optional.of(new ReadItem.Missing(item));
    MboxMessages at = goTo(offset.get());
    while (true) {
      try (ContentSpool.Writer writer = spool.newWriter()) {
        boolean here = at.offset() >= offset.get();
        Optional<MboxMessages.Found> found =
            at.next(here ? new Sink(writer) : OutputStream.nullOutputStream());
        if (found.isEmpty() || found.get().offset() > offset.get()) {
          return Optional.of(new ReadItem.Missing(item));
        }
        if (!here) continue;
        if (!byOffset && !found.get().id().equals(item.id()))
          return Optional.of(new ReadItem.Missing(item));
        Content content = writer.finish();
        return Optional.of(new ReadItem.Found(item, content));
      }
    }
  }

  private MboxMessages goTo(long offset) throws IOException {
    MboxMessages open = messages;
    if (open != null
        && open.offset() <= offset
        && (!input.isSeekable() || offset - open.offset() < READ_OVER_BYTES_MAX)) {
      return open;
    }
    close();
    long from = input.isSeekable() ? offset : 0;
    MboxMessages fresh = new MboxMessages(new MboxLines(input.open(from), from));
    messages = fresh;
    return fresh;
  }

  @Override
  public void close() {
    MboxMessages open = messages;
    messages = null;
    if (open == null) return;
    try {
      open.close();
    } catch (IOException e) {
      // It was only read.
      return;
    }
  }

  private static final class Sink extends OutputStream {
    private final ContentSpool.Writer writer;

    Sink(ContentSpool.Writer writer) {
      this.writer = writer;
    }

    @Override
    public void write(int octet) {
      writer.write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] octets, int offset, int count) {
      writer.write(octets, offset, count);
    }
  }
}
