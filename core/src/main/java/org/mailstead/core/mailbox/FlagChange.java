package org.mailstead.core.mailbox;

import java.util.Set;

/// What STORE does to flags.
///
/// @param flags bits of [Flags]
/// @param keywords names
public record FlagChange(Mode mode, int flags, Set<String> keywords) {
  public enum Mode {
    ADD,
    REMOVE,
    REPLACE
  }
}
