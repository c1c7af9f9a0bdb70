package org.mailstead.migration.plan;

import java.util.Optional;
import org.mailstead.migration.imap.Secret;

/// One mailbox and where it goes.
///
/// @param source user name at the source, or a path for files
/// @param target the same at the target
public record MailboxEntry(
    String source,
    String target,
    Optional<Secret> sourcePassword,
    Optional<Secret> targetPassword) {
  /// For people.
  public String name() {
    return source.equals(target) ? source : source + " to " + target;
  }
}
