package org.mailstead.formats.sieve;

import java.util.List;
import java.util.Optional;

/// A checked command. Strings may still hold variables.
sealed interface Step {
  Place place();

  record If(List<Branch> branches, List<Step> otherwise, Place place) implements Step {}

  record Branch(Condition condition, List<Step> steps) {}

  record Stop(Place place) implements Step {}

  record Discard(Place place) implements Step {}

  /// @param flags empty for those of the internal variable (RFC 5232 §5)
  record Keep(Optional<List<String>> flags, Place place) implements Step {}

  record FileInto(
      String mailbox,
      Optional<String> specialUse,
      boolean create,
      boolean copy,
      Optional<List<String>> flags,
      Place place)
      implements Step {}

  record Redirect(String address, boolean copy, Place place) implements Step {}

  /// Ours: a new message of the owner with the message in it; keeps what is kept.
  record Forward(String address, Place place) implements Step {}

  record Reject(String reason, boolean extended, Place place) implements Step {}

  record Vacation(
      String reason,
      Optional<String> subject,
      Optional<String> from,
      List<String> addresses,
      boolean mime,
      Optional<String> handle,
      long seconds,
      Place place)
      implements Step {}

  /// @param variable empty for the internal one
  record ChangeFlags(Change change, Optional<String> variable, List<String> flags, Place place)
      implements Step {
    enum Change {
      SET,
      ADD,
      REMOVE
    }
  }

  /// @param modifiers in the order in which they are applied
  record Assign(String name, List<Modifier> modifiers, String value, Place place) implements Step {}

  /// RFC 5229 §4.1, by falling precedence.
  enum Modifier {
    LOWER(40),
    UPPER(40),
    LOWERFIRST(30),
    UPPERFIRST(30),
    QUOTEWILDCARD(20),
    LENGTH(10);

    final int precedence;

    Modifier(int precedence) {
      this.precedence = precedence;
    }
  }
}
