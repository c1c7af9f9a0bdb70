package org.mailstead.migration.item;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Where a folder is in its tree: names from the top down, whatever characters they have. The
/// separator of a server is no part of it.
public record FolderPath(List<String> names) implements Comparable<FolderPath> {
  public static final FolderPath INBOX = FolderPath.of("INBOX");

  /// Deeper trees are refused: a loop of links looks like one.
  public static final int DEPTH_MAX = 64;

  public FolderPath {
    names = List.copyOf(names);
    if (names.isEmpty()) throw new IllegalArgumentException("a folder path has a name");
  }

  public static FolderPath of(String... names) {
    return new FolderPath(List.of(names));
  }

  /// Reads [#text].
  public static FolderPath parse(String text) {
    List<String> names = new ArrayList<>();
    for (String part : text.split("/", -1)) {
      names.add(part.replace("%2F", "/").replace("%25", "%"));
    }
    return new FolderPath(names);
  }

  /// `Projects/2026`; a slash inside of a name is `%2F`, a percent sign `%25`.
  public String text() {
    StringBuilder out = new StringBuilder();
    for (String name : names) {
      if (!out.isEmpty()) out.append('/');
      out.append(name.replace("%", "%25").replace("/", "%2F"));
    }
    return out.toString();
  }

  public String name() {
    return names.getLast();
  }

  public boolean isInbox() {
    return names.size() == 1 && names.getFirst().equalsIgnoreCase("INBOX");
  }

  public boolean isBelow(FolderPath other) {
    return names.size() > other.names.size()
        && names.subList(0, other.names.size()).equals(other.names);
  }

  public FolderPath child(String name) {
    List<String> longer = new ArrayList<>(names);
    longer.add(name);
    return new FolderPath(longer);
  }

  /// The same path with its first names exchanged.
  public FolderPath rebased(FolderPath from, FolderPath to) {
    List<String> changed = new ArrayList<>(to.names);
    changed.addAll(names.subList(from.names.size(), names.size()));
    return new FolderPath(changed);
  }

  /// Equal for paths that differ in case only.
  public String caseless() {
    return text().toLowerCase(Locale.ROOT);
  }

  @Override
  public int compareTo(FolderPath other) {
    if (isInbox() != other.isInbox()) return isInbox() ? -1 : 1;
    return text().compareTo(other.text());
  }

  @Override
  public String toString() {
    return text();
  }
}
