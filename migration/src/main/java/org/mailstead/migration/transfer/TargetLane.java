package org.mailstead.migration.transfer;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.Content;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.migration.item.CanonicalText;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.ItemWriter;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.Target;
import org.mailstead.migration.item.WriteResult;
import org.mailstead.migration.ledger.Ledger;
import org.mailstead.migration.ledger.LedgerEntry;
import org.mailstead.migration.ledger.LedgerRecord;

/// Writes the items of one source folder into one target folder: intents made durable, batches
/// sent, answers recorded; after a broken connection what is uncertain is looked up before anything
/// is sent again. For one thread.
final class TargetLane implements AutoCloseable {
  private static final long BATCH_BYTES_MAX = 1 << 20;

  /// After so many items the position is asked for anew, so that settling has little to look at.
  private static final int ITEMS_PER_POSITION = 2_000;

  /// Batches that may wait for their intents to become durable while more are collected.
  private static final int WAITING_MAX = 16;

  /// @param mark of the ledger, behind the intents of these items
  private record Batch(List<Pending> items, long mark) {}

  private final Target target;
  private final MailFolder folder;
  private final int targetFolder;
  private final FolderPath sourcePath;
  private final Ledger ledger;
  private final Retry retry;
  private final Quarantine quarantine;
  private final TransferListener listener;
  private final Consumer<Pending> settled;

  private final Settlement settlement;
  private final BatchSize batchSize;
  private final LongSupplier nanoTime;
  private final Deque<Batch> unsent = new ArrayDeque<>();
  private final Deque<List<Pending>> inFlight = new ArrayDeque<>();
  private long lastEventNanos;
  private List<Pending> batch = new ArrayList<>();
  private long batchBytes;
  private @Nullable ItemWriter writer;
  private String position = "";
  private int itemsSincePosition = ITEMS_PER_POSITION;

  TargetLane(
      Target target,
      MailFolder folder,
      FolderPath sourcePath,
      Ledger ledger,
      Retry retry,
      Quarantine quarantine,
      TransferListener listener,
      Settlement settlement,
      BatchSize batchSize,
      LongSupplier nanoTime,
      Consumer<Pending> settled)
      throws IOException {
    this.target = target;
    this.folder = folder;
    this.targetFolder = ledger.targetFolder(folder);
    this.sourcePath = sourcePath;
    this.ledger = ledger;
    this.retry = retry;
    this.quarantine = quarantine;
    this.listener = listener;
    this.settlement = settlement;
    this.batchSize = batchSize;
    this.nanoTime = nanoTime;
    this.settled = settled;
  }

  MailFolder folder() {
    return folder;
  }

  int number() {
    return targetFolder;
  }

  void add(Pending item) throws IOException {
    batch.add(item);
    batchBytes += item.content().length();
    if (batch.size() >= batchSize.items() || batchBytes >= BATCH_BYTES_MAX) flush();
  }

  /// Sends what has been collected.
  void flush() throws IOException {
    if (batch.isEmpty()) return;
    if (itemsSincePosition >= ITEMS_PER_POSITION) {
      position = retry.call(() -> target.position(folder));
      itemsSincePosition = 0;
    }
    List<Pending> items = batch;
    batch = new ArrayList<>();
    batchBytes = 0;
    itemsSincePosition += items.size();
    for (Pending item : items) {
      ledger.append(
          new LedgerRecord.Intent(
              item.folder(),
              item.item().id(),
              targetFolder,
              item.fingerprint(),
              item.item().flags(),
              item.item().received(),
              position));
    }
    ledger.requestCommit();
    unsent.addLast(new Batch(items, ledger.mark()));
    pump(WAITING_MAX);
  }

  /// Receives one answer, if one is awaited.
  void receiveOne() throws IOException {
    if (inFlight.isEmpty()) {
      pump(0);
      return;
    }
    try {
      receive();
    } catch (GaveUpException e) {
      throw e;
    } catch (IOException | UnavailableException | RefusedException e) {
      recover(e);
    }
    pump(WAITING_MAX);
  }

  /// Sends and receives all that is left.
  void finish() throws IOException {
    flush();
    while (!inFlight.isEmpty() || !unsent.isEmpty()) {
      pump(0);
      receiveOne();
    }
    ledger.commit();
  }

  /// Sends what is durably intended; waits for the disk when more than so many batches do.
  private void pump(int waitingMax) throws IOException {
    while (!unsent.isEmpty()) {
      if (!ledger.isDurable(unsent.getFirst().mark())) {
        if (unsent.size() <= waitingMax) return;
        ledger.awaitDurable(unsent.getFirst().mark());
      }
      try {
        ItemWriter open = writer;
        if (open == null) {
          open = target.write(folder);
          writer = open;
        }
        while (inFlight.size() >= open.batchesInFlightMax()) receive();
        Batch next = unsent.peekFirst();
        // An answer may have put another form of a refused message in front: its intent is old.
        if (next == null || !ledger.isDurable(next.mark())) continue;
        unsent.removeFirst();
        List<Pending> items = next.items();
        if (inFlight.isEmpty()) lastEventNanos = nanoTime.getAsLong();
        inFlight.addLast(items);
        open.send(items.stream().map(Pending::newItem).toList());
      } catch (GaveUpException e) {
        throw e;
      } catch (IOException | UnavailableException | RefusedException e) {
        recover(e);
      }
    }
  }

  private void receive() throws IOException {
    ItemWriter open = writer;
    if (open == null) throw new IOException("the connection was closed");
    List<WriteResult> results = open.receive();
    List<Pending> items = inFlight.getFirst();
    if (results.size() != items.size()) throw new IOException("an answer does not fit its batch");
    inFlight.removeFirst();
    retry.succeeded();
    // Answers come one after the other: the time since the one before was this batch's.
    long now = nanoTime.getAsLong();
    batchSize.answered(items.size(), Duration.ofNanos(now - lastEventNanos));
    lastEventNanos = now;
    List<List<Pending>> again = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      Pending item = items.get(i);
      switch (results.get(i)) {
        case WriteResult.Written(String id) -> written(item, id);
        case WriteResult.Refused(WriteResult.Reason reason, String text) ->
            refused(item, reason, text).ifPresent(next -> again.add(List.of(next)));
      }
    }
    if (!again.isEmpty()) batchSize.failed();
    for (int i = again.size() - 1; i >= 0; i--) unsent.addFirst(new Batch(again.get(i), 0));
    if (ledger.isCommitDue()) ledger.requestCommit();
  }

  private void written(Pending item, String id) throws IOException {
    if (item.movedFrom().isPresent()) {
      LedgerEntry old = item.movedFrom().get();
      ledger.append(new LedgerRecord.Leaving(old.folder(), old.id()));
    }
    ledger.append(
        new LedgerRecord.Written(item.folder(), item.item().id(), id, item.repair().text()));
    if (item.repair() != Repair.NONE) {
      listener.repaired(sourcePath, item.item().id(), item.repair().text());
    }
    listener.written(sourcePath, item.original().length());
    done(item);
  }

  private void done(Pending item) {
    if (item.content() != item.original()) item.content().close();
    item.original().close();
    settled.accept(item);
  }

  /// @return what to send instead, if anything
  private Optional<Pending> refused(Pending item, WriteResult.Reason reason, String text)
      throws IOException {
    return switch (reason) {
      case BATCH -> Optional.of(item);
      case CONTENT -> {
        Optional<Pending> next = climb(item);
        if (next.isEmpty()) setAside(item, "refused by the target: " + text);
        yield next;
      }
      case TOO_LARGE -> {
        setAside(item, "too large for the target: " + text);
        yield Optional.empty();
      }
      case OVER_QUOTA -> {
        withdraw(item);
        throw new GaveUpException("the target mailbox is full: " + text, new IOException(text));
      }
      case NO_FOLDER -> {
        withdraw(item);
        throw new GaveUpException("the target folder went away: " + text, new IOException(text));
      }
    };
  }

  /// The next form of the message that differs from the refused one.
  private static Optional<Pending> climb(Pending item) throws IOException {
    Repair step = item.repair();
    while (!step.isLast()) {
      step = step.next();
      Content changed = step.apply(item.original());
      if (changed == item.original()) continue;
      if (item.content() != item.original()) item.content().close();
      return Optional.of(item.repaired(changed, step));
    }
    return Optional.empty();
  }

  void setAside(Pending item, String reason) throws IOException {
    quarantine.keep(sourcePath, item.item(), Optional.of(item.original()), reason);
    ledger.append(new LedgerRecord.Quarantined(item.folder(), item.item().id(), reason));
    listener.setAside(sourcePath, item.item().id(), reason);
    done(item);
  }

  private void withdraw(Pending item) throws IOException {
    ledger.append(new LedgerRecord.Withdrawn(item.folder(), item.item().id()));
    done(item);
  }

  /// After a break: closes, waits, looks up what is uncertain, and queues what is not there.
  private void recover(Exception failure) throws IOException {
    closeWriter();
    batchSize.failed();
    retry.failed(failure);
    while (!inFlight.isEmpty()) {
      try {
        lookUp();
      } catch (GaveUpException e) {
        throw e;
      } catch (IOException | UnavailableException | RefusedException e) {
        retry.failed(e);
      }
    }
  }

  private void lookUp() throws IOException {
    Map<String, Pending> uncertain = new HashMap<>();
    for (List<Pending> items : inFlight) {
      for (Pending item : items) uncertain.put(item.item().id(), item);
    }
    List<LedgerEntry> intents = new ArrayList<>();
    for (Pending item : uncertain.values()) {
      ledger.find(item.folder(), item.item().id()).ifPresent(intents::add);
    }
    List<LedgerEntry> lost =
        settlement.settle(
            folder,
            targetFolder,
            intents,
            entry -> {
              Pending item = uncertain.get(entry.id());
              return item == null
                  ? Optional.empty()
                  : Optional.of(CanonicalText.of(item.original()));
            });
    Set<String> lostIds = new HashSet<>();
    for (LedgerEntry entry : lost) lostIds.add(entry.id());
    while (!inFlight.isEmpty()) {
      List<Pending> again = new ArrayList<>();
      for (Pending item : inFlight.pollLast()) {
        if (lostIds.contains(item.item().id())) again.add(item);
        else foundAgain(item);
      }
      if (!again.isEmpty()) unsent.addFirst(new Batch(again, 0));
    }
    ledger.commit();
  }

  private void foundAgain(Pending item) throws IOException {
    if (item.movedFrom().isPresent()) {
      LedgerEntry old = item.movedFrom().get();
      ledger.append(new LedgerRecord.Leaving(old.folder(), old.id()));
    }
    listener.written(sourcePath, item.original().length());
    done(item);
  }

  private void closeWriter() {
    ItemWriter open = writer;
    writer = null;
    if (open != null) open.close();
  }

  @Override
  public void close() {
    closeWriter();
    List<Collection<Pending>> rest = new ArrayList<>(inFlight);
    for (Batch each : unsent) rest.add(each.items());
    rest.add(batch);
    for (Collection<Pending> items : rest) {
      for (Pending item : items) {
        if (item.content() != item.original()) item.content().close();
        item.original().close();
      }
    }
    unsent.clear();
    inFlight.clear();
    batch = new ArrayList<>();
  }
}
