package org.mailstead.interop;

/// @param isFull compare everything, not only what changed since the last time
/// @param isForced delete however many users and groups the directory has no more
public record SynchronizationOptions(boolean isFull, boolean isForced) {
  public static final SynchronizationOptions USUAL = new SynchronizationOptions(false, false);
}
