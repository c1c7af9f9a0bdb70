package org.mailstead.migration.ledger;

import java.time.Instant;
import java.util.Set;
import org.mailstead.migration.item.Fingerprint;

/// What the ledger knows of one item of the source.
///
/// @param folder number of the source folder
/// @param targetFolder number of the target folder; -1 for an item that never got an intent
/// @param targetId empty if it is not known
/// @param flags as the source had them when they were last carried over
/// @param note the repair, the reason, or the difference that verification found
public record LedgerEntry(
    int folder,
    String id,
    State state,
    int targetFolder,
    String targetId,
    Fingerprint fingerprint,
    Set<String> flags,
    Instant received,
    String position,
    String note) {
  /// How far an item is.
  public enum State {
    INTENDED,
    WRITTEN,
    /// Written, read again from the target and compared.
    VERIFIED,
    /// Written; to be removed from the target because it was moved within the source.
    LEAVING,
    QUARANTINED,
    SKIPPED
  }

  static final Fingerprint NONE = new Fingerprint(0, 0, 0, 0, 0);

  public boolean isInTarget() {
    return switch (state) {
      case WRITTEN, VERIFIED, LEAVING -> true;
      case INTENDED, QUARANTINED, SKIPPED -> false;
    };
  }

  LedgerEntry written(String id, String repair) {
    return new LedgerEntry(
        folder, this.id, State.WRITTEN, targetFolder, id, fingerprint, flags, received, "", repair);
  }

  LedgerEntry withState(State next, String text) {
    return new LedgerEntry(
        folder, id, next, targetFolder, targetId, fingerprint, flags, received, position, text);
  }

  LedgerEntry renumbered(int nextFolder, String nextId) {
    return new LedgerEntry(
        nextFolder,
        nextId,
        State.WRITTEN,
        targetFolder,
        targetId,
        fingerprint,
        flags,
        received,
        position,
        note);
  }

  LedgerEntry withFlags(Set<String> next) {
    return new LedgerEntry(
        folder, id, state, targetFolder, targetId, fingerprint, next, received, position, note);
  }
}
