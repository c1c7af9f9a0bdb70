package org.mailstead.server.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Makes the certificate of the first start: a certificate authority of this installation, whose
/// PEM clients may trust, and a server certificate signed by it (so that the server's can be
/// renewed without touching clients).
final class SelfSigned {
  private static final Duration CA_LIFETIME = Duration.ofDays(3650);
  private static final Duration SERVER_LIFETIME = Duration.ofDays(825);

  private SelfSigned() {}

  /// Writes `ca.pem`, `server.pem` (chain) and `server-key.pem` into the folder.
  static void create(Path folder, String hostname, Instant now) throws IOException {
    try {
      SecureRandom random = new SecureRandom();
      KeyPair caKeys = newKeys();
      X500Name caName = new X500Name("CN=Mailstead local authority " + hostname);
      X509v3CertificateBuilder ca =
          new JcaX509v3CertificateBuilder(
              caName,
              new BigInteger(120, random),
              Date.from(now.minus(Duration.ofDays(1))),
              Date.from(now.plus(CA_LIFETIME)),
              caName,
              caKeys.getPublic());
      JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
      ca.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      ca.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      ca.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          extensions.createSubjectKeyIdentifier(caKeys.getPublic()));
      X509Certificate caCertificate = sign(ca, caKeys);

      KeyPair serverKeys = newKeys();
      X509v3CertificateBuilder server =
          new JcaX509v3CertificateBuilder(
              caName,
              new BigInteger(120, random),
              Date.from(now.minus(Duration.ofDays(1))),
              Date.from(now.plus(SERVER_LIFETIME)),
              new X500Name("CN=" + hostname),
              serverKeys.getPublic());
      server.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      server.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      server.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
      server.addExtension(Extension.subjectAlternativeName, false, names(hostname));
      server.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          extensions.createAuthorityKeyIdentifier(caKeys.getPublic()));
      X509Certificate serverCertificate = sign(server, caKeys);

      Pem.write(folder.resolve("ca.pem"), List.of(caCertificate));
      Pem.write(folder.resolve("server-key.pem"), serverKeys.getPrivate());
      Pem.write(folder.resolve("server.pem"), List.of(serverCertificate, caCertificate));
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException("cannot make a certificate", e);
    }
  }

  private static KeyPair newKeys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, KeyPair keys)
      throws OperatorCreationException, CertificateException {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
  }

  private static GeneralNames names(String hostname) throws IOException {
    List<GeneralName> names = new ArrayList<>();
    names.add(new GeneralName(GeneralName.dNSName, hostname));
    if (!hostname.equals("localhost")) {
      names.add(new GeneralName(GeneralName.dNSName, "localhost"));
    }
    names.add(new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
    names.add(
        new GeneralName(GeneralName.iPAddress, InetAddress.getByName("::1").getHostAddress()));
    return new GeneralNames(names.toArray(GeneralName[]::new));
  }
}
