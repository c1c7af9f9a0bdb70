package org.mailstead.formats.sieve;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a script wants done. That nothing keeps a message is said by no [Keep] and no [FileInto].
public sealed interface SieveAction {
  /// @param flags as IMAP writes them, `\Seen`, `$Forwarded`
  record Keep(Set<String> flags) implements SieveAction {}

  /// @param specialUse goes before the mailbox's name, where there is such a one (RFC 8579 §4)
  /// @param create whether a missing mailbox is made (RFC 5490 §3.2)
  record FileInto(String mailbox, Optional<String> specialUse, boolean create, Set<String> flags)
      implements SieveAction {}

  /// The message as it is to another address (RFC 5228 §4.2).
  record Redirect(String address) implements SieveAction {}

  /// Ours: a new message of the owner with this one in it.
  record Forward(String address) implements SieveAction {}

  /// RFC 5429.
  ///
  /// @param extended whether the sender's server may be told in the protocol
  record Reject(String reason, boolean extended) implements SieveAction {}

  /// RFC 5230. Whether a reply goes out is for the deliverer to decide.
  ///
  /// @param handle what replies count as the same
  /// @param mime whether the reason is a MIME entity
  record Vacation(
      String reason,
      Optional<String> subject,
      Optional<String> from,
      List<String> addresses,
      boolean mime,
      String handle,
      Duration period)
      implements SieveAction {}

  /// RFC 7352: to be noted if the run is carried out.
  ///
  /// @param last whether each new sight begins the time anew
  record NoteDuplicate(String handle, String id, Duration period, boolean last)
      implements SieveAction {}
}
