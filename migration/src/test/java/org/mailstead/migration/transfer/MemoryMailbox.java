package org.mailstead.migration.transfer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.mailstead.base.Content;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.ItemWriter;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.NewItem;
import org.mailstead.migration.item.ReadItem;
import org.mailstead.migration.item.Target;
import org.mailstead.migration.item.WriteResult;

/// A mailbox in memory that outlives the processes that work with it.
final class MemoryMailbox {
  record Item(int id, byte[] octets, Set<String> flags, Instant received) {}

  static final class Box {
    int validity;
    int nextId = 1;
    final Map<Integer, Item> items = new TreeMap<>();

    Item add(byte[] octets, Set<String> flags, Instant received) {
      Item item = new Item(nextId++, octets, flags, received);
      items.put(item.id(), item);
      return item;
    }
  }

  final Map<FolderPath, Box> boxes = new LinkedHashMap<>();
  private final String name;
  private final Random random;
  private int validities = 7;

  /// Whether it says the ids of what it was given.
  boolean saysIds = true;

  /// Whether it writes a field of its own into what it is given, and another Message-ID.
  boolean altersOctets;

  /// Refuses what has this text in it.
  String refused = "\u0001";

  MemoryMailbox(String name, Random random) {
    this.name = name;
    this.random = random;
  }

  Box box(String path) {
    return boxes.computeIfAbsent(
        FolderPath.parse(path),
        _ -> {
          Box box = new Box();
          box.validity = validities++;
          return box;
        });
  }

  Target open(Faults faults) {
    return new Session(faults);
  }

  private final class Session implements Target {
    private final Faults faults;

    Session(Faults faults) {
      this.faults = faults;
    }

    @Override
    public String identity() {
      return name;
    }

    @Override
    public List<MailFolder> folders() throws IOException {
      faults.step();
      List<MailFolder> folders = new ArrayList<>();
      boxes.forEach((path, box) -> folders.add(folder(path, box)));
      return folders;
    }

    private MailFolder folder(FolderPath path, Box box) {
      return new MailFolder(
          path.text(), path, FolderRole.NONE, "" + box.validity, box.items.size(), -1, true, true);
    }

    private Box found(MailFolder folder) throws IOException {
      Box box = boxes.get(folder.path());
      if (box == null) throw new IOException("no such folder");
      return box;
    }

    @Override
    public FolderListing list(MailFolder folder, Optional<String> token) throws IOException {
      faults.step();
      return new FolderListing.Complete(summaries(found(folder), 1), "");
    }

    private List<ItemSummary> summaries(Box box, int from) {
      List<ItemSummary> items = new ArrayList<>();
      for (Item item : box.items.values()) {
        if (item.id() >= from) {
          items.add(
              new ItemSummary("" + item.id(), item.octets().length, item.flags(), item.received()));
        }
      }
      return items;
    }

    @Override
    public ItemReader read(MailFolder folder, List<ItemSummary> items) throws IOException {
      faults.step();
      Box box = found(folder);
      Iterator<ItemSummary> each = List.copyOf(items).iterator();
      return new ItemReader() {
        @Override
        public Optional<ReadItem> next() throws IOException {
          if (!each.hasNext()) return Optional.empty();
          faults.step();
          ItemSummary summary = each.next();
          Item item = box.items.get(Integer.parseInt(summary.id()));
          return Optional.of(
              item == null
                  ? new ReadItem.Missing(summary)
                  : new ReadItem.Found(summary, Content.of(item.octets())));
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public long itemBytesMax() {
      return Long.MAX_VALUE;
    }

    @Override
    public MailFolder ensureFolder(FolderPath path, FolderRole role, boolean subscribed)
        throws IOException {
      faults.step();
      Box box = box(path.text());
      faults.step();
      return folder(path, box);
    }

    @Override
    public String position(MailFolder folder) throws IOException {
      faults.step();
      return "" + found(folder).nextId;
    }

    @Override
    public List<ItemSummary> listSince(MailFolder folder, String position) throws IOException {
      faults.step();
      return summaries(found(folder), position.isEmpty() ? 1 : Integer.parseInt(position));
    }

    @Override
    public ItemWriter write(MailFolder folder) throws IOException {
      faults.step();
      return new Writer(found(folder));
    }

    @Override
    public void setFlags(MailFolder folder, List<String> ids, Set<String> flags)
        throws IOException {
      Box box = found(folder);
      for (String id : ids) {
        faults.step();
        box.items.computeIfPresent(
            Integer.parseInt(id),
            (_, item) -> new Item(item.id(), item.octets(), flags, item.received()));
      }
      faults.step();
    }

    @Override
    public void remove(MailFolder folder, List<String> ids) throws IOException {
      Box box = found(folder);
      for (String id : ids) {
        faults.step();
        box.items.remove(Integer.parseInt(id));
      }
      faults.step();
    }

    @Override
    public Set<String> keepable(MailFolder folder, Set<String> flags) {
      return flags;
    }

    @Override
    public void close() {}

    /// What was sent lies with the server; a crash of the client may leave any beginning of it
    /// undone.
    private final class Writer implements ItemWriter {
      private final Box box;
      private final Deque<List<NewItem>> sent = new ArrayDeque<>();
      private final List<WriteResult> results = new ArrayList<>();

      Writer(Box box) {
        this.box = box;
      }

      @Override
      public int batchesInFlightMax() {
        return 3;
      }

      @Override
      public void send(List<NewItem> batch) throws IOException {
        faults.step();
        sent.add(List.copyOf(batch));
        if (random.nextBoolean()) work();
      }

      /// The server works through one batch, item by item.
      private void work() throws IOException {
        List<NewItem> batch = sent.peek();
        if (batch == null) return;
        while (results.size() < batch.size()) {
          faults.step();
          NewItem item = batch.get(results.size());
          byte[] octets = octets(item.content());
          if (new String(octets, StandardCharsets.ISO_8859_1).contains(refused)) {
            results.add(new WriteResult.Refused(WriteResult.Reason.CONTENT, "not this"));
            continue;
          }
          Item added =
              box.add(altersOctets ? altered(octets) : octets, item.flags(), item.received());
          results.add(new WriteResult.Written(saysIds ? "" + added.id() : ""));
        }
      }

      @Override
      public List<WriteResult> receive() throws IOException {
        faults.step();
        work();
        faults.step();
        sent.poll();
        List<WriteResult> all = List.copyOf(results);
        results.clear();
        return all;
      }

      @Override
      public void close() {}
    }
  }

  static byte[] octets(Content content) throws IOException {
    try (var in = content.open()) {
      return in.readAllBytes();
    }
  }

  static byte[] altered(byte[] octets) {
    String text = new String(octets, StandardCharsets.ISO_8859_1);
    return ("X-Store: 1\r\n" + text.replaceFirst("Message-ID: <", "Message-ID: <x"))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /// Every item as folder, octets, flags and date, sorted.
  List<String> picture() {
    List<String> all = new ArrayList<>();
    boxes.forEach((path, box) -> {
      for (Item item : box.items.values()) {
        all.add(
            path
                + "|"
                + new String(item.octets(), StandardCharsets.ISO_8859_1).hashCode()
                + "|"
                + new java.util.TreeSet<>(item.flags())
                + "|"
                + item.received());
      }
    });
    all.sort(String::compareTo);
    return all;
  }
}
