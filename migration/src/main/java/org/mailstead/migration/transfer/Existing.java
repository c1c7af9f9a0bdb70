package org.mailstead.migration.transfer;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.migration.item.CanonicalText;
import org.mailstead.migration.item.Fingerprint;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.ReadItem;
import org.mailstead.migration.item.Target;
import org.mailstead.migration.ledger.Ledger;

/// What a target folder held before the ledger knew it: an earlier attempt without a ledger, or
/// with another tool. Octets first, then canonical text; each item answers once.
final class Existing {
  private final Map<Fingerprint, Deque<String>> byOctets = new HashMap<>();
  private final Map<Fingerprint, Deque<String>> byText = new HashMap<>();
  private final Set<String> taken = new HashSet<>();

  /// Reads what is in the folder and not accounted for.
  static Existing of(Target target, MailFolder folder, int targetFolder, Ledger ledger)
      throws IOException {
    Existing existing = new Existing();
    Set<String> known = ledger.targetIds(targetFolder);
    List<ItemSummary> items =
        target.listSince(folder, "").stream().filter(item -> !known.contains(item.id())).toList();
    if (items.isEmpty()) return existing;
    try (ItemReader reader = target.read(folder, items)) {
      for (Optional<ReadItem> next = reader.next(); next.isPresent(); next = reader.next()) {
        if (!(next.get() instanceof ReadItem.Found(ItemSummary item, Content content))) continue;
        try (content) {
          existing
              .byOctets
              .computeIfAbsent(Fingerprint.of(content), _ -> new ArrayDeque<>())
              .add(item.id());
          existing
              .byText
              .computeIfAbsent(CanonicalText.of(content), _ -> new ArrayDeque<>())
              .add(item.id());
        }
      }
    }
    return existing;
  }

  boolean isEmpty() {
    return byOctets.isEmpty();
  }

  /// The id of a copy in the target.
  Optional<String> take(Fingerprint octets, Content content) throws IOException {
    if (byOctets.isEmpty()) return Optional.empty();
    Optional<String> same = poll(byOctets.get(octets));
    return same.isPresent() ? same : poll(byText.get(CanonicalText.of(content)));
  }

  private Optional<String> poll(@org.jspecify.annotations.Nullable Deque<String> ids) {
    while (ids != null && !ids.isEmpty()) {
      String id = ids.removeFirst();
      if (taken.add(id)) return Optional.of(id);
    }
    return Optional.empty();
  }
}
