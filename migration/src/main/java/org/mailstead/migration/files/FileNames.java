package org.mailstead.migration.files;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.mailstead.migration.item.FolderPath;

/// Folder names as file names that every system takes, and back: what a file name cannot hold is
/// `%` and the code in hexadecimal.
final class FileNames {
  private static final String FORBIDDEN = "%/\\:*?\"<>|";
  private static final Set<String> DEVICES = Set.of("CON", "PRN", "AUX", "NUL");

  private FileNames() {}

  static String encode(String name) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean edge = i == 0 || i == name.length() - 1;
      if (c < ' ' || FORBIDDEN.indexOf(c) >= 0 || (edge && (c == '.' || c == ' '))) {
        out.append("%%%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    if (DEVICES.contains(name.toUpperCase(java.util.Locale.ROOT))) out.append("%0000");
    return out.toString();
  }

  static String decode(String name) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '%' && i + 4 < name.length()) {
        try {
          int code = Integer.parseInt(name.substring(i + 1, i + 5), 16);
          if (code != 0) out.append((char) code);
          i += 4;
          continue;
        } catch (NumberFormatException e) {
          // Not ours: a percent sign that somebody else wrote.
        }
      }
      out.append(c);
    }
    return out.toString();
  }

  static String encode(FolderPath path) {
    return String.join("/", path.names().stream().map(FileNames::encode).toList());
  }

  /// The path of a folder in a tree; INBOX for the top.
  static FolderPath decode(Iterable<?> parts) {
    List<String> names = new ArrayList<>();
    for (Object part : parts) {
      if (!part.toString().isEmpty()) names.add(decode(part.toString()));
    }
    if (names.isEmpty()) return FolderPath.INBOX;
    if (names.getFirst().equalsIgnoreCase("INBOX")) names.set(0, "INBOX");
    return new FolderPath(names.subList(0, Math.min(names.size(), FolderPath.DEPTH_MAX)));
  }
}
