package org.mailstead.migration.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.RefusedException;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.Source;
import org.mailstead.migration.item.Target;
import org.mailstead.migration.ledger.Ledger;
import org.mailstead.migration.ledger.LedgerFile;
import org.mailstead.migration.ledger.LedgerRecord;
import org.mailstead.migration.plan.MailboxEntry;
import org.mailstead.migration.plan.MigrationSettings;
import org.mailstead.migration.plan.SettingsFault;
import org.mailstead.migration.transfer.FolderPair;
import org.mailstead.migration.transfer.MailboxResult;
import org.mailstead.migration.transfer.MailboxTransfer;
import org.mailstead.migration.transfer.Pace;
import org.mailstead.migration.transfer.Retry;
import org.mailstead.migration.transfer.StopSignal;
import org.mailstead.migration.transfer.Verification;

/// One run over the mailboxes of the settings, several at a time. A mailbox that fails does not
/// stop the others.
public final class MigrationRun {
  private static final int SPOOL_MEMORY_BYTES = 1 << 20;

  /// What a run may be told besides the settings.
  ///
  /// @param only names of mailboxes to work on; empty for all
  /// @param pilot only the mailbox with the fewest messages
  public record Options(
      List<String> only, boolean pilot, boolean allowMassRemoval, boolean retrySetAside) {}

  private final MigrationSettings settings;
  private final Options options;
  private final InstantSource clock;
  private final StopSignal stop;
  private final Map<MailboxEntry, MailboxStatus> statuses = new LinkedHashMap<>();
  private final HostPace hosts;

  public MigrationRun(
      MigrationSettings settings, Options options, InstantSource clock, StopSignal stop) {
    this.settings = settings;
    this.options = options;
    this.clock = clock;
    this.stop = stop;
    this.hosts = new HostPace(settings);
    for (MailboxEntry mailbox : chosen()) {
      statuses.put(mailbox, new MailboxStatus(mailbox.name(), clock));
    }
  }

  private List<MailboxEntry> chosen() {
    if (options.only().isEmpty()) return settings.mailboxes();
    List<MailboxEntry> chosen = new ArrayList<>();
    for (String name : options.only()) {
      chosen.add(
          settings.mailboxes().stream()
              .filter(m -> m.source().equals(name) || m.target().equals(name))
              .findFirst()
              .orElseThrow(() -> new SettingsFault("no mailbox '" + name + "' in the settings")));
    }
    return chosen;
  }

  public List<MailboxStatus.Snapshot> snapshot() {
    List<MailboxStatus.Snapshot> all = new ArrayList<>();
    synchronized (statuses) {
      for (MailboxStatus status : statuses.values()) all.add(status.snapshot());
    }
    return all;
  }

  /// Large messages on their way lie in a folder of this process; those of killed ones are removed.
  private synchronized ContentSpool spool() throws IOException {
    Path all = settings.work().resolve("spool");
    Path own = all.resolve(Long.toString(ProcessHandle.current().pid()));
    if (!Files.exists(own)) {
      Files.createDirectories(own);
      try (Stream<Path> others = Files.list(all)) {
        for (Path other : others.toList()) removeIfLeft(other);
      }
    }
    return new ContentSpool(own, SPOOL_MEMORY_BYTES);
  }

  private static void removeIfLeft(Path folder) throws IOException {
    String name = folder.getFileName().toString();
    if (!name.matches("\\d{1,18}")
        || ProcessHandle.of(Long.parseLong(name)).filter(ProcessHandle::isAlive).isPresent()) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    } catch (NoSuchFileException e) {
      // Another process was faster.
    }
  }

  /// Carries over; returns whether everything is whole.
  public boolean run() throws IOException {
    Files.createDirectories(settings.ledgerFolder());
    if (options.pilot()) keepSmallest();
    return each(this::recorded);
  }

  /// Compares; returns whether there is no difference.
  public boolean verify(Map<MailboxEntry, Verification.Result> results) throws IOException {
    return each((mailbox, status) -> verify(mailbox, status, results));
  }

  @FunctionalInterface
  private interface Work {
    boolean on(MailboxEntry mailbox, MailboxStatus status) throws IOException;
  }

  private boolean each(Work work) {
    ConcurrentLinkedQueue<MailboxEntry> queue = new ConcurrentLinkedQueue<>(statuses.keySet());
    ConcurrentLinkedQueue<Boolean> outcomes = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < Math.min(settings.mailboxesAtOnce(), statuses.size()); i++) {
      threads.add(
          Thread.ofVirtual()
              .name("mailbox-" + i)
              .start(() -> {
                for (MailboxEntry next = queue.poll();
                    next != null && !stop.isStopped();
                    next = queue.poll()) {
                  outcomes.add(one(work, next));
                }
              }));
    }
    try {
      for (Thread thread : threads) thread.join();
    } catch (InterruptedException e) {
      stop.stop();
      Thread.currentThread().interrupt();
    }
    return outcomes.size() == statuses.size() && !outcomes.contains(false);
  }

  private boolean one(Work work, MailboxEntry mailbox) {
    MailboxStatus status = java.util.Objects.requireNonNull(statuses.get(mailbox));
    try {
      boolean whole = work.on(mailbox, status);
      status.phase(
          whole
              ? MailboxStatus.Phase.WHOLE
              : stop.isStopped() ? MailboxStatus.Phase.STOPPED : MailboxStatus.Phase.NOT_WHOLE);
      return whole;
    } catch (IOException | RefusedException | SettingsFault e) {
      status.problem(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      if (stop.isStopped()) {
        status.phase(MailboxStatus.Phase.STOPPED);
        return false;
      }
      status.problem("a bug: " + e);
      Thread.currentThread().getThreadGroup().uncaughtException(Thread.currentThread(), e);
    }
    status.phase(MailboxStatus.Phase.FAILED);
    return false;
  }

  private void keepSmallest() throws IOException {
    MailboxEntry smallest = null;
    long fewest = Long.MAX_VALUE;
    for (MailboxEntry mailbox : List.copyOf(statuses.keySet())) {
      try (Source source = Ends.source(settings.source(), mailbox, spool())) {
        long count = 0;
        for (MailFolder folder : source.folders()) count += Math.max(0, folder.itemCount());
        if (count < fewest) {
          fewest = count;
          smallest = mailbox;
        }
      }
    }
    MailboxEntry kept = smallest;
    synchronized (statuses) {
      statuses.keySet().removeIf(mailbox -> !mailbox.equals(kept));
    }
  }

  private Ledger ledger(MailboxEntry mailbox, Source source, Target target) throws IOException {
    Ledger ledger =
        Ledger.open(
            LedgerFile.open(settings.ledger(mailbox)),
            new LedgerRecord.Opened(source.identity(), target.identity(), clock.instant()),
            System::nanoTime);
    ledger.startCommitter();
    return ledger;
  }

  private Retry retry(MailboxStatus status) {
    return new Retry(settings.transfer(), new Random(), stop, status);
  }

  /// Keeps how it ended, for the cut-over check.
  private boolean recorded(MailboxEntry mailbox, MailboxStatus status) throws IOException {
    String started = clock.instant().toString();
    boolean whole = false;
    try {
      whole = transfer(mailbox, status);
      return whole;
    } finally {
      new LastRun(started, clock.instant().toString(), whole, status.snapshot().problems())
          .write(settings, mailbox);
    }
  }

  private boolean transfer(MailboxEntry mailbox, MailboxStatus status) throws IOException {
    status.phase(MailboxStatus.Phase.SURVEY);
    try (Source source = Ends.source(settings.source(), mailbox, spool());
        Target target = Ends.target(settings.target(), mailbox, spool());
        Ledger ledger = ledger(mailbox, source, target)) {
      List<MailFolder> there = retry(status).call(target::folders);
      MailboxTransfer transfer =
          new MailboxTransfer(
              source,
              target,
              ledger,
              folders -> settings.folders().map(folders, there).pairs(),
              hosts.transfer(),
              settings.filter(),
              new FolderQuarantine(
                  settings.quarantineFolder().resolve(MigrationSettings.fileName(mailbox))),
              status,
              stop,
              new Random());
      Pace pace = hosts.newMailbox();
      status.paced(pace);
      transfer.paced(pace);
      if (options.retrySetAside()) transfer.retrySetAside();
      if (options.allowMassRemoval()) transfer.allowMassRemoval();
      MailboxResult result = transfer.run();
      retry(status)
          .call(() -> {
            target.finish();
            return true;
          });
      if (result.setAsideCount() > 0) {
        status.problem(result.setAsideCount() + " items are in quarantine");
      }
      return result.isWhole();
    }
  }

  private boolean verify(
      MailboxEntry mailbox, MailboxStatus status, Map<MailboxEntry, Verification.Result> results)
      throws IOException {
    status.phase(MailboxStatus.Phase.VERIFY);
    if (!Files.exists(settings.ledger(mailbox))) {
      status.problem("never run: there is nothing to compare");
      return false;
    }
    try (Source source = Ends.source(settings.source(), mailbox, spool());
        Target target = Ends.target(settings.target(), mailbox, spool());
        Ledger ledger = ledger(mailbox, source, target)) {
      Retry retry = retry(status);
      List<MailFolder> there = retry.call(target::folders);
      List<FolderPair> pairs = settings.folders().map(retry.call(source::folders), there).pairs();
      Verification.Result result =
          new Verification(source, target, ledger, pairs, retry, status).run();
      synchronized (results) {
        results.put(mailbox, result);
      }
      for (Verification.Difference each : result.differences()) {
        status.problem(
            "%s %s: %s %s".formatted(each.folder(), each.id(), each.what(), each.subject()));
      }
      return result.isClean();
    }
  }
}
