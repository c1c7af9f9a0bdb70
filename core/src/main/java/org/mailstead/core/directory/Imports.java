package org.mailstead.core.directory;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.ImportedRows.Note;
import org.mailstead.core.directory.OrganizationViews.View;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Collection;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;

/// Takes over users, groups and members of a connected directory (ORG-3). Whoever synchronizes
/// calls these methods, one synchronization of an organization at a time; each can be repeated
/// after a crash, for what is taken over already is recognised by its fingerprint and left alone.
/// Commits are bounded, each holds the audit entries of what it changes, in the name of the
/// service.
///
/// New users and groups are disabled until RegisterToWorkMail enables them (USR-2). An object is
/// known by its external id; another name or place in the directory makes it no other. One that has
/// left is deleted; its mailbox goes 30 days later and is not given back to anybody who appears in
/// its place, even with the same external id (USR-6).
public final class Imports {
  public static final int ID_BYTES_MAX = 64;
  public static final int ADDRESSES_MAX = 200;
  public static final int CERTIFICATES_MAX = 8;

  /// Octets of the certificates of one user together.
  public static final int CERTIFICATE_BYTES_MAX = 32 << 10;

  private static final int PAGE_ROWS = 500;
  private static final int MEMBERS_PER_COMMIT = 500;
  private static final int FORMAT = 1;

  private final Parts parts;
  private final ImportWriter writer;

  /// Something that was left out, and why.
  ///
  /// @param name the object's name in the directory
  public record Problem(String externalId, String name, String text) {}

  public record Outcome(int created, int updated, int unchanged, List<Problem> problems) {}

  /// How many are here, and how many of them the directory has no more.
  public record Missing(long users, long usersMissing, long groups, long groupsMissing) {}

  Imports(Parts parts) {
    this.parts = parts;
    this.writer = new ImportWriter(parts);
  }

  private View connected(OrganizationId organization) {
    View view = parts.organizations().serving(organization);
    if (!view.kind().isConnected()) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.UNSUPPORTED_OPERATION,
          "The organization is not on a connected directory.");
    }
    return view;
  }

  /// @throws DirectoryRefusedException UNSUPPORTED_OPERATION (our own directory),
  ///   ORGANIZATION_NOT_FOUND, ORGANIZATION_STATE
  public Organization organization(OrganizationId organization) {
    return connected(organization).organization();
  }

  /// Whether the organization serves and is on a connected directory.
  public boolean isConnected(OrganizationId organization) {
    return parts
        .organizations()
        .find(organization)
        .filter(View::isServing)
        .filter(view -> view.kind().isConnected())
        .isPresent();
  }

  /// Organizations that serve and are on connected directories.
  public List<Organization> organizations() {
    List<Organization> found = new ArrayList<>();
    Optional<PartitionId> after = Optional.empty();
    while (true) {
      List<PartitionId> page = parts.store().partitions("org/", after, PAGE_ROWS);
      for (PartitionId partition : page) {
        var id = new OrganizationId(partition.value().substring("org/".length()));
        if (isConnected(id)) found.add(parts.organizations().load(id).organization());
      }
      if (page.size() < PAGE_ROWS) return found;
      after = Optional.of(page.getLast());
    }
  }

  /// Writes what is new or has changed.
  ///
  /// @throws DirectoryRefusedException UNSUPPORTED_OPERATION (our own directory), LIMIT_EXCEEDED
  ///   (more users than the organization may have), ORGANIZATION_STATE
  public Outcome put(OrganizationId organization, List<? extends Imported> page) {
    View view = connected(organization);
    var tally = new ImportWriter.Tally();
    var byShard = new TreeMap<Integer, List<Imported>>();
    var distinct = new LinkedHashMap<String, Imported>();
    for (Imported imported : page) distinct.put(imported.externalId(), imported);
    for (Imported imported : distinct.values()) {
      byShard
          .computeIfAbsent(ImportedRows.shard(imported.externalId()), _ -> new ArrayList<>())
          .add(imported);
    }
    byShard.forEach((shard, all) -> {
      for (List<Imported> batch : ImportWriter.batches(all)) {
        parts
            .organizations()
            .whileServing(
                organization,
                () -> {
                  writer.put(view, shard, batch, tally);
                  return true;
                });
      }
    });
    return tally.outcome();
  }

  /// The entity of an object that was taken over.
  public Optional<EntityId> find(OrganizationId organization, String externalId) {
    return ImportedRows.find(parts.store(), connected(organization).directory(), externalId)
        .map(Note::entity);
  }

  /// The object of an entity, for logins.
  public Optional<String> externalId(OrganizationId organization, EntityId entity) {
    return ImportedRows.identity(parts.store(), connected(organization).directory(), entity)
        .map(ImportedRows.Identity::externalId);
  }

  /// Addresses that the directory has for an entity, the primary one first: proposals for its
  /// registration (USR-2).
  public List<EmailAddress> addresses(OrganizationId organization, EntityId entity) {
    return ImportedRows.attachments(parts.store(), connected(organization).directory(), entity)
        .addresses();
  }

  /// A user's certificates for S/MIME (USR-8), DER; for the address list.
  public List<byte[]> certificates(OrganizationId organization, EntityId user) {
    return ImportedRows.attachments(parts.store(), connected(organization).directory(), user)
        .certificates();
  }

  /// Makes exactly these the direct members of a group. Members that are not taken over are left
  /// out.
  ///
  /// @param members external ids
  /// @return how many joined or left
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND (the group is not taken over),
  ///   LIMIT_EXCEEDED (too many members; nothing is changed)
  public int setMembers(OrganizationId organization, String group, Set<String> members) {
    View view = connected(organization);
    DirectoryId directory = view.directory();
    EntityId groupId =
        ImportedRows.find(parts.store(), directory, group)
            .filter(note -> note.kind() == EntityKind.GROUP)
            .map(Note::entity)
            .orElseThrow(Registrations::notFound);
    var wanted = new TreeMap<String, byte[]>();
    for (String member : members) {
      Optional<Note> note = ImportedRows.find(parts.store(), directory, member);
      if (note.isEmpty() || note.get().entity().equals(groupId)) continue;
      char kind = note.get().kind() == EntityKind.GROUP ? 'g' : 'u';
      wanted.put(note.get().entity().value(), new ValueWriter(FORMAT).number(kind).value());
    }
    if (wanted.size() > parts.limits().membersPerGroup()) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.LIMIT_EXCEEDED,
          "The group has more than " + parts.limits().membersPerGroup() + " members.");
    }
    Set<String> present = new HashSet<>();
    for (EntityId id : parts.links().others(Links.Kind.MEMBER, directory, groupId)) {
      present.add(id.value());
    }
    List<EntityId> leaving = new ArrayList<>();
    for (String id : present) if (!wanted.containsKey(id)) leaving.add(new EntityId(id));
    wanted.keySet().removeAll(present);
    List<Map.Entry<String, byte[]>> joining = new ArrayList<>(wanted.entrySet());
    for (int i = 0; i < leaving.size(); i += MEMBERS_PER_COMMIT) {
      int end = Math.min(leaving.size(), i + MEMBERS_PER_COMMIT);
      changeMembers(view, groupId, leaving.subList(i, end), List.of());
    }
    for (int i = 0; i < joining.size(); i += MEMBERS_PER_COMMIT) {
      int end = Math.min(joining.size(), i + MEMBERS_PER_COMMIT);
      changeMembers(view, groupId, List.of(), joining.subList(i, end));
    }
    return leaving.size() + joining.size();
  }

  private void changeMembers(
      View view, EntityId group, List<EntityId> leaving, List<Map.Entry<String, byte[]>> joining) {
    DirectoryId directory = view.directory();
    parts
        .entities()
        .change(
            directory,
            group,
            (commit, _) -> {
              long added = 0;
              for (EntityId id : leaving) {
                if (commit.get(EntityRows.MEMBERS, EntityRows.pair(group, id)).isEmpty()) continue;
                Links.delete(commit, Links.Kind.MEMBER, directory, group, id);
                added--;
              }
              for (Map.Entry<String, byte[]> entry : joining) {
                var id = new EntityId(entry.getKey());
                if (commit.get(EntityRows.MEMBERS, EntityRows.pair(group, id)).isPresent()) {
                  continue;
                }
                Links.put(commit, Links.Kind.MEMBER, directory, group, id, entry.getValue());
                added++;
              }
              Links.count(commit, group, added);
              parts.auditService(
                  commit,
                  view.organization(),
                  "SynchronizeGroupMembers",
                  Map.of(
                      "groupId",
                      group.value(),
                      "joined",
                      Integer.toString(joining.size()),
                      "left",
                      Integer.toString(leaving.size())));
              return true;
            });
  }

  /// Counts what would go.
  ///
  /// @param isPresent whether the directory has an external id
  public Missing missing(OrganizationId organization, Predicate<String> isPresent) {
    DirectoryId directory = connected(organization).directory();
    var counts = new EnumMap<EntityKind, long[]>(EntityKind.class);
    for (EntityKind kind : EntityKind.values()) counts.put(kind, new long[2]);
    for (int shard = 0; shard < EntityRows.SHARD_COUNT; shard++) {
      forEachNote(
          Entities.shard(directory, shard),
          page -> {
            for (Row row : page.rows()) {
              long[] count = counts.getOrDefault(Note.read(row.value()).kind(), new long[2]);
              count[0]++;
              if (!isPresent.test(externalId(row))) count[1]++;
            }
          });
    }
    long[] users = counts.getOrDefault(EntityKind.USER, new long[2]);
    long[] groups = counts.getOrDefault(EntityKind.GROUP, new long[2]);
    return new Missing(users[0], users[1], groups[0], groups[1]);
  }

  /// Deletes what the directory has no more.
  ///
  /// @return how many
  public int removeMissing(OrganizationId organization, Predicate<String> isPresent) {
    View view = connected(organization);
    int[] removed = {0};
    for (int shard = 0; shard < EntityRows.SHARD_COUNT; shard++) {
      PartitionId partition = Entities.shard(view.directory(), shard);
      forEachNote(
          partition,
          page -> {
            List<String> gone =
                page.rows().stream().map(Imports::externalId).filter(isPresent.negate()).toList();
            removed[0] += writer.remove(view, partition, gone);
          });
    }
    return removed[0];
  }

  private static String externalId(Row row) {
    return new String(row.key(), java.nio.charset.StandardCharsets.UTF_8);
  }

  private void forEachNote(PartitionId partition, java.util.function.Consumer<Page> each) {
    Collection notes = ImportedRows.IMPORTED;
    Optional<Range> next = Optional.of(Range.all());
    while (next.isPresent()) {
      Page page = parts.store().range(partition, notes, next.get(), PAGE_ROWS);
      each.accept(page);
      next = page.next();
    }
  }

  /// Records a synchronization that ended, with what it did.
  public void recordRun(OrganizationId organization, Map<String, String> results) {
    Organization found = parts.organizations().load(organization).organization();
    Change change = parts.serviceChange(found, "SynchronizeDirectory");
    parts
        .audit()
        .record(
            new org.mailstead.core.audit.AuditLog.Scope(organization.value()),
            change.entry().answered(results));
  }
}
