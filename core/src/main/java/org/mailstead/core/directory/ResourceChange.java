package org.mailstead.core.directory;

import java.util.Optional;

/// What UpdateResource changes: what is absent stays; an empty description clears.
public record ResourceChange(
    Optional<String> name,
    Optional<ResourceType> type,
    Optional<String> description,
    Optional<Boolean> hiddenFromGlobalAddressList,
    Optional<Boolean> autoAcceptRequests,
    Optional<Boolean> autoDeclineRecurringRequests,
    Optional<Boolean> autoDeclineConflictingRequests) {
  BookingOptions applyTo(BookingOptions before) {
    return new BookingOptions(
        autoAcceptRequests.orElse(before.autoAcceptRequests()),
        autoDeclineRecurringRequests.orElse(before.autoDeclineRecurringRequests()),
        autoDeclineConflictingRequests.orElse(before.autoDeclineConflictingRequests()));
  }
}
