package org.mailstead.migration.transfer;

/// The limits that a lane of one mailbox is under: that of its mailbox, of the source's server and
/// of the target's server. Entered in this order and left in the other, so that lanes never wait
/// for each other in a circle.
public record Pace(Lanes mailbox, Lanes source, Lanes target) {
  /// No limits but the number of threads.
  public static Pace free() {
    return new Pace(Lanes.free(), Lanes.free(), Lanes.free());
  }

  /// @throws StoppedException the run ends; nothing was entered
  void enter(StopSignal stop) {
    mailbox.enter(stop);
    boolean all = false;
    try {
      source.enter(stop);
      try {
        target.enter(stop);
        all = true;
      } finally {
        if (!all) source.leave();
      }
    } finally {
      if (!all) mailbox.leave();
    }
  }

  void leave() {
    target.leave();
    source.leave();
    mailbox.leave();
  }

  /// Enters at once, however many there are: for a lane that stops and is about to leave.
  void rejoin() {
    mailbox.rejoin();
    source.rejoin();
    target.rejoin();
  }

  boolean isCrowded() {
    return mailbox.isCrowded() || source.isCrowded() || target.isCrowded();
  }

  void moved(long sizeBytes) {
    mailbox.moved(sizeBytes);
    source.moved(sizeBytes);
    target.moved(sizeBytes);
  }

  void sourceFailed(Exception failure) {
    mailbox.failed(failure);
    source.failed(failure);
  }

  void targetFailed(Exception failure) {
    mailbox.failed(failure);
    target.failed(failure);
  }
}
