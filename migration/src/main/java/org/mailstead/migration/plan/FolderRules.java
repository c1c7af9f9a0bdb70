package org.mailstead.migration.plan;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.transfer.FolderPair;

/// Where each folder goes. Overrides come first, then roles, then the same path.
///
/// @param overrides source path to target path, or to `-` for leaving a folder and those below it
///   out
/// @param leftOut patterns of paths, `*` for any text
/// @param archive where old items go, if there is an archive age
/// @param caseless whether the target takes names that differ in case for one
public record FolderRules(
    Map<String, String> overrides,
    List<String> leftOut,
    Optional<FolderPath> archive,
    boolean caseless) {
  private static final Map<FolderRole, String> NAMES =
      new EnumMap<>(
          Map.of(
              FolderRole.SENT, "Sent",
              FolderRole.DRAFTS, "Drafts",
              FolderRole.TRASH, "Trash",
              FolderRole.JUNK, "Junk",
              FolderRole.ARCHIVE, "Archive"));

  public static FolderRules none() {
    return new FolderRules(Map.of(), List.of(), Optional.empty(), false);
  }

  /// @param notes what a person should know
  public record Mapped(List<FolderPair> pairs, List<String> notes) {}

  /// @param target folders that are in the target already
  public Mapped map(List<MailFolder> source, List<MailFolder> target) {
    List<String> notes = new ArrayList<>();
    Map<FolderRole, MailFolder> sourceRoles = SpecialFolders.of(source);
    Map<FolderRole, MailFolder> targetRoles = SpecialFolders.of(target);
    Map<FolderPath, FolderRole> roleOf = new HashMap<>();
    sourceRoles.forEach((role, folder) -> roleOf.put(folder.path(), role));
    Map<String, FolderPath> taken = new LinkedHashMap<>();
    List<FolderPair> pairs = new ArrayList<>();
    for (MailFolder folder : source) {
      if (!folder.isSelectable()) continue;
      FolderPath path = folder.path();
      FolderRole role = roleOf.getOrDefault(path, FolderRole.NONE);
      if (isLeftOut(path)) {
        notes.add(path + " is left out");
        continue;
      }
      if (role == FolderRole.FLAGGED) {
        notes.add(path + " is left out: it shows flagged messages of other folders");
        continue;
      }
      Optional<FolderPath> overridden = override(path);
      FolderPath wanted = overridden.orElseGet(() -> byRole(path, role, roleOf, targetRoles));
      FolderPath free = overridden.isPresent() ? wanted : free(wanted, taken);
      if (!free.equals(wanted)) {
        notes.add(
            "%s becomes %s: %s differs in case only".formatted(path, free, taken.get(key(wanted))));
      }
      taken.put(key(free), path);
      if (!free.equals(path)) notes.add(path + " goes to " + free);
      boolean ages = role == FolderRole.INBOX || role == FolderRole.SENT;
      pairs.add(new FolderPair(folder, free, role, ages ? archive : Optional.empty()));
    }
    return new Mapped(pairs, notes);
  }

  private String key(FolderPath path) {
    return caseless ? path.caseless() : path.text();
  }

  private FolderPath free(FolderPath wanted, Map<String, FolderPath> taken) {
    FolderPath free = wanted;
    for (int i = 2; taken.containsKey(key(free)); i++) {
      List<String> names = new ArrayList<>(wanted.names());
      names.set(names.size() - 1, wanted.name() + " (" + i + ")");
      free = new FolderPath(names);
    }
    return free;
  }

  private boolean isLeftOut(FolderPath path) {
    for (int depth = 1; depth <= path.names().size(); depth++) {
      FolderPath part = new FolderPath(path.names().subList(0, depth));
      if ("-".equals(overrides.get(part.text()))) return true;
      for (String pattern : leftOut) if (matches(pattern, part)) return true;
    }
    return false;
  }

  /// `*` stands for any text; letters match in any case.
  static boolean matches(String pattern, FolderPath path) {
    String regex = Pattern.quote(pattern).replace("*", "\\E.*\\Q");
    return Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
        .matcher(path.text())
        .matches();
  }

  /// The longest overridden beginning of the path.
  private Optional<FolderPath> override(FolderPath path) {
    for (int depth = path.names().size(); depth > 0; depth--) {
      FolderPath part = new FolderPath(path.names().subList(0, depth));
      String to = overrides.get(part.text());
      if (to != null) return Optional.of(path.rebased(part, FolderPath.parse(to)));
    }
    return Optional.empty();
  }

  private static FolderPath byRole(
      FolderPath path,
      FolderRole role,
      Map<FolderPath, FolderRole> roleOf,
      Map<FolderRole, MailFolder> targetRoles) {
    Optional<FolderPath> own = home(role, targetRoles);
    if (own.isPresent()) return own.get();
    // What lies below a special folder goes below its counterpart.
    for (int depth = path.names().size() - 1; depth > 0; depth--) {
      FolderPath above = new FolderPath(path.names().subList(0, depth));
      FolderRole aboveRole = roleOf.getOrDefault(above, FolderRole.NONE);
      Optional<FolderPath> home = home(aboveRole, targetRoles);
      if (home.isPresent()) return path.rebased(above, home.get());
    }
    return path;
  }

  private static Optional<FolderPath> home(
      FolderRole role, Map<FolderRole, MailFolder> targetRoles) {
    if (role == FolderRole.INBOX) return Optional.of(FolderPath.INBOX);
    MailFolder there = targetRoles.get(role == FolderRole.ALL ? FolderRole.ARCHIVE : role);
    if (there != null && role != FolderRole.NONE) return Optional.of(there.path());
    String name = NAMES.get(role == FolderRole.ALL ? FolderRole.ARCHIVE : role);
    return name == null ? Optional.empty() : Optional.of(FolderPath.of(name));
  }

  /// Paths of overrides that no folder of the source has: most likely mistyped.
  public Set<String> unused(List<MailFolder> source) {
    Set<String> unused = new java.util.TreeSet<>(overrides.keySet());
    for (MailFolder folder : source) unused.remove(folder.path().text());
    return unused;
  }
}
