package org.mailstead.migration.run;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.transfer.Lanes;
import org.mailstead.migration.transfer.Pace;
import org.mailstead.migration.transfer.TransferListener;

/// How far one mailbox is. Written by the threads that work on it, read by those that show it.
public final class MailboxStatus implements TransferListener {
  /// Where a mailbox stands in the run.
  public enum Phase {
    WAITING,
    SURVEY,
    COPY,
    VERIFY,
    WHOLE,
    NOT_WHOLE,
    FAILED,
    STOPPED
  }

  /// One moment.
  ///
  /// @param items to be dealt with in this run
  /// @param doneItems dealt with
  /// @param lanes folders in work, and how many may be now: of this mailbox, at both servers
  public record Snapshot(
      String name,
      Phase phase,
      String folder,
      long items,
      long bytes,
      long doneItems,
      long doneBytes,
      long writtenItems,
      long setAsideItems,
      long changedItems,
      long retries,
      LaneCounts lanes,
      String waitingFor,
      List<String> problems) {}

  /// Limits that adapt, at one moment ([org.mailstead.migration.transfer.AdaptiveLimit]).
  public record LaneCounts(int active, int allowed, int sourceAllowed, int targetAllowed) {
    static final LaneCounts NONE = new LaneCounts(0, 0, 0, 0);
  }

  private static final int PROBLEMS_MAX = 1_000;

  private final String name;
  private final InstantSource clock;
  private Phase phase = Phase.WAITING;
  private String folder = "";
  private long items;
  private long bytes;
  private long doneItems;
  private long doneBytes;
  private long writtenItems;
  private long setAsideItems;
  private long changedItems;
  private long retries;
  private Optional<Pace> pace = Optional.empty();
  private String waitingFor = "";
  private Instant waitingUntil = Instant.MIN;
  private final List<String> problems = new ArrayList<>();

  MailboxStatus(String name, InstantSource clock) {
    this.name = name;
    this.clock = clock;
  }

  synchronized void phase(Phase next) {
    phase = next;
    if (next == Phase.VERIFY) {
      items = 0;
      bytes = 0;
      doneItems = 0;
      doneBytes = 0;
    }
  }

  @Override
  public synchronized void found(FolderPath path, int itemCount, long sizeBytes) {
    items += itemCount;
    bytes += sizeBytes;
  }

  @Override
  public synchronized void folderStarted(FolderPath path) {
    folder = path.text();
    if (phase == Phase.SURVEY) phase = Phase.COPY;
  }

  @Override
  public synchronized void written(FolderPath path, long sizeBytes) {
    writtenItems++;
    passed(path, sizeBytes);
  }

  @Override
  public synchronized void passed(FolderPath path, long sizeBytes) {
    doneItems++;
    doneBytes += sizeBytes;
  }

  @Override
  public synchronized void changed(FolderPath path, int itemCount) {
    changedItems += itemCount;
  }

  @Override
  public synchronized void setAside(FolderPath path, String id, String reason) {
    setAsideItems++;
    doneItems++;
    note("%s %s set aside: %s".formatted(path, id, reason));
  }

  @Override
  public synchronized void repaired(FolderPath path, String id, String repair) {
    note("%s %s changed for the target: %s".formatted(path, id, repair));
  }

  @Override
  public synchronized void problem(String text) {
    note(text);
  }

  private void note(String text) {
    if (problems.size() < PROBLEMS_MAX) problems.add(text);
  }

  @Override
  public synchronized void waiting(String why, Duration howLong) {
    retries++;
    waitingFor = why;
    waitingUntil = clock.instant().plus(howLong);
  }

  synchronized void paced(Pace limits) {
    pace = Optional.of(limits);
  }

  private static LaneCounts counts(Pace pace) {
    Lanes.Snapshot mailbox = pace.mailbox().snapshot();
    return new LaneCounts(
        mailbox.active(),
        mailbox.limit(),
        pace.source().snapshot().limit(),
        pace.target().snapshot().limit());
  }

  public synchronized Snapshot snapshot() {
    boolean waits = clock.instant().isBefore(waitingUntil);
    return new Snapshot(
        name,
        phase,
        folder,
        items,
        bytes,
        doneItems,
        doneBytes,
        writtenItems,
        setAsideItems,
        changedItems,
        retries,
        pace.map(MailboxStatus::counts).orElse(LaneCounts.NONE),
        waits ? waitingFor : "",
        List.copyOf(problems));
  }
}
