package org.mailstead.core.outbox;

/// What sort of effect an outbox row asks for. The number (1 to 250) is what is stored.
///
/// @param deferred carried out by the runner only, in batches; otherwise right after the commit,
///   and by the runner if that failed
public record EffectKind(int number, String name, boolean deferred) {
  public EffectKind {
    if (number < 1 || number > 250) {
      throw new IllegalArgumentException("effect number out of range: " + number);
    }
  }
}
