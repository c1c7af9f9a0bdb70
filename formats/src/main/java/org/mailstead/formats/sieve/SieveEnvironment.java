package org.mailstead.formats.sieve;

import java.time.ZonedDateTime;
import java.util.Optional;

/// What a script asks of the world around the message. Answers must stay the same while the same
/// delivery is tried again.
public interface SieveEnvironment {
  /// In the zone of the mailbox's owner.
  ZonedDateTime now();

  SieveMessage.Envelope envelope();

  /// Whether a message can be filed there now (RFC 5490 §3.1).
  boolean mailboxExists(String name);

  /// Whether there is a mailbox with this use, or this one has it (RFC 8579 §3).
  ///
  /// @param use as `\Junk`
  boolean specialUseExists(Optional<String> mailbox, String use);

  /// Whether this was noted within its time, by another delivery (RFC 7352).
  boolean isDuplicate(SieveAction.NoteDuplicate seen);

  /// Whether the address is one of the mailbox's owner.
  boolean isOwn(SieveMessage.Address address);

  /// Whether the sender of the envelope is of the owner's organization.
  boolean isInternalSender();

  /// Addresses that one run may redirect and forward to.
  default int redirectsMax() {
    return SieveLimits.REDIRECTS_MAX;
  }
}
