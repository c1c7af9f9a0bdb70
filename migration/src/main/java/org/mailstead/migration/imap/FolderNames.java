package org.mailstead.migration.imap;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.MalformedException;
import org.mailstead.imap.wire.ModifiedUtf7;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;

/// Names on the wire and paths in trees: the hierarchy delimiter, a personal prefix (`INBOX.`), and
/// modified UTF-7 with what servers send instead of it.
///
/// @param delimiter empty if the server has no hierarchy
/// @param prefix of personal folders, delimiter included, as on the wire; mostly empty
record FolderNames(String delimiter, String prefix) {
  /// Exchange writes a slash inside of a name as this private character.
  private static final String EXCHANGE_SLASH = "\uF8FF";

  /// @param raw octets, one char each
  FolderPath path(String raw) {
    String name = raw;
    boolean inbox = name.equalsIgnoreCase("INBOX");
    if (!inbox
        && !prefix.isEmpty()
        && startsWith(name, prefix)
        && name.length() > prefix.length()) {
      name = name.substring(prefix.length());
    }
    List<String> names = new ArrayList<>();
    if (delimiter.isEmpty()) {
      names.add(decoded(name));
    } else {
      for (String part : name.split(java.util.regex.Pattern.quote(delimiter), -1)) {
        if (!part.isEmpty()) names.add(decoded(part));
      }
    }
    if (names.isEmpty()) names.add(decoded(raw));
    if (names.getFirst().equalsIgnoreCase("INBOX")) names.set(0, "INBOX");
    return new FolderPath(names.subList(0, Math.min(names.size(), FolderPath.DEPTH_MAX)));
  }

  private static boolean startsWith(String name, String prefix) {
    return name.regionMatches(true, 0, prefix, 0, prefix.length());
  }

  /// Modified UTF-7 if it is that; UTF-8 if it is not; as it stands if it is neither.
  static String decoded(String raw) {
    String text;
    try {
      text = ModifiedUtf7.decode(raw);
    } catch (MalformedException e) {
      byte[] octets = raw.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
      text = org.mailstead.formats.mime.Charsets.decode(octets, "utf-8");
    }
    return text.replace(EXCHANGE_SLASH, "/");
  }

  /// The wire name of a path. A delimiter inside of a name cannot be kept: it becomes a character
  /// that looks like it.
  String raw(FolderPath path) {
    if (path.isInbox()) return "INBOX";
    StringBuilder out = new StringBuilder();
    for (String name : path.names()) {
      if (!out.isEmpty()) out.append(delimiter.isEmpty() ? "-" : delimiter);
      out.append(ModifiedUtf7.encode(safe(name)));
    }
    boolean belowInbox = path.names().getFirst().equals("INBOX");
    return belowInbox ? out.toString() : prefix + out;
  }

  /// The path as this server can hold it.
  FolderPath adapted(FolderPath path) {
    return new FolderPath(path.names().stream().map(this::safe).toList());
  }

  private String safe(String name) {
    String text = name;
    if (!delimiter.isEmpty() && text.contains(delimiter)) {
      text =
          text.replace(
              delimiter,
              switch (delimiter) {
                case "/" -> "\u2215";
                case "." -> "\u2024";
                default -> "_";
              });
    }
    return text.replaceAll("[\\x00-\\x1f\\x7f]", "_").replace('*', '\u2217').replace('%', '\u2052');
  }

  static FolderRole role(List<String> attributes, FolderPath path) {
    if (path.isInbox()) return FolderRole.INBOX;
    for (String attribute : attributes) {
      Optional<FolderRole> role = FolderRole.ofAttribute(attribute);
      if (role.isPresent()) return role.get();
    }
    return FolderRole.NONE;
  }

  static boolean isSelectable(List<String> attributes) {
    return attributes.stream()
        .map(a -> a.toLowerCase(Locale.ROOT))
        .noneMatch(a -> a.equals("\\noselect") || a.equals("\\nonexistent"));
  }
}
