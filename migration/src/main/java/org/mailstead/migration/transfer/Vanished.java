package org.mailstead.migration.transfer;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.mailstead.migration.item.Fingerprint;
import org.mailstead.migration.ledger.LedgerEntry;

/// Entries that the source does not list where they were: a new item with the same octets is one of
/// them at its new place. For several threads.
final class Vanished {
  private final Map<Fingerprint, Deque<LedgerEntry>> entries = new HashMap<>();

  Vanished(Collection<LedgerEntry> vanished) {
    for (LedgerEntry entry : vanished) {
      if (entry.isInTarget()) {
        entries.computeIfAbsent(entry.fingerprint(), _ -> new ArrayDeque<>()).add(entry);
      }
    }
  }

  /// Takes one of them, preferably one in the same target folder: then nothing has to move.
  synchronized Optional<LedgerEntry> take(Fingerprint fingerprint, int targetFolder) {
    Deque<LedgerEntry> same = entries.get(fingerprint);
    if (same == null || same.isEmpty()) return Optional.empty();
    for (LedgerEntry entry : same) {
      if (entry.targetFolder() == targetFolder) {
        same.remove(entry);
        return Optional.of(entry);
      }
    }
    return Optional.of(same.removeFirst());
  }
}
