package org.mailstead.core.policy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.directory.AccountId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Entity.User;
import org.mailstead.core.directory.EntityFilter;
import org.mailstead.core.directory.EntityState;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.core.mailbox.SpecialUse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out retention policies: removes from the folders that a policy names what is older than
/// it says, mailbox by mailbox, a bounded commit at a time. Nothing is remembered between runs, so
/// that it may be interrupted at any time; a policy that changes or goes is heeded from the next
/// mailbox on. To be called every few hours: WorkMail promises 48.
///
/// A message's age counts from the later of its arrival (INTERNALDATE) and of when it was put into
/// the folder (SAVEDATE), so that moving a message starts its time anew. Flags do not.
public final class RetentionJob {
  private static final Logger LOG = LoggerFactory.getLogger(RetentionJob.class);

  private final Directory directory;
  private final RetentionPolicies policies;
  private final Mailboxes mailboxes;
  private final InstantSource clock;

  public RetentionJob(
      Directory directory, RetentionPolicies policies, Mailboxes mailboxes, InstantSource clock) {
    this.directory = directory;
    this.policies = policies;
    this.mailboxes = mailboxes;
    this.clock = clock;
  }

  /// @return how many messages were removed
  public long runOnce() {
    long removed = 0;
    for (AccountId account : directory.accounts().accounts()) {
      var page = Listing.PageRequest.first();
      while (true) {
        Listing<Organization> found = directory.organizations().list(account, page);
        for (Organization each : found.items()) removed += run(each.id());
        if (found.nextToken().isEmpty()) break;
        page = new Listing.PageRequest(Listing.PageRequest.COUNT_MAX, found.nextToken());
      }
    }
    return removed;
  }

  private long run(OrganizationId organization) {
    long removed = 0;
    try {
      if (policies.find(organization).isEmpty()) return 0;
      var page = Listing.PageRequest.first();
      while (true) {
        Listing<User> users =
            directory
                .users()
                .list(organization, new EntityFilter.StateIs(EntityState.ENABLED), page);
        for (User user : users.items()) {
          if (user.mailbox().isPresent()) removed += run(organization, user.mailbox().get());
        }
        if (users.nextToken().isEmpty()) break;
        page = new Listing.PageRequest(Listing.PageRequest.COUNT_MAX, users.nextToken());
      }
    } catch (RefusedException e) {
      // Removed, or not serving, since the job began.
      LOG.debug("{}: no retention: {}", organization, e.logText());
    }
    if (removed > 0) LOG.info("{}: {} messages past retention removed", organization, removed);
    return removed;
  }

  private long run(OrganizationId organization, MailboxId id) {
    Optional<RetentionPolicy> policy = policies.find(organization);
    if (policy.isEmpty()) return 0;
    long removed = 0;
    try {
      Mailbox mailbox = mailboxes.open(id);
      for (Map.Entry<RetentionPolicy.Folder, RetentionPolicy.Rule> rule :
          policy.get().rules().entrySet()) {
        Optional<Duration> age = rule.getValue().age();
        if (age.isEmpty()) continue;
        Instant before = clock.instant().minus(age.get());
        boolean permanently = rule.getValue().action() == RetentionPolicy.Action.PERMANENTLY_DELETE;
        for (FolderId folder : folders(mailbox, rule.getKey())) {
          int count;
          do {
            count = mailboxes.expire(id, folder, before, permanently);
            removed += count;
          } while (count > 0);
        }
      }
    } catch (RefusedException e) {
      LOG.debug("{}: no retention: {}", id, e.logText());
    }
    return removed;
  }

  /// Users may have marked several, or none.
  private static List<FolderId> folders(Mailbox mailbox, RetentionPolicy.Folder folder) {
    return switch (folder) {
      case INBOX -> List.of(mailbox.inbox());
      case DELETED_ITEMS -> folders(mailbox, SpecialUse.TRASH);
      case SENT_ITEMS -> folders(mailbox, SpecialUse.SENT);
      case DRAFTS -> folders(mailbox, SpecialUse.DRAFTS);
      case JUNK_EMAIL -> folders(mailbox, SpecialUse.JUNK);
    };
  }

  private static List<FolderId> folders(Mailbox mailbox, SpecialUse use) {
    return mailbox.folders().stream()
        .filter(folder -> folder.selectable())
        .filter(folder -> folder.specialUse().filter(u -> u == use).isPresent())
        .map(Folder::id)
        .toList();
  }
}
