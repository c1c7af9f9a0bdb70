package org.mailstead.core.directory;

import java.util.List;
import java.util.Optional;

/// Accounts and their access keys.
public final class Accounts {
  /// What SigV4 verification needs. The secret never leaves through `toString`.
  public record Credential(AccessKey key, String secret) {
    @Override
    public String toString() {
      return "Credential[" + key.id() + ", ***]";
    }
  }

  /// Makes an account with a fresh number.
  public AccountId createAccount() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The accounts of this installation, in order of number.
  public List<AccountId> accounts() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Makes an access key; without a user name it is the root's. The secret is told this once only.
  ///
  /// @throws DirectoryRefusedException ACCOUNT_NOT_FOUND, LIMIT_EXCEEDED
  public AccessKey.WithSecret createKey(
      Change change, AccountId account, Optional<String> userName) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Makes a new key for the owner of this one, which goes on working until it is revoked.
  ///
  /// @throws DirectoryRefusedException ACCOUNT_NOT_FOUND, LIMIT_EXCEEDED
  public AccessKey.WithSecret rotateKey(Change change, AccountId account, String keyId) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Ends a key at once. Harmless when it is gone already.
  public void revokeKey(Change change, AccountId account, String keyId) {
    throw new UnsupportedOperationException("skeleton");
  }

  public List<AccessKey> keys(AccountId account) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The active key with this id; empty for an unknown or revoked one. Cached: cheap enough for
  /// every request.
  public Optional<Credential> findCredential(String keyId) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Notes that the key was used now; written at most once in a quarter of an hour.
  public void used(AccessKey key) {
    throw new UnsupportedOperationException("skeleton");
  }
}
