package org.mailstead.core.mailbox;

import com.github.benmanes.caffeine.cache.Cache;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.mailstead.base.EmailId;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.content.StagedContent;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;

/// Reads the write-once rows of one mailbox. They never change, so no version is looked at; opened
/// summaries are kept in a cache that all mailboxes share.
final class StoredMessages {
  /// Rows asked for at once.
  private static final int BATCH = 256;

  /// Summaries in the cache, by mailbox and email.
  record CacheKey(MailboxId mailbox, long email) {}

  private final Store store;
  private final PartitionId partition;
  private final MailboxId mailbox;
  private final MailboxKey key;
  private final Cache<CacheKey, StoredMessage> cache;

  StoredMessages(
      Store store,
      PartitionId partition,
      MailboxId mailbox,
      MailboxKey key,
      Cache<CacheKey, StoredMessage> cache) {
    this.store = store;
    this.partition = partition;
    this.mailbox = mailbox;
    this.key = key;
    this.cache = cache;
  }

  StoredMessage load(EmailId email) {
    return find(email)
        .orElseThrow(() -> new RefusedException(Refusal.NOT_FOUND, "no such message"));
  }

  Optional<StoredMessage> find(EmailId email) {
    key.checkUsable();
    StoredMessage known = cache.getIfPresent(new CacheKey(mailbox, email.value()));
    if (known != null) return Optional.of(known);
    return store
        .get(partition, Rows.MESSAGES, Rows.message(email.value(), 0))
        .flatMap(first -> open(email, first));
  }

  void load(List<EmailId> emails, Consumer<StoredMessage> action) {
    key.checkUsable();
    List<EmailId> missing = new ArrayList<>(Math.min(emails.size(), BATCH));
    for (EmailId email : emails) {
      StoredMessage known = cache.getIfPresent(new CacheKey(mailbox, email.value()));
      if (known != null) action.accept(known);
      else missing.add(email);
      if (missing.size() == BATCH) {
        fetch(missing, action);
        missing.clear();
      }
    }
    fetch(missing, action);
  }

  private void fetch(List<EmailId> emails, Consumer<StoredMessage> action) {
    if (emails.isEmpty()) return;
    List<byte[]> keys = emails.stream().map(email -> Rows.message(email.value(), 0)).toList();
    List<Optional<byte[]>> rows = store.getAll(partition, Rows.MESSAGES, keys);
    for (int i = 0; i < emails.size(); i++) {
      EmailId email = emails.get(i);
      rows.get(i).flatMap(first -> open(email, first)).ifPresent(action);
    }
  }

  private Optional<StoredMessage> open(EmailId email, byte[] first) {
    List<byte[]> parts = List.of(first);
    int partCount = StoredMessage.partCount(first);
    if (partCount > 1) {
      parts = new ArrayList<>(parts);
      for (int part = 1; part < partCount; part++) {
        Optional<byte[]> next =
            store.get(partition, Rows.MESSAGES, Rows.message(email.value(), part));
        if (next.isEmpty()) return Optional.empty(); // Purged while it was read.
        parts.add(next.get());
      }
    }
    StoredMessage message = StoredMessage.of(key, email, parts);
    cache.put(new CacheKey(mailbox, email.value()), message);
    return Optional.of(message);
  }

  StagedContent content(OrganizationId organization, StoredMessage message) {
    if (!message.isInline()) return message.content(organization, Optional.empty());
    Optional<byte[]> inline = store.get(partition, Rows.INLINE, Rows.key(message.email().value()));
    if (inline.isEmpty()) throw new RefusedException(Refusal.NOT_FOUND, "no such message");
    return message.content(organization, inline);
  }

  void forget(long email) {
    cache.invalidate(new CacheKey(mailbox, email));
  }

  long[] vanishedSince(FolderId folder, long version) {
    return VanishedLog.since(store, partition, folder.value(), version);
  }
}
