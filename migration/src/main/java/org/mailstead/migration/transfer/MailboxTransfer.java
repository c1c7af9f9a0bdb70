package org.mailstead.migration.transfer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.Content;
import org.mailstead.migration.item.CanonicalText;
import org.mailstead.migration.item.Fingerprint;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.ReadItem;
import org.mailstead.migration.item.Source;
import org.mailstead.migration.item.Target;
import org.mailstead.migration.ledger.Ledger;
import org.mailstead.migration.ledger.LedgerEntry;
import org.mailstead.migration.ledger.LedgerRecord;

/// One run on one mailbox. The first run carries everything over, each later one what is new,
/// changed, moved or gone since. In this order, so that a crash anywhere leaves something that the
/// next run understands:
///
/// 1. Settle: intents without an outcome are looked up in the target.
/// 2. Survey: every folder of the source against the ledger.
/// 3. Copy: intent, write, record; what vanished here and appears there was moved.
/// 4. Flags.
/// 5. Remove what was moved away or is gone.
/// 6. Tokens: from now on the source need only tell what changed.
public final class MailboxTransfer {
  private final Source source;
  private final Target target;
  private final Ledger ledger;
  private final FolderMapping mapping;
  private final TransferSettings settings;
  private final ItemFilter filter;
  private final Quarantine quarantine;
  private final TransferListener listener;
  private final StopSignal stop;
  private final RandomGenerator random;
  private final Retry retry;
  private final List<String> problems = new ArrayList<>();
  private final AtomicInteger setAside = new AtomicInteger();
  private boolean retrySetAside;
  private boolean massRemovalAllowed;
  private Pace pace = Pace.free();

  /// Which target folder each source folder goes to; folders that are left out are not in the list.
  @FunctionalInterface
  public interface FolderMapping {
    List<FolderPair> pairs(List<MailFolder> folders);
  }

  public MailboxTransfer(
      Source source,
      Target target,
      Ledger ledger,
      FolderMapping mapping,
      TransferSettings settings,
      ItemFilter filter,
      Quarantine quarantine,
      TransferListener listener,
      StopSignal stop,
      RandomGenerator random) {
    this.source = source;
    this.target = target;
    this.ledger = ledger;
    this.mapping = mapping;
    this.settings = settings;
    this.filter = filter;
    this.quarantine =
        (folder, item, content, reason) -> {
          quarantine.keep(folder, item, content, reason);
          setAside.incrementAndGet();
        };
    this.listener = listener;
    this.stop = stop;
    this.random = random;
    this.retry = newRetry();
  }

  /// Items in quarantine are tried once more.
  public MailboxTransfer retrySetAside() {
    retrySetAside = true;
    return this;
  }

  /// Removals count as meant, however many they are.
  public MailboxTransfer allowMassRemoval() {
    massRemovalAllowed = true;
    return this;
  }

  /// Lanes enter these limits before they work on a folder.
  public MailboxTransfer paced(Pace limits) {
    pace = limits;
    return this;
  }

  private Retry newRetry() {
    return new Retry(settings, random, stop, listener);
  }

  /// @throws IOException neither end could be worked with at all, or the ledger is broken
  public MailboxResult run() throws IOException {
    try {
      return runAll();
    } catch (StoppedException e) {
      ledger.commit();
      return new MailboxResult(false, setAside.get(), List.of());
    }
  }

  private MailboxResult runAll() throws IOException {
    List<MailFolder> folders = retry.call(source::folders);
    settle(folders);
    List<FolderPair> pairs = mapping.pairs(folders);
    Survey survey = new Survey(source, ledger, retrySetAside);
    List<FolderWork> works = new ArrayList<>();
    boolean complete = true;
    for (FolderPair pair : pairs) {
      try {
        FolderWork work = retry.call(() -> survey.of(pair));
        works.add(work);
        listener.found(pair.source().path(), work.newItems().size(), work.newBytes());
      } catch (GaveUpException e) {
        problem(pair.source().path() + " cannot be listed: " + e.getMessage());
        complete = false;
      }
    }
    Map<Integer, List<LedgerEntry>> vanished = vanished(folders, works);
    List<LedgerEntry> everyVanished = new ArrayList<>();
    vanished.values().forEach(everyVanished::addAll);
    Set<FolderWork> done = copy(works, new Vanished(everyVanished));
    // An unlisted folder may be where a missing item went to: then nothing is removed.
    boolean surveyed = complete;
    complete &= done.size() == works.size();
    settle(folders);
    for (FolderWork work : works) changeFlags(work);
    Set<Integer> withheld = new HashSet<>();
    if (complete) withheld = remove(vanished);
    else if (!surveyed)
      listener.problem("nothing was removed, because not every folder was listed");
    for (FolderWork work : done) {
      if (complete && !withheld.contains(work.folder())) {
        ledger.append(new LedgerRecord.Token(work.folder(), work.token()));
      }
    }
    ledger.commit();
    synchronized (problems) {
      return new MailboxResult(
          complete && !stop.isStopped(), setAsideInAll(), List.copyOf(problems));
    }
  }

  private int setAsideInAll() {
    int count = 0;
    for (LedgerEntry entry : ledger.allEntries()) {
      if (entry.state() == LedgerEntry.State.QUARANTINED) count++;
    }
    return count;
  }

  private void problem(String text) {
    synchronized (problems) {
      problems.add(text);
    }
    listener.problem(text);
  }

  /// Finds out what became of intents, and the ids of what was written without an answer that names
  /// it.
  private void settle(List<MailFolder> sourceFolders) throws IOException {
    Map<Integer, List<LedgerEntry>> open = new LinkedHashMap<>();
    for (LedgerEntry entry : ledger.unsettled()) {
      open.computeIfAbsent(entry.targetFolder(), _ -> new ArrayList<>()).add(entry);
    }
    for (LedgerEntry entry : ledger.withoutTargetId()) {
      open.computeIfAbsent(entry.targetFolder(), _ -> new ArrayList<>()).add(entry);
    }
    if (open.isEmpty()) return;
    Map<Integer, MailFolder> targets = targetFolders();
    Settlement settlement = new Settlement(target, ledger, stop, settings.settleQuiet());
    for (Map.Entry<Integer, List<LedgerEntry>> each : open.entrySet()) {
      MailFolder folder = targets.get(each.getKey());
      List<LedgerEntry> lost =
          folder == null
              ? each.getValue()
              : retry.call(() ->
                  settlement.settle(
                      folder,
                      each.getKey(),
                      stillOpen(each.getValue()),
                      entry -> canonical(sourceFolders, entry)));
      for (LedgerEntry entry : lost) {
        if (entry.state() == LedgerEntry.State.INTENDED) {
          ledger.append(new LedgerRecord.Withdrawn(entry.folder(), entry.id()));
        }
      }
    }
    ledger.commit();
  }

  /// A second try must not ask for what the first has settled.
  private List<LedgerEntry> stillOpen(List<LedgerEntry> entries) {
    List<LedgerEntry> open = new ArrayList<>();
    for (LedgerEntry entry : entries) {
      Optional<LedgerEntry> now = ledger.find(entry.folder(), entry.id());
      if (now.isPresent() && now.get().targetId().isEmpty()) open.add(now.get());
    }
    return open;
  }

  private Map<Integer, MailFolder> targetFolders() throws IOException {
    Map<List<String>, MailFolder> present = new HashMap<>();
    for (MailFolder folder : retry.call(target::folders)) {
      present.put(List.of(folder.key(), folder.validity()), folder);
    }
    Map<Integer, MailFolder> numbered = new HashMap<>();
    for (Ledger.KnownFolder known : ledger.targetFolders()) {
      MailFolder folder = present.get(List.of(known.key(), known.validity()));
      if (folder != null) numbered.put(known.number(), folder);
    }
    return numbered;
  }

  /// What the item says, read from the source again.
  private Optional<Fingerprint> canonical(List<MailFolder> folders, LedgerEntry entry)
      throws IOException {
    for (Ledger.KnownFolder known : ledger.sourceFolders()) {
      if (known.number() != entry.folder()) continue;
      for (MailFolder folder : folders) {
        if (!folder.key().equals(known.key()) || !folder.validity().equals(known.validity())) {
          continue;
        }
        ItemSummary item = new ItemSummary(entry.id(), -1, entry.flags(), entry.received());
        try (ItemReader reader = source.read(folder, List.of(item))) {
          if (reader.next().orElse(null) instanceof ReadItem.Found(_, Content content)) {
            try (content) {
              return Optional.of(CanonicalText.of(content));
            }
          }
        }
      }
    }
    return Optional.empty();
  }

  /// Entries that are not where they were, by source folder: of surveyed folders, and of folders
  /// that do not exist any more or were numbered anew.
  private Map<Integer, List<LedgerEntry>> vanished(
      List<MailFolder> folders, List<FolderWork> works) {
    Map<Integer, List<LedgerEntry>> vanished = new LinkedHashMap<>();
    Set<List<String>> present = new HashSet<>();
    for (MailFolder folder : folders) present.add(List.of(folder.key(), folder.validity()));
    for (Ledger.KnownFolder known : ledger.sourceFolders()) {
      if (!present.contains(List.of(known.key(), known.validity()))) {
        vanished.put(known.number(), ledger.entries(known.number()));
      }
    }
    for (FolderWork work : works) {
      List<LedgerEntry> gone = new ArrayList<>(work.vanished());
      for (LedgerEntry entry : ledger.entries(work.folder())) {
        // Left over by a run that ended between writing the new place and removing the old one.
        if (entry.state() == LedgerEntry.State.LEAVING && !gone.contains(entry)) gone.add(entry);
      }
      vanished.put(work.folder(), gone);
    }
    return vanished;
  }

  /// @return the works that were carried over whole
  private Set<FolderWork> copy(List<FolderWork> works, Vanished vanished) throws IOException {
    Set<FolderWork> done = java.util.concurrent.ConcurrentHashMap.newKeySet();
    long itemBytesMax = Math.min(settings.itemBytesMax(), retry.call(target::itemBytesMax));
    List<FolderWork> ordered = new ArrayList<>(works);
    ordered.sort(Comparator.comparingLong(FolderWork::newBytes).reversed());
    if (settings.folderLanes() == 0) {
      for (FolderWork work : works) copy(work, vanished, itemBytesMax, done);
      return done;
    }
    ConcurrentLinkedQueue<FolderWork> queue = new ConcurrentLinkedQueue<>(ordered);
    List<Thread> lanes = new ArrayList<>();
    java.util.concurrent.atomic.AtomicReference<@Nullable Throwable> bug =
        new java.util.concurrent.atomic.AtomicReference<>();
    for (int i = 0; i < settings.folderLanes(); i++) {
      lanes.add(
          Thread.ofVirtual()
              .name("lane-" + i)
              .start(() -> {
                try {
                  while (!queue.isEmpty() && !stop.isStopped()) {
                    pace.enter(stop);
                    try {
                      FolderWork work = queue.poll();
                      if (work != null) copy(work, vanished, itemBytesMax, done);
                    } finally {
                      pace.leave();
                    }
                  }
                } catch (StoppedException e) {
                  // What is left is for the next run.
                  return;
                } catch (RuntimeException | Error e) {
                  bug.compareAndSet(null, e);
                }
              }));
    }
    try {
      for (Thread lane : lanes) {
        // Nothing waits longer than a second for its record (MIG-4).
        while (!lane.join(java.time.Duration.ofMillis(250))) {
          if (ledger.isCommitDue()) ledger.requestCommit();
        }
      }
    } catch (InterruptedException e) {
      stop.stop();
      Thread.currentThread().interrupt();
    }
    Throwable failure = bug.get();
    if (failure instanceof Error error) throw error;
    if (failure instanceof RuntimeException unchecked) throw unchecked;
    return done;
  }

  private void copy(FolderWork work, Vanished vanished, long itemBytesMax, Set<FolderWork> done) {
    if (work.newItems().isEmpty() && ensured(work)) {
      done.add(work);
      return;
    }
    try (FolderCopy copy =
        new FolderCopy(
            source,
            target,
            ledger,
            settings,
            filter,
            quarantine,
            listener,
            new Retry(settings, random, stop, listener, pace::targetFailed),
            new Retry(settings, random, stop, listener, pace::sourceFailed),
            stop,
            pace,
            vanished,
            work,
            itemBytesMax)) {
      if (copy.run()) done.add(work);
    } catch (StoppedException e) {
      // What was acknowledged is recorded; the rest is for the next run.
      return;
    } catch (IOException e) {
      problem(work.pair().source().path() + " is not complete: " + e.getMessage());
    }
  }

  /// Empty folders are carried over too.
  private boolean ensured(FolderWork work) {
    if (ledger.token(work.folder()).isPresent()) return true;
    try {
      newRetry()
          .call(() ->
              target.ensureFolder(
                  work.pair().target(), work.pair().role(), work.pair().source().isSubscribed()));
      return true;
    } catch (IOException e) {
      problem(work.pair().target() + " cannot be made: " + e.getMessage());
      return false;
    }
  }

  private void changeFlags(FolderWork work) throws IOException {
    if (work.flagChanges().isEmpty()) return;
    Map<Integer, MailFolder> targets = targetFolders();
    Map<Alike, List<LedgerEntry>> alike = new LinkedHashMap<>();
    for (FolderWork.FlagChange change : work.flagChanges()) {
      Alike key = new Alike(change.entry().targetFolder(), change.flags());
      alike.computeIfAbsent(key, _ -> new ArrayList<>()).add(change.entry());
    }
    for (Map.Entry<Alike, List<LedgerEntry>> group : alike.entrySet()) {
      if (stop.isStopped()) return;
      MailFolder folder = targets.get(group.getKey().targetFolder());
      Set<String> flags = group.getKey().flags();
      if (folder == null) continue;
      try {
        retry.call(() -> {
          target.setFlags(folder, ids(group.getValue()), flags);
          return true;
        });
      } catch (GaveUpException e) {
        problem("flags in " + folder.path() + " are not carried over: " + e.getMessage());
        continue;
      }
      for (LedgerEntry entry : group.getValue()) {
        ledger.append(new LedgerRecord.FlagsSet(entry.folder(), entry.id(), flags));
        if (ledger.isCommitDue()) ledger.requestCommit();
      }
      listener.changed(work.pair().source().path(), group.getValue().size());
    }
  }

  private record Alike(int targetFolder, Set<String> flags) {}

  private static List<String> ids(Collection<LedgerEntry> entries) {
    return entries.stream().map(LedgerEntry::targetId).filter(id -> !id.isEmpty()).toList();
  }

  /// @return source folders whose removals were withheld
  private Set<Integer> remove(Map<Integer, List<LedgerEntry>> vanished) throws IOException {
    Set<Integer> withheld = new HashSet<>();
    Map<Integer, List<LedgerEntry>> byTarget = new LinkedHashMap<>();
    for (Map.Entry<Integer, List<LedgerEntry>> each : vanished.entrySet()) {
      List<LedgerEntry> gone = new ArrayList<>();
      for (LedgerEntry entry : each.getValue()) {
        Optional<LedgerEntry> now = ledger.find(entry.folder(), entry.id());
        if (now.isEmpty()) continue;
        if (now.get().state() == LedgerEntry.State.LEAVING) {
          byTarget.computeIfAbsent(entry.targetFolder(), _ -> new ArrayList<>()).add(now.get());
        } else if (!now.get().isInTarget()) {
          ledger.append(new LedgerRecord.Gone(entry.folder(), entry.id()));
        } else if (settings.gone()) {
          gone.add(now.get());
        }
      }
      if (isMassRemoval(each.getKey(), gone.size())) {
        withheld.add(each.getKey());
        problem(
            "%d of %d items of %s are gone at the source; they stay at the target until you say that this is meant"
                .formatted(gone.size(), ledger.count(each.getKey()), path(each.getKey())));
        continue;
      }
      for (LedgerEntry entry : gone) {
        byTarget.computeIfAbsent(entry.targetFolder(), _ -> new ArrayList<>()).add(entry);
      }
    }
    ledger.commit();
    if (byTarget.isEmpty()) return withheld;
    Map<Integer, MailFolder> targets = targetFolders();
    for (Map.Entry<Integer, List<LedgerEntry>> each : byTarget.entrySet()) {
      MailFolder folder = targets.get(each.getKey());
      if (folder != null) {
        retry.call(() -> {
          target.remove(folder, ids(each.getValue()));
          return true;
        });
        listener.changed(folder.path(), each.getValue().size());
      }
      for (LedgerEntry entry : each.getValue()) {
        ledger.append(new LedgerRecord.Gone(entry.folder(), entry.id()));
        if (ledger.isCommitDue()) ledger.requestCommit();
      }
    }
    return withheld;
  }

  private boolean isMassRemoval(int folder, int goneCount) {
    return !massRemovalAllowed
        && goneCount >= TransferSettings.MASS_REMOVAL_ITEMS_MIN
        && goneCount > ledger.count(folder) * settings.massRemovalShare();
  }

  private String path(int folder) {
    for (Ledger.KnownFolder known : ledger.sourceFolders()) {
      if (known.number() == folder) return known.path();
    }
    return "";
  }
}
