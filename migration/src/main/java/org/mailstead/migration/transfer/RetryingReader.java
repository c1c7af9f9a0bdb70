package org.mailstead.migration.transfer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.ReadItem;
import org.mailstead.migration.item.Source;

/// Reads items across broken connections: after each break it asks only for what is left. An item
/// at which the connection breaks three times in a row is given up as unreadable.
final class RetryingReader implements ItemReader {
  private static final int BREAKS_AT_ONE_ITEM_MAX = 3;

  private final Source source;
  private final MailFolder folder;
  private final Retry retry;
  private final Map<String, ItemSummary> left = new LinkedHashMap<>();
  private @Nullable ItemReader reader;
  private int breaksInARow;

  RetryingReader(Source source, MailFolder folder, List<ItemSummary> items, Retry retry) {
    this.source = source;
    this.folder = folder;
    this.retry = retry;
    for (ItemSummary item : items) left.put(item.id(), item);
  }

  @Override
  public Optional<ReadItem> next() throws GaveUpException {
    while (!left.isEmpty()) {
      try {
        ItemReader open = reader;
        if (open == null) {
          open = source.read(folder, new ArrayList<>(left.values()));
          reader = open;
        }
        Optional<ReadItem> item = open.next();
        if (item.isEmpty()) {
          // Asked for and not answered: they are not there.
          ItemSummary missing = left.remove(left.keySet().iterator().next());
          return Optional.of(new ReadItem.Missing(java.util.Objects.requireNonNull(missing)));
        }
        left.remove(item.get().summary().id());
        breaksInARow = 0;
        retry.succeeded();
        return item;
      } catch (GaveUpException e) {
        throw e;
      } catch (IOException | UnavailableException | RefusedException e) {
        close();
        if (e instanceof IOException
            && ++breaksInARow > BREAKS_AT_ONE_ITEM_MAX
            && left.size() > 1) {
          // Go round it: others may pass.
          ItemSummary first = left.remove(left.keySet().iterator().next());
          left.put(java.util.Objects.requireNonNull(first).id(), first);
          breaksInARow = 1;
        }
        retry.failed(e);
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    ItemReader open = reader;
    reader = null;
    if (open != null) open.close();
  }
}
