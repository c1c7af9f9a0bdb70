package org.mailstead.server;

import java.util.List;

/// What `doctor` found, in a form that goes over the control socket.
///
/// @param isHealthy no finding is a problem
public record DoctorReport(boolean isHealthy, List<Finding> findings) {
  /// How bad it is.
  public enum Level {
    OK,
    /// Works, but somebody should look at it.
    WARNING,
    PROBLEM
  }

  /// @param about the domain or part that it is about
  /// @param text what was found, one line
  /// @param next what to do, a line each; lines of zone files are to be copied as they are
  public record Finding(Level level, String about, String text, List<String> next) {}

  public static DoctorReport of(List<Finding> findings) {
    return new DoctorReport(
        findings.stream().noneMatch(each -> each.level() == Level.PROBLEM), List.copyOf(findings));
  }

  /// For people: one line for each finding, what to do below it.
  public String text() {
    var out = new StringBuilder();
    String about = "";
    for (Finding each : findings) {
      if (!each.about().equals(about)) {
        about = each.about();
        out.append(out.isEmpty() ? "" : "\n").append(about).append('\n');
      }
      String mark =
          switch (each.level()) {
            case OK -> "  ok       ";
            case WARNING -> "  WARNING  ";
            case PROBLEM -> "  PROBLEM  ";
          };
      out.append(mark).append(each.text()).append('\n');
      each.next().forEach(line -> out.append("             ").append(line).append('\n'));
    }
    long problems = findings.stream().filter(each -> each.level() == Level.PROBLEM).count();
    long warnings = findings.stream().filter(each -> each.level() == Level.WARNING).count();
    return out + "\n" + problems + " problems, " + warnings + " warnings";
  }
}
