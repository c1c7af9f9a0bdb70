package org.mailstead.core.directory;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Claims.Claim;
import org.mailstead.core.directory.OrganizationViews.View;
import org.mailstead.core.outbox.EffectKind;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;

/// What changes of the directory do elsewhere, as effects: the long part of deleting an
/// organization or an entity, removing mailboxes, telling a mailbox its quota. Each step is
/// harmless when done again.
final class Consequences {
  private static final EffectKind ORGANIZATION = new EffectKind(13, "delete organization", true);
  private static final EffectKind ENTITY = new EffectKind(14, "delete links of entity", true);
  private static final EffectKind MAILBOX = new EffectKind(15, "delete mailbox", true);
  private static final EffectKind QUOTA = new EffectKind(16, "update quota", false);
  private static final int FORMAT = 1;

  /// Format 1 has no application.
  private static final int DELETION_FORMAT = 2;

  private static final int PAGE_ROWS = 500;

  private final Parts parts;
  private final IdentityProviders providers;

  Consequences(Parts parts, IdentityProviders providers) {
    this.parts = parts;
    this.providers = providers;
  }

  void register() {
    parts
        .outbox()
        .handle(
            ORGANIZATION,
            effect -> {
              var in = new ValueReader(effect.payload(), DELETION_FORMAT);
              deleteOrganization(
                  new OrganizationId(in.text()),
                  in.flag(),
                  in.format() >= DELETION_FORMAT ? in.optionalText() : Optional.empty());
            });
    parts
        .outbox()
        .handle(
            ENTITY,
            effect -> {
              var in = new ValueReader(effect.payload(), FORMAT);
              parts.links().purge(new DirectoryId(in.text()), new EntityId(in.text()));
            });
    parts
        .outbox()
        .handle(
            MAILBOX,
            effect -> {
              var in = new ValueReader(effect.payload(), FORMAT);
              parts.mailboxes().delete(new MailboxId(in.text()));
            });
    parts
        .outbox()
        .handle(
            QUOTA,
            effect -> {
              var in = new ValueReader(effect.payload(), FORMAT);
              parts.mailboxes().updateQuota(new MailboxId(in.text()), in.number() << 20);
            });
  }

  /// @param applicationArn the Identity Center application that goes too
  static void start(
      PartitionChange commit,
      OrganizationId organization,
      boolean directoryToo,
      Optional<String> applicationArn) {
    commit.effect(
        ORGANIZATION,
        new ValueWriter(DELETION_FORMAT)
            .text(organization.value())
            .flag(directoryToo)
            .optionalText(applicationArn)
            .value());
  }

  static void startEntity(PartitionChange commit, DirectoryId directory, EntityId entity) {
    commit.effect(
        ENTITY, new ValueWriter(FORMAT).text(directory.value()).text(entity.value()).value());
  }

  static void startMailbox(PartitionChange commit, MailboxId mailbox) {
    commit.effect(MAILBOX, new ValueWriter(FORMAT).text(mailbox.value()).value());
  }

  /// Tells the mailbox its new quota.
  static void startQuota(PartitionChange commit, MailboxId mailbox, long megabytes) {
    commit.effect(QUOTA, new ValueWriter(FORMAT).text(mailbox.value()).number(megabytes).value());
  }

  private void deleteOrganization(
      OrganizationId organization, boolean directoryToo, Optional<String> applicationArn) {
    View view = parts.organizations().load(organization);
    if (view.organization().state() == OrganizationState.DELETED) return;
    // ORG-5: from here on nothing of it can be read, whatever else succeeds.
    parts.keys().destroy(organization);
    for (int shard = 0; shard < EntityRows.SHARD_COUNT; shard++) {
      PartitionId partition = Entities.shard(view.directory(), shard);
      clear(view, partition, directoryToo);
      if (directoryToo) {
        parts.store().drop(partition);
        parts.commits().versions().forget(partition);
      }
    }
    if (directoryToo) {
      release(Claims.Kind.DIRECTORY, view.directory().value(), organization.value());
    }
    PartitionId reports = new PartitionId("reports/" + organization.value());
    if (parts.store().version(reports) > 0) {
      parts.store().drop(reports);
      parts.commits().versions().forget(reports);
    }
    AccountId account = view.organization().account();
    applicationArn.ifPresent(arn -> providers.dropApplication(account, arn));
    for (String domain : view.domains().keySet()) {
      release(Claims.Kind.DOMAIN, domain, organization.value());
    }
    release(
        Claims.Kind.ALIAS, EntityRows.folded(view.organization().alias()), organization.value());
    parts
        .commits()
        .change(
            OrganizationViews.partition(organization),
            commit -> {
              Organization now = OrganizationViews.read(commit, organization);
              OrganizationViews.write(commit, now.inState(OrganizationState.DELETED));
              for (String domain : view.domains().keySet()) {
                commit.delete(OrganizationViews.DOMAINS, EntityRows.utf8(domain));
              }
              OrganizationRecords.deleteAll(commit);
              return true;
            });
  }

  private void clear(View view, PartitionId partition, boolean directoryToo) {
    Optional<Range> next = Optional.of(Range.all());
    while (next.isPresent()) {
      Page page = parts.store().range(partition, EntityRows.ENTITIES, next.get(), PAGE_ROWS);
      List<EntityId> ids = new ArrayList<>();
      for (Row row : page.rows()) {
        EntityId id = EntityRows.first(row.key());
        if (!ids.contains(id)) ids.add(id);
      }
      for (EntityId id : ids) clear(view.directory(), id, directoryToo);
      next = page.next();
    }
  }

  private void clear(DirectoryId directory, EntityId id, boolean directoryToo) {
    Optional<StoredEntity> found = parts.entities().findFresh(directory, id);
    if (found.isEmpty()) return;
    Entity entity = found.get().entity();
    entity.mailbox().ifPresent(parts.mailboxes()::delete);
    for (EmailAddress address : Entities.addresses(entity)) {
      release(Claims.Kind.ADDRESS, address.normalized(), id.value());
      release(Claims.Kind.ADDRESS, Entities.foreignAddressClaim(directory, address), id.value());
    }
    boolean gone = directoryToo || entity.state() == EntityState.DELETED;
    if (gone) {
      release(Claims.Kind.NAME, Entities.nameClaim(directory, entity.name()), id.value());
      return; // Its rows go with the shard, or by retention.
    }
    parts
        .entities()
        .change(
            directory,
            id,
            (commit, stored) -> {
              if (stored.isEmpty()) return false;
              PersonalAccessTokens.deleteAll(commit, id);
              StoredEntity bare =
                  stored
                      .get()
                      .withoutMailbox(parts.clock().instant())
                      .withAddresses(Optional.empty(), List.of());
              if (bare.entity().state() == EntityState.ENABLED) {
                bare = bare.disabled(parts.clock().instant());
              }
              Entities.write(commit, stored, Optional.of(bare));
              return true;
            });
  }

  private void release(Claims.Kind kind, String name, String owner) {
    Optional<Claim> claim = parts.claims().find(kind, name);
    if (claim.isPresent() && claim.get().owner().equals(owner)) {
      parts.claims().release(kind, name, claim.get().nonce());
    }
  }
}
