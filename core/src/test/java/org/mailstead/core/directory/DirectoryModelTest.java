package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.Recipients.Resolution;

/// Random operations beside a simple model that keeps everything in maps: both accept and refuse
/// the same, and tell the same afterwards.
final class DirectoryModelTest {
  private static final int NAMES = 8;
  private static final int ADDRESSES = 12;

  /// What the model knows of one entity.
  private static final class Known {
    final EntityId id;
    final String name;
    final EntityKind kind;
    EntityState state = EntityState.DISABLED;
    Optional<String> email = Optional.empty();
    final Set<String> aliases = new TreeSet<>();
    final Set<Known> members = new HashSet<>();
    final Set<Known> delegates = new HashSet<>();
    final Map<Known, Set<MailboxPermission>> permissions = new HashMap<>();

    Known(EntityId id, String name, EntityKind kind) {
      this.id = id;
      this.name = name;
      this.kind = kind;
    }

    boolean has(String address) {
      return email.filter(address::equals).isPresent() || aliases.contains(address);
    }
  }

  private final List<Known> known = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void theDirectoryBehavesAsTheModel(long seed) {
    var random = new Random(seed);
    try (var core = new CoreFixture()) {
      for (int i = 0; i < 400; i++) {
        step(core, random);
        if (random.nextInt(60) == 0) core.reopen();
        if (random.nextInt(20) == 0) core.runJobs();
        if (random.nextInt(100) == 0) compare(core);
      }
      core.runJobs();
      compare(core);
      assertThat(core.check().warnings()).isEmpty();
      core.clock().advance(Duration.ofDays(31));
      core.runJobs();
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  private void step(CoreFixture core, Random random) {
    String name = "entity" + random.nextInt(NAMES);
    String address = "address" + random.nextInt(ADDRESSES) + "@example.test";
    Optional<Known> some = pick(random);
    Optional<Known> other = pick(random);
    switch (random.nextInt(10)) {
      case 0 -> create(core, name, EntityKind.values()[random.nextInt(3)]);
      case 1 -> some.ifPresent(entity -> register(core, entity, address));
      case 2 -> some.ifPresent(entity -> deregister(core, entity));
      case 3 -> some.ifPresent(entity -> delete(core, entity));
      case 4 -> some.ifPresent(entity -> createAlias(core, entity, address));
      case 5 -> some.ifPresent(entity -> deleteAlias(core, entity, address));
      case 6 -> some.ifPresent(entity -> primary(core, entity, address));
      case 8 -> some.ifPresent(a -> other.ifPresent(b -> delegate(core, a, b, random.nextInt(3))));
      case 7 -> some.ifPresent(a -> other.ifPresent(b -> member(core, a, b, random.nextInt(3))));
      default ->
          some.ifPresent(a -> other.ifPresent(b -> permit(core, a, b, random.nextBoolean())));
    }
  }

  private Optional<Known> pick(Random random) {
    return known.isEmpty()
        ? Optional.empty()
        : Optional.of(known.get(random.nextInt(known.size())));
  }

  private boolean living(Known entity) {
    return entity.state != EntityState.DELETED;
  }

  private boolean taken(String address) {
    return known.stream().anyMatch(entity -> living(entity) && entity.has(address));
  }

  private static Optional<DirectoryRefusal> attempt(Runnable work) {
    try {
      work.run();
      return Optional.empty();
    } catch (DirectoryRefusedException e) {
      return Optional.of(e.reason());
    }
  }

  private static Optional<DirectoryRefusal> refused(DirectoryRefusal reason) {
    return Optional.of(reason);
  }

  private void create(CoreFixture core, String name, EntityKind kind) {
    boolean free = known.stream().noneMatch(each -> living(each) && each.name.equals(name));
    Optional<DirectoryRefusal> refusal =
        attempt(() -> {
          EntityId id =
              switch (kind) {
                case GROUP ->
                    core.directory()
                        .groups()
                        .create(core.change("CreateGroup"), core.organization(), name, false);
                case USER ->
                    core.directory()
                        .users()
                        .create(
                            core.change("CreateUser"),
                            core.organization(),
                            NewUser.of(name, name, "Some-Secret-1"));
                case RESOURCE ->
                    core.directory()
                        .resources()
                        .create(
                            core.change("CreateResource"),
                            core.organization(),
                            name,
                            ResourceType.EQUIPMENT,
                            Optional.empty(),
                            false);
              };
          known.add(new Known(id, name, kind));
        });
    assertThat(refusal)
        .isEqualTo(free ? Optional.empty() : refused(DirectoryRefusal.NAME_AVAILABILITY));
  }

  private void register(CoreFixture core, Known entity, String address) {
    Optional<DirectoryRefusal> expected =
        switch (entity.state) {
          case DELETED -> refused(DirectoryRefusal.ENTITY_STATE);
          case ENABLED ->
              entity.email.filter(address::equals).isPresent()
                  ? Optional.empty()
                  : refused(DirectoryRefusal.ENTITY_ALREADY_REGISTERED);
          case DISABLED ->
              taken(address) && !entity.has(address)
                  ? refused(DirectoryRefusal.EMAIL_ADDRESS_IN_USE)
                  : Optional.empty();
        };
    assertThat(attempt(() -> core.register(entity.id, address))).isEqualTo(expected);
    if (expected.isPresent() || entity.state == EntityState.ENABLED) return;
    entity.state = EntityState.ENABLED;
    setPrimary(entity, address);
  }

  private static void setPrimary(Known entity, String address) {
    entity.aliases.remove(address);
    entity.email.filter(old -> !old.equals(address)).ifPresent(entity.aliases::add);
    entity.email = Optional.of(address);
  }

  private void deregister(CoreFixture core, Known entity) {
    Optional<DirectoryRefusal> expected =
        entity.state == EntityState.ENABLED
            ? Optional.empty()
            : refused(DirectoryRefusal.ENTITY_STATE);
    assertThat(
            attempt(() ->
                core.directory()
                    .registrations()
                    .deregister(core.change("Deregister"), core.organization(), entity.id.value())))
        .isEqualTo(expected);
    if (expected.isEmpty()) entity.state = EntityState.DISABLED;
  }

  private void delete(CoreFixture core, Known entity) {
    Optional<DirectoryRefusal> expected =
        entity.state == EntityState.ENABLED
            ? refused(DirectoryRefusal.ENTITY_STATE)
            : Optional.empty();
    assertThat(
            attempt(() -> {
              String id = entity.id.value();
              switch (entity.kind) {
                case GROUP ->
                    core.directory()
                        .groups()
                        .delete(core.change("DeleteGroup"), core.organization(), id);
                case USER ->
                    core.directory()
                        .users()
                        .delete(core.change("DeleteUser"), core.organization(), id);
                case RESOURCE ->
                    core.directory()
                        .resources()
                        .delete(core.change("DeleteResource"), core.organization(), id);
              }
            }))
        .isEqualTo(expected);
    if (expected.isPresent()) return;
    entity.state = EntityState.DELETED;
    entity.email = Optional.empty();
    entity.aliases.clear();
    entity.members.clear();
    entity.permissions.clear();
    entity.delegates.clear();
    known.forEach(each -> {
      each.members.remove(entity);
      each.permissions.remove(entity);
      each.delegates.remove(entity);
    });
    core.runJobs(); // Links of a deleted entity go by the runner.
  }

  private void createAlias(CoreFixture core, Known entity, String address) {
    Optional<DirectoryRefusal> expected =
        entity.state != EntityState.ENABLED
            ? refused(DirectoryRefusal.ENTITY_STATE)
            : taken(address) ? refused(DirectoryRefusal.EMAIL_ADDRESS_IN_USE) : Optional.empty();
    assertThat(
            attempt(() ->
                core.directory()
                    .registrations()
                    .createAlias(
                        core.change("CreateAlias"), core.organization(), entity.id, address)))
        .isEqualTo(expected);
    if (expected.isEmpty()) entity.aliases.add(address);
  }

  private void deleteAlias(CoreFixture core, Known entity, String address) {
    Optional<DirectoryRefusal> expected =
        entity.state != EntityState.ENABLED
            ? refused(DirectoryRefusal.ENTITY_STATE)
            : entity.email.filter(address::equals).isPresent()
                ? refused(DirectoryRefusal.INVALID_PARAMETER)
                : Optional.empty();
    assertThat(
            attempt(() ->
                core.directory()
                    .registrations()
                    .deleteAlias(
                        core.change("DeleteAlias"), core.organization(), entity.id, address)))
        .isEqualTo(expected);
    if (expected.isEmpty()) entity.aliases.remove(address);
  }

  private void primary(CoreFixture core, Known entity, String address) {
    Optional<DirectoryRefusal> expected =
        entity.state != EntityState.ENABLED
            ? refused(DirectoryRefusal.ENTITY_STATE)
            : taken(address) && !entity.has(address)
                ? refused(DirectoryRefusal.EMAIL_ADDRESS_IN_USE)
                : Optional.empty();
    assertThat(
            attempt(() ->
                core.directory()
                    .registrations()
                    .updatePrimaryAddress(
                        core.change("UpdatePrimaryEmailAddress"),
                        core.organization(),
                        entity.id.value(),
                        address)))
        .isEqualTo(expected);
    if (expected.isEmpty()) setPrimary(entity, address);
  }

  private void member(CoreFixture core, Known group, Known member, int what) {
    boolean add = what > 0;
    Optional<DirectoryRefusal> expected;
    if (group.kind != EntityKind.GROUP) {
      expected = refused(DirectoryRefusal.ENTITY_NOT_FOUND);
    } else if (add && !living(member)) {
      expected = refused(DirectoryRefusal.ENTITY_STATE);
    } else if (add && (group == member || member.kind == EntityKind.RESOURCE)) {
      expected = refused(DirectoryRefusal.INVALID_PARAMETER);
    } else if (!living(group)) {
      expected = refused(DirectoryRefusal.ENTITY_STATE);
    } else {
      expected = Optional.empty();
    }
    assertThat(
            attempt(() -> {
              if (add) {
                core.addMember(group.id, member.id);
              } else {
                core.directory()
                    .groups()
                    .removeMember(
                        core.change("Disassociate"),
                        core.organization(),
                        group.id.value(),
                        member.id.value());
              }
            }))
        .isEqualTo(expected);
    if (expected.isPresent()) return;
    if (add) group.members.add(member);
    else group.members.remove(member);
  }

  private void delegate(CoreFixture core, Known resource, Known delegate, int what) {
    boolean add = what > 0;
    Optional<DirectoryRefusal> expected;
    if (resource.kind != EntityKind.RESOURCE) {
      expected = refused(DirectoryRefusal.ENTITY_NOT_FOUND);
    } else if (add && !living(delegate)) {
      expected = refused(DirectoryRefusal.ENTITY_STATE);
    } else if (add && delegate.kind == EntityKind.RESOURCE) {
      expected = refused(DirectoryRefusal.INVALID_PARAMETER);
    } else if (!living(resource)) {
      expected = refused(DirectoryRefusal.ENTITY_STATE);
    } else {
      expected = Optional.empty();
    }
    Resources resources = core.directory().resources();
    String id = resource.id.value();
    String other = delegate.id.value();
    assertThat(
            attempt(() -> {
              if (add) {
                resources.addDelegate(core.change("Associate"), core.organization(), id, other);
              } else {
                resources.removeDelegate(
                    core.change("Disassociate"), core.organization(), id, other);
              }
            }))
        .isEqualTo(expected);
    if (expected.isPresent()) return;
    if (add) resource.delegates.add(delegate);
    else resource.delegates.remove(delegate);
  }

  private static void compareDelegates(CoreFixture core, Known resource) {
    assertThat(
            core.directory()
                .resources()
                .delegates(core.organization(), resource.id.value(), PageRequest.first())
                .items())
        .extracting(Resources.Delegate::id)
        .containsExactlyInAnyOrderElementsOf(
            resource.delegates.stream().map(delegate -> delegate.id).toList());
  }

  private void permit(CoreFixture core, Known owner, Known grantee, boolean full) {
    Set<MailboxPermission> values =
        full
            ? Set.of(MailboxPermission.FULL_ACCESS)
            : Set.of(MailboxPermission.SEND_AS, MailboxPermission.SEND_ON_BEHALF);
    Optional<DirectoryRefusal> expected;
    if ((owner.kind == EntityKind.GROUP && full)
        || owner == grantee
        || grantee.kind == EntityKind.RESOURCE) {
      expected = refused(DirectoryRefusal.INVALID_PARAMETER);
    } else if (!living(grantee) || owner.state != EntityState.ENABLED) {
      expected = refused(DirectoryRefusal.ENTITY_STATE);
    } else {
      expected = Optional.empty();
    }
    assertThat(
            attempt(() ->
                core.directory()
                    .permissions()
                    .put(
                        core.change("PutMailboxPermissions"),
                        core.organization(),
                        owner.id.value(),
                        grantee.id.value(),
                        values)))
        .isEqualTo(expected);
    if (expected.isEmpty()) owner.permissions.put(grantee, values);
  }

  private void compare(CoreFixture core) {
    for (Known entity : known) {
      Entity found =
          core.directory()
              .registrations()
              .find(core.organization(), entity.id.value())
              .orElseThrow();
      assertThat(found.state()).isEqualTo(entity.state);
      assertThat(found.email().map(EmailAddress::toString)).isEqualTo(entity.email);
      assertThat(found.aliases().stream().map(EmailAddress::toString).toList())
          .containsExactlyElementsOf(entity.aliases);
      if (!living(entity)) continue;
      assertThat(permissions(core, entity)).isEqualTo(expectedPermissions(entity));
      switch (entity.kind) {
        case GROUP -> compareMembers(core, entity);
        case RESOURCE -> compareDelegates(core, entity);
        case USER -> {}
      }
    }
    for (int i = 0; i < ADDRESSES; i++) compareAddress(core, "address" + i + "@example.test");
  }

  private static Map<EntityId, Set<MailboxPermission>> permissions(CoreFixture core, Known entity) {
    Map<EntityId, Set<MailboxPermission>> found = new HashMap<>();
    core.directory()
        .permissions()
        .list(core.organization(), entity.id.value(), PageRequest.first())
        .items()
        .forEach(grant -> found.put(grant.grantee(), grant.values()));
    return found;
  }

  private static Map<EntityId, Set<MailboxPermission>> expectedPermissions(Known entity) {
    Map<EntityId, Set<MailboxPermission>> expected = new HashMap<>();
    entity.permissions.forEach((grantee, values) -> expected.put(grantee.id, values));
    return expected;
  }

  private static void compareMembers(CoreFixture core, Known group) {
    var members =
        core.directory()
            .groups()
            .members(core.organization(), group.id.value(), PageRequest.first());
    assertThat(members.items())
        .extracting(Groups.Member::id)
        .containsExactlyInAnyOrderElementsOf(
            group.members.stream().map(member -> member.id).toList());
    for (Known member : group.members) {
      assertThat(
              core.directory()
                  .groups()
                  .groupsOf(
                      core.organization(),
                      member.id.value(),
                      new EntityFilter.None(),
                      PageRequest.first())
                  .items())
          .extracting(Entity::id)
          .contains(group.id);
    }
  }

  private void compareAddress(CoreFixture core, String address) {
    Optional<Known> owner = known.stream().filter(entity -> entity.has(address)).findFirst();
    Resolution found = core.directory().recipients().resolve(EmailAddress.parse(address));
    if (owner.isEmpty()) {
      assertThat(found).isInstanceOf(Resolution.Unknown.class);
    } else if (owner.get().state == EntityState.DISABLED) {
      assertThat(found).isInstanceOf(Resolution.Disabled.class);
    } else {
      Set<EntityId> expected = new HashSet<>();
      expand(owner.get(), new HashSet<>(), expected);
      assertThat(((Resolution.Local) found).recipients())
          .extracting(Recipients.Recipient::entity)
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  private static void expand(Known entity, Set<Known> seen, Set<EntityId> found) {
    if (!seen.add(entity) || entity.state != EntityState.ENABLED) return;
    if (entity.kind == EntityKind.GROUP)
      entity.members.forEach(member -> expand(member, seen, found));
    else found.add(entity.id);
  }
}
