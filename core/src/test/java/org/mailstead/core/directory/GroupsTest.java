package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.core.directory.Refused.refused;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.Recipients.Resolution;

final class GroupsTest {
  private static EntityId create(CoreFixture core, String name) {
    return core.directory()
        .groups()
        .create(core.change("CreateGroup"), core.organization(), name, false);
  }

  private static void add(CoreFixture core, String group, String member) {
    core.directory()
        .groups()
        .addMember(core.change("AssociateMemberToGroup"), core.organization(), group, member);
  }

  private static void remove(CoreFixture core, String group, String member) {
    core.directory()
        .groups()
        .removeMember(
            core.change("DisassociateMemberFromGroup"), core.organization(), group, member);
  }

  private static List<String> groupsOf(CoreFixture core, String member, EntityFilter filter) {
    return core
        .directory()
        .groups()
        .groupsOf(core.organization(), member, filter, PageRequest.first())
        .items()
        .stream()
        .map(Entity::name)
        .toList();
  }

  private static List<EntityId> recipients(CoreFixture core, String address) {
    Resolution found = core.directory().recipients().resolve(EmailAddress.parse(address));
    return ((Resolution.Local) found)
        .recipients().stream().map(Recipients.Recipient::entity).toList();
  }

  @Test
  @DisplayName("GRP-1: members come and go; both directions agree")
  void members() {
    try (var core = new CoreFixture()) {
      create(core, "Sales & Support");
      add(core, "Sales & Support", "anna");
      add(core, "Sales & Support", "anna@example.test");
      add(core, "Sales & Support", "team@example.test");
      var members =
          core.directory()
              .groups()
              .members(core.organization(), "sales & support", PageRequest.first());
      assertThat(members.items())
          .extracting(Groups.Member::name)
          .containsExactlyInAnyOrder("anna", "team");
      assertThat(groupsOf(core, "anna", new EntityFilter.None()))
          .containsExactlyInAnyOrder("Sales & Support", "team");
      assertThat(groupsOf(core, "anna", new EntityFilter.NamePrefix("sal")))
          .containsExactly("Sales & Support");
      remove(core, "Sales & Support", "anna");
      remove(core, "Sales & Support", "anna");
      assertThat(groupsOf(core, "anna", new EntityFilter.None())).containsExactly("team");
      refused(DirectoryRefusal.ENTITY_NOT_FOUND, () -> add(core, "none", "anna"));
      refused(DirectoryRefusal.ENTITY_NOT_FOUND, () -> add(core, "team", "none"));
      refused(DirectoryRefusal.ENTITY_NOT_FOUND, () -> add(core, "anna", "bert"));
      refused(DirectoryRefusal.INVALID_PARAMETER, () -> add(core, "team", "team"));
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () -> groupsOf(core, "anna", new EntityFilter.StateIs(EntityState.ENABLED)));
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  @DisplayName(
      "GRP-1: each enabled member gets it once; cycles are cut; disabled groups are not followed")
  void expansion() {
    try (var core = new CoreFixture()) {
      add(core, "nested", "team"); // A cycle.
      add(core, "team", "bert"); // Twice in it.
      assertThat(recipients(core, "team@example.test"))
          .containsExactlyInAnyOrder(core.anna(), core.bert(), core.carl());
      assertThat(recipients(core, "nested+tag@example.test")).hasSize(3);
      core.directory()
          .registrations()
          .deregister(core.change("Deregister"), core.organization(), "bert");
      assertThat(recipients(core, "team@example.test"))
          .containsExactlyInAnyOrder(core.anna(), core.carl());
      core.directory()
          .registrations()
          .deregister(core.change("Deregister"), core.organization(), "nested");
      assertThat(recipients(core, "team@example.test")).containsExactly(core.anna());
      remove(core, "team", "anna");
      assertThat(recipients(core, "team@example.test")).isEmpty();
    }
  }

  @Test
  void expansionIsBounded() {
    DirectoryLimits two = new DirectoryLimits(100, 1000, 1000, 100, 1000, 1000, 2, 1000, 1000, 100);
    try (var core = new CoreFixture(two)) {
      assertThat(recipients(core, "team@example.test")).hasSize(2);
    }
  }

  @Test
  void membersAndGroupsAreLimited() {
    DirectoryLimits two = new DirectoryLimits(100, 1000, 3, 100, 1000, 2, 1000, 1000, 1000, 100);
    try (var core = new CoreFixture(two)) {
      refused(DirectoryRefusal.LIMIT_EXCEEDED, () -> add(core, "team", "bert"));
      create(core, "third");
      refused(DirectoryRefusal.LIMIT_EXCEEDED, () -> create(core, "fourth"));
    }
  }

  @Test
  void lifeOfAGroup() {
    try (var core = new CoreFixture()) {
      var groups = core.directory().groups();
      EntityId id = create(core, "Änderungen");
      assertThat(groups.describe(core.organization(), "änderungen").state())
          .isEqualTo(EntityState.DISABLED);
      core.register(id, "changes@example.test");
      groups.update(core.change("UpdateGroup"), core.organization(), id.value(), Optional.of(true));
      var group = groups.describe(core.organization(), "changes@example.test");
      assertThat(group.hiddenFromGlobalAddressList()).isTrue();
      assertThat(group.enabledDate()).contains(core.clock().instant());
      refused(
          DirectoryRefusal.ENTITY_STATE,
          () -> groups.delete(core.change("DeleteGroup"), core.organization(), "Änderungen"));
      core.directory()
          .registrations()
          .deregister(core.change("Deregister"), core.organization(), id.value());
      groups.delete(core.change("DeleteGroup"), core.organization(), "Änderungen");
      groups.delete(core.change("DeleteGroup"), core.organization(), "Änderungen");
      assertThat(groups.describe(core.organization(), id.value()).state())
          .isEqualTo(EntityState.DELETED);
      refused(DirectoryRefusal.ENTITY_STATE, () -> add(core, id.value(), "anna"));
      refused(DirectoryRefusal.ENTITY_STATE, () -> add(core, "team", id.value()));
      refused(
          DirectoryRefusal.ENTITY_STATE,
          () -> groups.members(core.organization(), id.value(), PageRequest.first()));
      refused(
          DirectoryRefusal.ENTITY_NOT_FOUND, () -> groups.describe(core.organization(), "anna"));
      // A user is not deleted as a group.
      groups.delete(core.change("DeleteGroup"), core.organization(), "anna");
      assertThat(core.principal(core.anna()).user()).isEqualTo(core.anna());
      core.runJobs();
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  void listsAndTheirFilters() {
    try (var core = new CoreFixture()) {
      for (int i = 0; i < 12; i++) create(core, "group %02d".formatted(i));
      List<String> names = new ArrayList<>();
      Optional<String> token = Optional.empty();
      do {
        var page =
            core.directory()
                .groups()
                .list(
                    core.organization(),
                    new EntityFilter.NamePrefix("Group"),
                    new PageRequest(5, token));
        page.items().forEach(group -> names.add(group.name()));
        token = page.nextToken();
      } while (token.isPresent());
      assertThat(names).hasSize(12).isSorted();
      var enabled =
          core.directory()
              .groups()
              .list(
                  core.organization(),
                  new EntityFilter.StateIs(EntityState.ENABLED),
                  PageRequest.first());
      assertThat(enabled.items()).extracting(Entity::name).containsExactly("nested", "team");
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () ->
              core.directory()
                  .groups()
                  .list(
                      core.organization(),
                      new EntityFilter.DisplayNamePrefix("x"),
                      PageRequest.first()));
    }
  }

  @Test
  void membersAreListedInPages() {
    try (var core = new CoreFixture()) {
      for (int i = 0; i < 9; i++) {
        create(core, "g" + i);
        add(core, "team", "g" + i);
      }
      List<EntityId> seen = new ArrayList<>();
      Optional<String> token = Optional.empty();
      do {
        var page =
            core.directory()
                .groups()
                .members(core.organization(), "team", new PageRequest(4, token));
        page.items().forEach(member -> seen.add(member.id()));
        token = page.nextToken();
      } while (token.isPresent());
      assertThat(seen).hasSize(11).doesNotHaveDuplicates();
    }
  }
}
