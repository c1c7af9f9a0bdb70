package org.mailstead.core.keys;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// A data key that encrypts small values: a format byte, a random nonce, AES-256-GCM. Good for
/// about 2^32 values under one key (NIST SP 800-38D §8.3), more than a mailbox can hold.
public final class SealingKey {
  public static final int KEY_BYTES = Gcm.KEY_BYTES;

  /// Octets that a sealed value has more than the plain one.
  public static final int OVERHEAD_BYTES = 1 + Gcm.NONCE_BYTES + Gcm.TAG_BYTES;

  private static final byte FORMAT = 1;

  private final SecretKey key;

  private SealingKey(byte[] key) {
    if (key.length != KEY_BYTES) throw new IllegalArgumentException("key of " + key.length);
    this.key = new SecretKeySpec(key, "AES");
  }

  public static SealingKey of(byte[] key) {
    return new SealingKey(key);
  }

  /// Fresh key octets; `random` must be fit for secrets.
  public static byte[] randomBytes(RandomGenerator random) {
    byte[] key = new byte[KEY_BYTES];
    random.nextBytes(key);
    return key;
  }

  /// `associated` says where the value belongs: opened with another one it is refused.
  public byte[] seal(byte[] plain, byte[] associated) {
    byte[] sealed = new byte[plain.length + OVERHEAD_BYTES];
    sealed[0] = FORMAT;
    Gcm.freshNonce(sealed, 1);
    Gcm.encrypt(
        key,
        new GCMParameterSpec(Gcm.TAG_BYTES * 8, sealed, 1, Gcm.NONCE_BYTES),
        associated,
        ByteBuffer.wrap(plain),
        ByteBuffer.wrap(sealed, 1 + Gcm.NONCE_BYTES, plain.length + Gcm.TAG_BYTES));
    return sealed;
  }

  /// Empty if the value was not sealed with this key and associated data, or is damaged.
  public Optional<byte[]> open(byte[] sealed, byte[] associated) {
    if (sealed.length < OVERHEAD_BYTES || sealed[0] != FORMAT) return Optional.empty();
    byte[] plain = new byte[sealed.length - OVERHEAD_BYTES];
    boolean authentic =
        Gcm.decrypt(
            key,
            new GCMParameterSpec(Gcm.TAG_BYTES * 8, sealed, 1, Gcm.NONCE_BYTES),
            associated,
            ByteBuffer.wrap(sealed, 1 + Gcm.NONCE_BYTES, sealed.length - 1 - Gcm.NONCE_BYTES),
            ByteBuffer.wrap(plain));
    return authentic ? Optional.of(plain) : Optional.empty();
  }
}
