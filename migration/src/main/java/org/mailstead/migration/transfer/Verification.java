package org.mailstead.migration.transfer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.mailstead.base.Content;
import org.mailstead.migration.item.CanonicalText;
import org.mailstead.migration.item.Fingerprint;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.ReadItem;
import org.mailstead.migration.item.Source;
import org.mailstead.migration.item.Target;
import org.mailstead.migration.ledger.Ledger;
import org.mailstead.migration.ledger.LedgerEntry;
import org.mailstead.migration.ledger.LedgerRecord;

/// Reads everything again from the target and compares it, item by item: octets, or what they say
/// where the target changes them; flags; received date. And the other way round: every item of the
/// source has its entry. Changes nothing at either end.
public final class Verification {
  /// @param id at the source
  /// @param targetId empty if there is none
  public record Difference(
      String folder, String id, String targetId, String subject, String what) {}

  /// @param identicalCount equal to the octet
  /// @param alikeCount other octets, the same text: the target or a repair has changed the form
  public record Result(
      int itemCount, int identicalCount, int alikeCount, List<Difference> differences) {
    public boolean isClean() {
      return differences.isEmpty();
    }
  }

  private final Source source;
  private final Target target;
  private final Ledger ledger;
  private final List<FolderPair> pairs;
  private final Retry retry;
  private final TransferListener listener;
  private final List<Difference> differences = new ArrayList<>();
  private int itemCount;
  private int identicalCount;
  private int alikeCount;

  public Verification(
      Source source,
      Target target,
      Ledger ledger,
      List<FolderPair> pairs,
      Retry retry,
      TransferListener listener) {
    this.source = source;
    this.target = target;
    this.ledger = ledger;
    this.pairs = pairs;
    this.retry = retry;
    this.listener = listener;
  }

  public Result run() throws IOException {
    Map<Integer, FolderPair> sources = new HashMap<>();
    for (FolderPair pair : pairs) {
      int folder = ledger.sourceFolder(pair.source());
      sources.put(folder, pair);
      if (retry.call(() -> source.list(pair.source(), Optional.empty()))
          instanceof FolderListing.Complete complete) {
        expectEntries(pair, folder, complete.items());
      }
    }
    Map<List<String>, MailFolder> present = new HashMap<>();
    for (MailFolder folder : retry.call(target::folders)) {
      present.put(List.of(folder.key(), folder.validity()), folder);
    }
    Map<Integer, List<LedgerEntry>> byTarget = new LinkedHashMap<>();
    for (LedgerEntry entry : ledger.allEntries()) {
      if (entry.isInTarget() && sources.containsKey(entry.folder())) {
        byTarget.computeIfAbsent(entry.targetFolder(), _ -> new ArrayList<>()).add(entry);
      }
    }
    for (Ledger.KnownFolder known : ledger.targetFolders()) {
      List<LedgerEntry> entries = byTarget.getOrDefault(known.number(), List.of());
      MailFolder folder = present.get(List.of(known.key(), known.validity()));
      if (folder == null) {
        for (LedgerEntry entry : entries) {
          differ(sources, entry, "", "the target folder " + known.path() + " is not there");
        }
      } else if (!entries.isEmpty()) {
        compare(folder, entries, sources);
      }
    }
    ledger.commit();
    return new Result(itemCount, identicalCount, alikeCount, List.copyOf(differences));
  }

  private void expectEntries(FolderPair pair, int folder, List<ItemSummary> items) {
    for (ItemSummary item : items) {
      Optional<LedgerEntry> entry = ledger.find(folder, item.id());
      if (entry.isEmpty() || entry.get().state() == LedgerEntry.State.INTENDED) {
        differences.add(
            new Difference(pair.source().path().text(), item.id(), "", "", "not carried over yet"));
      } else if (entry.get().state() == LedgerEntry.State.QUARANTINED) {
        differences.add(
            new Difference(
                pair.source().path().text(),
                item.id(),
                "",
                "",
                "set aside: " + entry.get().note()));
      }
    }
  }

  private void differ(
      Map<Integer, FolderPair> sources, LedgerEntry entry, String subject, String what)
      throws IOException {
    FolderPair pair = sources.get(entry.folder());
    String path = pair == null ? "" : pair.source().path().text();
    differences.add(new Difference(path, entry.id(), entry.targetId(), subject, what));
    ledger.append(new LedgerRecord.Verified(entry.folder(), entry.id(), what));
  }

  private void compare(
      MailFolder folder, List<LedgerEntry> entries, Map<Integer, FolderPair> sources)
      throws IOException {
    Map<String, LedgerEntry> wanted = new LinkedHashMap<>();
    for (LedgerEntry entry : entries) wanted.put(entry.targetId(), entry);
    List<ItemSummary> there = new ArrayList<>();
    Set<String> differing = new HashSet<>();
    Map<Set<String>, Set<String>> keepable = new HashMap<>();
    for (ItemSummary item : retry.call(() -> target.listSince(folder, ""))) {
      LedgerEntry entry = wanted.get(item.id());
      if (entry == null) continue;
      there.add(item);
      Set<String> flags = keepable.get(entry.flags());
      if (flags == null) {
        flags = retry.call(() -> target.keepable(folder, entry.flags()));
        keepable.put(entry.flags(), flags);
      }
      List<String> unlike = new ArrayList<>();
      if (!flags.equals(item.flags())) {
        unlike.add("flags %s, not %s".formatted(new TreeSet<>(item.flags()), new TreeSet<>(flags)));
      }
      if (!entry.received().equals(ItemSummary.NO_DATE)
          && !entry.received().equals(item.received())) {
        unlike.add("received %s, not %s".formatted(item.received(), entry.received()));
      }
      if (!unlike.isEmpty()) {
        differing.add(item.id());
        differ(sources, entry, "", String.join("; ", unlike));
      }
    }
    Set<String> missing = new HashSet<>(wanted.keySet());
    for (ItemSummary item : there) missing.remove(item.id());
    for (String id : missing) {
      LedgerEntry entry = wanted.get(id);
      if (entry != null) {
        itemCount++;
        differ(sources, entry, "", "not in the target any more");
      }
    }
    try (ItemReader reader = new RetryingReader(target, folder, there, retry)) {
      for (Optional<ReadItem> next = reader.next(); next.isPresent(); next = reader.next()) {
        LedgerEntry entry = wanted.get(next.get().summary().id());
        if (entry != null) {
          itemCount++;
          compare(next.get(), entry, sources, differing.contains(entry.targetId()));
          if (ledger.isCommitDue()) ledger.requestCommit();
        }
      }
    }
  }

  private void compare(
      ReadItem read, LedgerEntry entry, Map<Integer, FolderPair> sources, boolean differs)
      throws IOException {
    switch (read) {
      case ReadItem.Found(ItemSummary _, Content content) -> {
        try (content) {
          FolderPair pair = sources.get(entry.folder());
          if (pair != null) listener.passed(pair.source().path(), content.length());
          if (Fingerprint.of(content).equals(entry.fingerprint())) {
            identicalCount++;
          } else if (pair != null
              && readSource(pair.source(), entry)
                  .filter(CanonicalText.of(content)::equals)
                  .isPresent()) {
            alikeCount++;
          } else {
            differ(sources, entry, CanonicalText.subject(content), "the content differs");
            return;
          }
          if (!differs) ledger.append(new LedgerRecord.Verified(entry.folder(), entry.id(), ""));
        }
      }
      case ReadItem.Missing _ -> differ(sources, entry, "", "not in the target any more");
      case ReadItem.Unreadable(ItemSummary _, String reason) ->
          differ(sources, entry, "", "the target cannot give it: " + reason);
    }
  }

  private Optional<Fingerprint> readSource(MailFolder folder, LedgerEntry entry)
      throws IOException {
    ItemSummary item = new ItemSummary(entry.id(), -1, entry.flags(), entry.received());
    try (ItemReader reader = new RetryingReader(source, folder, List.of(item), retry)) {
      if (reader.next().orElse(null) instanceof ReadItem.Found(ItemSummary _, Content content)) {
        try (content) {
          return Optional.of(CanonicalText.of(content));
        }
      }
    }
    return Optional.empty();
  }
}
