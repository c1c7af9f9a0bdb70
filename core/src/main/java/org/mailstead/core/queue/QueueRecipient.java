package org.mailstead.core.queue;

import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.MailboxId;

/// Somebody an entry goes to; does not change while it is queued.
///
/// @param originalRecipient ORCPT as it came, `rfc822;user@example.org` (RFC 3461 §4.2)
/// @param notifications what the sender wants to hear (RFC 3461 §4.1); empty when not said, which
///   means failures
public record QueueRecipient(
    EmailAddress address,
    Optional<String> originalRecipient,
    Set<Notify> notifications,
    Target target) {
  /// NOTIFY (RFC 3461 §4.1).
  public enum Notify {
    NEVER,
    SUCCESS,
    FAILURE,
    DELAY
  }

  /// Where it goes.
  public sealed interface Target {
    /// A mailbox here.
    record Local(MailboxId mailbox, EntityId entity) implements Target {}

    /// Another server.
    record Remote() implements Target {}

    /// Another server by way of an SMTP gateway of the entry's organization.
    record Gateway(String id) implements Target {}

    /// Nowhere: a mail flow rule stops it, and the sender is to hear so.
    record Blocked(By by) implements Target {
      /// Whose rule.
      public enum By {
        SENDER,
        RECIPIENT
      }
    }
  }

  public QueueRecipient {
    notifications = Set.copyOf(notifications);
  }

  public boolean isLocal() {
    return target instanceof Target.Local;
  }

  /// Whether another server is to get it.
  public boolean isRelayed() {
    return switch (target) {
      case Target.Remote _, Target.Gateway _ -> true;
      case Target.Local _, Target.Blocked _ -> false;
    };
  }

  /// Whether it is, or would be, in a mailbox here.
  public boolean isInbound() {
    return switch (target) {
      case Target.Local _ -> true;
      case Target.Remote _, Target.Gateway _ -> false;
      case Target.Blocked(Target.Blocked.By by) -> by == Target.Blocked.By.RECIPIENT;
    };
  }

  /// The same with another target.
  public QueueRecipient to(Target other) {
    return new QueueRecipient(address, originalRecipient, notifications, other);
  }

  /// Whether a failure is reported: unless the sender asked for something else.
  public boolean wantsFailure() {
    return notifications.isEmpty() || notifications.contains(Notify.FAILURE);
  }

  public boolean wantsDelay() {
    // RFC 3461 §4.1: without NOTIFY the server decides; people want to know that mail waits.
    return notifications.isEmpty() || notifications.contains(Notify.DELAY);
  }

  public boolean wantsSuccess() {
    return notifications.contains(Notify.SUCCESS);
  }
}
