package org.mailstead.mailflow.dkim;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.MalformedException;

/// A public key as a domain publishes it.
///
/// @param key empty: revoked
/// @param isExact whether `i=` must name the very domain (`t=s`)
/// @param isTest the domain is trying DKIM out (`t=y`)
/// @spec https://www.rfc-editor.org/rfc/rfc6376#section-3.6.1 RFC 6376 §3.6.1
public record DkimKey(
    SigningAlgorithm algorithm, Optional<PublicKey> key, boolean isExact, boolean isTest) {
  /// An Ed25519 key's SubjectPublicKeyInfo but for the key (RFC 8410 §4).
  private static final byte[] ED25519_PREFIX = {
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00
  };

  /// @throws MalformedException not a key record, or a key that nobody should use
  public static DkimKey parse(String record) {
    if (record.length() > DkimLimits.KEY_CHARS_MAX) {
      throw new MalformedException("the key record is too long");
    }
    TagList tags = TagList.parse(record);
    Optional<String> version = tags.find("v");
    if (version.isPresent()
        && !(version.get().equals("DKIM1") && tags.tags().keySet().iterator().next().equals("v"))) {
      throw new MalformedException("not a DKIM key record");
    }
    String packed = tags.findPacked("p").orElseThrow(() -> new MalformedException("no key in it"));
    SigningAlgorithm algorithm =
        switch (tags.findPacked("k").orElse("rsa").toLowerCase(Locale.ROOT)) {
          case "rsa" -> SigningAlgorithm.RSA_SHA256;
          case "ed25519" -> SigningAlgorithm.ED25519_SHA256;
          default -> throw new MalformedException("a kind of key that is not known");
        };
    if (tags.findPacked("h").isPresent() && !list(tags, "h").contains("sha256")) {
      throw new MalformedException("the key is not for sha256");
    }
    List<String> services = list(tags, "s");
    if (!services.isEmpty() && !services.contains("*") && !services.contains("email")) {
      throw new MalformedException("the key is not for mail");
    }
    List<String> flags = list(tags, "t");
    return new DkimKey(
        algorithm,
        packed.isEmpty() ? Optional.empty() : Optional.of(key(algorithm, packed)),
        flags.contains("s"),
        flags.contains("y"));
  }

  private static List<String> list(TagList tags, String name) {
    return tags.findPacked(name)
        .filter(value -> !value.isEmpty())
        .map(value -> List.of(value.toLowerCase(Locale.ROOT).split(":")))
        .orElse(List.of());
  }

  private static PublicKey key(SigningAlgorithm algorithm, String base64) {
    try {
      byte[] octets = Base64.getDecoder().decode(base64);
      return switch (algorithm) {
        case RSA_SHA256 -> rsa(octets);
        case ED25519_SHA256 -> ed25519(octets);
      };
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw new MalformedException("the key cannot be read");
    }
  }

  private static PublicKey rsa(byte[] octets) throws GeneralSecurityException {
    RSAPublicKey key;
    KeyFactory factory = KeyFactory.getInstance("RSA");
    try {
      key = (RSAPublicKey) factory.generatePublic(new X509EncodedKeySpec(octets));
    } catch (InvalidKeySpecException e) {
      // RFC 6376 errata 3017: some publish the bare RSAPublicKey of RFC 3447.
      key = (RSAPublicKey) factory.generatePublic(bareRsa(octets));
    }
    int bits = key.getModulus().bitLength();
    if (bits < DkimLimits.RSA_BITS_MIN)
      throw new MalformedException("an RSA key of " + bits + " bits");
    if (bits > DkimLimits.RSA_BITS_MAX)
      throw new MalformedException("an RSA key of " + bits + " bits");
    // A huge exponent makes verifying cost what signing costs.
    if (key.getPublicExponent().bitLength() > 64) {
      throw new MalformedException("an RSA key with a huge exponent");
    }
    return key;
  }

  /// SEQUENCE of two INTEGERs.
  private static RSAPublicKeySpec bareRsa(byte[] der) {
    int[] at = {0};
    int end = sequence(der, at, 0x30);
    if (end != der.length) throw new MalformedException("the key cannot be read");
    BigInteger modulus = integer(der, at);
    BigInteger exponent = integer(der, at);
    return new RSAPublicKeySpec(modulus, exponent);
  }

  private static BigInteger integer(byte[] der, int[] at) {
    int end = sequence(der, at, 0x02);
    BigInteger value = new BigInteger(1, Arrays.copyOfRange(der, at[0], end));
    at[0] = end;
    return value;
  }

  /// Reads a tag and length; where the value ends.
  private static int sequence(byte[] der, int[] at, int tag) {
    if (at[0] + 2 > der.length || (der[at[0]++] & 0xFF) != tag) {
      throw new MalformedException("the key cannot be read");
    }
    int length = der[at[0]++] & 0xFF;
    if (length > 0x80) {
      int count = length - 0x80;
      if (count > 2 || at[0] + count > der.length) {
        throw new MalformedException("the key cannot be read");
      }
      length = 0;
      for (int i = 0; i < count; i++) length = length << 8 | (der[at[0]++] & 0xFF);
    }
    if (at[0] + length > der.length) throw new MalformedException("the key cannot be read");
    return at[0] + length;
  }

  private static PublicKey ed25519(byte[] octets) throws GeneralSecurityException {
    if (octets.length != 32) throw new MalformedException("an Ed25519 key of another length");
    byte[] encoded = Arrays.copyOf(ED25519_PREFIX, ED25519_PREFIX.length + 32);
    System.arraycopy(octets, 0, encoded, ED25519_PREFIX.length, 32);
    return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
  }
}
