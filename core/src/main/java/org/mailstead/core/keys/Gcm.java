package org.mailstead.core.keys;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/// AES-256-GCM on pooled ciphers: looking a cipher up costs more than encrypting a small row, and
/// thread locals would make one for every virtual thread.
final class Gcm {
  static final int KEY_BYTES = 32;
  static final int NONCE_BYTES = 12;
  static final int TAG_BYTES = 16;

  private static final int POOL_MAX = 64;
  private static final int RANDOM_BLOCK_BYTES = 4092;
  private static final ConcurrentLinkedQueue<Gcm> POOL = new ConcurrentLinkedQueue<>();
  private static final AtomicInteger POOLED = new AtomicInteger();

  private final Cipher cipher;
  private final SecureRandom random = new SecureRandom();
  private final byte[] randomBlock = new byte[RANDOM_BLOCK_BYTES];
  private int randomUsed = RANDOM_BLOCK_BYTES;

  private Gcm() {
    try {
      cipher = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no AES-GCM", e);
    }
  }

  private static Gcm take() {
    Gcm pooled = POOL.poll();
    if (pooled == null) return new Gcm();
    POOLED.decrementAndGet();
    return pooled;
  }

  private void giveBack() {
    if (POOLED.get() < POOL_MAX) {
      POOLED.incrementAndGet();
      POOL.add(this);
    }
  }

  /// Fills in a nonce that no other call gets.
  static void freshNonce(byte[] target, int offset) {
    Gcm gcm = take();
    if (gcm.randomUsed + NONCE_BYTES > RANDOM_BLOCK_BYTES) {
      gcm.random.nextBytes(gcm.randomBlock);
      gcm.randomUsed = 0;
    }
    System.arraycopy(gcm.randomBlock, gcm.randomUsed, target, offset, NONCE_BYTES);
    gcm.randomUsed += NONCE_BYTES;
    gcm.giveBack();
  }

  /// Encrypts what remains of `plain` into `target`; the tag follows the ciphertext.
  static void encrypt(
      SecretKey key,
      GCMParameterSpec nonce,
      byte[] associated,
      ByteBuffer plain,
      ByteBuffer target) {
    Gcm gcm = take();
    try {
      gcm.cipher.init(Cipher.ENCRYPT_MODE, key, nonce);
      gcm.cipher.updateAAD(associated);
      gcm.cipher.doFinal(plain, target);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot encrypt", e);
    }
    gcm.giveBack();
  }

  /// @return false if the ciphertext is not what was written under this key and associated data
  static boolean decrypt(
      SecretKey key,
      GCMParameterSpec nonce,
      byte[] associated,
      ByteBuffer encrypted,
      ByteBuffer target) {
    Gcm gcm = take();
    try {
      gcm.cipher.init(Cipher.DECRYPT_MODE, key, nonce);
      gcm.cipher.updateAAD(associated);
      gcm.cipher.doFinal(encrypted, target);
    } catch (AEADBadTagException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot decrypt", e);
    }
    gcm.giveBack();
    return true;
  }
}
