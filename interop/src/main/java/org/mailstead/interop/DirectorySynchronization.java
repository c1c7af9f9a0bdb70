package org.mailstead.interop;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.HealthProbe;
import org.mailstead.core.directory.Imports;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps organizations as their directories have them (ORG-3): every four hours and on demand. What
/// a synchronization does stands in [SynchronizationRun]; this class decides when, one at a time
/// for an organization, and keeps the status.
public final class DirectorySynchronization {
  private static final Logger LOG = LoggerFactory.getLogger(DirectorySynchronization.class);
  private static final String STATUS = "status";

  /// After a failure: sooner than the interval, for a directory that was away briefly.
  private static final Duration RETRY_AFTER = Duration.ofMinutes(10);

  /// Everything is compared at least this often, whatever the directory says has changed.
  private static final Duration COMPARE_AFTER = Duration.ofHours(24);

  private final LdapDirectories directories;
  private final Directory directory;
  private final InstantSource clock;
  private final ConcurrentHashMap<OrganizationId, ReentrantLock> running =
      new ConcurrentHashMap<>();

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
    Organization found = directory.organizations().load(organization);
    if (!directory.imports().isConnected(organization)) {
      throw new RefusedException(
          Refusal.NOT_SUPPORTED, "The organization is not on a connected directory.");
    }
    LdapDirectory connected =
        directories
            .directory(found.directory())
            .orElseThrow(() ->
                new RefusedException(
                    Refusal.NOT_FOUND,
                    "The settings do not know the directory " + found.directory() + "."));
    ReentrantLock lock = running.computeIfAbsent(organization, _ -> new ReentrantLock());
    if (!lock.tryLock()) {
      throw new RefusedException(Refusal.IN_USE, "A synchronization is under way.");
    }
    try {
      return synchronize(found, connected, options, progress);
    } finally {
      lock.unlock();
    }
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
              report.problems()));
      directory.imports().recordRun(organization.id(), report.elements());
      LOG.info("synchronized organization {}: {}", organization.id(), report.text());
      return report;
    } catch (RefusedException e) {
      fail(organization.id(), e.publicText());
      throw e;
    } catch (RuntimeException e) {
      fail(organization.id(), String.valueOf(e.getMessage()));
      connected.reconnect();
      throw e;
    }
  }

  private void fail(OrganizationId organization, String why) {
    LOG.warn("synchronization of organization {} failed: {}", organization, why);
    save(organization, status(organization).failed(clock.instant(), why));
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
    Duration interval = connected.settings().interval();
    Duration pause =
        status.error().isPresent() && interval.compareTo(RETRY_AFTER) > 0 ? RETRY_AFTER : interval;
    return !status.ended().get().plus(pause).isAfter(clock.instant());
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
      Optional<String> problem = connected.get().problem();
      problem.ifPresent(text ->
          LOG.warn(
              "directory {} of organization {}: {}",
              organization.directory(),
              organization.id(),
              text));
      return problem.map(_ -> "The organization's directory is not reachable.");
    };
  }
}
