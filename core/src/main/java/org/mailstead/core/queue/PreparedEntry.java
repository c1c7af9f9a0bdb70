package org.mailstead.core.queue;

import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.store.WriteBatch;

/// A new entry with its rows ready.
record PreparedEntry(
    QueueRows.Header header, byte[] content, Claim claim, Optional<CountedRecipients> counted) {
  void write(WriteBatch batch) {
    QueueId id = header.id();
    batch.putOnce(QueueRows.CONTENTS, QueueRows.key(id), content);
    List<QueueRecipient> recipients = claim.recipients();
    for (int segment = 0; segment < QueueRows.segmentCount(recipients.size()); segment++) {
      int from = segment * QueueLimits.RECIPIENTS_PER_SEGMENT;
      int to = Math.min(from + QueueLimits.RECIPIENTS_PER_SEGMENT, recipients.size());
      batch.putOnce(
          QueueRows.RECIPIENTS,
          QueueRows.key(id, segment),
          QueueRows.segment(recipients.subList(from, to)));
    }
    EntryRows.putHeader(batch, header);
    if (claim.hook().isPresent()) writeHook(batch, id);
    counted.ifPresent(each -> each.write(batch, id));
  }

  private void writeHook(WriteBatch batch, QueueId id) {
    batch.put(QueueRows.HOOKS, QueueRows.key(id), QueueRows.hook(claim.hook().orElseThrow()));
    List<EmailAddress> named = claim.named();
    for (int segment = 0; segment < QueueRows.segmentCount(named.size()); segment++) {
      int from = segment * QueueLimits.RECIPIENTS_PER_SEGMENT;
      int to = Math.min(from + QueueLimits.RECIPIENTS_PER_SEGMENT, named.size());
      batch.putOnce(
          QueueRows.HOOK_NAMES,
          QueueRows.key(id, segment),
          QueueRows.names(named.subList(from, to)));
    }
  }
}
