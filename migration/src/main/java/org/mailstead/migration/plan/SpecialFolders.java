package org.mailstead.migration.plan;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailstead.migration.item.CanonicalText;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.MailFolder;

/// Which folder is the one for sent mail, drafts, and so on: what the server says, and where it
/// says nothing, names in some forty languages.
final class SpecialFolders {
  private static final Map<String, FolderRole> NAMES = load();

  private SpecialFolders() {}

  private static Map<String, FolderRole> load() {
    Map<String, FolderRole> names = new HashMap<>();
    try (InputStream in = SpecialFolders.class.getResourceAsStream("special-folders.tsv")) {
      if (in == null) throw new IllegalStateException("special-folders.tsv is missing");
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.isBlank() || line.startsWith("#")) continue;
        String[] parts = line.split("\t", 2);
        for (String name : parts[1].split("\\|", -1)) {
          names.putIfAbsent(CanonicalText.caseless(name), FolderRole.valueOf(parts[0]));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("special-folders.tsv cannot be read", e);
    }
    return Map.copyOf(names);
  }

  /// The role that a folder's name means, at the top of the tree or below INBOX.
  static Optional<FolderRole> byName(FolderPath path) {
    String text = String.join("/", path.names());
    Optional<FolderRole> whole = Optional.ofNullable(NAMES.get(CanonicalText.caseless(text)));
    if (whole.isPresent()) return whole;
    boolean top =
        path.names().size() == 1
            || (path.names().size() == 2 && path.names().getFirst().equals("INBOX"));
    return top
        ? Optional.ofNullable(NAMES.get(CanonicalText.caseless(path.name())))
        : Optional.empty();
  }

  /// One folder for each role at most: what the server says comes first, then the fullest folder
  /// whose name means it.
  static Map<FolderRole, MailFolder> of(List<MailFolder> folders) {
    Map<FolderRole, MailFolder> roles = new EnumMap<>(FolderRole.class);
    for (MailFolder folder : folders) {
      if (folder.role() != FolderRole.NONE) roles.putIfAbsent(folder.role(), folder);
    }
    Map<FolderRole, MailFolder> named = new EnumMap<>(FolderRole.class);
    for (MailFolder folder : folders) {
      if (folder.role() != FolderRole.NONE || !folder.isSelectable()) continue;
      byName(folder.path())
          .filter(role -> !roles.containsKey(role))
          .ifPresent(
              role -> named.merge(role, folder, (a, b) -> b.itemCount() > a.itemCount() ? b : a));
    }
    roles.putAll(named);
    return roles;
  }
}
