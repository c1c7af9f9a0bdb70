package org.mailstead.migration.run;

import org.mailstead.migration.plan.EndSettings;
import org.mailstead.migration.plan.MigrationSettings;
import org.mailstead.migration.transfer.AdaptiveLimit;
import org.mailstead.migration.transfer.Lanes;
import org.mailstead.migration.transfer.Pace;
import org.mailstead.migration.transfer.TransferSettings;

/// The limits of one run: one for each server, shared by all mailboxes, and one for each mailbox.
/// The settings are upper bounds, as is what the servers' profiles say; within them the limits find
/// their own way ([AdaptiveLimit]).
final class HostPace {
  /// Octets of messages that all lanes together may hold: a quarter of the heap.
  private static final int HEAP_SHARE = 4;

  private static final int LANE_BYTES_MIN = 256 << 10;

  private final MigrationSettings settings;
  private final Lanes source;
  private final Lanes target;

  HostPace(MigrationSettings settings) {
    this.settings = settings;
    this.source = lanes(settings.transfer().hostLanesMax());
    this.target = lanes(settings.transfer().hostLanesMax());
  }

  private static Lanes lanes(int max) {
    return new Lanes(new AdaptiveLimit(AdaptiveLimit.Settings.standard(max)), System::nanoTime);
  }

  private int mailboxLanesMax() {
    return Math.min(
        settings.transfer().folderLanes(),
        Math.min(connectionsMax(settings.source()), connectionsMax(settings.target())));
  }

  private static int connectionsMax(EndSettings end) {
    return switch (end) {
      case EndSettings.Imap imap -> imap.server().provider().connectionsMax();
      case EndSettings.Files _, EndSettings.Archives _ -> Integer.MAX_VALUE;
    };
  }

  /// As the settings say, but with no more held by a lane than its share of the heap.
  TransferSettings transfer() {
    int lanes =
        Math.min(
            settings.transfer().hostLanesMax(), mailboxLanesMax() * settings.mailboxesAtOnce());
    long share = Runtime.getRuntime().maxMemory() / HEAP_SHARE / Math.max(1, lanes);
    return settings
        .transfer()
        .withLanes(
            mailboxLanesMax(),
            Math.clamp(share, LANE_BYTES_MIN, settings.transfer().heldBytesMax()));
  }

  Pace newMailbox() {
    return new Pace(lanes(mailboxLanesMax()), source, target);
  }
}
