package org.mailstead.core.queue;

import java.util.List;
import java.util.Optional;
import org.mailstead.core.content.StagedContent;

/// An entry to be queued.
///
/// @param id from [MailQueue#newId]; its shard holds the content
/// @param counted what it counts against the sender's limits; written in the same commit
public record NewEntry(
    QueueId id,
    QueueEnvelope envelope,
    List<QueueRecipient> recipients,
    StagedContent content,
    Optional<CountedRecipients> counted) {
  /// One that counts against no limit.
  public NewEntry(
      QueueId id, QueueEnvelope envelope, List<QueueRecipient> recipients, StagedContent content) {
    this(id, envelope, recipients, content, Optional.empty());
  }

  /// @throws IllegalArgumentException no recipients, or more than [QueueLimits#RECIPIENT_COUNT_MAX]
  public NewEntry {
    recipients = List.copyOf(recipients);
    if (recipients.isEmpty() || recipients.size() > QueueLimits.RECIPIENT_COUNT_MAX) {
      throw new IllegalArgumentException("queue entry with " + recipients.size() + " recipients");
    }
  }
}
