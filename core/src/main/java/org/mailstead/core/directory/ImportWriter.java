package org.mailstead.core.directory;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.EntityId;
import org.mailstead.core.directory.Claims.Claim;
import org.mailstead.core.directory.Entities.Replacement;
import org.mailstead.core.directory.Entity.Group;
import org.mailstead.core.directory.Entity.User;
import org.mailstead.core.directory.ImportedRows.Note;
import org.mailstead.core.directory.Imports.Outcome;
import org.mailstead.core.directory.Imports.Problem;
import org.mailstead.core.directory.OrganizationViews.View;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.store.PartitionId;

/// Writes imported users and groups, one shard and one bounded commit at a time: names are claimed
/// first, then entity, notes and audit entries are one commit.
final class ImportWriter {
  /// Objects of one commit, and octets of them as estimated: well below what a commit may hold.
  private static final int BATCH_OBJECTS_MAX = 50;

  private static final int BATCH_BYTES_MAX = 300_000;
  private static final int OBJECT_BYTES = 4_000;

  private final Parts parts;
  private final ImportedAddresses addresses;

  ImportWriter(Parts parts) {
    this.parts = parts;
    this.addresses = new ImportedAddresses(parts);
  }

  /// What has been done so far.
  static final class Tally {
    private int created;
    private int updated;
    private int unchanged;
    private final List<Problem> problems = new ArrayList<>();

    Outcome outcome() {
      return new Outcome(created, updated, unchanged, List.copyOf(problems));
    }
  }

  /// @param name the one that it is to have; the old one if the new one is taken
  /// @param settled false: it is to be looked at again, for something was left out
  private record Planned(
      Imported imported,
      EntityId id,
      boolean isNew,
      String name,
      Optional<Claim> claim,
      boolean settled) {}

  static List<List<Imported>> batches(List<Imported> all) {
    List<List<Imported>> batches = new ArrayList<>();
    List<Imported> batch = new ArrayList<>();
    int bytes = 0;
    for (Imported imported : all) {
      int size = bytes(imported);
      boolean full = batch.size() == BATCH_OBJECTS_MAX || bytes + size > BATCH_BYTES_MAX;
      if (full && !batch.isEmpty()) {
        batches.add(batch);
        batch = new ArrayList<>();
        bytes = 0;
      }
      batch.add(imported);
      bytes += size;
    }
    if (!batch.isEmpty()) batches.add(batch);
    return batches;
  }

  private static int bytes(Imported imported) {
    int bytes = OBJECT_BYTES + imported.addresses().size() * 64;
    return switch (imported) {
      case Imported.User user ->
          bytes + user.certificates().stream().mapToInt(certificate -> certificate.length).sum();
      case Imported.Group _ -> bytes;
    };
  }

  void put(View view, int shard, List<Imported> batch, Tally tally) {
    List<Planned> planned = new ArrayList<>();
    int created = tally.created;
    int updated = tally.updated;
    try {
      for (Imported imported : batch) plan(view, shard, imported, tally).ifPresent(planned::add);
      if (planned.isEmpty()) return;
      checkCount(view, planned);
      parts
          .outbox()
          .change(
              Entities.shard(view.directory(), shard),
              commit -> {
                List<Replacement> replacements = new ArrayList<>();
                for (Planned one : planned) {
                  write(commit, view, one).ifPresent(replacements::add);
                }
                Entities.write(commit, replacements);
                return true;
              });
    } catch (RuntimeException e) {
      for (Planned one : planned) {
        one.claim.ifPresent(c -> parts.claims().abandon(c, parts.entities()::uses, e));
      }
      tally.created = created;
      tally.updated = updated;
      throw e;
    }
    if (view.organization().interoperability()) {
      for (Planned one : planned) addresses.align(view, one.id);
    }
  }

  private void checkCount(View view, List<Planned> planned) {
    long fresh =
        planned.stream()
            .filter(p -> p.isNew && p.imported.kind() == EntityKind.USER && !p.imported.system())
            .count();
    long max = view.organization().usersMax();
    if (fresh > 0 && parts.entities().count(view.directory()).users() + fresh > max) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.LIMIT_EXCEEDED,
          "The directory has more than the " + max + " users that the organization may have.");
    }
  }

  private Optional<Planned> plan(View view, int shard, Imported imported, Tally tally) {
    DirectoryId directory = view.directory();
    Optional<Note> note = ImportedRows.find(parts.store(), directory, imported.externalId());
    byte[] fingerprint = ImportedRows.fingerprint(imported);
    if (note.filter(n -> java.util.Arrays.equals(n.fingerprint(), fingerprint)).isPresent()) {
      tally.unchanged++;
      return Optional.empty();
    }
    Optional<String> unfit = unfit(imported);
    if (unfit.isEmpty() && note.filter(n -> n.kind() != imported.kind()).isPresent()) {
      unfit = Optional.of("It was a user and is a group now, or the other way round.");
    }
    if (unfit.isPresent()) {
      tally.problems.add(problem(imported, unfit.get()));
      return Optional.empty();
    }
    Optional<StoredEntity> stored =
        note.flatMap(n -> parts.entities().findFresh(directory, n.entity()));
    EntityId id = note.map(Note::entity).orElseGet(() -> freshId(shard));
    Optional<String> oldName = stored.map(s -> name(s.entity()));
    boolean named =
        oldName
            .filter(old -> EntityRows.folded(old).equals(EntityRows.folded(imported.name())))
            .isPresent();
    Optional<Claim> claim = Optional.empty();
    if (!named) {
      claim =
          parts
              .claims()
              .take(
                  Claims.Kind.NAME,
                  Entities.nameClaim(directory, imported.name()),
                  directory.value(),
                  id.value(),
                  parts.entities()::uses);
      if (claim.isEmpty()) {
        tally.problems.add(problem(imported, "Its name is in use by somebody else."));
        if (stored.isEmpty()) return Optional.empty();
      }
    }
    boolean settled = named || claim.isPresent();
    if (stored.isEmpty()) tally.created++;
    else tally.updated++;
    String name = settled ? imported.name() : oldName.orElseThrow();
    return Optional.of(new Planned(imported, id, stored.isEmpty(), name, claim, settled));
  }

  private static Problem problem(Imported imported, String text) {
    return new Problem(imported.externalId(), imported.name(), text);
  }

  private static String name(Entity entity) {
    return entity.name();
  }

  /// What keeps an object out.
  private static Optional<String> unfit(Imported imported) {
    try {
      switch (imported) {
        case Imported.User user -> {
          Texts.userName(user.name());
          user.details().values().forEach(Texts::detail);
        }
        case Imported.Group group -> Texts.groupName(group.name());
      }
    } catch (DirectoryRefusedException e) {
      return Optional.of(e.publicText());
    }
    int idBytes = EntityRows.utf8(imported.externalId()).length;
    if (idBytes == 0 || idBytes > Imports.ID_BYTES_MAX) {
      return Optional.of("Its id in the directory is too long.");
    }
    return Optional.empty();
  }

  /// A random id that lies in this shard.
  private EntityId freshId(int shard) {
    while (true) {
      var id = new EntityId(parts.uuid());
      if (EntityRows.shard(id) == shard) return id;
    }
  }

  private Optional<Replacement> write(PartitionChange commit, View view, Planned one) {
    one.claim.ifPresent(parts.claims()::checkTimely);
    Optional<StoredEntity> before = Entities.find(commit, one.id);
    if (before.filter(b -> b.entity().state() == EntityState.DELETED).isPresent()) {
      return Optional.empty();
    }
    Imported imported = one.imported;
    StoredEntity after =
        switch (imported) {
          case Imported.User user -> user(before, one, user);
          case Imported.Group group -> group(before, one, group);
        };
    // The new name was claimed; the old one is free after this commit.
    if (one.claim.isPresent()) {
      before.ifPresent(b -> releaseName(commit, view.directory(), b.entity()));
    }
    byte[] fingerprint =
        one.settled ? ImportedRows.fingerprint(imported) : ImportedRows.unsettled();
    ImportedRows.write(
        commit, imported, new Note(imported.kind(), one.id, fingerprint, disabled(imported)));
    String kind = imported.kind() == EntityKind.USER ? "User" : "Group";
    parts.auditService(
        commit,
        view.organization(),
        (before.isEmpty() ? "Create" : "Update") + kind,
        Map.of(
            kind.equals("User") ? "userId" : "groupId",
            one.id.value(),
            "name",
            one.name,
            "directoryObjectId",
            imported.externalId()));
    return Optional.of(new Replacement(before, Optional.of(after)));
  }

  private static boolean disabled(Imported imported) {
    return switch (imported) {
      case Imported.User user -> user.loginDisabled();
      case Imported.Group _ -> false;
    };
  }

  private void releaseName(PartitionChange commit, DirectoryId directory, Entity entity) {
    parts
        .claims()
        .find(Claims.Kind.NAME, Entities.nameClaim(directory, entity.name()))
        .filter(claim -> claim.isBy(directory.value(), entity.id().value()))
        .ifPresent(claim -> Claims.release(commit, claim));
  }

  private StoredEntity user(Optional<StoredEntity> before, Planned one, Imported.User user) {
    if (before.isEmpty()) {
      var fresh =
          new User(
              one.id,
              one.name,
              displayName(user),
              role(user, UserRole.USER),
              EntityState.DISABLED,
              Optional.empty(),
              List.of(),
              user.hidden(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              DirectoryLimits.QUOTA_MEGABYTES_MAX,
              Map.copyOf(user.details()));
      return new StoredEntity(
          fresh, Optional.empty(), parts.random().nextLong(), 0, Optional.empty());
    }
    StoredEntity stored = before.get();
    User now = (User) stored.entity();
    var details = new EnumMap<UserDetail, String>(UserDetail.class);
    now.details()
        .forEach((detail, text) -> {
          if (!detail.isOfDirectory()) details.put(detail, text);
        });
    details.putAll(user.details());
    UserRole role = now.state() == EntityState.ENABLED ? now.role() : role(user, now.role());
    // A fresh stamp forgets remembered logins, at once and not after ten minutes.
    return stored
        .withName(one.name)
        .withProfile(
            role,
            displayName(user),
            now.hiddenFromGlobalAddressList(),
            Collections.unmodifiableMap(details))
        .withStamp(user.loginDisabled() ? parts.random().nextLong() : stored.stamp());
  }

  private static String displayName(Imported.User user) {
    return user.displayName().isEmpty() ? user.name() : user.displayName();
  }

  private static UserRole role(Imported.User user, UserRole now) {
    if (user.system()) return UserRole.SYSTEM_USER;
    if (user.resource()) return UserRole.RESOURCE;
    return now == UserRole.REMOTE_USER ? now : UserRole.USER;
  }

  private StoredEntity group(Optional<StoredEntity> before, Planned one, Imported.Group group) {
    if (before.isPresent()) return before.get().withName(one.name);
    var fresh =
        new Group(
            one.id,
            one.name,
            EntityState.DISABLED,
            Optional.empty(),
            List.of(),
            group.hidden(),
            Optional.empty(),
            Optional.empty(),
            group.system());
    return new StoredEntity(
        fresh, Optional.empty(), parts.random().nextLong(), 0, Optional.empty());
  }

  /// Deletes objects of one shard: enabled ones are disabled first, so that what is kept for 30
  /// days is counted from now.
  int remove(View view, PartitionId partition, List<String> externalIds) {
    int removed = 0;
    for (int i = 0; i < externalIds.size(); i += BATCH_OBJECTS_MAX) {
      List<String> batch =
          externalIds.subList(i, Math.min(externalIds.size(), i + BATCH_OBJECTS_MAX));
      removed +=
          parts
              .outbox()
              .change(
                  partition,
                  commit -> {
                    List<Replacement> replacements = new ArrayList<>();
                    for (String id : batch) {
                      remove(commit, view, id).ifPresent(replacements::add);
                    }
                    Entities.write(commit, replacements);
                    return replacements.size();
                  });
    }
    return removed;
  }

  private Optional<Replacement> remove(PartitionChange commit, View view, String externalId) {
    Optional<Note> note =
        commit.get(ImportedRows.IMPORTED, EntityRows.utf8(externalId)).map(Note::read);
    if (note.isEmpty()) return Optional.empty();
    EntityId id = note.get().entity();
    ImportedRows.delete(commit, externalId, id);
    Optional<StoredEntity> before =
        Entities.find(commit, id).filter(stored -> stored.entity().state() != EntityState.DELETED);
    if (before.isEmpty()) return Optional.empty();
    Entity entity = before.get().entity();
    StoredEntity disabled =
        entity.state() == EntityState.ENABLED
            ? before.get().disabled(parts.clock().instant())
            : before.get();
    Users.releaseNames(parts, commit, view.directory(), entity);
    Consequences.startEntity(commit, view.directory(), id);
    String kind = entity.kind() == EntityKind.USER ? "User" : "Group";
    parts.auditService(
        commit,
        view.organization(),
        "Delete" + kind,
        Map.of(
            kind.equals("User") ? "userId" : "groupId",
            id.value(),
            "directoryObjectId",
            externalId));
    return Optional.of(
        new Replacement(
            before,
            Optional.of(
                disabled.deleted(parts.clock().instant()).withStamp(parts.random().nextLong()))));
  }
}
