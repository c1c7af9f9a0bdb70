package org.mailstead.server.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Certificates and keys in PEM files (RFC 7468).
final class Pem {
  private Pem() {}

  static void write(Path file, List<X509Certificate> chain) throws IOException {
    StringBuilder text = new StringBuilder();
    try {
      for (X509Certificate certificate : chain) {
        text.append(block("CERTIFICATE", certificate.getEncoded()));
      }
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot encode a certificate", e);
    }
    Files.writeString(file, text);
  }

  /// The file is readable by its owner only, from its first moment.
  static void write(Path file, PrivateKey key) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(
        file, block("PRIVATE KEY", key.getEncoded()), StandardOpenOption.TRUNCATE_EXISTING);
  }

  static X509Certificate[] readChain(Path file) throws IOException {
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
          .toArray(X509Certificate[]::new);
    } catch (GeneralSecurityException e) {
      throw new IOException(file + " holds no readable certificate chain: " + e.getMessage(), e);
    }
  }

  static PrivateKey readKey(Path file) throws IOException {
    String text = Files.readString(file, StandardCharsets.US_ASCII);
    int start = text.indexOf("-----BEGIN PRIVATE KEY-----");
    int end = text.indexOf("-----END PRIVATE KEY-----");
    if (start < 0 || end < start) {
      throw new IOException(
          file + " holds no PKCS#8 private key (BEGIN PRIVATE KEY); convert it with openssl pkcs8");
    }
    byte[] der =
        Base64.getMimeDecoder()
            .decode(text.substring(start + "-----BEGIN PRIVATE KEY-----".length(), end));
    List<String> refusals = new ArrayList<>();
    for (String algorithm : List.of("EC", "RSA", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (GeneralSecurityException e) {
        refusals.add(algorithm);
      }
    }
    throw new IOException(file + " holds a private key of none of the kinds " + refusals);
  }

  private static String block(String type, byte[] der) {
    return "-----BEGIN "
        + type
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + type
        + "-----\n";
  }
}
