package org.mailstead.interop;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryProblem;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.DirectorySynchronizer;
import org.mailstead.core.directory.HealthProbe;
import org.mailstead.core.directory.Imports;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.directory.SynchronizationState;
import org.mailstead.core.directory.SynchronizationState.Phase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps organizations as their directories have them (ORG-3): every four hours and on demand. What
/// a synchronization does stands in [SynchronizationRun]; this class decides when, one at a time
/// for an organization, and keeps the status.
public final class DirectorySynchronization implements DirectorySynchronizer, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DirectorySynchronization.class);
  private static final String STATUS = "status";

  /// After a failure: sooner than the interval, for a directory that was away briefly.
  private static final Duration RETRY_AFTER = Duration.ofMinutes(10);

  /// Everything is compared at least this often, whatever the directory says has changed.
  private static final Duration COMPARE_AFTER = Duration.ofHours(24);

  private static final Duration CLOSE_MAX = Duration.ofSeconds(3);

  private final LdapDirectories directories;
  private final Directory directory;
  private final InstantSource clock;

  /// Those under way.
  private final ConcurrentHashMap<OrganizationId, Running> running = new ConcurrentHashMap<>();

  /// Those that somebody asked for and nobody waits for.
  private final Set<Thread> asked = ConcurrentHashMap.newKeySet();

  private record Running(Instant started, boolean isFull) {}

  public DirectorySynchronization(
      LdapDirectories directories, Directory directory, InstantSource clock) {
    this.directories = directories;
    this.directory = directory;
    this.clock = clock;
  }

  /// Synchronizes now.
  ///
  /// @param progress takes lines for the person who waits
  /// @throws RefusedException the organization is not on a connected directory; another
  ///   synchronization is under way; so many users or groups are missing that it stops unless
  ///   forced; more users than the organization may have
  /// @throws UnavailableException the directory does not answer or does not let the service see
  ///   everything; what has been taken over until then stays, the next one goes on
  public SynchronizationReport synchronize(
      OrganizationId organization, SynchronizationOptions options, Consumer<String> progress) {
    Organization found = directory.imports().organization(organization);
    LdapDirectory connected = connected(found);
    if (!begin(organization, options.isFull())) {
      throw new RefusedException(Refusal.IN_USE, "A synchronization is under way.");
    }
    try {
      return synchronize(found, connected, options, progress);
    } finally {
      running.remove(organization);
    }
  }

  private LdapDirectory connected(Organization organization) {
    return directories
        .directory(organization.directory())
        .orElseThrow(() ->
            new DirectoryRefusedException(
                DirectoryRefusal.DIRECTORY_UNAVAILABLE,
                "The settings do not know the directory " + organization.directory() + "."));
  }

  private boolean begin(OrganizationId organization, boolean isFull) {
    return running.putIfAbsent(organization, new Running(clock.instant(), isFull)) == null;
  }

  @Override
  public void start(OrganizationId organization, boolean isFull) {
    Organization found = directory.imports().organization(organization);
    LdapDirectory connected = connected(found);
    Optional<DirectoryProblem> problem = connected.problem();
    if (problem.isPresent()) {
      throw new DirectoryRefusedException(
          problem.get().refusesService()
              ? DirectoryRefusal.DIRECTORY_SERVICE_AUTHENTICATION_FAILED
              : DirectoryRefusal.DIRECTORY_UNAVAILABLE,
          problem.get().refusesService()
              ? "The directory refuses the service's bind DN or password."
              : "The directory does not answer.");
    }
    if (!begin(organization, isFull)) return;
    Thread thread =
        Thread.ofVirtual()
            .name("synchronization-" + organization)
            .unstarted(() -> {
              try {
                synchronize(found, connected, new SynchronizationOptions(isFull, false), _ -> {});
              } catch (RefusedException | UnavailableException e) {
                LOG.debug("noted in the status of {}", organization);
              } catch (RuntimeException e) {
                LOG.error("synchronization of organization {} failed", organization, e);
              } finally {
                running.remove(organization);
                asked.remove(Thread.currentThread());
              }
            });
    asked.add(thread);
    thread.start();
  }

  private SynchronizationReport synchronize(
      Organization organization,
      LdapDirectory connected,
      SynchronizationOptions options,
      Consumer<String> progress) {
    SynchronizationStatus before = status(organization.id());
    String scope = connected.scopeHash();
    Instant now = clock.instant();
    boolean comparedLately =
        before.compared().filter(at -> at.plus(COMPARE_AFTER).isAfter(now)).isPresent();
    boolean full = options.isFull() || !comparedLately || !before.scope().equals(scope);
    Optional<ChangeMark> mark = full ? Optional.empty() : before.mark().flatMap(ChangeMark::parse);
    try {
      var run =
          new SynchronizationRun(
              connected, directory.imports(), organization, options.isForced(), progress);
      SynchronizationRun.Result result = run.run(mark);
      SynchronizationReport report = result.report();
      Instant end = clock.instant();
      save(
          organization.id(),
          new SynchronizationStatus(
              Optional.of(end),
              Optional.of(end),
              report.isFull() ? Optional.of(now) : before.compared(),
              result.mark().map(ChangeMark::text),
              scope,
              Optional.empty(),
              report.users(),
              report.groups(),
              report.problems(),
              Optional.of(now),
              report.isFull(),
              report.created(),
              report.updated(),
              report.removed()));
      directory.imports().recordRun(organization.id(), report.elements());
      LOG.info("synchronized organization {}: {}", organization.id(), report.text());
      return report;
    } catch (RefusedException e) {
      fail(organization.id(), now, full, e.publicText());
      throw e;
    } catch (RuntimeException e) {
      fail(organization.id(), now, full, String.valueOf(e.getMessage()));
      connected.reconnect();
      throw e;
    }
  }

  private void fail(OrganizationId organization, Instant begin, boolean full, String why) {
    LOG.warn("synchronization of organization {} failed: {}", organization, why);
    save(organization, status(organization).failed(begin, clock.instant(), full, why));
  }

  private void save(OrganizationId organization, SynchronizationStatus status) {
    directory
        .records()
        .changeUnasked(
            organization,
            edit -> {
              edit.put(Kind.DIRECTORY_SYNCHRONIZATION, STATUS, status.value());
              return true;
            });
  }

  public SynchronizationStatus status(OrganizationId organization) {
    return directory
        .records()
        .find(organization, Kind.DIRECTORY_SYNCHRONIZATION, STATUS)
        .map(SynchronizationStatus::read)
        .orElse(SynchronizationStatus.NEVER);
  }

  @Override
  public SynchronizationState state(OrganizationId organization) {
    SynchronizationStatus status = status(organization);
    Optional<Running> now = Optional.ofNullable(running.get(organization));
    Phase phase =
        now.isPresent()
            ? Phase.RUNNING
            : status.ended().isEmpty()
                ? Phase.NEVER_RUN
                : status.error().isPresent() ? Phase.FAILED : Phase.SUCCEEDED;
    return new SynchronizationState(
        phase,
        now.map(Running::isFull).orElse(status.isFull()),
        now.map(Running::started).or(status::started),
        now.isPresent() ? Optional.empty() : status.ended(),
        status.succeeded(),
        directories
            .directory(directory.imports().organization(organization).directory())
            .flatMap(connected -> status.ended().map(end -> end.plus(pause(status, connected)))),
        status.users() + status.groups(),
        status.created(),
        status.updated(),
        status.removed(),
        status.error());
  }

  @Override
  public List<String> otherPrincipalNames(OrganizationId organization, int countMax) {
    Organization found = directory.imports().organization(organization);
    return new PrincipalNames(connected(found), directory, organization).others(countMax);
  }

  /// The job: synchronizes every organization whose time has come; a scheduler calls it about once
  /// a minute. One that fails does not keep the others from theirs.
  public void synchronizeDue() {
    List<Organization> all = directory.imports().organizations();
    for (Organization organization : all) {
      Optional<LdapDirectory> connected = directories.directory(organization.directory());
      if (connected.isEmpty() || !isDue(organization.id(), connected.get())) continue;
      try {
        synchronize(organization.id(), SynchronizationOptions.USUAL, _ -> {});
      } catch (RefusedException | UnavailableException e) {
        LOG.debug("noted in the status of {}", organization.id());
      } catch (RuntimeException e) {
        LOG.error("synchronization of organization {} failed", organization.id(), e);
      }
    }
  }

  private boolean isDue(OrganizationId organization, LdapDirectory connected) {
    SynchronizationStatus status = status(organization);
    if (status.ended().isEmpty()) return true;
    return !status.ended().get().plus(pause(status, connected)).isAfter(clock.instant());
  }

  private static Duration pause(SynchronizationStatus status, LdapDirectory connected) {
    Duration interval = connected.settings().interval();
    boolean isSooner = status.error().isPresent() && interval.compareTo(RETRY_AFTER) > 0;
    return isSooner ? RETRY_AFTER : interval;
  }

  /// Whether an organization's directory answers (ORG-4). Its address book goes on without it.
  public HealthProbe health() {
    return organization -> {
      Imports imports = directory.imports();
      if (!imports.isConnected(organization.id())) return Optional.empty();
      Optional<LdapDirectory> connected = directories.directory(organization.directory());
      if (connected.isEmpty()) {
        return Optional.of("The organization's directory is not configured any more.");
      }
      Optional<String> problem = connected.get().problem().map(DirectoryProblem::text);
      problem.ifPresent(text ->
          LOG.warn(
              "directory {} of organization {}: {}",
              organization.directory(),
              organization.id(),
              text));
      return problem.map(_ -> "The organization's directory is not reachable.");
    };
  }

  /// Waits some seconds for what was asked for: what is not done then is taken up next time.
  @Override
  public void close() {
    try {
      for (Thread thread : asked) {
        thread.interrupt();
        thread.join(CLOSE_MAX);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
