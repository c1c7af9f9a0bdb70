package org.mailstead.migration.transfer;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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
import org.mailstead.migration.ledger.LedgerEntry;
import org.mailstead.migration.ledger.LedgerRecord;

/// Finds out what became of items whose answers got lost: looks among the target's newest items
/// that are not accounted for, by content. Octets decide; where a target changes them, the
/// canonical text does. Each item of the target answers for one item of the source at most.
final class Settlement {
  /// The canonical fingerprint of an item, read again if need be; empty if it cannot be had.
  @FunctionalInterface
  interface CanonicalLookup {
    Optional<Fingerprint> find(LedgerEntry entry) throws IOException;
  }

  /// A server that is never quiet is not waited for any longer.
  private static final int LOOKS_MAX = 30;

  private final Target target;
  private final Ledger ledger;
  private final StopSignal stop;
  private final Duration quiet;

  /// @param quiet a folder that took nothing for so long has nothing more of ours to take
  Settlement(Target target, Ledger ledger, StopSignal stop, Duration quiet) {
    this.target = target;
    this.ledger = ledger;
    this.stop = stop;
    this.quiet = quiet;
  }

  /// Records what is found as written.
  ///
  /// A server may still be at work on what a dead connection has left in its buffers: what is not
  /// there is looked for once more when the folder has become quiet (decision 0079).
  ///
  /// @param open intents, and written items without an id, all of this target folder
  /// @return the intents that the target does not have
  List<LedgerEntry> settle(
      MailFolder folder, int targetFolder, List<LedgerEntry> open, CanonicalLookup canonical)
      throws IOException {
    List<LedgerEntry> missing = look(folder, targetFolder, open, canonical);
    if (missing.isEmpty()) return missing;
    String position = target.position(folder);
    for (int i = 0; i < LOOKS_MAX; i++) {
      stop.sleep(quiet);
      String now = target.position(folder);
      if (now.equals(position)) break;
      position = now;
    }
    if (stop.isStopped()) throw new StoppedException();
    return look(folder, targetFolder, missing, canonical);
  }

  private List<LedgerEntry> look(
      MailFolder folder, int targetFolder, List<LedgerEntry> open, CanonicalLookup canonical)
      throws IOException {
    if (open.isEmpty()) return List.of();
    Set<String> known = ledger.targetIds(targetFolder);
    Set<String> positions = new LinkedHashSet<>();
    for (LedgerEntry entry : open) positions.add(entry.position());
    Map<String, ItemSummary> candidates = new LinkedHashMap<>();
    for (String position : positions) {
      for (ItemSummary item : target.listSince(folder, position)) {
        if (!known.contains(item.id())) candidates.put(item.id(), item);
      }
    }
    Map<Fingerprint, Deque<LedgerEntry>> byOctets = new HashMap<>();
    for (LedgerEntry entry : open) {
      Deque<LedgerEntry> same =
          byOctets.computeIfAbsent(entry.fingerprint(), _ -> new ArrayDeque<>());
      // What is known to be written is there for certain: it goes first.
      if (entry.state() == LedgerEntry.State.INTENDED) same.addLast(entry);
      else same.addFirst(entry);
    }
    Map<String, Fingerprint> unlike = new LinkedHashMap<>();
    try (ItemReader reader = target.read(folder, List.copyOf(candidates.values()))) {
      for (Optional<ReadItem> next = reader.next(); next.isPresent(); next = reader.next()) {
        if (!(next.get() instanceof ReadItem.Found(ItemSummary item, Content content))) continue;
        try (content) {
          Deque<LedgerEntry> same = byOctets.get(Fingerprint.of(content));
          LedgerEntry entry = same == null ? null : same.poll();
          if (entry != null) found(entry, item.id());
          else unlike.put(item.id(), CanonicalText.of(content));
        }
      }
    }
    List<LedgerEntry> left = new ArrayList<>();
    byOctets.values().forEach(left::addAll);
    if (!unlike.isEmpty() && !left.isEmpty()) left = settleByText(left, unlike, canonical);
    return left.stream().filter(e -> e.state() == LedgerEntry.State.INTENDED).toList();
  }

  private List<LedgerEntry> settleByText(
      List<LedgerEntry> open, Map<String, Fingerprint> candidates, CanonicalLookup canonical)
      throws IOException {
    Map<Fingerprint, Deque<String>> byText = new HashMap<>();
    candidates.forEach((id, text) -> byText.computeIfAbsent(text, _ -> new ArrayDeque<>()).add(id));
    List<LedgerEntry> left = new ArrayList<>();
    for (LedgerEntry entry : open) {
      Optional<Fingerprint> text = canonical.find(entry);
      Deque<String> same = text.isEmpty() ? null : byText.get(text.get());
      String id = same == null ? null : same.poll();
      if (id != null) found(entry, id);
      else left.add(entry);
    }
    return left;
  }

  private void found(LedgerEntry entry, String targetId) throws IOException {
    ledger.append(new LedgerRecord.Written(entry.folder(), entry.id(), targetId, entry.note()));
  }
}
