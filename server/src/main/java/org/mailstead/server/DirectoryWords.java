package org.mailstead.server;

import java.util.List;
import java.util.function.Consumer;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.directory.Imports.Problem;
import org.mailstead.core.directory.Organization;
import org.mailstead.interop.SynchronizationOptions;
import org.mailstead.interop.SynchronizationReport;
import org.mailstead.interop.SynchronizationStatus;

/// What the operator may ask about connected directories; an organization is named by its id or its
/// alias.
public final class DirectoryWords {
  private DirectoryWords() {}

  /// @return lines for people
  /// @throws RefusedException not on a connected directory, one is under way, too many deletions
  /// @throws UnavailableException the directory is away
  public static String synchronize(
      Domain domain, String organization, boolean full, boolean force, Consumer<String> progress) {
    SynchronizationReport report =
        domain
            .synchronization()
            .synchronize(
                find(domain, organization), new SynchronizationOptions(full, force), progress);
    return report.text() + problems(report.problems());
  }

  public static String status(Domain domain, String organization) {
    SynchronizationStatus status = domain.synchronization().status(find(domain, organization));
    if (status.ended().isEmpty()) return "not synchronized yet";
    return "last ended        "
        + status.ended().orElseThrow()
        + "\nlast succeeded    "
        + status.succeeded().map(Object::toString).orElse("never")
        + "\neverything compared "
        + status.compared().map(Object::toString).orElse("never")
        + "\nusers, groups     "
        + status.users()
        + ", "
        + status.groups()
        + status.error().map(error -> "\nfailed            " + error).orElse("")
        + problems(status.problems());
  }

  private static String problems(List<Problem> problems) {
    StringBuilder out = new StringBuilder();
    for (Problem problem : problems) {
      out.append("\nleft out: ").append(problem.name()).append(": ").append(problem.text());
    }
    return out.toString();
  }

  private static OrganizationId find(Domain domain, String text) {
    for (Organization organization : domain.directory().imports().organizations()) {
      if (organization.id().value().equals(text) || organization.alias().equalsIgnoreCase(text)) {
        return organization.id();
      }
    }
    throw new IllegalArgumentException(
        "no organization on a connected directory has this id or alias: " + text);
  }
}
