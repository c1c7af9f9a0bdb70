package org.mailstead.core.directory;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.BiFunction;

/// Pages of an organization's records, in the order of ids; a token is the last id of its page.
public final class RecordPages {
  private RecordPages() {}

  /// @param item empty for what is filtered out
  public static <T> Listing<T> of(
      SortedMap<String, byte[]> records,
      Listing.PageRequest page,
      BiFunction<String, byte[], Optional<T>> item) {
    // The smallest text that is greater than the last id.
    var rest = page.token().map(last -> records.tailMap(last + '\0')).orElse(records);
    List<T> found = new ArrayList<>();
    String last = "";
    for (var each : rest.entrySet()) {
      Optional<T> value = item.apply(each.getKey(), each.getValue());
      if (value.isEmpty()) continue;
      if (found.size() == page.countMax()) return new Listing<>(found, Optional.of(last));
      found.add(value.get());
      last = each.getKey();
    }
    return new Listing<>(found, Optional.empty());
  }
}
