package org.mailstead.migration.report;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailstead.migration.ledger.Ledger;
import org.mailstead.migration.ledger.LedgerEntry;
import org.mailstead.migration.plan.MailboxEntry;
import org.mailstead.migration.plan.MigrationSettings;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The state of every mailbox by its ledger: counts by folder, and each item that is not simply
/// there by its name.
///
/// @param mailboxes in the order of the settings
public record Report(Instant at, List<MailboxReport> mailboxes) {
  /// @param verified written, and read again since
  /// @param bytes of written items, as the source has them
  public record FolderReport(
      String path,
      String targetPath,
      long written,
      long verified,
      long bytes,
      long setAside,
      long leftOut,
      long open) {}

  /// @param kind set aside, left out, changed, differs, open
  public record Line(String folder, String id, String kind, String text) {}

  /// @param isStarted whether there is a ledger at all
  public record MailboxReport(
      String name, boolean isStarted, List<FolderReport> folders, List<Line> lines) {
    public boolean isWhole() {
      return isStarted
          && lines.stream()
              .noneMatch(l -> !l.kind().equals("left out") && !l.kind().equals("changed"));
    }
  }

  public boolean isWhole() {
    return mailboxes.stream().allMatch(MailboxReport::isWhole);
  }

  public static Report of(MigrationSettings settings, Instant at) throws IOException {
    List<MailboxReport> mailboxes = new ArrayList<>();
    for (MailboxEntry mailbox : settings.mailboxes()) {
      Optional<Ledger> ledger =
          Files.exists(settings.ledger(mailbox))
              ? Ledger.read(Files.readAllBytes(settings.ledger(mailbox)))
              : Optional.empty();
      mailboxes.add(
          ledger.isPresent()
              ? of(mailbox.name(), ledger.get())
              : new MailboxReport(mailbox.name(), false, List.of(), List.of()));
    }
    return new Report(at, mailboxes);
  }

  private static MailboxReport of(String name, Ledger ledger) {
    Map<Integer, String> targets = new LinkedHashMap<>();
    for (Ledger.KnownFolder known : ledger.targetFolders())
      targets.put(known.number(), known.path());
    List<FolderReport> folders = new ArrayList<>();
    List<Line> lines = new ArrayList<>();
    for (Ledger.KnownFolder known : ledger.sourceFolders()) {
      long written = 0;
      long verified = 0;
      long bytes = 0;
      long setAside = 0;
      long leftOut = 0;
      long open = 0;
      String targetPath = "";
      for (LedgerEntry entry : ledger.entries(known.number())) {
        if (entry.targetFolder() >= 0) {
          targetPath = targets.getOrDefault(entry.targetFolder(), "");
        }
        switch (entry.state()) {
          case WRITTEN, LEAVING -> {
            written++;
            bytes += entry.fingerprint().sizeBytes();
            if (!entry.note().isEmpty()) lines.add(line(known, entry));
          }
          case VERIFIED -> {
            written++;
            verified++;
            bytes += entry.fingerprint().sizeBytes();
            if (!entry.note().isEmpty()) {
              lines.add(new Line(known.path(), entry.id(), "changed", entry.note()));
            }
          }
          case QUARANTINED -> {
            setAside++;
            lines.add(new Line(known.path(), entry.id(), "set aside", entry.note()));
          }
          case SKIPPED -> {
            leftOut++;
            lines.add(new Line(known.path(), entry.id(), "left out", entry.note()));
          }
          case INTENDED -> {
            open++;
            lines.add(new Line(known.path(), entry.id(), "open", "its outcome is not known yet"));
          }
        }
      }
      if (ledger.count(known.number()) > 0 || ledger.token(known.number()).isPresent()) {
        folders.add(
            new FolderReport(
                known.path(), targetPath, written, verified, bytes, setAside, leftOut, open));
      }
      if (ledger.token(known.number()).isEmpty() && ledger.count(known.number()) > 0) {
        lines.add(new Line(known.path(), "", "open", "the folder was not carried over to its end"));
      }
    }
    return new MailboxReport(name, true, folders, lines);
  }

  /// A note on a written item is a repair, or a difference that verification found.
  private static Line line(Ledger.KnownFolder known, LedgerEntry entry) {
    boolean repair = false;
    for (var step : org.mailstead.migration.transfer.Repair.values()) {
      repair |= !step.text().isEmpty() && step.text().equals(entry.note());
    }
    return new Line(known.path(), entry.id(), repair ? "changed" : "differs", entry.note());
  }

  public String json() {
    ObjectNode root = JsonMapper.builder().build().createObjectNode();
    root.put("at", at.toString());
    root.put("whole", isWhole());
    ArrayNode all = root.putArray("mailboxes");
    for (MailboxReport mailbox : mailboxes) {
      ObjectNode node = all.addObject();
      node.put("name", mailbox.name());
      node.put("started", mailbox.isStarted());
      node.put("whole", mailbox.isWhole());
      ArrayNode folders = node.putArray("folders");
      for (FolderReport folder : mailbox.folders()) {
        folders
            .addObject()
            .put("path", folder.path())
            .put("target", folder.targetPath())
            .put("written", folder.written())
            .put("verified", folder.verified())
            .put("bytes", folder.bytes())
            .put("setAside", folder.setAside())
            .put("leftOut", folder.leftOut())
            .put("open", folder.open());
      }
      ArrayNode lines = node.putArray("items");
      for (Line line : mailbox.lines()) {
        lines
            .addObject()
            .put("folder", line.folder())
            .put("id", line.id())
            .put("kind", line.kind())
            .put("text", line.text());
      }
    }
    return root.toPrettyString();
  }

  public String html() {
    StringBuilder out = new StringBuilder();
    out.append(
        """
        <!doctype html>
        <html lang="en"><meta charset="utf-8"><title>Migration report</title>
        <style>body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em}
        table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2em .6em;border-bottom:1px solid #ccc}
        td.n,th.n{text-align:right}.no{color:#a00000}.yes{color:#006000}</style>
        <h1>Migration report</h1>
        """);
    out.append("<p>").append(at).append("</p>");
    out.append(
        isWhole()
            ? "<p class=\"yes\"><strong>Whole.</strong></p>"
            : "<p class=\"no\"><strong>Not whole.</strong> The lines below say what is missing.</p>");
    for (MailboxReport mailbox : mailboxes) {
      out.append("<h2>").append(escaped(mailbox.name())).append("</h2>\n");
      if (!mailbox.isStarted()) {
        out.append("<p class=\"no\">Never run.</p>");
        continue;
      }
      out.append(
          "<table><tr><th>folder<th>target<th class=\"n\">written<th class=\"n\">verified<th class=\"n\">bytes<th class=\"n\">set aside<th class=\"n\">left out<th class=\"n\">open</tr>\n");
      for (FolderReport f : mailbox.folders()) {
        out.append("<tr><td>")
            .append(escaped(f.path()))
            .append("<td>")
            .append(escaped(f.targetPath()));
        for (long number :
            new long[] {
              f.written(), f.verified(), f.bytes(), f.setAside(), f.leftOut(), f.open()
            }) {
          out.append("<td class=\"n\">").append(number);
        }
        out.append("</tr>\n");
      }
      out.append("</table>\n");
      if (mailbox.lines().isEmpty()) continue;
      out.append("<table><tr><th>folder<th>item<th>what<th>why</tr>\n");
      for (Line line : mailbox.lines()) {
        out.append("<tr><td>").append(escaped(line.folder()));
        out.append("<td>").append(escaped(line.id()));
        out.append("<td>").append(escaped(line.kind()));
        out.append("<td>").append(escaped(line.text())).append("</tr>\n");
      }
      out.append("</table>\n");
    }
    return out.append("</html>\n").toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
