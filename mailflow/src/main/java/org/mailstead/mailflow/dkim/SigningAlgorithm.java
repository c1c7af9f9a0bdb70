package org.mailstead.mailflow.dkim;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Locale;
import java.util.Optional;

/// What signatures are made with. `rsa-sha1` is not among them (RFC 8301 §3.1).
///
/// @spec https://www.rfc-editor.org/rfc/rfc8463#section-3 RFC 8463 §3
public enum SigningAlgorithm {
  RSA_SHA256("rsa-sha256", "rsa"),
  ED25519_SHA256("ed25519-sha256", "ed25519");

  private final String word;
  private final String keyType;

  SigningAlgorithm(String word, String keyType) {
    this.word = word;
    this.keyType = keyType;
  }

  /// In `a=`.
  public String word() {
    return word;
  }

  /// In `k=` of a key record.
  public String keyType() {
    return keyType;
  }

  public static Optional<SigningAlgorithm> find(String word) {
    for (SigningAlgorithm each : values()) {
      if (each.word.equals(word.toLowerCase(Locale.ROOT))) return Optional.of(each);
    }
    return Optional.empty();
  }

  public byte[] sign(PrivateKey key, byte[] data) {
    try {
      Signature signature = Signature.getInstance(signatureName());
      signature.initSign(key);
      signature.update(prepared(data));
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot sign with " + word, e);
    }
  }

  public boolean verify(PublicKey key, byte[] data, byte[] signed) {
    try {
      Signature signature = Signature.getInstance(signatureName());
      signature.initVerify(key);
      signature.update(prepared(data));
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private String signatureName() {
    return switch (this) {
      case RSA_SHA256 -> "SHA256withRSA";
      case ED25519_SHA256 -> "Ed25519";
    };
  }

  /// RFC 8463 §3: Ed25519 signs the hash, as if it were the message.
  private byte[] prepared(byte[] data) {
    return switch (this) {
      case RSA_SHA256 -> data;
      case ED25519_SHA256 -> BodyDigest.sha256().digest(data);
    };
  }
}
