package org.mailstead.mailflow.dkim;

import java.security.PrivateKey;

/// A key to sign with. Its text names no secret.
public record SigningKey(
    String domain, String selector, SigningAlgorithm algorithm, PrivateKey key) {
  @Override
  public String toString() {
    return selector + "._domainkey." + domain + " (" + algorithm.word() + ")";
  }
}
