package org.mailstead.core.signing;

/// The public side of a signing key.
///
/// @param selector under which it is published, as `<selector>._domainkey.<domain>`
/// @param record the TXT record that publishes it (RFC 6376 §3.6.1, RFC 8463 §4)
/// @param isActive whether mail is signed with it now; the others wait for the next rotation, or
///   for mail on its way to be verified
public record DkimKey(String selector, Algorithm algorithm, String record, boolean isActive) {
  /// With what.
  public enum Algorithm {
    RSA,
    ED25519
  }
}
