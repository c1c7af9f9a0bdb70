package org.mailstead.migration.imap;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.Content;
import org.mailstead.base.MalformedException;
import org.mailstead.imap.client.ClientCommand;
import org.mailstead.imap.client.ImapClient;
import org.mailstead.imap.wire.ImapResponse;
import org.mailstead.imap.wire.MessageSet;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.ReadItem;

/// Fetches messages in windows, the next window asked for before the last has come: a round trip
/// costs nothing.
final class ImapReader implements ItemReader {
  private static final int WINDOW_ITEMS_MAX = 250;
  private static final long WINDOW_BYTES_MAX = 8 << 20;
  private static final int WINDOWS_IN_FLIGHT = 2;

  private record Window(String tag, Map<Long, ItemSummary> items, boolean single) {}

  private final ImapConnections connections;
  private final ImapClient client;
  private final Deque<ItemSummary> unasked;
  private final Deque<List<ItemSummary>> singly = new ArrayDeque<>();
  private final Deque<Window> asked = new ArrayDeque<>();
  private final Deque<ReadItem> ready = new ArrayDeque<>();
  private boolean sound = true;

  ImapReader(ImapConnections connections, ImapClient client, List<ItemSummary> items) {
    this.connections = connections;
    this.client = client;
    this.unasked = new ArrayDeque<>(items);
  }

  @Override
  public Optional<ReadItem> next() throws IOException {
    boolean passed = false;
    try {
      while (ready.isEmpty()) {
        while (asked.size() < WINDOWS_IN_FLIGHT && (!unasked.isEmpty() || !singly.isEmpty())) ask();
        if (asked.isEmpty()) {
          passed = true;
          return Optional.empty();
        }
        take(client.read());
      }
      passed = true;
      return Optional.of(ready.removeFirst());
    } catch (MalformedException e) {
      throw new IOException("the server does not keep to the protocol: " + e.getMessage(), e);
    } finally {
      sound &= passed;
    }
  }

  private void ask() throws IOException {
    List<ItemSummary> items = new ArrayList<>();
    boolean single = unasked.isEmpty();
    if (single) {
      items.addAll(singly.removeFirst());
    } else {
      long bytes = 0;
      while (!unasked.isEmpty()
          && items.size() < WINDOW_ITEMS_MAX
          && (items.isEmpty() || bytes + unasked.getFirst().sizeBytes() <= WINDOW_BYTES_MAX)) {
        ItemSummary item = unasked.removeFirst();
        bytes += Math.max(0, item.sizeBytes());
        items.add(item);
      }
    }
    Map<Long, ItemSummary> byUid = HashMap.newHashMap(items.size());
    long[] uids = new long[items.size()];
    for (int i = 0; i < uids.length; i++) {
      uids[i] = Long.parseLong(items.get(i).id());
      byUid.put(uids[i], items.get(i));
    }
    java.util.Arrays.sort(uids);
    String tag =
        client.send(new ClientCommand.UidFetch(MessageSet.of(uids), List.of("UID", "BODY.PEEK[]")));
    asked.addLast(new Window(tag, byUid, single));
  }

  private void take(ImapResponse response) throws IOException {
    switch (response) {
      case ImapResponse.Status status when status.tag().isPresent() -> complete(status);
      case ImapResponse.Status status -> {
        if (status.word().equals("BYE")) {
          ImapFailures.throwIfThrottled("fetch", status);
          throw new IOException("the server says goodbye: " + status.text());
        }
      }
      case ImapResponse.Data data when data.text(1).equals("FETCH") -> message(data);
      case ImapResponse.Data _, ImapResponse.Continuation _ -> {}
    }
  }

  private void message(ImapResponse.Data data) {
    if (data.values().size() < 3
        || !(data.values().get(2) instanceof ImapResponse.Value.Many(var values))) {
      return;
    }
    long uid = -1;
    @Nullable Content content = null;
    for (int i = 0; i + 1 < values.size(); i += 2) {
      String name = values.get(i).text();
      ImapResponse.Value value = values.get(i + 1);
      if (name.equalsIgnoreCase("UID")) uid = ImapFailures.number(value.text());
      if (name.equalsIgnoreCase("BODY[]")) {
        content =
            switch (value) {
              case ImapResponse.Value.Text(byte[] octets) -> Content.of(octets);
              case ImapResponse.Value.Large(Content large) -> large;
              case ImapResponse.Value.Nil _, ImapResponse.Value.Atom _, ImapResponse.Value.Many _ ->
                  null;
            };
      }
    }
    if (content == null) return;
    for (Window window : asked) {
      ItemSummary item = window.items().remove(uid);
      if (item != null) {
        ready.add(new ReadItem.Found(item, content));
        return;
      }
    }
    content.close();
  }

  private void complete(ImapResponse.Status status) throws IOException {
    Window window = asked.peekFirst();
    if (window == null || status.tag().filter(window.tag()::equals).isEmpty()) {
      throw new IOException("an answer to nothing that was asked");
    }
    asked.removeFirst();
    if (status.isOk()) {
      for (ItemSummary item : window.items().values()) ready.add(new ReadItem.Missing(item));
      return;
    }
    ImapFailures.throwIfThrottled("fetch", status);
    for (ItemSummary item : window.items().values()) {
      // One bad message must not hide the others of its window.
      if (window.single()) ready.add(new ReadItem.Unreadable(item, status.text()));
      else singly.add(List.of(item));
    }
  }

  @Override
  public void close() {
    for (ReadItem item : ready) {
      if (item instanceof ReadItem.Found found) found.content().close();
    }
    ready.clear();
    if (sound && asked.isEmpty()) connections.giveBack(client);
    else connections.discard(client);
  }
}
