package org.mailstead.server.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The service's certificate. Every listener asks for the context at each new connection, so that a
/// changed file is served to the next one.
public final class TlsMaterial implements Supplier<SSLContext> {
  private static final Logger LOG = LoggerFactory.getLogger(TlsMaterial.class);

  private final Path certificate;
  private final Path key;
  private final Path caCertificate;
  private volatile SSLContext context;
  private volatile FileTime readAt;

  private TlsMaterial(Path certificate, Path key, Path caCertificate) throws IOException {
    this.certificate = certificate;
    this.key = key;
    this.caCertificate = caCertificate;
    this.readAt = Files.getLastModifiedTime(certificate);
    this.context = read();
  }

  /// The files of the operator, or our own in `folder`, made if they are not there yet.
  ///
  /// @throws IOException a file that cannot be read or understood; the text names it
  public static TlsMaterial open(
      Path folder, Optional<Path> certificate, Optional<Path> key, String hostname, Instant now)
      throws IOException {
    if (certificate.isPresent() && key.isPresent()) {
      return new TlsMaterial(certificate.get(), key.get(), certificate.get());
    }
    Files.createDirectories(folder);
    Path own = folder.resolve("server.pem");
    if (!Files.exists(own)) SelfSigned.create(folder, hostname, now);
    return new TlsMaterial(own, folder.resolve("server-key.pem"), folder.resolve("ca.pem"));
  }

  /// When the certificate that [#open] would use ends; empty if ours is not made yet.
  ///
  /// @throws IOException a file that cannot be read or understood; the text names it
  public static Optional<Instant> expiry(
      Path folder, Optional<Path> certificate, Optional<Path> key) throws IOException {
    Path used =
        certificate.isPresent() && key.isPresent()
            ? certificate.get()
            : folder.resolve("server.pem");
    if (certificate.isEmpty() && !Files.exists(used)) return Optional.empty();
    X509Certificate[] chain = Pem.readChain(used);
    return Optional.of(chain[0].getNotAfter().toInstant());
  }

  /// The PEM file that clients may trust.
  public Path caCertificate() {
    return caCertificate;
  }

  @Override
  public SSLContext get() {
    return context;
  }

  /// Reads the files again if the certificate has changed. A file that cannot be used leaves the
  /// old certificate in service.
  ///
  /// @return whether a new certificate is in service now
  public boolean reloadIfChanged() {
    try {
      FileTime changedAt = Files.getLastModifiedTime(certificate);
      if (changedAt.equals(readAt)) return false;
      context = read();
      readAt = changedAt;
      LOG.info("certificate {} read again", certificate);
      return true;
    } catch (IOException e) {
      LOG.warn("certificate not read again, the old one stays: {}", e.getMessage());
      return false;
    }
  }

  private SSLContext read() throws IOException {
    try {
      X509Certificate[] chain = Pem.readChain(certificate);
      PrivateKey privateKey = Pem.readKey(key);
      char[] none = new char[0];
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, none);
      store.setKeyEntry("server", privateKey, none, chain);
      KeyManagerFactory managers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(store, none);
      SSLContext fresh = SSLContext.getInstance("TLS");
      fresh.init(managers.getKeyManagers(), null, null);
      return fresh;
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot use the certificate " + certificate + ": " + e.getMessage(), e);
    }
  }
}
