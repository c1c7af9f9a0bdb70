package org.mailstead.core.mailbox;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.FolderId;

/// Names and places of the visible folders: immutable, shared by all states between two changes of
/// the tree.
final class FolderTree {
  static final String INBOX = "INBOX";

  private record Place(long parent, String name) {}

  private final Map<Place, FolderId> byPlace = new HashMap<>();
  private final Map<Long, FolderState.Shape> shapes = new HashMap<>();
  private final Map<Long, List<FolderId>> children = new HashMap<>();

  FolderTree(Iterable<FolderState> folders) {
    for (FolderState folder : folders) {
      if (!folder.isVisible()) continue;
      FolderState.Shape shape = folder.shape();
      long parent = parentOf(shape);
      byPlace.put(new Place(parent, canonical(parent, shape.name())), shape.id());
      shapes.put(shape.id().value(), shape);
      children.computeIfAbsent(parent, p -> new ArrayList<>()).add(shape.id());
    }
  }

  Optional<FolderId> find(List<String> path) {
    long parent = 0;
    for (String name : path) {
      FolderId next = byPlace.get(new Place(parent, canonical(parent, name)));
      if (next == null) return Optional.empty();
      parent = next.value();
    }
    return parent == 0 ? Optional.empty() : Optional.of(new FolderId(parent));
  }

  /// Names from the top; empty for an unknown folder.
  List<String> path(FolderId folder) {
    List<String> names = new ArrayList<>();
    FolderState.Shape at = shapes.get(folder.value());
    while (at != null) {
      names.addFirst(at.name());
      at = shapes.get(parentOf(at));
    }
    return List.copyOf(names);
  }

  boolean hasChildren(FolderId folder) {
    return children.containsKey(folder.value());
  }

  /// Whether `folder` is `ancestor` or stands somewhere under it.
  boolean isWithin(FolderId folder, FolderId ancestor) {
    FolderState.Shape at = shapes.get(folder.value());
    while (at != null) {
      if (at.id().equals(ancestor)) return true;
      at = shapes.get(parentOf(at));
    }
    return false;
  }

  /// How many levels stand under a folder; 0 without children.
  int height(FolderId folder) {
    int height = 0;
    for (FolderId child : children.getOrDefault(folder.value(), List.of())) {
      height = Math.max(height, 1 + height(child));
    }
    return height;
  }

  /// Parents before children.
  List<FolderId> inOrder() {
    List<FolderId> all = new ArrayList<>(children.getOrDefault(0L, List.of()));
    for (int i = 0; i < all.size(); i++) {
      all.addAll(children.getOrDefault(all.get(i).value(), List.of()));
    }
    return all;
  }

  private static long parentOf(FolderState.Shape shape) {
    return shape.parent().map(FolderId::value).orElse(0L);
  }

  /// RFC 9051 §5.1: INBOX in any case is INBOX; other names compare exactly.
  private static String canonical(long parent, String name) {
    return parent == 0 && name.length() == 5 && name.toUpperCase(Locale.ROOT).equals(INBOX)
        ? INBOX
        : name;
  }
}
