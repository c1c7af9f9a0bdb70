package org.mailstead.core.outbox;

import org.mailstead.store.PartitionId;

/// Something to do because of a commit to `source`. It may be carried out more than once.
///
/// @param key its row in the outbox of `source`
public record Effect(PartitionId source, byte[] key, EffectKind kind, byte[] payload) {

  /// Carries effects of one kind out, in order. Must be harmless when it has been done before,
  /// completely or in part.
  @FunctionalInterface
  public interface Handler {
    void carryOut(Effect effect);
  }

  /// Carries many out at once.
  @FunctionalInterface
  public interface BatchHandler {
    void carryOut(java.util.List<Effect> effects);
  }
}
