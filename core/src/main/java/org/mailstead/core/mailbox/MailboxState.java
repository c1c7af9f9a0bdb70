package org.mailstead.core.mailbox;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.FolderId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;

/// A mailbox at one version: immutable. Everybody who reads has one in hand; a change makes the
/// next.
final class MailboxState {
  private final long version;
  private final Head head;

  /// By id, ascending; hidden ones too.
  private final FolderState[] folders;

  private final Set<List<String>> subscribedNames;
  private volatile @Nullable FolderTree tree;

  MailboxState(long version, Head head, FolderState[] folders, Set<List<String>> subscribedNames) {
    this(version, head, folders, subscribedNames, null);
  }

  private MailboxState(
      long version,
      Head head,
      FolderState[] folders,
      Set<List<String>> subscribedNames,
      @Nullable FolderTree tree) {
    this.version = version;
    this.head = head;
    this.folders = folders;
    this.subscribedNames = subscribedNames;
    this.tree = tree;
  }

  long version() {
    return version;
  }

  Head head() {
    return head;
  }

  List<FolderState> folders() {
    return Arrays.asList(folders);
  }

  Set<List<String>> subscribedNames() {
    return subscribedNames;
  }

  FolderTree tree() {
    FolderTree known = tree;
    if (known == null) {
      known = new FolderTree(folders());
      tree = known;
    }
    return known;
  }

  /// Hidden folders too.
  Optional<FolderState> find(long id) {
    int index = indexOf(id);
    return index < 0 ? Optional.empty() : Optional.of(folders[index]);
  }

  /// A visible folder.
  FolderState folder(FolderId id) {
    int index = indexOf(id.value());
    if (index < 0 || !folders[index].isVisible()) {
      throw new RefusedException(Refusal.NOT_FOUND, "no such folder");
    }
    return folders[index];
  }

  FolderState recoverable() {
    for (FolderState folder : folders) {
      if (folder.shape().kind() == FolderState.Kind.RECOVERABLE) return folder;
    }
    throw new IllegalStateException("a mailbox without its recoverable folder");
  }

  MailboxState withVersion(long version) {
    return new MailboxState(version, head, folders, subscribedNames, tree);
  }

  MailboxState withHead(Head head) {
    return new MailboxState(version, head, folders, subscribedNames, tree);
  }

  MailboxState withSubscribedNames(Set<List<String>> names) {
    return new MailboxState(version, head, folders, names, tree);
  }

  /// Adds a folder or replaces the one of the same id.
  MailboxState withFolder(FolderState folder) {
    int index = indexOf(folder.id().value());
    if (index >= 0) {
      FolderState[] changed = folders.clone();
      changed[index] = folder;
      boolean sameTree = folders[index].shape() == folder.shape();
      return new MailboxState(version, head, changed, subscribedNames, sameTree ? tree : null);
    }
    FolderState[] changed = Arrays.copyOf(folders, folders.length + 1);
    int target = -index - 1;
    System.arraycopy(folders, target, changed, target + 1, folders.length - target);
    changed[target] = folder;
    return new MailboxState(version, head, changed, subscribedNames, null);
  }

  MailboxState withoutFolder(FolderId folder) {
    return new MailboxState(
        version,
        head,
        Arrays.stream(folders).filter(f -> !f.id().equals(folder)).toArray(FolderState[]::new),
        subscribedNames,
        null);
  }

  private int indexOf(long id) {
    int low = 0;
    int high = folders.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long found = folders[middle].id().value();
      if (found == id) return middle;
      if (found < id) low = middle + 1;
      else high = middle - 1;
    }
    return -low - 1;
  }
}
