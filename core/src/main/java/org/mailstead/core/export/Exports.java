package org.mailstead.core.export;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.directory.AccountId;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Entity;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.export.ExportJob.State;
import org.mailstead.core.export.MailboxArchive.StoppedException;
import org.mailstead.core.mailbox.Mailboxes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Mailbox export jobs (MIG-10): their records in the organization and the threads that carry them
/// out. Each method of the API may refuse as [Directory] says.
///
/// A job that runs when the service ends stays RUNNING; [#resume] begins it anew from its first
/// octet, since neither the mailbox nor a half-written archive is as it was. After
/// [ExportLimits#START_COUNT_MAX] starts it fails instead. A job that cannot read the mailbox or
/// write the archive fails with an ErrorInfo. Thread-safe.
public final class Exports implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Exports.class);
  private static final int ERROR_CHARS_MAX = 1024;

  private final Directory directory;
  private final Mailboxes mailboxes;
  private final MailboxArchive archive;
  private final ExportTargets targets;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Semaphore writing = new Semaphore(ExportLimits.WRITING_MAX, true);
  private final Map<String, Run> runs = new ConcurrentHashMap<>();
  private volatile boolean closing;

  private static final class Run {
    private volatile int percent;
    private volatile boolean cancelled;
    private final CountDownLatch ended = new CountDownLatch(1);
  }

  /// @param random for ids
  public Exports(
      Directory directory,
      Mailboxes mailboxes,
      MailboxArchive archive,
      ExportTargets targets,
      InstantSource clock,
      RandomGenerator random) {
    this.directory = directory;
    this.mailboxes = mailboxes;
    this.archive = archive;
    this.targets = targets;
    this.clock = clock;
    this.random = random;
  }

  /// Begins a job; called again with its client token it answers the same job.
  ///
  /// @param identifier id, name or address of who has the mailbox
  /// @throws RefusedException NOT_FOUND (nobody, or no mailbox), LIMIT_REACHED (jobs at once; the
  ///   mailbox within a day), INVALID (bucket, prefix, token used for something else)
  public ExportJob start(
      Change change, OrganizationId organization, String identifier, ExportJob.Target target) {
    Entity entity =
        directory
            .registrations()
            .find(organization, identifier)
            .orElseThrow(() -> notFound("The entity was not found."));
    if (!(entity instanceof Entity.User user) || user.mailbox().isEmpty()) {
      throw notFound("The entity has no mailbox.");
    }
    byte[] number = new byte[16];
    random.nextBytes(number);
    String id = HexFormat.of().formatHex(number);
    String prefix = target.prefix().replaceAll("/+$", "");
    String path = (prefix.isEmpty() ? "" : prefix + "/") + id + ".zip";
    var fresh =
        new ExportJob(
            id,
            user.id(),
            user.mailbox().get(),
            target,
            path,
            State.RUNNING,
            Optional.empty(),
            clock.instant(),
            Optional.empty(),
            0);
    targets.check(target.bucket(), path);
    ExportJob started =
        directory
            .records()
            .change(
                change,
                organization,
                edit -> {
                  List<ExportJob> jobs = read(edit.all(Kind.MAILBOX_EXPORT_JOB));
                  Optional<ExportJob> same = repeated(jobs, fresh);
                  if (same.isPresent()) return same.get();
                  checkLimits(jobs, fresh);
                  Instant old = clock.instant().minus(ExportLimits.KEPT);
                  for (ExportJob job : jobs) {
                    if (!job.isRunning() && job.started().isBefore(old)) {
                      edit.delete(Kind.MAILBOX_EXPORT_JOB, job.id());
                    }
                  }
                  edit.put(Kind.MAILBOX_EXPORT_JOB, id, fresh.value());
                  edit.answers(Map.of("jobId", id));
                  return fresh;
                });
    if (started.id().equals(id)) run(organization, started);
    return started;
  }

  private static Optional<ExportJob> repeated(List<ExportJob> jobs, ExportJob fresh) {
    for (ExportJob job : jobs) {
      if (!job.target().clientToken().equals(fresh.target().clientToken())) continue;
      if (job.target().equals(fresh.target()) && job.entity().equals(fresh.entity())) {
        return Optional.of(job);
      }
      throw new RefusedException(Refusal.INVALID, "The client token was used for another request.");
    }
    return Optional.empty();
  }

  private void checkLimits(List<ExportJob> jobs, ExportJob fresh) {
    if (jobs.stream().filter(ExportJob::isRunning).count() >= ExportLimits.RUNNING_MAX) {
      throw new RefusedException(
          Refusal.LIMIT_REACHED,
          "The organization has " + ExportLimits.RUNNING_MAX + " running mailbox export jobs.");
    }
    Instant since = clock.instant().minus(ExportLimits.MAILBOX_PAUSE);
    for (ExportJob job : jobs) {
      boolean counts = job.state() != State.FAILED && job.started().isAfter(since);
      if (counts && job.mailbox().equals(fresh.mailbox())) {
        throw new RefusedException(
            Refusal.LIMIT_REACHED, "The mailbox was exported within the last 24 hours.");
      }
    }
  }

  /// @throws RefusedException NOT_FOUND
  public ExportJob load(OrganizationId organization, String id) {
    return directory
        .records()
        .find(organization, Kind.MAILBOX_EXPORT_JOB, id)
        .map(value -> ExportJob.read(id, value))
        .orElseThrow(() -> notFound("The mailbox export job was not found."));
  }

  /// Percent of the work, estimated by octets.
  public int progress(ExportJob job) {
    return switch (job.state()) {
      case COMPLETED -> 100;
      case RUNNING, FAILED, CANCELLED -> {
        Run run = runs.get(job.id());
        yield run == null ? 0 : run.percent;
      }
    };
  }

  /// The jobs of the last seven days, newest first.
  public Listing<ExportJob> list(OrganizationId organization, Listing.PageRequest page) {
    Instant since = clock.instant().minus(ExportLimits.LISTED);
    List<ExportJob> found = new ArrayList<>();
    for (ExportJob job : read(directory.records().all(organization, Kind.MAILBOX_EXPORT_JOB))) {
      if (!job.started().isBefore(since)) found.add(job);
    }
    found.sort(Comparator.comparing(ExportJob::started).reversed().thenComparing(ExportJob::id));
    int from = 0;
    if (page.token().isPresent()) {
      String[] last = page.token().get().split(" ", 2);
      Instant time = Instant.ofEpochMilli(Long.parseLong(last[0]));
      while (from < found.size() && !isBehind(found.get(from), time, last[1])) from++;
    }
    int to = Math.min(found.size(), from + page.countMax());
    Optional<String> next = Optional.empty();
    if (to < found.size()) {
      ExportJob last = found.get(to - 1);
      next = Optional.of(last.started().toEpochMilli() + " " + last.id());
    }
    return new Listing<>(found.subList(from, to), next);
  }

  private static boolean isBehind(ExportJob job, Instant time, String id) {
    int order = job.started().compareTo(time);
    return order < 0 || (order == 0 && job.id().compareTo(id) > 0);
  }

  /// Cancels a running job; harmless when it is cancelled already.
  ///
  /// @throws RefusedException NOT_FOUND; INVALID: it has ended otherwise
  public void cancel(Change change, OrganizationId organization, String id) {
    directory
        .records()
        .change(
            change,
            organization,
            edit -> {
              ExportJob job =
                  edit.find(Kind.MAILBOX_EXPORT_JOB, id)
                      .map(value -> ExportJob.read(id, value))
                      .orElseThrow(() -> notFound("The mailbox export job was not found."));
              return switch (job.state()) {
                case RUNNING -> {
                  var ended = job.ended(State.CANCELLED, Optional.empty(), clock.instant());
                  edit.put(Kind.MAILBOX_EXPORT_JOB, id, ended.value());
                  yield true;
                }
                case CANCELLED -> false;
                case COMPLETED, FAILED ->
                    throw new RefusedException(
                        Refusal.INVALID, "The mailbox export job has ended already.");
              };
            });
    Run run = runs.get(id);
    if (run != null) run.cancelled = true;
  }

  /// Begins anew what an earlier run of the program left; once, at the start.
  public void resume() {
    for (AccountId account : directory.accounts().accounts()) {
      Optional<String> next = Optional.empty();
      do {
        Listing<Organization> page =
            directory
                .organizations()
                .list(account, new Listing.PageRequest(Listing.PageRequest.COUNT_MAX, next));
        for (Organization organization : page.items()) resume(organization.id());
        next = page.nextToken();
      } while (next.isPresent());
    }
  }

  private void resume(OrganizationId organization) {
    try {
      for (ExportJob job : read(directory.records().all(organization, Kind.MAILBOX_EXPORT_JOB))) {
        if (job.isRunning() && !runs.containsKey(job.id())) run(organization, job);
      }
    } catch (RefusedException e) {
      LOG.debug("no export jobs of {}: {}", organization, e.logText());
    }
  }

  private void run(OrganizationId organization, ExportJob job) {
    Run run = new Run();
    runs.put(job.id(), run);
    Thread.ofVirtual().name("export-" + job.id()).start(() -> carryOut(organization, job, run));
  }

  private void carryOut(OrganizationId organization, ExportJob job, Run run) {
    try {
      // Threads are never interrupted: an interrupt would close files that others read.
      boolean mayWrite = false;
      while (!mayWrite) {
        if (closing || run.cancelled) return;
        mayWrite = writing.tryAcquire(200, TimeUnit.MILLISECONDS);
      }
      try {
        attempt(organization, job, run);
      } finally {
        writing.release();
      }
    } catch (InterruptedException | StoppedException e) {
      LOG.info("export {} stops", job.id());
    } catch (RuntimeException | IOException e) {
      if (!closing && !run.cancelled) fail(organization, job, e);
    } finally {
      runs.remove(job.id());
      run.ended.countDown();
    }
  }

  private void attempt(OrganizationId organization, ExportJob job, Run run)
      throws IOException, StoppedException {
    Optional<ExportJob> begun = change(organization, job.id(), ExportJob::begun);
    if (begun.isEmpty()) return;
    if (begun.get().startCount() > ExportLimits.START_COUNT_MAX) {
      throw new UnavailableException(
          "The service ended " + ExportLimits.START_COUNT_MAX + " times during the export.",
          Duration.ZERO);
    }
    var target = job.target();
    MailboxArchive.Summary summary;
    try (ExportTargets.Target object =
        targets.open(target.bucket(), job.path(), target.kmsKeyArn())) {
      summary =
          archive.write(
              mailboxes.open(job.mailbox()),
              job.entity().value(),
              object.stream(),
              percent -> {
                run.percent = percent;
                return !closing && !run.cancelled;
              });
      object.complete();
    }
    try (ExportTargets.Target log =
        targets.open(target.bucket(), job.logPath(), target.kmsKeyArn())) {
      log.stream().write(log(job, summary));
      log.complete();
    }
    Optional<ExportJob> completed =
        change(
            organization,
            job.id(),
            now -> now.ended(State.COMPLETED, Optional.empty(), clock.instant()));
    if (completed.isEmpty()) {
      // Cancelled in the last moment: nobody expects the archive.
      targets.delete(target.bucket(), job.path());
      targets.delete(target.bucket(), job.logPath());
    }
  }

  /// The fields of WorkMail's output log (surface notes, Mailbox export).
  private static byte[] log(ExportJob job, MailboxArchive.Summary summary) {
    return new JsonLine()
        .text("jobId", job.id())
        .number("totalNonExportableItems", summary.nonExportable())
        .number("totalMessages", summary.messages())
        .text("sha384Hash", summary.sha384())
        .number("totalBytes", summary.bytes())
        .number("totalFolders", summary.folders())
        .text("startTime", summary.started().toString())
        .text("endTime", summary.ended().toString())
        .line()
        .getBytes(StandardCharsets.UTF_8);
  }

  private void fail(OrganizationId organization, ExportJob job, Exception cause) {
    String text =
        switch (cause) {
          case RefusedException refused -> refused.publicText();
          case UnavailableException _, IOException _ -> String.valueOf(cause.getMessage());
          default -> {
            LOG.error("bug in export {}", job.id(), cause);
            yield "The export failed because of an internal error.";
          }
        };
    LOG.warn("export {} failed: {}", job.id(), text);
    String info = text.isEmpty() ? "The export failed." : text;
    String cut = info.length() > ERROR_CHARS_MAX ? info.substring(0, ERROR_CHARS_MAX) : info;
    try {
      change(
          organization,
          job.id(),
          now -> now.ended(State.FAILED, Optional.of(cut), clock.instant()));
    } catch (RuntimeException e) {
      // It stays RUNNING and is begun anew at the next start.
      LOG.warn("export {} could not be ended: {}", job.id(), e.toString());
    }
  }

  /// Changes a job that still runs; empty: it does not.
  private Optional<ExportJob> change(
      OrganizationId organization, String id, java.util.function.UnaryOperator<ExportJob> how) {
    return directory
        .records()
        .changeUnasked(
            organization,
            edit -> {
              Optional<ExportJob> changed =
                  edit.find(Kind.MAILBOX_EXPORT_JOB, id)
                      .map(value -> ExportJob.read(id, value))
                      .filter(ExportJob::isRunning)
                      .map(how);
              changed.ifPresent(job -> edit.put(Kind.MAILBOX_EXPORT_JOB, id, job.value()));
              return changed;
            });
  }

  private static List<ExportJob> read(Map<String, byte[]> records) {
    List<ExportJob> jobs = new ArrayList<>();
    records.forEach((id, value) -> jobs.add(ExportJob.read(id, value)));
    return jobs;
  }

  private static RefusedException notFound(String text) {
    return new RefusedException(Refusal.NOT_FOUND, text);
  }

  /// Whether nothing runs, for tests.
  public boolean isIdle() {
    return runs.isEmpty();
  }

  /// What runs stops as soon as it can and stays RUNNING.
  public void beginClosing() {
    closing = true;
  }

  /// Stops what runs and waits for it; it stays RUNNING.
  @Override
  public void close() {
    beginClosing();
    try {
      for (Run run : List.copyOf(runs.values())) {
        if (!run.ended.await(5, TimeUnit.SECONDS)) LOG.warn("an export does not stop");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
