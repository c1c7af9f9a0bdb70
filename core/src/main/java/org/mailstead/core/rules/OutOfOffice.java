package org.mailstead.core.rules;

import java.time.Instant;
import java.util.Optional;

/// The automatic reply of a user who is away. Each sender hears it once while it stays as it is.
///
/// @param from when it begins; empty: at once
/// @param until when it ends; empty: when it is switched off
/// @param subject of the reply; empty: made of the message's
/// @param internalText for senders of the same organization
/// @param externalText for everybody else; empty: they hear nothing
public record OutOfOffice(
    boolean enabled,
    Optional<Instant> from,
    Optional<Instant> until,
    Optional<String> subject,
    Optional<String> internalText,
    Optional<String> externalText) {
  public static final OutOfOffice OFF =
      new OutOfOffice(
          false,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
}
