package org.mailstead.core.directory;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.store.PartitionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The job that moves organizations between Active and Impaired (ORG-4): Impaired as soon as a
/// probe finds a problem, Active again as soon as none does. An impaired organization goes on as
/// far as it can: logins are checked, mail is taken and what needs the missing part is temporarily
/// unavailable, so that nothing bounces. DescribeOrganization shows the state and what is wrong.
///
/// A scheduler calls [#runOnce] about once a minute.
public final class OrganizationHealth {
  private static final Logger LOG = LoggerFactory.getLogger(OrganizationHealth.class);
  private static final int PAGE_ROWS = 200;
  private static final int MESSAGE_CHARS_MAX = 256;
  private static final String PREFIX = "org/";

  private final Parts parts;

  OrganizationHealth(Parts parts) {
    this.parts = parts;
  }

  /// Asks for each organization's data key, past every cache.
  public static HealthProbe ofKeys(OrganizationKeys keys) {
    return organization -> {
      try {
        keys.checkReachable(organization.id());
        return Optional.empty();
      } catch (UnavailableException | RefusedException e) {
        LOG.warn("key of organization {}: {}", organization.id(), e.getMessage());
        return Optional.of("The organization's encryption key is not reachable.");
      }
    };
  }

  /// @return how many organizations changed their state
  public int runOnce(List<HealthProbe> probes) {
    int changed = 0;
    Optional<PartitionId> after = Optional.empty();
    while (true) {
      List<PartitionId> page = parts.store().partitions(PREFIX, after, PAGE_ROWS);
      for (PartitionId partition : page) {
        var id = new OrganizationId(partition.value().substring(PREFIX.length()));
        if (check(id, probes)) changed++;
      }
      if (page.size() < PAGE_ROWS) return changed;
      after = Optional.of(page.getLast());
    }
  }

  private boolean check(OrganizationId id, List<HealthProbe> probes) {
    Optional<Organization> organization =
        parts.organizations().find(id).map(OrganizationViews.View::organization);
    if (organization.isEmpty() || !isChecked(organization.get().state())) return false;
    Optional<String> problem = problem(organization.get(), probes);
    if (organization.get().equals(organization.get().withHealth(problem))) return false;
    return parts
        .commits()
        .change(
            OrganizationViews.partition(id),
            commit -> {
              Organization now = OrganizationViews.read(commit, id);
              // It may be on its way out meanwhile.
              if (!isChecked(now.state())) return false;
              Organization after = now.withHealth(problem);
              if (after.equals(now)) return false;
              OrganizationViews.write(commit, after);
              LOG.warn("organization {} is {} {}", id, after.state().text(), problem.orElse(""));
              return true;
            });
  }

  private static boolean isChecked(OrganizationState state) {
    return switch (state) {
      case ACTIVE, IMPAIRED -> true;
      case REQUESTED, CREATING, VALIDATING, INACTIVE, FAILED, DELETING, DELETED -> false;
    };
  }

  /// What all probes found, in their order.
  private static Optional<String> problem(Organization organization, List<HealthProbe> probes) {
    List<String> found = new ArrayList<>();
    for (HealthProbe probe : probes) {
      try {
        probe.problem(organization).ifPresent(found::add);
      } catch (RuntimeException e) {
        LOG.warn("a health probe of organization {} failed: {}", organization.id(), e.toString());
        found.add("A health check could not be carried out.");
      }
    }
    if (found.isEmpty()) return Optional.empty();
    String text = String.join(" ", found);
    return Optional.of(
        text.length() <= MESSAGE_CHARS_MAX ? text : text.substring(0, MESSAGE_CHARS_MAX));
  }
}
