package org.mailstead.migration.run;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A moment of a run as text: for terminals, logs and machines.
final class StatusText {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int BAR_WIDTH = 24;

  private StatusText() {}

  /// Sums over all mailboxes.
  record Total(
      long mailboxes,
      long finished,
      long items,
      long doneItems,
      long bytes,
      long doneBytes,
      long setAside,
      long retries,
      long problems) {
    static Total of(List<MailboxStatus.Snapshot> all) {
      long finished = all.stream().filter(s -> isFinished(s.phase())).count();
      return new Total(
          all.size(),
          finished,
          all.stream().mapToLong(MailboxStatus.Snapshot::items).sum(),
          all.stream().mapToLong(MailboxStatus.Snapshot::doneItems).sum(),
          all.stream().mapToLong(MailboxStatus.Snapshot::bytes).sum(),
          all.stream().mapToLong(MailboxStatus.Snapshot::doneBytes).sum(),
          all.stream().mapToLong(MailboxStatus.Snapshot::setAsideItems).sum(),
          all.stream().mapToLong(MailboxStatus.Snapshot::retries).sum(),
          all.stream().mapToLong(s -> s.problems().size()).sum());
    }
  }

  static boolean isFinished(MailboxStatus.Phase phase) {
    return switch (phase) {
      case WHOLE, NOT_WHOLE, FAILED, STOPPED -> true;
      case WAITING, SURVEY, COPY, VERIFY -> false;
    };
  }

  static String bytes(long count) {
    if (count < 1_000) return count + " B";
    double value = count;
    String unit = "B";
    for (String next : List.of("kB", "MB", "GB", "TB")) {
      if (value < 1_000) break;
      value /= 1_000;
      unit = next;
    }
    return String.format(Locale.ROOT, value < 10 ? "%.1f %s" : "%.0f %s", value, unit);
  }

  static String time(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 60) return seconds + " s";
    if (seconds < 3_600) return "%d:%02d min".formatted(seconds / 60, seconds % 60);
    return "%d:%02d h".formatted(seconds / 3_600, seconds / 60 % 60);
  }

  /// What is left at the rate so far.
  static String left(long done, long all, Duration elapsed) {
    if (done == 0 || all <= done) return "";
    double seconds = (double) elapsed.toMillis() / 1_000 * (all - done) / done;
    return time(Duration.ofSeconds((long) Math.min(seconds, 1e9))) + " left";
  }

  static String bar(long done, long all) {
    int full = all == 0 ? 0 : Math.clamp(BAR_WIDTH * done / all, 0, BAR_WIDTH);
    return "[" + "#".repeat(full) + "-".repeat(BAR_WIDTH - full) + "]";
  }

  static String total(List<MailboxStatus.Snapshot> all, Duration elapsed) {
    Total total = Total.of(all);
    double seconds = Math.max(0.001, elapsed.toMillis() / 1_000.0);
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "%d of %d mailboxes, %d of %d messages, %s of %s, %.0f/s, %s/s",
            total.finished(),
            total.mailboxes(),
            total.doneItems(),
            total.items(),
            bytes(total.doneBytes()),
            bytes(Math.max(total.bytes(), total.doneBytes())),
            total.doneItems() / seconds,
            bytes((long) (total.doneBytes() / seconds))));
    String left = left(total.doneItems(), total.items(), elapsed);
    if (!left.isEmpty()) line.append(", ").append(left);
    if (total.setAside() > 0) line.append(", ").append(total.setAside()).append(" set aside");
    if (total.retries() > 0) line.append(", ").append(total.retries()).append(" retries");
    return line.toString();
  }

  static String mailbox(MailboxStatus.Snapshot s) {
    StringBuilder line = new StringBuilder();
    line.append(bar(s.doneItems(), s.items())).append(' ').append(s.name());
    line.append(' ').append(s.doneItems()).append('/').append(s.items());
    line.append(' ').append(bytes(s.doneBytes()));
    if (s.lanes().active() > 1) line.append(' ').append(s.lanes().active()).append(" lanes");
    if (!s.folder().isEmpty()) line.append(" in ").append(s.folder());
    if (!s.waitingFor().isEmpty()) line.append(" - waiting: ").append(s.waitingFor());
    return line.toString();
  }

  static String json(List<MailboxStatus.Snapshot> all, Duration elapsed) {
    ObjectNode root = JSON.createObjectNode();
    Total total = Total.of(all);
    root.put("seconds", elapsed.toSeconds());
    root.put("mailboxes", total.mailboxes());
    root.put("finished", total.finished());
    root.put("messages", total.items());
    root.put("messagesDone", total.doneItems());
    root.put("bytes", total.bytes());
    root.put("bytesDone", total.doneBytes());
    root.put("setAside", total.setAside());
    root.put("retries", total.retries());
    ArrayNode each = root.putArray("each");
    for (MailboxStatus.Snapshot s : all) {
      ObjectNode node = each.addObject();
      node.put("name", s.name());
      node.put("phase", s.phase().name().toLowerCase(Locale.ROOT));
      node.put("folder", s.folder());
      node.put("messages", s.items());
      node.put("messagesDone", s.doneItems());
      node.put("written", s.writtenItems());
      node.put("changed", s.changedItems());
      node.put("bytes", s.bytes());
      node.put("bytesDone", s.doneBytes());
      node.put("setAside", s.setAsideItems());
      node.put("retries", s.retries());
      ObjectNode lanes = node.putObject("lanes");
      lanes.put("active", s.lanes().active());
      lanes.put("allowed", s.lanes().allowed());
      lanes.put("sourceAllowed", s.lanes().sourceAllowed());
      lanes.put("targetAllowed", s.lanes().targetAllowed());
      node.put("waitingFor", s.waitingFor());
      ArrayNode problems = node.putArray("problems");
      s.problems().forEach(problems::add);
    }
    return root.toPrettyString();
  }
}
