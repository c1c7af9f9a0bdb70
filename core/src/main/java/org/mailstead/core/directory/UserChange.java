package org.mailstead.core.directory;

import java.util.Map;
import java.util.Optional;

/// What UpdateUser changes: what is absent stays; an empty text clears a detail.
public record UserChange(
    Optional<UserRole> role,
    Optional<String> displayName,
    Optional<Boolean> hiddenFromGlobalAddressList,
    Map<UserDetail, String> details) {}
