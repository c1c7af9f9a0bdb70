package org.mailstead.core.keys;

import org.mailstead.base.OrganizationId;

/// Wraps data keys by an organization's master key, which never leaves the service. What wraps:
/// [LocalKeyService] on a key file; a key management service over the network by setting. Calls may
/// be slow: callers keep what they unwrapped.
public interface KeyService {
  /// The data key, encrypted under the current master key; says itself under which.
  ///
  /// @throws org.mailstead.base.UnavailableException the service does not answer
  byte[] wrap(OrganizationId organization, byte[] dataKey);

  /// @throws org.mailstead.base.RefusedException WRONG_STATE: no such master key here, or the bytes
  ///   were wrapped for another organization or damaged
  byte[] unwrap(OrganizationId organization, byte[] wrapped);

  /// Whether it was wrapped under the master key that [#wrap] uses now; if not, it waits to be
  /// wrapped anew.
  boolean isCurrent(byte[] wrapped);
}
