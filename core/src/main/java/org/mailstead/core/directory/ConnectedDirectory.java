package org.mailstead.core.directory;

import java.util.Optional;

/// A directory that is not ours and that the operator has configured (ORG-3).
///
/// @param alias an organization on it must have this alias (WorkMail API, CreateOrganization)
/// @param account the only account that may use it; empty: every account of this installation
/// @param usersMax how many users an organization on it can have (LIM-4)
public record ConnectedDirectory(
    DirectoryId id, DirectoryKind kind, String alias, Optional<AccountId> account, long usersMax) {}
