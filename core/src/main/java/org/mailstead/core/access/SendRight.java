package org.mailstead.core.access;

/// Whether a user may put an address into From (PRM-1).
public enum SendRight {
  /// One of the user's own addresses.
  OWN,
  SEND_AS,
  /// Allowed only with the user's own address in Sender.
  SEND_ON_BEHALF,
  NONE
}
