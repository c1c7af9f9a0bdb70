package org.mailstead.migration.transfer;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// How mailboxes are carried over.
///
/// @param folderLanes folders of one mailbox at a time, at most; 0: one, without any thread
/// @param hostLanesMax folders of all mailboxes at a time, at most: for each server
/// @param heldBytesMax octets of messages of one lane that are read but not yet acknowledged
/// @param retriesMax failures in a row before a folder is given up for this run
/// @param itemBytesMax larger items are set aside; the target's own limit counts too
/// @param gone whether items that went away at the source go away at the target
/// @param massRemovalShare a larger share of a folder's items is not removed unless allowed: a
///   source that is being emptied looks like this
/// @param archiveBefore items received earlier go to the archive folder of their pair
/// @param matchExisting whether items that are in the target before the first run are recognised
public record TransferSettings(
    int folderLanes,
    int hostLanesMax,
    int heldBytesMax,
    int retriesMax,
    Duration backoffFirst,
    Duration backoffMax,
    Duration freshPasswordWait,
    long itemBytesMax,
    boolean gone,
    double massRemovalShare,
    Optional<Instant> archiveBefore,
    boolean matchExisting) {
  /// Fewer items than this are never a mass removal.
  public static final int MASS_REMOVAL_ITEMS_MIN = 20;

  /// How long a target folder takes nothing until it counts as quiet.
  Duration settleQuiet() {
    return backoffFirst.multipliedBy(2);
  }

  /// What a plain run uses.
  public static TransferSettings standard() {
    return new TransferSettings(
        4,
        16,
        4 << 20,
        12,
        Duration.ofSeconds(1),
        Duration.ofMinutes(5),
        Duration.ofSeconds(90),
        Long.MAX_VALUE,
        true,
        0.25,
        Optional.empty(),
        true);
  }

  /// For tests that fail at every step: no threads, no waiting.
  public TransferSettings inline() {
    return new TransferSettings(
        0,
        hostLanesMax,
        heldBytesMax,
        retriesMax,
        Duration.ofNanos(1),
        Duration.ofNanos(1),
        Duration.ZERO,
        itemBytesMax,
        gone,
        massRemovalShare,
        archiveBefore,
        matchExisting);
  }

  public TransferSettings withLanes(int lanes, int bytesMax) {
    return new TransferSettings(
        lanes,
        hostLanesMax,
        bytesMax,
        retriesMax,
        backoffFirst,
        backoffMax,
        freshPasswordWait,
        itemBytesMax,
        gone,
        massRemovalShare,
        archiveBefore,
        matchExisting);
  }

  public TransferSettings withArchiveBefore(Instant moment) {
    return new TransferSettings(
        folderLanes,
        hostLanesMax,
        heldBytesMax,
        retriesMax,
        backoffFirst,
        backoffMax,
        freshPasswordWait,
        itemBytesMax,
        gone,
        massRemovalShare,
        Optional.of(moment),
        matchExisting);
  }
}
