package org.mailstead.imap.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.mailstead.base.FolderId;
import org.mailstead.core.access.Access.OtherMailbox;
import org.mailstead.core.access.Right;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.SpecialUse;

/// All names that one user may see, for LIST and LSUB: own folders, those of others, subscribed
/// names without a folder, and the parents that are missing in between.
final class FolderTree {
  /// @param target the folder; empty for a name only
  /// @param shown whether plain LIST shows it: it has a folder, or leads to one
  record Node(
      String name,
      Optional<Account.Target> target,
      boolean shown,
      boolean subscribed,
      Optional<SpecialUse> use) {
    boolean exists() {
      return target.isPresent();
    }

    boolean isShown() {
      return shown;
    }

    boolean isReadable() {
      return target
          .filter(t -> t.folder().selectable() && t.rights().contains(Right.READ))
          .isPresent();
    }
  }

  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final Set<String> parents = new HashSet<>();

  private FolderTree() {}

  static FolderTree of(Account account, List<NamePattern> patterns) {
    FolderTree tree = new FolderTree();
    Set<String> subscribed = new HashSet<>();
    for (List<String> path : account.own().subscribedNamesWithoutFolder()) {
      subscribed.add(String.join(String.valueOf(Account.DELIMITER), path));
    }
    tree.add(account, new Account.Place(account.own(), Optional.empty(), List.of()), subscribed);
    String prefix = Account.OTHER_USERS + Account.DELIMITER;
    if (patterns.stream().anyMatch(pattern -> pattern.mayMatchBelow(prefix))) {
      for (OtherMailbox other : account.others()) {
        tree.add(
            account,
            new Account.Place(account.open(other), Optional.of(other), List.of()),
            subscribed);
      }
    }
    tree.addMissingParents(true);
    for (String name : subscribed) {
      tree.nodes.computeIfAbsent(
          name, _ -> new Node(name, Optional.empty(), false, true, Optional.empty()));
    }
    tree.addMissingParents(false);
    return tree;
  }

  Iterable<Node> nodes() {
    return nodes.values();
  }

  boolean hasChildren(String name) {
    return parents.contains(name);
  }

  static void forEachParent(String name, Consumer<String> action) {
    for (int end = name.lastIndexOf(Account.DELIMITER);
        end > 0;
        end = name.lastIndexOf(Account.DELIMITER, end - 1)) {
      action.accept(name.substring(0, end));
    }
  }

  private void add(Account account, Account.Place root, Set<String> subscribed) {
    Mailbox mailbox = root.mailbox();
    Map<FolderId, List<String>> paths = new HashMap<>();
    for (Folder folder : mailbox.folders()) {
      List<String> path = new ArrayList<>(folder.parent().map(paths::get).orElse(List.of()));
      path.add(folder.name());
      paths.put(folder.id(), path);
      Account.Place place = new Account.Place(mailbox, root.owner(), path);
      Account.Target target = new Account.Target(place, folder, account.rights(place, folder));
      if (!target.rights().contains(Right.LOOKUP)) continue;
      String name = Account.name(place, path);
      boolean own = root.isOwn();
      nodes.put(
          name,
          new Node(
              name,
              Optional.of(target),
              true,
              own ? folder.subscribed() : subscribed.contains(name),
              own ? folder.specialUse() : Optional.empty()));
      // What lies below decides \HasChildren; a name below that may not be seen does not count.
      forEachParent(name, parents::add);
    }
  }

  private void addMissingParents(boolean shown) {
    for (String name : List.copyOf(nodes.keySet())) {
      forEachParent(
          name,
          parent ->
              nodes.computeIfAbsent(
                  parent, _ -> new Node(parent, Optional.empty(), shown, false, Optional.empty())));
    }
  }
}
