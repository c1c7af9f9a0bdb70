package org.mailstead.core.queue;

import java.util.List;
import org.mailstead.core.content.StagedContent;

/// An entry to be queued.
///
/// @param id from [MailQueue#newId]; its shard holds the content
public record NewEntry(
    QueueId id, QueueEnvelope envelope, List<QueueRecipient> recipients, StagedContent content) {
  /// @throws IllegalArgumentException no recipients, or more than [QueueLimits#RECIPIENT_COUNT_MAX]
  public NewEntry {
    recipients = List.copyOf(recipients);
    if (recipients.isEmpty() || recipients.size() > QueueLimits.RECIPIENT_COUNT_MAX) {
      throw new IllegalArgumentException("queue entry with " + recipients.size() + " recipients");
    }
  }
}
