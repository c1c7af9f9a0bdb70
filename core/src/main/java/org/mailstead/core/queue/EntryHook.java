package org.mailstead.core.queue;

import java.time.Instant;
import java.util.Optional;

/// What a Run Lambda rule has to do with an entry. It stands beside the entry in the queue, so that
/// a crash neither forgets a call nor a verdict.
public sealed interface EntryHook {
  /// A function is to be called for the entry, which is not delivered: when the function has
  /// answered, other entries take its place.
  ///
  /// @param rule the rule's name
  /// @param isSynchronous whether the entry's recipients wait for the answer; otherwise they have
  ///   an entry of their own, and this one is for the call alone
  /// @param deadline when no further call is made
  /// @param fallback the name of the action that then takes the answer's place
  /// @param gateway of the fallback ROUTE_TO_SMTP_GATEWAY
  /// @param messageId by which the message-flow API knows the message
  /// @param invocationId the same for every call of it
  /// @param attempts finished calls
  /// @param lastFailure why the last one failed; empty before the first
  record Call(
      Direction direction,
      String rule,
      String functionArn,
      boolean isSynchronous,
      Instant deadline,
      String fallback,
      Optional<String> gateway,
      String messageId,
      String invocationId,
      int attempts,
      Instant nextAttempt,
      String lastFailure)
      implements EntryHook {
    /// After a call that failed.
    public Call failed(String failure, Instant next) {
      return with(attempts + 1, next, QueueRows.cut(failure, QueueLimits.REPLY_BYTES_MAX));
    }

    /// The same, later, without a call in between.
    public Call postponed(Instant next) {
      return with(attempts, next, lastFailure);
    }

    private Call with(int newAttempts, Instant next, String failure) {
      return new Call(
          direction,
          rule,
          functionArn,
          isSynchronous,
          deadline,
          fallback,
          gateway,
          messageId,
          invocationId,
          newAttempts,
          next,
          failure);
    }
  }

  /// A function has answered about the entry's recipients.
  ///
  /// @param rule the rule's name
  /// @param place where in mailboxes, if the function said so
  /// @param bounceMessage what the sender is told of blocked recipients
  record Decided(String rule, Optional<Place> place, Optional<String> bounceMessage)
      implements EntryHook {
    public Decided {
      bounceMessage =
          bounceMessage.map(text -> QueueRows.cut(text, QueueLimits.BOUNCE_MESSAGE_BYTES_MAX));
    }
  }

  /// Whose rule.
  enum Direction {
    INBOUND,
    OUTBOUND
  }

  /// Where in a mailbox.
  enum Place {
    INBOX,
    JUNK
  }
}
