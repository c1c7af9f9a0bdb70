package org.mailstead.core.access;

import java.util.Optional;

/// What a peer presents at a login.
///
/// @param name an address of the user
/// @param secret a password or a token
/// @param authorizationIdentity the address of the user to act as (RFC 4616 §2), when the peer
///   names one
public record Credentials(String name, String secret, Optional<String> authorizationIdentity) {
  public static Credentials of(String name, String secret) {
    return new Credentials(name, secret, Optional.empty());
  }

  @Override
  public String toString() {
    return "Credentials[***]";
  }
}
