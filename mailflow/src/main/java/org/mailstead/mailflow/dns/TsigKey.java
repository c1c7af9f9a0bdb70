package org.mailstead.mailflow.dns;

import java.util.Base64;
import java.util.Locale;
import java.util.Set;

/// A secret shared with a name server (RFC 8945).
///
/// @param algorithm as `hmac-sha256`
/// @param secret in Base64, as name servers' configurations have it
public record TsigKey(String name, String algorithm, String secret) {
  private static final Set<String> ALGORITHMS =
      Set.of("hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512");

  /// @throws IllegalArgumentException what is wrong, without the secret
  public TsigKey {
    algorithm = algorithm.toLowerCase(Locale.ROOT);
    if (!ALGORITHMS.contains(algorithm)) {
      throw new IllegalArgumentException(
          "the algorithm of a TSIG key is one of " + new java.util.TreeSet<>(ALGORITHMS));
    }
    if (DnsResolver.parse(name).isEmpty() || name.isEmpty()) {
      throw new IllegalArgumentException("the name of a TSIG key is a domain name");
    }
    try {
      if (Base64.getDecoder().decode(secret).length < 16) {
        throw new IllegalArgumentException("the secret of a TSIG key has 16 octets at least");
      }
    } catch (IllegalArgumentException e) {
      // Its text could show a part of the secret.
      throw new IllegalArgumentException("the secret of a TSIG key is Base64 of 16 octets or more");
    }
  }

  @Override
  public String toString() {
    return name + " (" + algorithm + ")";
  }
}
