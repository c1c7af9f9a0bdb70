package org.mailstead.core.mailbox;

/// One change of a mailbox, applied under its lock. It may be applied again to a newer draft when a
/// commit met a conflict, so it does nothing but read the draft, write to it, and refuse.
@FunctionalInterface
interface Change<T> {
  T apply(Draft draft);
}
