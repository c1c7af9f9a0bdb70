package org.mailstead.core.directory;

/// How a resource answers booking requests (RES-2).
public record BookingOptions(
    boolean autoAcceptRequests,
    boolean autoDeclineRecurringRequests,
    boolean autoDeclineConflictingRequests) {
  /// Of a new resource, as the public sample output of DescribeResource shows.
  public static final BookingOptions USUAL = new BookingOptions(true, false, true);
}
