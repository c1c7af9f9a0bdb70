package org.mailstead.interop;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.RootDSE;
import com.unboundid.ldap.sdk.SearchResultEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.Imported;
import org.mailstead.core.directory.Imports;
import org.mailstead.core.directory.Imports.Missing;
import org.mailstead.core.directory.Imports.Problem;
import org.mailstead.core.directory.Organization;

/// One synchronization, in this order:
///
/// 1. the mark of now, so that what changes from here on is read next time;
/// 2. the ids of all users and groups. What has left the directory, or the filters, shows in them:
///    no server has to keep tombstones for us, no right to read deleted objects is needed. Too many
///    users, or too many missing ones, stop it here, before anything is changed;
/// 3. users, then groups: all, or what changed since the last mark;
/// 4. the members of those groups, when every group is there that can be a member;
/// 5. what has left is deleted.
///
/// Each step can be repeated: a synchronization that was interrupted is begun anew, and what it had
/// taken over is recognised and left alone. The mark moves only at the end.
final class SynchronizationRun {
  private final LdapDirectory directory;
  private final LdapDirectorySettings settings;
  private final EntryReader reader;
  private final Imports imports;
  private final OrganizationId organization;
  private final long usersMax;
  private final boolean isForced;
  private final Consumer<String> progress;
  private final SynchronizationReport.Tally tally = new SynchronizationReport.Tally();
  private final SeenIds users = new SeenIds();
  private final SeenIds groups = new SeenIds();

  /// Distinguished name → id, of those read last: members are given by name.
  private final Map<String, Optional<String>> idsByName =
      new LinkedHashMap<>(1024, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Optional<String>> eldest) {
          return size() > LdapLimits.NAMES_CACHED_MAX;
        }
      };

  private Optional<Instant> newest = Optional.empty();

  /// @param mark where the next one goes on; empty: it compares everything
  record Result(SynchronizationReport report, Optional<ChangeMark> mark) {}

  SynchronizationRun(
      LdapDirectory directory,
      Imports imports,
      Organization organization,
      boolean isForced,
      Consumer<String> progress) {
    this.directory = directory;
    this.settings = directory.settings();
    this.reader = directory.reader();
    this.imports = imports;
    this.organization = organization.id();
    this.usersMax = organization.usersMax();
    this.isForced = isForced;
    this.progress = progress;
  }

  /// @param last where the last one ended; empty: everything is compared
  Result run(Optional<ChangeMark> last) {
    LDAPConnection connection = directory.servers().connection();
    boolean done = false;
    try {
      RootDSE root = connection.getRootDSE();
      if (root == null) throw new LDAPException(com.unboundid.ldap.sdk.ResultCode.SERVER_DOWN);
      var search = new EntrySearch(connection, settings, root);
      Result result = run(search, root, last);
      done = true;
      return result;
    } catch (LDAPException e) {
      throw LdapServers.away(e);
    } finally {
      directory.servers().release(connection, done);
    }
  }

  private Result run(EntrySearch search, RootDSE root, Optional<ChangeMark> last) {
    Optional<ChangeMark> now =
        settings.isActiveDirectory()
            ? ChangeMark.ofActiveDirectory(root, search)
            : Optional.empty();
    Optional<Filter> since = since(last, now);
    readIds(search, settings.usersFilter(), users);
    readIds(search, settings.groupsFilter(), groups);
    progress.accept(users.count() + " users and " + groups.count() + " groups in the directory");
    if (users.count() > usersMax) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.LIMIT_EXCEEDED,
          "The directory has "
              + users.count()
              + " users, the organization may have "
              + usersMax
              + ": narrow the user filter, or raise the limit.");
    }
    checkDeletions();
    readPages(search, filter(settings.usersFilter(), since), reader::user, reader.userAttributes());
    // A new user may be a member of a group that did not change: all groups then.
    Optional<Filter> groupsSince = tally.created > 0 ? Optional.empty() : since;
    Filter groupFilter = filter(settings.groupsFilter(), groupsSince);
    int usersCreated = tally.created;
    readPages(search, groupFilter, reader::group, reader.groupAttributes());
    boolean groupsCreated = tally.created > usersCreated;
    readMembers(
        search, groupsCreated ? filter(settings.groupsFilter(), Optional.empty()) : groupFilter);
    tally.removed = imports.removeMissing(organization, this::isPresent);
    if (tally.removed > 0) progress.accept(tally.removed + " removed");
    Optional<ChangeMark> next =
        settings.isActiveDirectory()
            ? now
            : newest.<ChangeMark>map(ChangeMark.Modified::new).or(() -> last);
    return new Result(tally.report(since.isEmpty(), users.count(), groups.count()), next);
  }

  /// Empty: the marks cannot be compared, everything has to be.
  private static Optional<Filter> since(Optional<ChangeMark> last, Optional<ChangeMark> now) {
    return last.filter(mark ->
            switch (mark) {
              case ChangeMark.Updates(String invocation, long number) ->
                  now.filter(n ->
                          n instanceof ChangeMark.Updates(String same, long current)
                              && same.equals(invocation)
                              && current >= number)
                      .isPresent();
              case ChangeMark.Modified _ -> now.isEmpty();
            })
        .map(ChangeMark::since);
  }

  static Filter filter(String text, Optional<Filter> since) {
    try {
      Filter all = Filter.create(text);
      return since.map(changed -> Filter.createANDFilter(all, changed)).orElse(all);
    } catch (LDAPException e) {
      throw new RefusedException(
          Refusal.INVALID, "The settings have a filter that is none: " + text);
    }
  }

  private boolean isPresent(String id) {
    return users.contains(id) || groups.contains(id);
  }

  private void readIds(EntrySearch search, String filter, SeenIds seen) {
    search.forEachPage(
        filter(filter, Optional.empty()),
        settings.pageEntries(),
        page -> {
          for (SearchResultEntry entry : page) {
            Optional<String> id = reader.id(entry);
            if (id.isEmpty()) continue;
            seen.add(id.get());
            remember(entry.getDN(), id);
          }
        },
        reader.idAttribute());
  }

  /// A filter that was mistyped or a base that was moved looks like everybody having left.
  private void checkDeletions() {
    Missing missing = imports.missing(organization, this::isPresent);
    check("users", missing.usersMissing(), missing.users());
    check("groups", missing.groupsMissing(), missing.groups());
  }

  private void check(String what, long missing, long present) {
    if (missing <= LdapLimits.DELETIONS_FREE && missing < present) return;
    if (missing == 0 || missing * 100 <= present * settings.deletionsPercentMax()) return;
    if (isForced) {
      progress.accept("forced: " + missing + " of " + present + " " + what + " will be removed");
      return;
    }
    throw new RefusedException(
        Refusal.LIMIT_REACHED,
        missing
            + " of "
            + present
            + " "
            + what
            + " are not in the directory any more, over "
            + settings.deletionsPercentMax()
            + " %. Nothing was changed. If that is meant, synchronize with force; if not, look at"
            + " base DNs, filters and what the bind DN may read.");
  }

  private void readPages(
      EntrySearch search,
      Filter filter,
      Function<Entry, Optional<Imported>> read,
      String... attributes) {
    int[] count = {0};
    search.forEachPage(
        filter,
        settings.pageEntries(),
        page -> {
          List<Imported> all = new ArrayList<>();
          for (SearchResultEntry entry : page) {
            ChangeMark.modified(entry).ifPresent(this::noteModified);
            Optional<Imported> imported = read.apply(entry);
            if (imported.isPresent()) all.add(imported.get());
            else tally.add(new Problem("", entry.getDN(), "It has no id or no name."));
          }
          tally.add(imports.put(organization, all));
          count[0] += page.size();
          progress.accept(count[0] + " read");
        },
        attributes);
  }

  private void noteModified(Instant modified) {
    if (newest.isEmpty() || newest.get().isBefore(modified)) newest = Optional.of(modified);
  }

  private void readMembers(EntrySearch search, Filter filter) {
    List<String> attributes = new ArrayList<>(List.of(EntryReader.MEMBER_ATTRIBUTES));
    attributes.add(reader.idAttribute());
    attributes.add(settings.attribute(MappedAttribute.GROUP_NAME));
    search.forEachPage(
        filter,
        LdapLimits.GROUPS_PER_PAGE,
        page -> {
          for (SearchResultEntry entry : page) {
            Optional<String> id = reader.id(entry);
            if (id.isPresent()) setMembers(search, entry, id.get());
          }
        },
        attributes.toArray(String[]::new));
  }

  private void setMembers(EntrySearch search, Entry group, String id) {
    if (imports.find(organization, id).isEmpty()) return; // It was left out, with a problem.
    try {
      Set<String> members = members(search, group);
      tally.membersChanged += imports.setMembers(organization, id, members);
    } catch (DirectoryRefusedException e) {
      if (e.reason() != DirectoryRefusal.LIMIT_EXCEEDED) throw e;
      tally.add(new Problem(id, group.getDN(), e.publicText()));
    }
  }

  /// External ids of all direct members.
  private Set<String> members(EntrySearch search, Entry group) {
    var ids = new LinkedHashSet<String>();
    Entry entry = group;
    while (true) {
      EntryReader.Members members = EntryReader.members(entry);
      for (String dn : members.dns()) id(search, dn).ifPresent(ids::add);
      for (String name : members.names()) idOfName(search, name).ifPresent(ids::add);
      if (members.next().isEmpty()) return ids;
      if (ids.size() > LdapLimits.MEMBERS_MAX) {
        throw new DirectoryRefusedException(
            DirectoryRefusal.LIMIT_EXCEEDED,
            "The group has more than " + LdapLimits.MEMBERS_MAX + " members.");
      }
      entry =
          search
              .read(
                  group.getDN(),
                  Filter.createPresenceFilter("objectClass"),
                  "member;range=" + members.next().get() + "-*")
              .orElseThrow(() ->
                  new UnavailableException(
                      "a group went away while it was read", java.time.Duration.ofMinutes(1)));
    }
  }

  private Optional<String> id(EntrySearch search, String dn) {
    String normalized = normalized(dn);
    Optional<String> known = idsByName.get(normalized);
    if (known != null) return known;
    Optional<String> id =
        search
            .read(dn, Filter.createPresenceFilter("objectClass"), reader.idAttribute())
            .flatMap(reader::id);
    idsByName.put(normalized, id);
    return id;
  }

  /// RFC 2307 §5.3: memberUid holds the users' names.
  private Optional<String> idOfName(EntrySearch search, String name) {
    String key = "uid:" + name;
    Optional<String> known = idsByName.get(key);
    if (known != null) return known;
    var filter =
        Filter.createANDFilter(
            filter(settings.usersFilter(), Optional.empty()),
            Filter.createEqualityFilter(settings.attribute(MappedAttribute.USER_NAME), name));
    List<String> found = new ArrayList<>();
    search.forEachPage(
        filter,
        2,
        page -> page.forEach(entry -> reader.id(entry).ifPresent(found::add)),
        reader.idAttribute());
    Optional<String> id = found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    idsByName.put(key, id);
    return id;
  }

  private void remember(String dn, Optional<String> id) {
    idsByName.put(normalized(dn), id);
  }

  private static String normalized(String dn) {
    try {
      return DN.normalize(dn);
    } catch (LDAPException e) {
      return dn;
    }
  }
}
