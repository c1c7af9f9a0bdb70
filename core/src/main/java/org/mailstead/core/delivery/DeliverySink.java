package org.mailstead.core.delivery;

/// Where files are delivered to.
@FunctionalInterface
public interface DeliverySink {
  /// Stores a file whole, in place of one of the same name; it is durable when this returns.
  ///
  /// @param key segments separated by `/`
  /// @throws org.mailstead.base.RefusedException the place does not exist or may not be written to
  /// @throws org.mailstead.base.UnavailableException it cannot be reached now
  void put(String key, byte[] content);
}
