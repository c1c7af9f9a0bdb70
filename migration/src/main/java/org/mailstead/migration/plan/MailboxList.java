package org.mailstead.migration.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.migration.imap.Secret;

/// A list of mailboxes as CSV (RFC 4180): `source,target,source-password,target-password`, the
/// first line naming the columns, all but the first optional.
final class MailboxList {
  private static final List<String> COLUMNS =
      List.of("source", "target", "source-password", "target-password");
  private static final int LINES_MAX = 100_000;

  private MailboxList() {}

  static List<MailboxEntry> read(Path file) throws IOException {
    List<List<String>> rows = rows(Files.readString(file).replace("\uFEFF", ""));
    if (rows.isEmpty()) throw new SettingsFault(file + " is empty");
    List<String> header = rows.getFirst().stream().map(String::strip).toList();
    if (!header.contains("source") || !COLUMNS.containsAll(header)) {
      throw new SettingsFault(
          "%s: the first line names the columns out of %s".formatted(file, COLUMNS));
    }
    List<MailboxEntry> mailboxes = new ArrayList<>();
    for (int i = 1; i < rows.size(); i++) {
      List<String> row = rows.get(i);
      if (row.size() == 1 && row.getFirst().isBlank()) continue;
      if (row.size() != header.size()) {
        throw new SettingsFault(
            "%s: row %d has %d values, not %d".formatted(file, i + 1, row.size(), header.size()));
      }
      String source = cell(header, row, "source").orElse("");
      if (source.isEmpty()) throw new SettingsFault(file + ": row " + (i + 1) + " has no source");
      mailboxes.add(
          new MailboxEntry(
              source,
              cell(header, row, "target").orElse(source),
              cell(header, row, "source-password").map(Secret::new),
              cell(header, row, "target-password").map(Secret::new)));
    }
    return mailboxes;
  }

  private static Optional<String> cell(List<String> header, List<String> row, String column) {
    int index = header.indexOf(column);
    if (index < 0) return Optional.empty();
    String value = column.endsWith("password") ? row.get(index) : row.get(index).strip();
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }

  static List<List<String>> rows(String text) {
    List<List<String>> rows = new ArrayList<>();
    List<String> row = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    boolean any = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted) {
        if (c != '"') {
          cell.append(c);
        } else if (i + 1 < text.length() && text.charAt(i + 1) == '"') {
          cell.append('"');
          i++;
        } else {
          quoted = false;
        }
        continue;
      }
      switch (c) {
        case '"' -> quoted = true;
        case ',' -> {
          row.add(cell.toString());
          cell.setLength(0);
          any = true;
        }
        case '\r' -> {}
        case '\n' -> {
          row.add(cell.toString());
          cell.setLength(0);
          rows.add(row);
          if (rows.size() > LINES_MAX) throw new SettingsFault("more than " + LINES_MAX + " rows");
          row = new ArrayList<>();
          any = false;
        }
        default -> {
          cell.append(c);
          any = true;
        }
      }
    }
    if (any || !cell.isEmpty()) {
      row.add(cell.toString());
      rows.add(row);
    }
    return rows;
  }
}
