package org.mailstead.core.mailbox;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.mailstead.base.EntityId;
import org.mailstead.base.FolderId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.Uid;
import org.mailstead.core.access.Right;

/// What changes do to folders: as [MessageChanges], each method works on a draft.
final class FolderChanges {
  static final Comparator<EntityId> BY_ID = Comparator.comparing(EntityId::value);

  private static final int PERMISSION_FORMAT = 1;
  private static final long UID_VALIDITY_MAX = Uid.VALUE_MAX - (1L << 16);

  private final MailboxKey key;

  FolderChanges(MailboxKey key) {
    this.key = key;
  }

  Folder create(Draft draft, List<String> path, Optional<SpecialUse> use) {
    checkPath(path);
    Optional<FolderId> present = draft.state().tree().find(path);
    if (present.isPresent()) {
      FolderState folder = draft.state().folder(present.get());
      if (folder.shape().selectable()) {
        throw new RefusedException(Refusal.ALREADY_EXISTS, "there is a folder of this name");
      }
      return revive(draft, folder, use);
    }
    use.ifPresent(wanted -> checkUse(draft, wanted));
    Optional<FolderId> parent = Optional.empty();
    for (int depth = 1; depth <= path.size(); depth++) {
      List<String> names = path.subList(0, depth);
      Optional<FolderId> found = draft.state().tree().find(names);
      boolean last = depth == path.size();
      parent =
          found.isPresent()
              ? found
              : Optional.of(
                  make(
                      draft,
                      parent,
                      names,
                      last ? use : Optional.empty(),
                      FolderState.Kind.VISIBLE));
    }
    return draft.state().folder(parent.orElseThrow()).toFolder();
  }

  private FolderId make(
      Draft draft,
      Optional<FolderId> parent,
      List<String> path,
      Optional<SpecialUse> use,
      FolderState.Kind kind) {
    if (draft.state().folders().size() >= MailboxLimits.FOLDER_COUNT_MAX) {
      throw new RefusedException(
          Refusal.LIMIT_REACHED,
          "a mailbox has " + MailboxLimits.FOLDER_COUNT_MAX + " folders at the most");
    }
    Head head = draft.head();
    FolderId id = new FolderId(head.nextFolder());
    draft.head(
        head.withNext(
            head.nextEmail(), head.nextItem(), head.nextFolder() + 1, head.nextUidValidity() + 1));
    boolean subscribed = draft.state().subscribedNames().contains(path);
    if (subscribed) forgetName(draft, path);
    String name = path.getLast();
    FolderState.Shape shape =
        new FolderState.Shape(
            id,
            name,
            key.seal(MailboxKey.Purpose.FOLDER_NAME, name),
            parent,
            use,
            kind,
            subscribed,
            true);
    draft.folder(FolderState.empty(shape, head.nextUidValidity(), draft.version()));
    return id;
  }

  /// @throws RefusedException WRONG_STATE: the folder has another UIDVALIDITY and is not new
  Folder keepNumbers(Draft draft, FolderId id, long uidValidity, long uidNext) {
    // Those that are given out later must be larger still.
    if (uidValidity < 1 || uidValidity > UID_VALIDITY_MAX || uidNext > Uid.VALUE_MAX) {
      throw new RefusedException(Refusal.INVALID, "a UIDVALIDITY or UIDNEXT out of range");
    }
    FolderState folder = draft.loadedFolder(id);
    FolderState.Counters old = folder.counters();
    boolean isNew = old.messageCount() == 0 && old.uidNext() == 1;
    if (old.uidValidity() != uidValidity && !isNew) {
      throw new RefusedException(
          Refusal.WRONG_STATE, "the folder is not new: it keeps its UIDVALIDITY");
    }
    Head head = draft.head();
    // Emails without a number of their own must not take those that are still to come.
    boolean isFirst = isNew && head.nextEmail() < MailboxRestore.SKIPPED;
    draft.head(
        head.withNext(
            isFirst ? head.nextEmail() + MailboxRestore.SKIPPED : head.nextEmail(),
            head.nextItem(),
            head.nextFolder(),
            Math.max(head.nextUidValidity(), uidValidity + 1)));
    FolderState kept =
        folder.withCounters(
            old.withNumbers(uidValidity, Math.max(old.uidNext(), uidNext), draft.version()));
    draft.folder(kept);
    return kept.toFolder();
  }

  /// A folder that nobody sees.
  FolderId makeHidden(Draft draft, String name, FolderState.Kind kind) {
    return make(draft, Optional.empty(), List.of(name), Optional.empty(), kind);
  }

  /// RFC 9051 §6.3.4: CREATE of a name that only holds children makes it a folder again, with a new
  /// UIDVALIDITY.
  private static Folder revive(Draft draft, FolderState folder, Optional<SpecialUse> use) {
    use.ifPresent(wanted -> checkUse(draft, wanted));
    Head head = draft.head();
    draft.head(
        head.withNext(
            head.nextEmail(), head.nextItem(), head.nextFolder(), head.nextUidValidity() + 1));
    FolderState.Shape old = folder.shape();
    FolderState revived =
        folder
            .withShape(shape(old, old.name(), old.sealedName(), old.parent(), use, true))
            .withCounters(FolderState.Counters.fresh(head.nextUidValidity(), draft.version()));
    draft.folder(revived);
    return revived.toFolder();
  }

  private static void checkUse(Draft draft, SpecialUse use) {
    for (FolderState folder : draft.state().folders()) {
      if (folder.shape().specialUse().equals(Optional.of(use))) {
        throw new RefusedException(
            Refusal.ALREADY_EXISTS, "another folder has the use " + use.attribute());
      }
    }
  }

  /// Removes a folder whose messages are gone already.
  ///
  /// @return false if it still has messages: remove them first
  boolean delete(Draft draft, FolderId id) {
    FolderState folder = draft.state().folder(id);
    boolean hasChildren = draft.state().tree().hasChildren(id);
    if (id.value() == Mailbox.INBOX) {
      throw new RefusedException(Refusal.FORBIDDEN, "INBOX cannot be removed");
    }
    if (!folder.shape().selectable() && hasChildren) {
      throw new RefusedException(Refusal.IN_USE, "the name has folders under it");
    }
    if (folder.counters().messageCount() > 0) return false;
    if (hasChildren) {
      FolderState.Shape old = folder.shape();
      draft.folder(
          folder.withShape(
              shape(old, old.name(), old.sealedName(), old.parent(), Optional.empty(), false)));
      return true;
    }
    // RFC 9051 §6.3.7: a subscribed name stays subscribed when its folder goes.
    if (folder.shape().subscribed()
        && draft.state().subscribedNames().size() < MailboxLimits.SUBSCRIBED_NAMES_MAX) {
      List<String> path = draft.state().tree().path(id);
      if (pathRow(path).length <= MailboxLimits.SUBSCRIBED_NAME_BYTES_MAX)
        rememberName(draft, path);
    }
    draft.state(draft.state().withoutFolder(id));
    return true;
  }

  void rename(Draft draft, FolderId id, List<String> path) {
    checkPath(path);
    FolderState folder = draft.state().folder(id);
    if (draft.state().tree().find(path).isPresent()) {
      throw new RefusedException(Refusal.ALREADY_EXISTS, "there is a folder of this name");
    }
    Optional<FolderId> within = Optional.empty();
    for (int depth = 1; depth < path.size() && within.isEmpty(); depth++) {
      within = draft.state().tree().find(path.subList(0, depth)).filter(id::equals);
    }
    if (within.isPresent()) {
      throw new RefusedException(Refusal.INVALID, "a folder cannot go under itself");
    }
    if (path.size() + draft.state().tree().height(id) > MailboxLimits.FOLDER_DEPTH_MAX) {
      throw tooDeep();
    }
    Optional<FolderId> parent = Optional.empty();
    if (path.size() > 1) {
      List<String> above = path.subList(0, path.size() - 1);
      parent = draft.state().tree().find(above);
      if (parent.isEmpty()) parent = Optional.of(create(draft, above, Optional.empty()).id());
    }
    FolderState.Shape old = folder.shape();
    String name = path.getLast();
    byte[] sealed = key.seal(MailboxKey.Purpose.FOLDER_NAME, name);
    boolean subscribed = old.subscribed();
    if (draft.state().subscribedNames().contains(path)) {
      forgetName(draft, path);
      subscribed = true;
    }
    draft.folder(
        draft
            .state()
            .folder(id)
            .withShape(
                new FolderState.Shape(
                    id,
                    name,
                    sealed,
                    parent,
                    old.specialUse(),
                    old.kind(),
                    subscribed,
                    old.selectable())));
  }

  void subscribe(Draft draft, List<String> path, boolean subscribed) {
    Optional<FolderId> present = draft.state().tree().find(path);
    if (present.isPresent()) {
      FolderState folder = draft.state().folder(present.get());
      FolderState.Shape old = folder.shape();
      if (old.subscribed() == subscribed) return;
      draft.folder(
          folder.withShape(
              new FolderState.Shape(
                  old.id(),
                  old.name(),
                  old.sealedName(),
                  old.parent(),
                  old.specialUse(),
                  old.kind(),
                  subscribed,
                  old.selectable())));
      return;
    }
    boolean known = draft.state().subscribedNames().contains(path);
    if (subscribed && !known) {
      checkPath(path);
      if (draft.state().subscribedNames().size() >= MailboxLimits.SUBSCRIBED_NAMES_MAX
          || pathRow(path).length > MailboxLimits.SUBSCRIBED_NAME_BYTES_MAX) {
        throw new RefusedException(
            Refusal.LIMIT_REACHED, "too many or too long subscribed names without a folder");
      }
      rememberName(draft, path);
    } else if (!subscribed && known) {
      forgetName(draft, path);
    }
  }

  void permission(Draft draft, FolderId id, EntityId grantee, Set<Right> rights) {
    FolderState folder = draft.state().folder(id);
    TreeMap<EntityId, Set<Right>> all = new TreeMap<>(BY_ID);
    all.putAll(folder.permissions());
    if (rights.isEmpty()) {
      if (all.remove(grantee) == null) return;
    } else {
      Set<Right> before = all.put(grantee, Collections.unmodifiableSet(EnumSet.copyOf(rights)));
      if (rights.equals(before)) return;
      if (all.size() > MailboxLimits.PERMISSIONS_MAX) {
        throw new RefusedException(
            Refusal.LIMIT_REACHED,
            "a folder has rights for " + MailboxLimits.PERMISSIONS_MAX + " at the most");
      }
    }
    draft.folder(folder.withPermissions(Collections.unmodifiableMap(all)));
  }

  private void rememberName(Draft draft, List<String> path) {
    Set<List<String>> names = new HashSet<>(draft.state().subscribedNames());
    names.add(List.copyOf(path));
    draft.state(draft.state().withSubscribedNames(Collections.unmodifiableSet(names)));
    byte[] row = pathRow(path);
    draft.put(Rows.SUBSCRIPTIONS, nameKey(path), key.seal(MailboxKey.Purpose.SUBSCRIPTION, row));
  }

  private void forgetName(Draft draft, List<String> path) {
    Set<List<String>> names = new HashSet<>(draft.state().subscribedNames());
    names.remove(path);
    draft.state(draft.state().withSubscribedNames(Collections.unmodifiableSet(names)));
    draft.delete(Rows.SUBSCRIPTIONS, nameKey(path));
  }

  private byte[] nameKey(List<String> path) {
    return key.hash(
        MailboxKey.Purpose.SUBSCRIPTION, new String(pathRow(path), StandardCharsets.ISO_8859_1));
  }

  private static byte[] pathRow(List<String> path) {
    RowWriter out = new RowWriter(64).varint(path.size());
    path.forEach(out::text);
    return out.toBytes();
  }

  static List<String> path(byte[] row) {
    RowReader in = new RowReader(row);
    long count = in.varint();
    List<String> path = new ArrayList<>();
    for (long i = 0; i < count; i++) path.add(in.text());
    return List.copyOf(path);
  }

  private static FolderState.Shape shape(
      FolderState.Shape old,
      String name,
      byte[] sealedName,
      Optional<FolderId> parent,
      Optional<SpecialUse> use,
      boolean selectable) {
    return new FolderState.Shape(
        old.id(), name, sealedName, parent, use, old.kind(), old.subscribed(), selectable);
  }

  static void checkPath(List<String> path) {
    if (path.isEmpty()) throw new RefusedException(Refusal.INVALID, "a folder needs a name");
    if (path.size() > MailboxLimits.FOLDER_DEPTH_MAX) throw tooDeep();
    for (String name : path) {
      if (name.isEmpty() || name.length() > MailboxLimits.FOLDER_NAME_LENGTH_MAX) {
        throw new RefusedException(Refusal.INVALID, "a folder's name is empty or too long");
      }
      if (name.chars().anyMatch(c -> c < ' ' || c == 0x7F || c == '/')) {
        throw new RefusedException(
            Refusal.INVALID, "a folder's name has a control character or a slash");
      }
    }
  }

  private static RefusedException tooDeep() {
    return new RefusedException(
        Refusal.LIMIT_REACHED, "folders stand at most " + MailboxLimits.FOLDER_DEPTH_MAX + " deep");
  }

  static byte[] permissionKey(long folder, EntityId entity) {
    return Rows.permission(folder, entity.value().getBytes(StandardCharsets.UTF_8));
  }

  static EntityId permissionEntity(byte[] key) {
    return new EntityId(new String(Rows.rest(key), StandardCharsets.UTF_8));
  }

  /// Letters, not ordinals: the enum may grow in any order.
  static byte[] permissionRow(Set<Right> rights) {
    RowWriter out = new RowWriter(16).u8(PERMISSION_FORMAT);
    for (Right right : rights) out.u8(right.letter());
    return out.toBytes();
  }

  static Set<Right> permissionRights(byte[] row) {
    RowReader in = RowReader.of(row, PERMISSION_FORMAT, "permission");
    EnumSet<Right> rights = EnumSet.noneOf(Right.class);
    while (!in.isAtEnd()) {
      int letter = in.u8();
      for (Right right : Right.values()) if (right.letter() == letter) rights.add(right);
    }
    return Collections.unmodifiableSet(rights);
  }
}
