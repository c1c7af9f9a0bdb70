package org.mailstead.migration.transfer;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.base.RefusedException;
import org.mailstead.migration.item.Fingerprint;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.Numbering;
import org.mailstead.migration.item.ReadItem;
import org.mailstead.migration.item.Source;
import org.mailstead.migration.item.Target;
import org.mailstead.migration.ledger.Ledger;
import org.mailstead.migration.ledger.LedgerEntry;
import org.mailstead.migration.ledger.LedgerRecord;

/// Carries the new items of one source folder over. For one thread, with one more that reads ahead.
final class FolderCopy implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMillis(50);

  private final Source source;
  private final Target target;
  private final Ledger ledger;
  private final TransferSettings settings;
  private final ItemFilter filter;
  private final Quarantine quarantine;
  private final TransferListener listener;
  private final Retry retry;
  private final Retry readRetry;
  private final StopSignal stop;
  private final Vanished vanished;
  private final FolderWork work;
  private final long itemBytesMax;
  private final Map<FolderPath, TargetLane> lanes = new HashMap<>();
  private final Map<FolderPath, Existing> existing = new HashMap<>();

  FolderCopy(
      Source source,
      Target target,
      Ledger ledger,
      TransferSettings settings,
      ItemFilter filter,
      Quarantine quarantine,
      TransferListener listener,
      Retry retry,
      Retry readRetry,
      StopSignal stop,
      Vanished vanished,
      FolderWork work,
      long itemBytesMax) {
    this.source = source;
    this.target = target;
    this.ledger = ledger;
    this.settings = settings;
    this.filter = filter;
    this.quarantine = quarantine;
    this.listener = listener;
    this.retry = retry;
    this.readRetry = readRetry;
    this.stop = stop;
    this.vanished = vanished;
    this.work = work;
    this.itemBytesMax = itemBytesMax;
  }

  /// @return whether every item was dealt with; false after a stop
  boolean run() throws IOException {
    MailFolder folder = work.pair().source();
    listener.folderStarted(folder.path());
    List<ItemSummary> items = wanted(work.newItems());
    try (ReadAhead ahead =
        new ReadAhead(
            new RetryingReader(source, folder, items, readRetry),
            settings.heldBytesMax(),
            settings.folderLanes() > 0)) {
      while (!stop.isStopped()) {
        switch (ahead.next(PATIENCE)) {
          case ReadAhead.Next.Item(ReadItem item) -> take(item, ahead);
          case ReadAhead.Next.NotYet _ -> {
            for (TargetLane lane : lanes.values()) {
              lane.flush();
              lane.receiveOne();
            }
            if (ledger.isCommitDue()) ledger.requestCommit();
          }
          case ReadAhead.Next.End _ -> {
            for (TargetLane lane : lanes.values()) lane.finish();
            ledger.commit();
            return true;
          }
        }
      }
      for (TargetLane lane : lanes.values()) lane.finish();
      ledger.commit();
      return false;
    }
  }

  /// Leaves out what can be left out without reading it.
  private List<ItemSummary> wanted(List<ItemSummary> items) throws IOException {
    List<ItemSummary> wanted = new ArrayList<>(items.size());
    for (ItemSummary item : items) {
      Optional<String> reason = filter.leaveOut(work.pair(), item);
      if (reason.isPresent()) skip(item, reason.get());
      else wanted.add(item);
    }
    return wanted;
  }

  private void skip(ItemSummary item, String reason) throws IOException {
    ledger.append(new LedgerRecord.Skipped(work.folder(), item.id(), reason));
    listener.passed(work.pair().source().path(), Math.max(0, item.sizeBytes()));
  }

  private void take(ReadItem read, ReadAhead ahead) throws IOException {
    switch (read) {
      case ReadItem.Missing(ItemSummary item) -> {
        // It will be seen as gone, or not at all, by the next listing.
        listener.passed(work.pair().source().path(), Math.max(0, item.sizeBytes()));
        ahead.release(0);
      }
      case ReadItem.Unreadable(ItemSummary item, String reason) -> {
        String text = "the source cannot give it: " + reason;
        quarantine.keep(work.pair().source().path(), item, Optional.empty(), text);
        ledger.append(new LedgerRecord.Quarantined(work.folder(), item.id(), text));
        listener.setAside(work.pair().source().path(), item.id(), text);
        ahead.release(0);
      }
      case ReadItem.Found found -> takeContent(found, ahead);
    }
  }

  private void takeContent(ReadItem.Found found, ReadAhead ahead) throws IOException {
    ItemSummary item = found.summary();
    Content content = found.content();
    long held = ReadAhead.bytes(found);
    boolean handedOver = false;
    try {
      Optional<String> reason = filter.leaveOut(work.pair(), item, content);
      if (reason.isPresent()) {
        skip(item, reason.get());
        return;
      }
      Fingerprint fingerprint = Fingerprint.of(content);
      TargetLane lane = lane(item, ahead);
      Optional<LedgerEntry> moved = vanished.take(fingerprint, lane.number());
      if (moved.isPresent() && moved.get().targetFolder() == lane.number()) {
        rebind(item, fingerprint, moved.get(), lane);
        return;
      }
      Existing there = existing.get(lane.folder().path());
      Optional<String> copy = there == null ? Optional.empty() : there.take(fingerprint, content);
      if (copy.isPresent()) {
        adopt(item, fingerprint, copy.get(), lane);
        return;
      }
      Pending pending =
          new Pending(work.folder(), item, content, content, fingerprint, Repair.NONE, moved);
      handedOver = true;
      if (content.length() > itemBytesMax) {
        lane.setAside(pending, "larger than %d octets, which is the limit".formatted(itemBytesMax));
        return;
      }
      lane.add(pending);
    } finally {
      if (!handedOver) {
        content.close();
        ahead.release(held);
      }
    }
  }

  /// The same item under another id, in the same target folder: nothing is written.
  private void rebind(ItemSummary item, Fingerprint fingerprint, LedgerEntry old, TargetLane lane)
      throws IOException {
    ledger.append(new LedgerRecord.Renumbered(old.folder(), old.id(), work.folder(), item.id()));
    if (!old.flags().equals(item.flags())) {
      setFlags(lane, old.targetId(), item.flags());
      ledger.append(new LedgerRecord.FlagsSet(work.folder(), item.id(), item.flags()));
    }
    if (ledger.isCommitDue()) ledger.requestCommit();
    listener.passed(work.pair().source().path(), fingerprint.sizeBytes());
  }

  /// A copy that an earlier attempt has left in the target.
  private void adopt(ItemSummary item, Fingerprint fingerprint, String id, TargetLane lane)
      throws IOException {
    record(item, fingerprint, id, lane);
    setFlags(lane, id, item.flags());
    listener.passed(work.pair().source().path(), fingerprint.sizeBytes());
  }

  private void record(ItemSummary item, Fingerprint fingerprint, String id, TargetLane lane)
      throws IOException {
    ledger.append(
        new LedgerRecord.Intent(
            work.folder(),
            item.id(),
            lane.number(),
            fingerprint,
            item.flags(),
            item.received(),
            ""));
    ledger.append(new LedgerRecord.Written(work.folder(), item.id(), id, ""));
    if (ledger.isCommitDue()) ledger.requestCommit();
  }

  private void setFlags(TargetLane lane, String id, Set<String> flags) throws IOException {
    if (id.isEmpty()) return;
    retry.call(() -> {
      target.setFlags(lane.folder(), List.of(id), flags);
      return true;
    });
  }

  private TargetLane lane(ItemSummary item, ReadAhead ahead) throws IOException {
    FolderPair pair = work.pair();
    boolean old =
        pair.archive().isPresent()
            && !item.received().equals(ItemSummary.NO_DATE)
            && settings.archiveBefore().filter(item.received()::isBefore).isPresent();
    FolderPath path = old ? pair.archive().get() : pair.target();
    TargetLane known = lanes.get(path);
    if (known != null) return known;
    FolderRole role = old ? FolderRole.ARCHIVE : pair.role();
    MailFolder made =
        retry.call(() -> target.ensureFolder(path, role, pair.source().isSubscribed()));
    MailFolder folder = old ? made : numbered(made);
    TargetLane lane =
        new TargetLane(
            target,
            folder,
            pair.source().path(),
            ledger,
            retry,
            quarantine,
            listener,
            pending ->
                ahead.release(
                    ReadAhead.bytes(new ReadItem.Found(pending.item(), pending.original()))));
    lanes.put(path, lane);
    // Once the folder was carried over whole, what is there besides is new mail of the target.
    if (settings.matchExisting() && ledger.token(work.folder()).isEmpty()) {
      Existing there = retry.call(() -> Existing.of(target, folder, lane.number(), ledger));
      if (!there.isEmpty()) existing.put(folder.path(), there);
    }
    return lane;
  }

  /// The folder with the numbers of its source, where the target can keep them and the folder is
  /// new; otherwise as it is.
  private MailFolder numbered(MailFolder made) throws IOException {
    return retry.call(() -> {
      Optional<Numbering> numbering = source.numbering(work.pair().source());
      if (numbering.isEmpty()) return made;
      if (made.itemCount() > 0 && !isOurs(made)) {
        listener.problem(made.path() + " does not keep its UIDs: the target folder is not empty");
        return made;
      }
      try {
        return target.keepNumbers(made, numbering.get()).orElse(made);
      } catch (RefusedException e) {
        listener.problem(made.path() + " does not keep its UIDs: " + e.getMessage());
        return made;
      }
    });
  }

  /// Whether earlier runs have written into the folder.
  private boolean isOurs(MailFolder folder) {
    for (Ledger.KnownFolder known : ledger.targetFolders()) {
      if (known.key().equals(folder.key()) && known.validity().equals(folder.validity())) {
        return !ledger.targetIds(known.number()).isEmpty();
      }
    }
    return false;
  }

  @Override
  public void close() {
    lanes.values().forEach(TargetLane::close);
  }
}
