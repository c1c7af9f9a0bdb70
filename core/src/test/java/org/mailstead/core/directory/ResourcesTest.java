package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.Recipients.Resolution;

@DisplayName("RES-1, RES-3: rooms and equipment with their delegates")
final class ResourcesTest {
  private static EntityId room(CoreFixture core, String name) {
    return core.directory()
        .resources()
        .create(
            core.change("CreateResource"),
            core.organization(),
            name,
            ResourceType.ROOM,
            Optional.of("Second floor"),
            false);
  }

  private static ResourceChange accepting(boolean value) {
    return new ResourceChange(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(value),
        Optional.empty(),
        Optional.empty());
  }

  private static ResourceChange named(String name) {
    return new ResourceChange(
        Optional.of(name),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static void update(CoreFixture core, EntityId room, ResourceChange change) {
    core.directory()
        .resources()
        .update(core.change("UpdateResource"), core.organization(), room.value(), change);
  }

  private static void refused(DirectoryRefusal reason, Runnable work) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(
            DirectoryRefusedException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  @Test
  void anEnabledResourceReceivesInItsMailboxAndKeepsItForThirtyDays() {
    try (var core = new CoreFixture()) {
      EntityId room = room(core, "blue");
      var address = EmailAddress.parse("blue@example.test");
      core.register(room, "blue@example.test");
      var local = (Resolution.Local) core.directory().recipients().resolve(address);
      assertThat(local.recipients()).extracting(Recipients.Recipient::entity).containsExactly(room);
      var mailbox = local.recipients().getFirst().mailbox();
      assertThat(core.mailboxes().open(mailbox).folders()).isNotEmpty();

      core.directory()
          .registrations()
          .deregister(core.change("Deregister"), core.organization(), room.value());
      assertThat(core.directory().recipients().resolve(address))
          .isInstanceOf(Resolution.Disabled.class);
      core.clock().advance(Duration.ofDays(29));
      core.runJobs();
      core.reopen();
      core.register(room, "blue@example.test");
      local = (Resolution.Local) core.directory().recipients().resolve(address);
      assertThat(local.recipients().getFirst().mailbox()).isEqualTo(mailbox);

      core.directory()
          .registrations()
          .deregister(core.change("Deregister"), core.organization(), room.value());
      core.clock().advance(Duration.ofDays(31));
      core.runJobs();
      assertThat(core.directory().resources().describe(core.organization(), room.value()).mailbox())
          .isEmpty();
      core.register(room, "blue@example.test");
      local = (Resolution.Local) core.directory().recipients().resolve(address);
      assertThat(local.recipients().getFirst().mailbox()).isNotEqualTo(mailbox);
    }
  }

  @Test
  void acceptanceIsSwitchedOffOnlyWithADelegate() {
    try (var core = new CoreFixture()) {
      EntityId room = room(core, "blue");
      Resources resources = core.directory().resources();
      refused(DirectoryRefusal.INVALID_CONFIGURATION, () -> update(core, room, accepting(false)));
      resources.addDelegate(
          core.change("Associate"), core.organization(), room.value(), core.team().value());
      resources.addDelegate(
          core.change("Associate"), core.organization(), room.value(), core.anna().value());
      update(core, room, accepting(false));
      resources.removeDelegate(
          core.change("Disassociate"), core.organization(), room.value(), core.team().value());
      refused(
          DirectoryRefusal.ENTITY_STATE,
          () ->
              resources.removeDelegate(
                  core.change("Disassociate"),
                  core.organization(),
                  room.value(),
                  core.anna().value()));
      update(core, room, accepting(true));
      resources.removeDelegate(
          core.change("Disassociate"), core.organization(), room.value(), core.anna().value());
      assertThat(
              resources.delegates(core.organization(), room.value(), PageRequest.first()).items())
          .isEmpty();
    }
  }

  @Test
  void aResourceIsNoMemberNoGranteeAndNoDelegate() {
    try (var core = new CoreFixture()) {
      EntityId room = room(core, "blue");
      EntityId other = room(core, "red");
      refused(DirectoryRefusal.INVALID_PARAMETER, () -> core.addMember(core.team(), room));
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () ->
              core.directory()
                  .resources()
                  .addDelegate(
                      core.change("Associate"), core.organization(), room.value(), other.value()));
      refused(
          DirectoryRefusal.INVALID_PARAMETER,
          () ->
              core.directory()
                  .permissions()
                  .put(
                      core.change("Put"),
                      core.organization(),
                      core.anna().value(),
                      room.value(),
                      Set.of(MailboxPermission.FULL_ACCESS)));
    }
  }

  @Test
  void fullAccessOnAResourceOpensItsMailbox() {
    try (var core = new CoreFixture()) {
      EntityId room = room(core, "blue");
      core.register(room, "blue@example.test");
      core.directory()
          .permissions()
          .put(
              core.change("PutMailboxPermissions"),
              core.organization(),
              room.value(),
              core.nested().value(),
              Set.of(MailboxPermission.FULL_ACCESS));
      core.runJobs();
      assertThat(core.access().otherMailboxes(core.principal(core.bert())))
          .extracting(org.mailstead.core.access.Access.OtherMailbox::name)
          .containsExactly("blue@example.test");
      assertThat(core.access().otherMailboxes(core.principal(core.anna()))).isEmpty();
    }
  }

  @Test
  void aNameIsClaimedAnewAndTheOldOneIsFree() {
    try (var core = new CoreFixture()) {
      EntityId room = room(core, "blue");
      EntityId other = room(core, "red");
      refused(DirectoryRefusal.NAME_AVAILABILITY, () -> update(core, room, named("RED")));
      update(core, room, named("Blue"));
      update(core, room, named("green"));
      update(core, other, named("blue"));
      assertThat(core.directory().resources().describe(core.organization(), "green").id())
          .isEqualTo(room);
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  void aDeletedDelegateGoesAndADeletedResourceFreesItsDelegates() {
    try (var core = new CoreFixture()) {
      EntityId room = room(core, "blue");
      EntityId group =
          core.directory()
              .groups()
              .create(core.change("CreateGroup"), core.organization(), "crew", false);
      core.directory()
          .resources()
          .addDelegate(core.change("Associate"), core.organization(), room.value(), group.value());
      core.directory()
          .groups()
          .delete(core.change("DeleteGroup"), core.organization(), group.value());
      core.runJobs();
      assertThat(
              core.directory()
                  .resources()
                  .delegates(core.organization(), room.value(), PageRequest.first())
                  .items())
          .isEmpty();
      core.directory()
          .resources()
          .addDelegate(
              core.change("Associate"), core.organization(), room.value(), core.anna().value());
      core.directory()
          .resources()
          .delete(core.change("DeleteResource"), core.organization(), "blue");
      core.runJobs();
      refused(DirectoryRefusal.ENTITY_STATE, () -> update(core, room, accepting(true)));
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  void delegatesAreLimitedAndListedInPages() {
    try (var core = new CoreFixture(DirectoryLimits.standard())) {
      EntityId room = room(core, "blue");
      Resources resources = core.directory().resources();
      for (EntityId id : java.util.List.of(core.anna(), core.bert(), core.carl())) {
        resources.addDelegate(
            core.change("Associate"), core.organization(), room.value(), id.value());
      }
      var first =
          resources.delegates(
              core.organization(), room.value(), new PageRequest(2, Optional.empty()));
      var second =
          resources.delegates(
              core.organization(), room.value(), new PageRequest(2, first.nextToken()));
      assertThat(first.items()).hasSize(2);
      assertThat(second.items()).hasSize(1);
      assertThat(second.nextToken()).isEmpty();
    }
    DirectoryLimits two = new DirectoryLimits(100, 1000, 2, 100, 1000, 1000, 1000, 1000, 2, 100);
    try (var core = new CoreFixture(two)) {
      EntityId room = room(core, "blue");
      for (EntityId id : java.util.List.of(core.anna(), core.bert())) {
        core.directory()
            .resources()
            .addDelegate(core.change("Associate"), core.organization(), room.value(), id.value());
      }
      refused(
          DirectoryRefusal.LIMIT_EXCEEDED,
          () ->
              core.directory()
                  .resources()
                  .addDelegate(
                      core.change("Associate"),
                      core.organization(),
                      room.value(),
                      core.carl().value()));
      room(core, "red");
      refused(DirectoryRefusal.LIMIT_EXCEEDED, () -> room(core, "green"));
    }
  }
}
