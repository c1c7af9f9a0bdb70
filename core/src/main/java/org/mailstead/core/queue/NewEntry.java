package org.mailstead.core.queue;

import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.core.content.StagedContent;

/// An entry to be queued.
///
/// @param id from [MailQueue#newId]; its shard holds the content
/// @param counted what it counts against the sender's limits; written in the same commit
/// @param hook what a Run Lambda rule has to do with it
/// @param named for an [EntryHook.Call], each recipient as the peer named it
public record NewEntry(
    QueueId id,
    QueueEnvelope envelope,
    List<QueueRecipient> recipients,
    StagedContent content,
    Optional<CountedRecipients> counted,
    Optional<EntryHook> hook,
    List<EmailAddress> named) {
  /// One that no function has to do with.
  public NewEntry(
      QueueId id,
      QueueEnvelope envelope,
      List<QueueRecipient> recipients,
      StagedContent content,
      Optional<CountedRecipients> counted) {
    this(id, envelope, recipients, content, counted, Optional.empty(), List.of());
  }

  /// One that counts against no limit.
  public NewEntry(
      QueueId id, QueueEnvelope envelope, List<QueueRecipient> recipients, StagedContent content) {
    this(id, envelope, recipients, content, Optional.empty());
  }

  /// @throws IllegalArgumentException no recipients, or more than [QueueLimits#RECIPIENT_COUNT_MAX]
  public NewEntry {
    recipients = List.copyOf(recipients);
    named = List.copyOf(named);
    if (hook.isPresent() && hook.get() instanceof EntryHook.Call) {
      if (named.size() != recipients.size()) {
        throw new IllegalArgumentException("every recipient of a hooked entry has a name");
      }
    } else if (!named.isEmpty()) {
      throw new IllegalArgumentException("names are for a function");
    }
    if (recipients.isEmpty() || recipients.size() > QueueLimits.RECIPIENT_COUNT_MAX) {
      throw new IllegalArgumentException("queue entry with " + recipients.size() + " recipients");
    }
  }
}
