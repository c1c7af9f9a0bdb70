package org.mailstead.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TlsMaterialTest {
  @TempDir Path folder;

  private TlsMaterial open(Path in) throws IOException {
    return TlsMaterial.open(in, Optional.empty(), Optional.empty(), "mail.example", Instant.now());
  }

  @Test
  void theFirstStartMakesACertificateThatClientsCanTrustByTheAuthority() throws Exception {
    TlsMaterial material = open(folder);
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("server-key.pem"))))
        .isEqualTo("rw-------");
    X509Certificate leaf = (X509Certificate) handshake(material)[0];
    assertThat(leaf.getSubjectAlternativeNames().toString())
        .contains("mail.example", "localhost", "127.0.0.1");
    assertThat(open(folder).caCertificate()).isEqualTo(material.caCertificate());
    assertThat(handshake(open(folder))[0]).as("a second start keeps it").isEqualTo(leaf);
  }

  @Test
  void aChangedCertificateIsServedWithoutARestartAndABrokenOneIsNot() throws Exception {
    TlsMaterial material = open(folder);
    Certificate first = handshake(material)[0];
    assertThat(material.reloadIfChanged()).isFalse();

    Path other = folder.resolve("other");
    open(other);
    for (String name : new String[] {"ca.pem", "server.pem", "server-key.pem"}) {
      Files.write(folder.resolve(name), Files.readAllBytes(other.resolve(name)));
    }
    touch(folder.resolve("server.pem"), 10);
    assertThat(material.reloadIfChanged()).isTrue();
    Certificate second = handshake(material)[0];
    assertThat(second).isNotEqualTo(first);

    Files.writeString(folder.resolve("server.pem"), "no certificate");
    touch(folder.resolve("server.pem"), 20);
    assertThat(material.reloadIfChanged()).isFalse();
    assertThat(material.get()).isNotNull();
  }

  @Test
  void aFileThatIsNoKeyIsNamed() throws Exception {
    open(folder);
    Path broken = Files.writeString(folder.resolve("broken.pem"), "nothing");
    assertThatThrownBy(() ->
            TlsMaterial.open(
                folder,
                Optional.of(folder.resolve("server.pem")),
                Optional.of(broken),
                "x",
                Instant.now()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("broken.pem");
  }

  private static void touch(Path file, int seconds) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(seconds)));
  }

  private Certificate[] handshake(TlsMaterial material) throws Exception {
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    trust.setCertificateEntry("ca", Pem.readChain(material.caCertificate())[0]);
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trust);
    SSLContext client = SSLContext.getInstance("TLS");
    client.init(null, managers.getTrustManagers(), null);
    try (SSLServerSocket listener =
        (SSLServerSocket)
            material
                .get()
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread server =
          Thread.ofVirtual()
              .start(() -> {
                try (var socket = (SSLSocket) listener.accept()) {
                  socket.startHandshake();
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      try (SSLSocket socket =
          (SSLSocket)
              client
                  .getSocketFactory()
                  .createSocket(InetAddress.getLoopbackAddress(), listener.getLocalPort())) {
        socket.startHandshake();
        return socket.getSession().getPeerCertificates();
      } finally {
        server.join();
      }
    }
  }
}
