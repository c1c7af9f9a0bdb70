package org.mailstead.core.directory;

/// A filter of ListUsers, ListGroups, ListGroupsForEntity: one a request. Prefixes compare without
/// regard to case.
public sealed interface EntityFilter {
  record None() implements EntityFilter {}

  record NamePrefix(String prefix) implements EntityFilter {}

  /// Users only.
  record DisplayNamePrefix(String prefix) implements EntityFilter {}

  record PrimaryEmailPrefix(String prefix) implements EntityFilter {}

  record StateIs(EntityState state) implements EntityFilter {}

  /// Users only.
  record IdentityProviderUserIdPrefix(String prefix) implements EntityFilter {}
}
