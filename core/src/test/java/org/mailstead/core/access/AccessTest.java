package org.mailstead.core.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.FolderId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.access.Access.OtherMailbox;
import org.mailstead.core.directory.MailboxPermission;
import org.mailstead.core.mailbox.Mailbox;

final class AccessTest {
  private static FolderId inbox(CoreFixture core, EntityId user) {
    return core.mailbox(user).findFolder(List.of("INBOX")).orElseThrow().id();
  }

  private static void permit(
      CoreFixture core, EntityId owner, EntityId grantee, MailboxPermission... values) {
    core.directory()
        .permissions()
        .put(
            core.change("PutMailboxPermissions"),
            core.organization(),
            owner.value(),
            grantee.value(),
            Set.of(values));
  }

  private static Set<Right> rights(CoreFixture core, EntityId asker, EntityId owner) {
    return core.access()
        .folderRights(core.principal(asker), core.principal(owner).mailbox(), inbox(core, owner));
  }

  @Test
  @DisplayName("PRM-1: the owner has every right, others none until it is granted")
  void ownersAndOthers() {
    try (var core = new CoreFixture()) {
      assertThat(rights(core, core.anna(), core.anna())).containsExactlyInAnyOrder(Right.values());
      assertThat(rights(core, core.bert(), core.anna())).isEmpty();
      assertThat(core.access().otherMailboxes(core.principal(core.bert()))).isEmpty();
    }
  }

  @Test
  @DisplayName(
      "GRP-2: Full Access for a group holds for members of nested groups, and ends at once")
  void fullAccessThroughNestedGroups() {
    try (var core = new CoreFixture()) {
      EntityId dora = core.enabledUser("dora", "Dora", "Dora-Secret-4");
      permit(core, dora, core.team(), MailboxPermission.FULL_ACCESS);
      assertThat(rights(core, core.bert(), dora)).containsExactlyInAnyOrder(Right.values());
      assertThat(core.access().otherMailboxes(core.principal(core.bert())))
          .containsExactly(
              new OtherMailbox(core.principal(dora).mailbox(), "dora@example.test", true));
      core.directory()
          .groups()
          .removeMember(
              core.change("DisassociateMemberFromGroup"), core.organization(), "nested", "bert");
      assertThat(rights(core, core.bert(), dora)).isEmpty();
      assertThat(core.access().otherMailboxes(core.principal(core.bert()))).isEmpty();
      assertThat(rights(core, core.carl(), dora)).isNotEmpty();
      core.directory()
          .permissions()
          .delete(core.change("DeleteMailboxPermissions"), core.organization(), "dora", "team");
      assertThat(rights(core, core.carl(), dora)).isEmpty();
    }
  }

  @Test
  void sendRightsAloneOpenNoMailbox() {
    try (var core = new CoreFixture()) {
      permit(core, core.anna(), core.bert(), MailboxPermission.SEND_AS);
      assertThat(rights(core, core.bert(), core.anna())).isEmpty();
      assertThat(core.access().otherMailboxes(core.principal(core.bert()))).isEmpty();
    }
  }

  @Test
  @DisplayName("PRM-1: Send As is stronger than Send On Behalf; Full Access gives neither")
  void sendRights() {
    try (var core = new CoreFixture()) {
      Principal bert = core.principal(core.bert());
      EmailAddress anna = EmailAddress.parse("anna@example.test");
      assertThat(core.access().sendRight(bert, EmailAddress.parse("bert@example.test")))
          .isEqualTo(SendRight.OWN);
      assertThat(core.access().sendRight(bert, EmailAddress.parse("bert+x@example.test")))
          .isEqualTo(SendRight.OWN);
      assertThat(core.access().sendRight(bert, anna)).isEqualTo(SendRight.NONE);
      assertThat(core.access().sendRight(bert, EmailAddress.parse("who@other.test")))
          .isEqualTo(SendRight.NONE);
      permit(core, core.anna(), core.bert(), MailboxPermission.FULL_ACCESS);
      assertThat(core.access().sendRight(bert, anna)).isEqualTo(SendRight.NONE);
      permit(core, core.anna(), core.nested(), MailboxPermission.SEND_ON_BEHALF);
      assertThat(core.access().sendRight(bert, anna)).isEqualTo(SendRight.SEND_ON_BEHALF);
      permit(core, core.anna(), core.bert(), MailboxPermission.SEND_AS);
      assertThat(core.access().sendRight(bert, anna)).isEqualTo(SendRight.SEND_AS);
      permit(core, core.team(), core.bert(), MailboxPermission.SEND_AS);
      assertThat(core.access().sendRight(bert, EmailAddress.parse("team@example.test")))
          .isEqualTo(SendRight.SEND_AS);
      core.directory()
          .registrations()
          .deregister(core.change("Deregister"), core.organization(), "anna");
      assertThat(core.access().sendRight(bert, anna)).isEqualTo(SendRight.NONE);
    }
  }

  @Test
  @DisplayName("PRM-2: folder permissions of users, groups and everybody hold for one folder")
  void folderPermissions() {
    try (var core = new CoreFixture()) {
      Principal anna = core.principal(core.anna());
      Principal bert = core.principal(core.bert());
      FolderId inbox = inbox(core, core.anna());
      core.access()
          .setFolderPermission(
              anna, anna.mailbox(), inbox, core.nested(), EnumSet.of(Right.LOOKUP, Right.READ));
      assertThat(core.access().folderRights(bert, anna.mailbox(), inbox))
          .containsExactlyInAnyOrder(Right.LOOKUP, Right.READ);
      FolderId drafts = core.mailbox(core.anna()).findFolder(List.of("Drafts")).orElseThrow().id();
      assertThat(core.access().folderRights(bert, anna.mailbox(), drafts)).isEmpty();
      assertThat(core.access().otherMailboxes(bert))
          .containsExactly(new OtherMailbox(anna.mailbox(), "anna@example.test", false));
      core.access()
          .setFolderPermission(
              anna, anna.mailbox(), drafts, Mailbox.ANYONE, EnumSet.of(Right.LOOKUP));
      EntityId dora = core.enabledUser("dora", "Dora", "Dora-Secret-4");
      assertThat(core.access().otherMailboxes(core.principal(dora))).hasSize(1);
      assertThatThrownBy(() ->
              core.access()
                  .setFolderPermission(
                      bert, anna.mailbox(), inbox, core.bert(), EnumSet.allOf(Right.class)))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("may not change");
      assertThatThrownBy(() ->
              core.access()
                  .setFolderPermission(
                      core.principal(dora),
                      anna.mailbox(),
                      inbox,
                      dora,
                      EnumSet.allOf(Right.class)))
          .hasMessage("no such folder");
      core.access().setFolderPermission(anna, anna.mailbox(), inbox, core.nested(), Set.of());
      core.access().setFolderPermission(anna, anna.mailbox(), drafts, Mailbox.ANYONE, Set.of());
      assertThat(core.access().otherMailboxes(bert)).isEmpty();
    }
  }
}
