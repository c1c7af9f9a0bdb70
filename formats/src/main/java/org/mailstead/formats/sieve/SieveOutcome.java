package org.mailstead.formats.sieve;

import java.util.List;
import java.util.Set;

/// How a run ended.
public sealed interface SieveOutcome {
  /// @param actions in order, the implicit keep among them
  /// @param kept whether the message is still to be kept in INBOX, implicitly or explicitly
  /// @param stopped whether `stop` ended it
  /// @param flags of the internal variable at the end (RFC 5232 §2)
  /// @param taken lines of the `if` commands of which a test held, in order
  record Done(
      List<SieveAction> actions,
      boolean kept,
      boolean stopped,
      Set<String> flags,
      List<Integer> taken)
      implements SieveOutcome {}

  /// Nothing but an implicit keep is to be done (RFC 5228 §2.10.6).
  ///
  /// @param text with the line
  record Failed(String text) implements SieveOutcome {}
}
