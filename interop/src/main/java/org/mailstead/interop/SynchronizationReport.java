package org.mailstead.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.mailstead.core.directory.Imports.Outcome;
import org.mailstead.core.directory.Imports.Problem;

/// What one synchronization did.
///
/// @param isFull whether everything was compared, not only what changed
/// @param users in the directory now; likewise groups
/// @param problems the first of them
public record SynchronizationReport(
    boolean isFull,
    int users,
    int groups,
    int created,
    int updated,
    int removed,
    int membersChanged,
    int problemCount,
    List<Problem> problems) {

  Map<String, String> elements() {
    var all = new TreeMap<String, String>();
    all.put("mode", isFull ? "full" : "changes");
    all.put("users", Integer.toString(users));
    all.put("groups", Integer.toString(groups));
    all.put("created", Integer.toString(created));
    all.put("updated", Integer.toString(updated));
    all.put("removed", Integer.toString(removed));
    all.put("membersChanged", Integer.toString(membersChanged));
    all.put("problems", Integer.toString(problemCount));
    return all;
  }

  /// One line for people.
  public String text() {
    return (isFull ? "everything compared: " : "changes taken over: ")
        + users
        + " users and "
        + groups
        + " groups in the directory; "
        + created
        + " created, "
        + updated
        + " updated, "
        + removed
        + " removed, "
        + membersChanged
        + " memberships changed, "
        + problemCount
        + " problems";
  }

  /// Counts while it runs.
  static final class Tally {
    int created;
    int updated;
    int removed;
    int membersChanged;
    private int problemCount;
    private final List<Problem> problems = new ArrayList<>();

    void add(Outcome outcome) {
      created += outcome.created();
      updated += outcome.updated();
      outcome.problems().forEach(this::add);
    }

    void add(Problem problem) {
      problemCount++;
      if (problems.size() < LdapLimits.PROBLEMS_MAX) problems.add(problem);
    }

    SynchronizationReport report(boolean isFull, int users, int groups) {
      return new SynchronizationReport(
          isFull,
          users,
          groups,
          created,
          updated,
          removed,
          membersChanged,
          problemCount,
          List.copyOf(problems));
    }
  }
}
