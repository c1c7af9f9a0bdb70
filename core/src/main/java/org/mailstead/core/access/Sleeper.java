package org.mailstead.core.access;

import java.time.Duration;

/// Waits. [Thread#sleep] in service; tests count instead.
@FunctionalInterface
public interface Sleeper {
  void sleep(Duration duration) throws InterruptedException;
}
