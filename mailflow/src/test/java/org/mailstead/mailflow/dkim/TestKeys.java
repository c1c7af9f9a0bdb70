package org.mailstead.mailflow.dkim;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Base64;

/// Keys for tests, and the records that publish them.
public final class TestKeys {
  private TestKeys() {}

  public static KeyPair rsa(int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public static KeyPair ed25519() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public static String record(PublicKey key) {
    byte[] encoded = key.getEncoded();
    boolean rsa = key.getAlgorithm().equals("RSA");
    byte[] published = rsa ? encoded : Arrays.copyOfRange(encoded, 12, encoded.length);
    return "v=DKIM1; k="
        + (rsa ? "rsa" : "ed25519")
        + "; p="
        + Base64.getEncoder().encodeToString(published);
  }

  public static String pem(KeyPair pair) {
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(64, "\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
            .encodeToString(pair.getPrivate().getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }
}
