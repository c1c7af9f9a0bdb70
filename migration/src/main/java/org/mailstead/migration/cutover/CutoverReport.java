package org.mailstead.migration.cutover;

import java.time.Instant;
import java.util.List;
import org.mailstead.migration.cutover.Finding.Level;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Everything that was looked at, and the answer.
///
/// @param isAfter whether the question was if the old service may go, not if mail may be switched
public record CutoverReport(Instant at, boolean isAfter, List<Finding> findings) {
  public CutoverReport {
    findings = List.copyOf(findings);
  }

  public boolean isGo() {
    return findings.stream().noneMatch(each -> each.level() == Level.NO_GO);
  }

  private long count(Level level) {
    return findings.stream().filter(each -> each.level() == level).count();
  }

  /// For people: one line for each finding, what to do below it, the answer last.
  public String text() {
    StringBuilder out = new StringBuilder();
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
            case NO_GO -> "  NO-GO    ";
          };
      out.append(mark).append(each.text()).append('\n');
      each.next().forEach(line -> out.append("             ").append(line).append('\n'));
    }
    return out.append('\n').append(answer()).append('\n').toString();
  }

  /// The last line.
  public String answer() {
    String counts =
        "%d reasons against it, %d warnings".formatted(count(Level.NO_GO), count(Level.WARNING));
    if (isAfter) {
      return isGo()
          ? "SAFE TO DECOMMISSION the old service: " + counts
          : "NOT SAFE TO DECOMMISSION the old service yet: " + counts;
    }
    return isGo() ? "GO: " + counts : "NO-GO: " + counts;
  }

  public String json() {
    ObjectNode root = JsonMapper.builder().build().createObjectNode();
    root.put("at", at.toString());
    root.put("question", isAfter ? "decommission" : "switch");
    root.put("go", isGo());
    root.put("reasons", count(Level.NO_GO));
    root.put("warnings", count(Level.WARNING));
    ArrayNode all = root.putArray("findings");
    for (Finding each : findings) {
      ObjectNode node = all.addObject();
      node.put("level", each.level().name().replace('_', '-').toLowerCase(java.util.Locale.ROOT));
      node.put("about", each.about());
      node.put("text", each.text());
      ArrayNode next = node.putArray("next");
      each.next().forEach(next::add);
    }
    return root.toPrettyString();
  }
}
