package org.mailstead.imap.server;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.access.Access.OtherMailbox;
import org.mailstead.core.access.Principal;
import org.mailstead.core.access.Right;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.Mailboxes;

/// A logged-in user's folders by their IMAP names: the own ones from the top, those of others under
/// `Other Users/<primary address>/` (RFC 2342), as far as rights allow.
final class Account {
  static final char DELIMITER = '/';
  static final String OTHER_USERS = "Other Users";

  /// A name's place: a path in one mailbox.
  ///
  /// @param owner the name under `Other Users`, empty for the own mailbox
  record Place(Mailbox mailbox, Optional<OtherMailbox> owner, List<String> path) {
    boolean isOwn() {
      return owner.isEmpty();
    }
  }

  /// A folder that exists and may be looked up, with the asker's rights on it.
  record Target(Place place, Folder folder, Set<Right> rights) {
    Mailbox mailbox() {
      return place.mailbox();
    }

    boolean isOwn() {
      return place.isOwn();
    }

    /// @throws RefusedException FORBIDDEN
    void require(Right right) {
      if (!rights.contains(right)) {
        throw new RefusedException(Refusal.FORBIDDEN, "you have no right to do this here");
      }
    }

    boolean mayAny(Right... some) {
      for (Right right : some) if (rights.contains(right)) return true;
      return false;
    }
  }

  private static final Set<Right> ALL_RIGHTS = EnumSet.allOf(Right.class);

  private final Principal principal;
  private final Mailbox own;
  private final Mailboxes mailboxes;
  private final ImapSharing sharing;

  Account(Principal principal, Mailboxes mailboxes, ImapSharing sharing) {
    this.principal = principal;
    this.mailboxes = mailboxes;
    this.sharing = sharing;
    this.own = mailboxes.open(principal.mailbox());
  }

  Principal principal() {
    return principal;
  }

  Mailbox own() {
    return own;
  }

  ImapSharing sharing() {
    return sharing;
  }

  List<OtherMailbox> others() {
    return sharing.otherMailboxes(principal);
  }

  Mailbox open(OtherMailbox other) {
    return mailboxes.open(other.mailbox());
  }

  Set<Right> rights(Place place, Folder folder) {
    if (place.isOwn()) return ALL_RIGHTS;
    return sharing.folderRights(principal, place.mailbox().id(), folder.id());
  }

  /// The segments of a name; a trailing delimiter is dropped.
  static List<String> path(String name) {
    String stripped =
        name.length() > 1 && name.charAt(name.length() - 1) == DELIMITER
            ? name.substring(0, name.length() - 1)
            : name;
    List<String> path = new ArrayList<>();
    int start = 0;
    while (true) {
      int end = stripped.indexOf(DELIMITER, start);
      path.add(stripped.substring(start, end < 0 ? stripped.length() : end));
      if (end < 0) break;
      start = end + 1;
    }
    // RFC 9051 §5.1: INBOX is the same name in any case.
    if (path.getFirst().equalsIgnoreCase("INBOX")) path.set(0, "INBOX");
    return path;
  }

  /// Where a name lies, whether or not a folder is there; empty for the namespace's own names and
  /// for what the asker may not know of.
  Optional<Place> findPlace(String name) {
    List<String> path = path(name);
    if (!path.getFirst().equals(OTHER_USERS)) {
      return Optional.of(new Place(own, Optional.empty(), path));
    }
    if (path.size() < 3) return Optional.empty();
    String owner = path.get(1).toLowerCase(Locale.ROOT);
    for (OtherMailbox other : others()) {
      if (!other.name().toLowerCase(Locale.ROOT).equals(owner)) continue;
      List<String> rest = new ArrayList<>(path.subList(2, path.size()));
      if (rest.getFirst().equalsIgnoreCase("INBOX")) rest.set(0, "INBOX");
      return Optional.of(new Place(open(other), Optional.of(other), rest));
    }
    return Optional.empty();
  }

  /// The folder of a name, if the asker may look it up.
  Optional<Target> find(String name) {
    Optional<Place> place = findPlace(name);
    if (place.isEmpty()) return Optional.empty();
    Optional<Folder> folder = place.get().mailbox().findFolder(place.get().path());
    if (folder.isEmpty()) return Optional.empty();
    Set<Right> rights = rights(place.get(), folder.get());
    // RFC 4314 §6: without `l` or another right the name must look as if it did not exist.
    if (rights.isEmpty()) return Optional.empty();
    return Optional.of(new Target(place.get(), folder.get(), rights));
  }

  /// @throws RefusedException NOT_FOUND
  Target load(String name) {
    return find(name)
        .orElseThrow(() -> new RefusedException(Refusal.NOT_FOUND, "there is no such mailbox"));
  }

  /// The IMAP name of a folder.
  static String name(Place place, List<String> path) {
    String joined = String.join(String.valueOf(DELIMITER), path);
    return place
        .owner()
        .map(owner -> OTHER_USERS + DELIMITER + owner.name() + DELIMITER + joined)
        .orElse(joined);
  }
}
