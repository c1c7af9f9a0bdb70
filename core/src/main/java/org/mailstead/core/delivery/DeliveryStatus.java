package org.mailstead.core.delivery;

import java.time.Instant;
import java.util.Optional;

/// How a delivery goes.
///
/// @param delivered records or files since the start of the program
/// @param waiting records or files at the end of the last run
/// @param oldestWaiting time of the first of them
/// @param succeeded end of the last run that left nothing behind
/// @param failure of the last run, in words
public record DeliveryStatus(
    long delivered,
    long waiting,
    Optional<Instant> oldestWaiting,
    Optional<Instant> succeeded,
    Optional<String> failure) {
  public static DeliveryStatus none() {
    return new DeliveryStatus(0, 0, Optional.empty(), Optional.empty(), Optional.empty());
  }
}
